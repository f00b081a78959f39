"""``emplette feed``."""

from typing import Annotated

import msgspec
import typer

from emplette.cli.acting import work_of
from emplette.cli.reaching import LARGEST_ID, DataDir, Json, TenantOption, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.services import calendar_feeds, tenants
from emplette.storage.calendar_feeds import Feed
from emplette.storage.database import Session

app = typer.Typer(help="Calendars of people: links by which their programs read what is due.", no_args_is_help=True)

UserId = Annotated[
    int, typer.Argument(metavar="USER_ID", max=LARGEST_ID, help="The number of the person: `emplette user list`.")
]


@app.command("create", cls=NamingCommand)
def create(user_id: UserId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Make the link to a person's calendar. It is the last line of standard output.

    The calendar has the last safe days and the ends of the subscriptions that the person owns. Whoever has the link can
    read it, so it is shown this once; making another one, or `emplette feed revoke`, ends it.

    \b
    emplette feed create 35 --tenant acme

    \b
    Exit codes: 0 made, 1 refused; those of `emplette serve` when the database can't be reached.
    """

    async def make(db: Session) -> tuple[str, str]:
        work = await work_of(db, tenant)
        secret = await calendar_feeds.make_feed(work, user_id)
        hosts = next(one.hosts for one in await tenants.list_tenants(db) if one.tenant.id == work.tenant.id)
        return secret, hosts[0] if hosts else "YOUR-HOST"

    secret, host = with_database("emplette feed create", data_dir, make)
    say(f"made a link to the calendar of person {user_id}. It is not shown again:")
    typer.echo(f"https://{host}{calendar_feeds.place_of(secret)}")


@app.command("revoke", cls=NamingCommand)
def revoke(user_id: UserId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Let the link to a person's calendar open nothing any more, at once.

    \b
    Exit codes: 0 revoked, 1 refused; those of `emplette serve` when the database can't be reached.
    """

    async def end(db: Session) -> None:
        await calendar_feeds.revoke_feed(await work_of(db, tenant), user_id)

    with_database("emplette feed revoke", data_dir, end)
    say(f"revoked the link to the calendar of person {user_id}")


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List who has a link to a calendar, and since when.

    \b
    Exit codes: 0 listed; those of `emplette serve` when the database can't be reached.
    """

    async def look(db: Session) -> list[Feed]:
        return list(await calendar_feeds.list_feeds(await work_of(db, tenant)))

    feeds = with_database("emplette feed list", data_dir, look)
    if json:
        told = [{"userId": one.user.id, "name": one.user.name, "madeAt": one.made_at} for one in feeds]
        typer.echo(msgspec.json.encode(told).decode())
        return
    rows: list[tuple[str, ...]] = [(str(one.user.id), one.user.name, f"{one.made_at:%Y-%m-%d}") for one in feeds]
    typer.echo(table(("ID", "NAME", "SINCE"), rows))
