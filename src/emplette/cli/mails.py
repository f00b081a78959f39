"""``emplette mail``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
import typer

from emplette.cli.acting import work_of
from emplette.cli.reaching import DataDir, Json, TenantOption, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.mails import MailState
from emplette.domain.parties import Language
from emplette.domain.text import number_of
from emplette.runtime.mail import mailer_of
from emplette.services.mail_trials import try_mail
from emplette.services.work import Work
from emplette.settings import read_settings
from emplette.storage import mails
from emplette.storage.database import Session
from emplette.storage.mails import Listed

T = TypeVar("T")

app = typer.Typer(help="Mails: which wait, which could not be sent, and whether any can.", no_args_is_help=True)

_MOST: Final = 1_000
_LARGEST_EVENT: Final = 2**63 - 1
_UNSENT: Final = (MailState.WAITING, MailState.PARKED)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="To whom.")]
All = Annotated[bool, typer.Option("--all", help="Also those that were sent, or that there was nothing to tell in.")]
EventId = Annotated[
    int | None, typer.Argument(metavar="[EVENT_ID]", max=_LARGEST_EVENT, help="Only mails about this event.")
]


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, all_: All = False, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the mails of a company that wait, or that could not be sent, and why; the newest first.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    states = tuple(MailState) if all_ else _UNSENT
    found = _with_work(
        "list", tenant, data_dir, lambda work: mails.list_mails(work.db, work.tenant.id, states, most=_MOST)
    )
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    heads = ("EVENT", "KIND", "TO", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "LAST ERROR")
    typer.echo(table(heads, [_row(one) for one in found]))


@app.command("retry", cls=NamingCommand)
def retry(tenant: TenantOption, event_id: EventId = None, data_dir: DataDir = None) -> None:
    r"""Have mails that failed or were parked sent at once.

    \b
    emplette mail retry --tenant acme
    emplette mail retry --tenant acme 4711

    \b
    Exit codes: 0 done, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    count = _with_work("retry", tenant, data_dir, lambda work: mails.retry(work.db, work.tenant.id, event_id))
    if event_id is not None and not count:
        raise Invalid.field("eventId", f"No mail about event {event_id} failed or is parked: see `emplette mail list`.")
    say(f"{number_of(count, 'mail is', 'mails are')} sent anew by the server that runs")


@app.command("test", cls=NamingCommand)
def test(address: Address) -> None:
    r"""Send a mail to an address, over the server that EMPLETTE_SMTP_URL names; say how that went.

    \b
    emplette mail test olive@example.com

    \b
    Exit codes: 0 the server took it, 1 it did not, or there is none, 2 not understood.
    """
    mailer = mailer_of(read_settings())
    if mailer is None:
        raise Invalid.field("EMPLETTE_SMTP_URL", "Must name the server that sends mails.")
    asyncio.run(try_mail(mailer, address, company="Emplette", language=Language.ENGLISH, now=datetime.now(UTC)))
    say(f"the server {mailer.server.host}:{mailer.server.port} took a mail to {address}")


def _with_work(command: str, tenant: str, data_dir: Path | None, do: Callable[[Work], Awaitable[T]]) -> T:
    async def act(db: Session) -> T:
        return await do(await work_of(db, tenant))

    return with_database(f"emplette mail {command}", data_dir, act)


def _row(one: Listed) -> tuple[str, ...]:
    due = f"{one.due_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if one.state is MailState.WAITING else "-"
    return (str(one.event_id), one.kind, one.name, str(one.state), str(one.attempts), due, one.last_error or "-")
