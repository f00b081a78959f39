"""``emplette erase``."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from emplette.cli.reaching import LARGEST_ID, DataDir, Json, TenantOption, say, with_owner_session
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.domain.text import number_of
from emplette.runtime.exits import DatabaseFailed, Exit
from emplette.runtime.folders import open_data_folder
from emplette.services.erasures import Erasure, erase_person
from emplette.services.tenants import find_tenant
from emplette.settings import read_settings
from emplette.storage.database import Session
from emplette.storage.erasures import may_erase

app = typer.Typer(help="Personal data: erase a person, and again after a restore.", no_args_is_help=True)

LIST: Final = "erased-people.jsonl"
"""Who was erased, by number only, a line each, in the data folder: what `emplette erase again` goes through."""
_TELL_EVERY: Final = 1_000

UserId = Annotated[int, typer.Argument(metavar="USER_ID", min=1, max=LARGEST_ID, help="The person's number.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be erased and what remains, and stop there.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Erase them although something waits for them.")]
Also = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT", help="What else they are called in texts: a nickname, a former name; may be repeated."
    ),
]
ListFile = Annotated[
    Path | None, typer.Option("--list", metavar="FILE", help="The list of who was erased.", show_default=False)
]


class _Erased(msgspec.Struct, rename="camel"):
    """A line of the list."""

    account: str
    user_id: int
    at: datetime
    also: int = 0
    """How many other names were said: the names themselves are in no list."""


_WHAT: Final = {
    "people": "name and mail address of the person",
    "purchases": "purchases with remarks of theirs, or with their name",
    "suppliers": "suppliers with their name among the contacts",
    "budgets": "budgets with their name in the reasons of corrections",
    "comments": "comments of theirs, or with their name",
    "API keys": "API keys of theirs, or with their name or mail address",
    "attachments": "attachments with their name in that of the file",
    "uploads": "uploads that nobody used, with their name",
    "kept answers": "kept answers with their name",
    "keys of calls": "idempotency keys with their name",
    "sources of policies": "policies with their name in the text they were read from",
    "names of kept views": "views of lists with their name in that of the view",
    "filters of kept views": "views of lists with their name among the filters",
    "answers of mail servers": "mails about which a mail server answered with their name or mail address",
}
_REMAINS: Final = {
    "events": "events that they caused: what, when, by person {id}",
    "owned": "purchases that they own, with amounts, dates and titles",
    "written": "purchases that they wrote",
    "decisions": "decisions of theirs, without remarks",
    "files": "files that they uploaded, byte by byte",
    "documents": "PDFs of orders of theirs: kept as the law asks, with the names that they print",
}


@app.command("person", cls=NamingCommand)
def person(
    tenant: TenantOption,
    user_id: UserId,
    dry_run: DryRun = False,
    yes: Yes = False,
    anyway: Anyway = False,
    also: Also = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Erase a person: their name, mail address and remarks, in the log as well; the log can be checked as before.

    Says first what will be erased and what remains, then asks. Their keys are revoked, and they count as having left.
    Refused while a request waits for their decision or the policy in force asks them. Repeated, it finds what was
    written meanwhile; after a restore it has to be: `emplette erase again`.

    \b
    emplette erase person --tenant acme 35 --dry-run
    emplette erase person --tenant acme 35 --also "Zoe Zander-Meyer" --yes

    \b
    Exit codes: 0 erased, or said what would be, 1 refused or not agreed to, 2 not understood; those of `emplette serve`
    when the database can't be reached.
    """
    folder = open_data_folder(read_settings(data_dir=data_dir).data_dir).path

    async def look_and_erase(db: Session) -> Erasure | None:
        company = await find_tenant(db, tenant)
        await _refuse_without_rights(db, company)
        words, now = tuple(also or ()), datetime.now(UTC)
        planned = await erase_person(db, company, user_id, now=now, dry_run=True, also=words, tell=_tell)
        if not json:
            typer.echo("\n".join(_plan(company, planned)))
        if dry_run:
            return planned
        if not anyway:
            planned.pending.refuse()
        if not (yes or _agrees()):
            return None
        done = await erase_person(db, company, user_id, now=now, anyway=anyway, also=words, tell=_tell)
        _note(folder / LIST, _Erased(company.account, user_id, now, len(words)))
        return done

    erasure = with_owner_session("emplette erase person", data_dir, look_and_erase)
    if erasure is None:
        say("nothing was erased: answer y, or say --yes")
        raise typer.Exit(Exit.FAILED)
    if json:
        typer.echo(msgspec.json.encode(_told(erasure)).decode())
    else:
        typer.echo("\n".join(["nothing was erased: --dry-run"] if dry_run else _done(tenant, erasure)))


