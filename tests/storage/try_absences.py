"""Absences, and who is asked and has left, as a rival."""

from datetime import date

from emplette.domain.absences import Absence
from emplette.storage import absences, approvals, replacing
from tests.storage.trying import NOW, Call, case

_DAY = date(2020, 1, 15)


@case(absences.stood_in_for)
async def _stood_in_for(call: Call) -> object:
    return await absences.stood_in_for(call.db, call.tenant, call.ids.word)


@case(absences.find_not_ended)
async def _find_not_ended(call: Call) -> object:
    absence = Absence(id=1, user_id=36, deputy_id=37, starts_on=_DAY, ends_on=_DAY, entered_at=NOW)
    found, _ = await absences.find_not_ended(call.db, call.tenant, absence, [])
    return found


@case(approvals.waiting_ids)
async def _waiting_ids(call: Call) -> object:
    return await approvals.waiting_ids(call.db, call.tenant, 36)


@case(replacing.doubtful, alike=True)
async def _doubtful(call: Call) -> object:
    return await replacing.doubtful(call.db, call.tenant, today=_DAY)
