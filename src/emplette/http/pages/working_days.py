"""On which days the company works, on a page: what reminders and waiting requests are counted in."""

from datetime import date
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Permission
from emplette.domain.working_days import WEEKDAYS, WorkCalendar
from emplette.formats.working_days import places
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.tenants import find_tenant
from emplette.services.working_days import SaidOfWorkingDays, coming_days_off, set_working_days

WORKING_DAYS: Final = "/settings/working-days"
_CONFIGURE: Final = (Permission.CONFIGURE,)
_NO_DAY: Final = marked("One of these is no day: write one a line, as 2026-12-24.")
_FIELDS: Final = {"weekdays": "weekdays", "holidaysOf": "place", "daysOff": "off"}
_NAMES: Final = (
    marked("Monday"),
    marked("Tuesday"),
    marked("Wednesday"),
    marked("Thursday"),
    marked("Friday"),
    marked("Saturday"),
    marked("Sunday"),
)


@page(GET, WORKING_DAYS, needs=_CONFIGURE)
async def show_working_days(visit: Visit) -> Response:
    """Show on which days the company works."""
    calendar = (await find_tenant(visit.work.db, visit.tenant.account)).calendar
    off = "\n".join(f"{day}" for day in sorted(calendar.days_off))
    return _show(visit, calendar, {"place": calendar.holidays_of or "", "off": off}, calendar.weekdays)


@page(POST, WORKING_DAYS, needs=_CONFIGURE)
async def change_working_days(visit: Visit) -> Response:
    """Say on which days the company works."""
    work, form, faults = visit.work, visit.form, Faults()
    company = await find_tenant(work.db, visit.tenant.account)
    weekdays = frozenset(number for number in WEEKDAYS if str(number) in form.all("weekdays"))
    days_off = _days(form.exactly("off"), faults)
    said = {"place": form["place"], "off": form.exactly("off")}
    if faults:
        return _show(visit, company.calendar, said, weekdays, faults=faults.as_dict())
    wanted = SaidOfWorkingDays(sorted(weekdays), form["place"], days_off)
    try:
        await set_working_days(work.db, company, wanted, actor=work.who.user.id, now=work.now)
    except Invalid as invalid:
        placed = {_FIELDS.get(path, "$"): messages for path, messages in invalid.faults.items()}
        return _show(visit, company.calendar, said, weekdays, faults=placed)
    return visit.go(WORKING_DAYS, said="changed")


def _days(text: str, faults: Faults) -> list[date]:
    try:
        return [date.fromisoformat(line.strip()) for line in text.splitlines() if line.strip()]
    except ValueError:
        faults.add("off", _NO_DAY)
        return []


def _places(visit: Visit) -> list[Choice]:
    """List whose public holidays are known: countries by their names, each followed by those of its parts."""
    names = visit.look.locale.territories
    found = sorted((str(names.get(country, country)), country, parts) for country, parts in places().items())
    return [
        Choice(code, label)
        for name, country, parts in found
        for code, label in [(country, name), *((f"{country}-{part}", f"{name} · {part}") for part in parts)]
    ]


def _show(
    visit: Visit,
    calendar: WorkCalendar,
    said: dict[str, str],
    weekdays: frozenset[int],
    *,
    faults: dict[str, list[str]] | None = None,
) -> Response:
    return visit.show(
        "settings/working-days.html",
        weekdays=[(number, visit.say(name), number in weekdays) for number, name in enumerate(_NAMES, start=1)],
        places=_places(visit),
        coming=coming_days_off(calendar, visit.work.today),
        days_off=calendar.days_off,
        said=said,
        faults=faults,
        once=token_hex(16),
    )
