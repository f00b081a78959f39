"""``emplette working-days``."""

from datetime import UTC, date, datetime
from typing import Annotated, Final

import msgspec
import typer

from emplette.cli.reaching import DataDir, Json, TenantOption, say, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.domain.working_days import WorkCalendar
from emplette.services.tenants import find_tenant
from emplette.services.working_days import SaidOfWorkingDays, coming_days_off, set_working_days
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user

app = typer.Typer(
    help="On which days a company works: what reminders and waiting requests are counted in.", no_args_is_help=True
)

_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Weekdays = Annotated[
    str | None, typer.Option(metavar="1,2,3,4,5", help="On which days, Monday being 1.", show_default=False)
]
HolidaysOf = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE", help="Whose public holidays it keeps: FR, FR-57, CH-GE; empty for none.", show_default=False
    ),
]
DaysOff = Annotated[
    list[str] | None,
    typer.Option(
        "--day-off", metavar="DAY", help="Closed besides, as 2026-12-24; may be repeated.", show_default=False
    ),
]
NoDaysOff = Annotated[bool, typer.Option("--no-days-off", help="Closed on no days besides.")]


@app.command("show", cls=NamingCommand)
def show(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Say on which days a company works, and when it does not until the end of next year.

    \b
    Exit codes: 0 shown, 1 refused; those of `emplette serve` when the database can't be reached.
    """
    company = with_database("emplette working-days show", data_dir, lambda db: find_tenant(db, tenant))
    _tell(company, company.calendar, json=json)


@app.command("set", cls=NamingCommand)
def set_(
    tenant: TenantOption,
    weekdays: Weekdays = None,
    holidays_of: HolidaysOf = None,
    day_off: DaysOff = None,
    no_days_off: NoDaysOff = False,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Say on which days a company works; what is left out stays as it is.

    Days off take the place of those that were said before. Running servers follow within 5 seconds.

    \b
    emplette working-days set --tenant acme --holidays-of FR-57 --day-off 2026-12-24 --day-off 2026-12-31

    \b
    Exit codes: 0 set, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    if no_days_off and day_off:
        raise Invalid.field("noDaysOff", "Can't be said together with --day-off.")
    days = [] if no_days_off else None if day_off is None else [_day(text) for text in day_off]
    said = SaidOfWorkingDays(None if weekdays is None else _weekdays(weekdays), holidays_of, days)

    async def write(db: Session) -> tuple[Tenant, WorkCalendar]:
        company, world = await find_tenant(db, tenant), datetime.now(UTC)
        actor = await command_line_user(db, company.id)
        return company, await set_working_days(db, company, said, actor=actor, now=company.now(world))

    company, after = with_database("emplette working-days set", data_dir, write)
    _tell(company, after, json=json)


def _weekdays(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        message = f"{text!r} are no days of the week: write them as 1,2,3,4,5."
        raise typer.BadParameter(message, param_hint="'--weekdays'") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no day: write it as 2026-12-24."
        raise typer.BadParameter(message, param_hint="'--day-off'") from None


def _tell(company: Tenant, calendar: WorkCalendar, *, json: bool) -> None:
    off = coming_days_off(calendar, company.today(company.now(datetime.now(UTC))))
    if json:
        told = {
            "account": company.account,
            "weekdays": sorted(calendar.weekdays),
            "holidaysOf": calendar.holidays_of,
            "daysOff": sorted(calendar.days_off),
            "notWorkedOn": off,
        }
        typer.echo(msgspec.json.encode(told).decode())
        return
    for day in off:
        typer.echo(f"{day}  {_NAMES[day.weekday()]}{'  day off' if day in calendar.days_off else ''}")
    names = ", ".join(_NAMES[number - 1] for number in sorted(calendar.weekdays))
    say(f"{company.account} works on {names}; public holidays: {calendar.holidays_of or 'none'}")
