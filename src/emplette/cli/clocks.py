"""``emplette clock``."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import msgspec
import typer

from emplette.cli.reaching import DataDir, Json, TenantOption, duration, say, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.people import Tenant
from emplette.domain.text import number_of
from emplette.services.clocks import move_clock, reset_clock
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(help="The clock of a company made for trials: move it on, look at it.", no_args_is_help=True)

By = Annotated[str | None, typer.Option(metavar="TIME", help="So much: 30d, 12h, 45m.", show_default=False)]
To = Annotated[
    str | None,
    typer.Option(metavar="MOMENT", help="To 2027-03-31 (midnight there) or 2027-03-31T18:00.", show_default=False),
]


@app.command("show", cls=NamingCommand)
def show(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Say what a company's clock says.

    \b
    Exit codes: 0 shown, 1 refused; those of `emplette serve` when the database can't be reached.
    """
    _tell(with_database("emplette clock show", data_dir, lambda db: find_tenant(db, tenant)), json=json)


@app.command("move", cls=NamingCommand)
def move(tenant: TenantOption, by: By = None, to: To = None, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Move a company's clock on, by so much or to a moment; running servers follow within 5 seconds.

    What is done then is done at that time, and what is due by then comes: reminders, ends of subscriptions. Only the
    clock of a company made for trials can be moved: the demo's, or one made with `emplette tenant create
    --movable-clock`. Keys, sessions and links last by the world's clock all the same. Each move is an event.

    \b
    emplette clock move --tenant example --by 30d
    emplette clock move --tenant example --to 2027-03-31

    \b
    Exit codes: 0 moved, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    step, moment = None if by is None else duration(by), None if to is None else _moment(to)

    async def write(db: Session) -> Tenant:
        company = await find_tenant(db, tenant)
        there = None if moment is None else moment.replace(tzinfo=moment.tzinfo or company.time_zone)
        return await move_clock(db, company, world=datetime.now(UTC), by=step, to=there)

    _tell(with_database("emplette clock move", data_dir, write), json=json)


@app.command("reset", cls=NamingCommand)
def reset(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Let a company's clock be the world's again; what happened meanwhile stays as it was written.

    \b
    Exit codes: 0 reset, 1 refused; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> Tenant:
        return await reset_clock(db, await find_tenant(db, tenant), world=datetime.now(UTC))

    _tell(with_database("emplette clock reset", data_dir, write), json=json)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text) if "T" in text else datetime.combine(datetime.fromisoformat(text), time())
    except ValueError:
        message = f"{text!r} is no moment: write it as 2027-03-31 or 2027-03-31T18:00."
        raise typer.BadParameter(message, param_hint="'--to'") from None


def _tell(tenant: Tenant, *, json: bool) -> None:
    now = tenant.now(datetime.now(UTC)).astimezone(tenant.time_zone)
    if json:
        seconds = int(tenant.ahead.total_seconds())
        told = {"account": tenant.account, "now": now.isoformat(timespec="seconds"), "aheadSeconds": seconds}
        typer.echo(msgspec.json.encode(told).decode())
        return
    typer.echo(now.isoformat(timespec="seconds"))
    whose = f"{_in_words(tenant.ahead)} ahead of the world's" if tenant.ahead else "the world's"
    say(f"the clock of {tenant.account} is {whose}")


def _in_words(ahead: timedelta) -> str:
    minutes, seconds = divmod(ahead.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"day": ahead.days, "hour": hours, "minute": minutes, "second": seconds}
    return ", ".join(number_of(count, unit) for unit, count in parts.items() if count)