@app.command("again", cls=NamingCommand)
def again(list_: ListFile = None, data_dir: DataDir = None) -> None:
    r"""Erase again everybody who was erased: after a restore, which brings back what the back-up still held.

    Goes through the list in the data folder, `erased-people.jsonl`, which holds numbers and no names. Keep a copy of it
    beside the back-ups. What is waiting for somebody does not keep it from erasing them.

    \b
    emplette erase again
    emplette erase again --list kept/erased-people.jsonl

    \b
    Exit codes: 0 all are erased, 1 refused, or some had other names, which have to be said again; 2 not understood;
    those of `emplette serve` when the database can't be reached.
    """
    folder = open_data_folder(read_settings(data_dir=data_dir).data_dir).path
    listed = _read(list_) if list_ else _read_own(folder / LIST)
    if not listed:
        say(f"nobody is erased: nobody is in {list_ or folder / LIST}")

    async def erase_all(db: Session) -> list[str]:
        lines = []
        for account, user_id in dict.fromkeys((one.account, one.user_id) for one in listed):
            company = await find_tenant(db, account)
            await _refuse_without_rights(db, company)
            done = await erase_person(db, company, user_id, now=datetime.now(UTC), anyway=True, tell=_tell)
            lines.append(_done(account, done)[-1])
        return lines

    for line in with_owner_session("emplette erase again", data_dir, erase_all):
        typer.echo(line)
    others = dict.fromkeys((one.account, one.user_id) for one in listed if one.also)
    for account, user_id in others:
        told = f"person {user_id} of {account} had other names, which are in no list: say them again with"
        say(f"{told} emplette erase person --tenant {account} {user_id} --also ...")
    if others:
        raise typer.Exit(Exit.FAILED)


def _agrees() -> bool:
    """Ask whoever sits there; nobody does when input is piped in."""
    return sys.stdin.isatty() and typer.confirm("Erase all of it, for good?", err=True)


async def _refuse_without_rights(db: Session, company: Tenant) -> None:
    if not await may_erase(db, company.id):
        raise DatabaseFailed("erasing needs the role that owns the tables: set EMPLETTE_OWNER_DATABASE_URL")


def _tell(what: str, done: int, of: int) -> None:
    if done % _TELL_EVERY == 0:
        say(f"{done:,} of {of:,} {what} gone through")


def _plan(company: Tenant, planned: Erasure) -> list[str]:
    lines = [f"{planned.name} ({planned.user_id}) of {company.account}", "to be erased:"]
    lines += [f"  {count:>7,}  {_WHAT[what]}" for what, count in planned.erased.items()] or ["  nothing any more"]
    lines += [f"  {planned.texts:>7,}  texts in the log, among them what these were before"] if planned.texts else []
    lines += [f"  {len(planned.revoked):>7,}  keys are revoked: {_listed(planned.revoked)}"] if planned.revoked else []
    lines += [
        "remains:",
        f"  the number {planned.user_id}, in every place where they acted; hashes, amounts, dates, ids",
    ]
    lines += [
        f"  {planned.remains[what]:>7,}  {told.format(id=planned.user_id)}"
        for what, told in _REMAINS.items()
        if planned.remains[what]
    ]
    return [*lines, *_webhooks(planned), *(f"refused without --anyway: {waits}" for waits in planned.pending.waits)]


def _webhooks(erasure: Erasure) -> list[str]:
    if not erasure.webhooks:
        return []
    named = _listed(erasure.webhooks)
    return [f"the name stands in the name or address of webhooks, which you have to change: {named}"]


def _done(account: str, erasure: Erasure) -> list[str]:
    named = ", ".join(f"{table.replace('_', ' ')} ({count:,})" for table, count in erasure.named_in.items())
    lines = [f"the name still stands in {named}: see docs/erasing.md"] if named else []
    lines += _webhooks(erasure)
    counts = (
        f"{number_of(erasure.texts, 'text')} of the log, {number_of(sum(erasure.erased.values()), 'entry', 'entries')}"
    )
    return [*lines, f"erased: person {erasure.user_id} of {account}, {counts}"]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _told(erasure: Erasure) -> dict[str, object]:
    return {
        "userId": erasure.user_id,
        "erased": erasure.erased,
        "texts": erasure.texts,
        "revoked": erasure.revoked,
        "pendingRequests": erasure.pending.requests,
        "policySteps": erasure.pending.steps,
        "remains": erasure.remains,
        "namedIn": erasure.named_in,
        "webhooks": erasure.webhooks,
    }


def _note(file: Path, erased: _Erased) -> None:
    with file.open("ab") as opened:
        opened.write(msgspec.json.encode(erased) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def _read(file: Path) -> list[_Erased]:
    try:
        lines = file.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=_Erased) for line in lines if line.strip()]
    except OSError as error:
        raise Invalid.field("list", f"{file} cannot be read: {error.strerror}.") from None
    except msgspec.DecodeError as error:
        raise Invalid.field("list", f"{file} is no list of who was erased: {error}.") from None


def _read_own(file: Path) -> list[_Erased]:
    """Read the list of the data folder, in which there is none before somebody is erased."""
    return _read(file) if file.exists() else []
