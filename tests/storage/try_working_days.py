"""On which days a company works, as a rival."""

from emplette.domain.working_days import WorkCalendar
from emplette.storage import working_days
from tests.storage.trying import NOW, Call, case


@case(working_days.set_calendar)
async def _set_calendar(call: Call) -> object:
    calendar = WorkCalendar(frozenset({call.ids.word % 7 + 1}))
    await working_days.set_calendar(call.db, call.tenant, calendar, actor=36, now=NOW)
    return None
