"""``emplette import --from-lucca``: a company copied from another server of this API.

What is read is kept in a folder, page by page, so that the same command goes on where it was interrupted.
"""

import csv
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import typer

from emplette.cli.reaching import say, with_database
from emplette.client import (
    AnswerUnreadable,
    BadRequest,
    Emplette,
    EmpletteError,
    Forbidden,
    NotFound,
    Problem,
    models,
)
from emplette.client.wire import decode
from emplette.domain.commitments import CommitmentExists
from emplette.domain.errors import Faults, Invalid, Refusal
from emplette.domain.purchases import PurchaseNotFound, PurchaseState
from emplette.formats.copies import ITEMS, commitment_of, cost_families_of
from emplette.runtime.schema import IMPORT
from emplette.services import commitments, copies
from emplette.services.copies import Copying, LeftOut, Outcome
from emplette.services.tenants import find_tenant
from emplette.services.work import Shelf, Work
from emplette.storage.database import Session

KEY_VARIABLE: Final = "LUCCA_KEY"
_PAGE: Final = 100
_NO_SUCH_CALL: Final = frozenset({405, 406, 410, 501})
_SAY_EVERY: Final = 5_000
_SHOWN: Final = 20
_REPORT: Final = "left-out.csv"
# The lists by the names that the client has for them.
_LISTS: Final = {name: name.replace("-", "_") for name in ITEMS} | {"people": "users"}
# Departments and people refer to each other: departments come without their heads first, and with them once more.
_HEADS: Final = ("headId",)


def copy_company(
    url: str, *, tenant: str, key_file: Path | None, folder: Path | None, dry_run: bool, data_dir: Path | None
) -> None:
    """Read a company from another server, and bring along all that can be.

    Raises:
        Invalid: the address or the key file is none.
    """
    host = _host(url)
    kept = Kept(folder or Path(f"copy-of-{host}"))
    with _client(url, _key(key_file)) as client:
        unread = kept.read_all(client)

    async def bring(db: Session) -> dict[str, Outcome]:
        company = await find_tenant(db, tenant)
        expected = _ids_to_come(kept) if dry_run else {}
        return await _bring(Copying(db, company, url, datetime.now(UTC), say, dry_run, expected), kept)

    outcomes = with_database(IMPORT, data_dir, bring)
    left_out = unread + [one for outcome in outcomes.values() for one in outcome.left_out]
    _tell(outcomes, left_out, kept.folder)
    if dry_run:
        say(f"nothing was written: this was a dry run; what was read is kept in {kept.folder}")
    else:
        kept.forget()


def _ids_to_come(kept: "Kept") -> dict[str, frozenset[int]]:
    """List what is going to be there, by list; cost families come with the natures that name them."""
    items = {what: kept.items(what) for what in ITEMS}
    items["cost-families"] = cost_families_of(items["natures"])
    return {what: frozenset(item.id for item in each) for what, each in items.items()}


async def _bring(copying: Copying, kept: "Kept") -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for what in ITEMS:
        items = kept.items(what)
        if what == "natures":
            outcomes["cost-families"] = await copies.bring_register(copying, "cost-families", cost_families_of(items))
        if what == "people":
            items = [item for item in items if item.kind != "Key"]
        if what == "purchases":
            outcomes[what] = await copies.bring_purchases(copying, items)
            outcomes[what].left_out += await _bring_commitments(copying, items)
        else:
            first = _HEADS if what == "departments" else ()
            outcomes[what] = await copies.bring_register(copying, what, items, without=first)
        if what == "people":
            with_heads = await copies.bring_register(copying, "departments", kept.items("departments"))
            outcomes["departments"].left_out = with_heads.left_out
        if items:
            say(f"{what}: {_counted(outcomes[what])}")
    return outcomes


async def _bring_commitments(copying: Copying, items: Sequence[models.Purchase]) -> list[LeftOut]:
    """Bring along what purchases will cost about which nothing was decided; what is there already stays."""
    if copying.dry_run:
        return []
    left_out = []
    work = Work(copying.tenant, await copies.copier(copying), copying.now, copying.db, Shelf())
    for item in items:
        if item.state != PurchaseState.CREATED or item.commitment is None:
            continue
        faults = Faults()
        draft = commitment_of(item.commitment, faults)
        try:
            if draft is not None:
                await commitments.create_commitment(work, item.id, draft)
                for file in item.commitment.attachments or ():
                    why = f"{file.file.name} hangs on its commitment there: upload it here."
                    left_out.append(LeftOut("purchases", item.id, "attachments", why))
        except CommitmentExists:
            pass
        except PurchaseNotFound:
            pass  # It was left out, and that is told.
        except Invalid as refused:
            faults.add_all(refused.faults)
        except Refusal as refused:
            faults.add("commitment", refused.detail)
        left_out += [LeftOut("purchases", item.id, path, why) for path, said in faults for why in said]
    return left_out


@dataclass(frozen=True, slots=True)
class _Cursor:
    """How far a list was read: so many bytes are kept, and where the next page begins; None after the last."""

    kept: int
    next: str | None


class Kept:
    """A folder with what was read: a file a list, an item a line, and beside it how far that goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read_all(self, client: Emplette) -> list[LeftOut]:
        """Read every list to its end; one that the server refuses is left out."""
        self.folder.mkdir(parents=True, exist_ok=True)
        left_out = []
        for what in ITEMS:
            try:
                self._read_on(client, what)
            except EmpletteError as error:
                if not _is_of_the_list(error):
                    raise Invalid.field(
                        "fromLucca", f"{what}: {error}; the same command goes on from there."
                    ) from error
                left_out.append(LeftOut(what, 0, "", f"The list could not be read: {error}"))
                say(f"{what}: could not be read: {error}")
        return left_out

    def items(self, what: str) -> list[Any]:
        """List the items that were read."""
        path = self.folder / f"{what}.jsonl"
        return [decode(line, ITEMS[what]) for line in path.read_bytes().splitlines()] if path.exists() else []

    def forget(self) -> None:
        """Remove what was read, now that it is brought along: the next copy reads it as it is then."""
        for what in ITEMS:
            for path in (self.folder / f"{what}.jsonl", self._cursor_of(what)):
                path.unlink(missing_ok=True)

    def _read_on(self, client: Emplette, what: str) -> None:
        """Read a list from where it was left; from its beginning, when the server no longer knows that place."""
        try:
            self._read(client, what)
        except BadRequest:
            if self._cursor(what) is None:
                raise
            self._cursor_of(what).unlink()
            self._read(client, what)

    def _read(self, client: Emplette, what: str) -> None:
        path, cursor = self.folder / f"{what}.jsonl", self._cursor(what)
        if cursor is not None and cursor.next is None:
            return
        more = {} if cursor is None else {"page": cursor.next}
        count = 0
        with path.open("ab") as file:
            # What was written after the last note of where to go on is read again.
            file.truncate(0 if cursor is None else cursor.kept)
            for page in getattr(client, _LISTS[what]).list(limit=_PAGE, **more).pages():
                file.write(b"".join(msgspec.json.encode(item) + b"\n" for item in page.items or ()))
                file.flush()
                os.fsync(file.fileno())
                self._note(what, _Cursor(path.stat().st_size, page.next))
                before, count = count, count + len(page.items or ())
                if before // _SAY_EVERY != count // _SAY_EVERY:
                    say(f"{what}: {count:,} read")

    def _cursor_of(self, what: str) -> Path:
        return self.folder / f"{what}.cursor"

    def _cursor(self, what: str) -> _Cursor | None:
        path = self._cursor_of(what)
        return msgspec.json.decode(path.read_bytes(), type=_Cursor) if path.exists() else None

    def _note(self, what: str, cursor: _Cursor) -> None:
        """Note how far it goes, whole or not at all."""
        new = self.folder / f"{what}.cursor.new"
        new.write_bytes(msgspec.json.encode(cursor))
        new.replace(self._cursor_of(what))


def _is_of_the_list(error: EmpletteError) -> bool:
    """Tell whether one list is not to be had and others may be: not there, not for this key, or not as documented."""
    return isinstance(error, BadRequest | Forbidden | NotFound | AnswerUnreadable) or (
        isinstance(error, Problem) and error.status in _NO_SUCH_CALL
    )


def _host(url: str) -> str:
    """Read the host out of an address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid.field("fromLucca", f"Must be an address like https://example.ilucca.net, not {url!r}.")
    return parts.hostname


def _client(url: str, key: str) -> Emplette:
    try:
        return Emplette(url, key)
    except ValueError as error:
        raise Invalid.field("fromLucca", str(error)) from None


def _key(file: Path | None) -> str:
    """Find the key: in a file, in the environment, or typed unseen; a command line is seen by everybody."""
    if file is None:
        return os.environ.get(KEY_VARIABLE) or str(
            typer.prompt("API key of the other server", hide_input=True, err=True)
        )
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid.field("keyFile", f"{file} cannot be read: {error}") from None


def _tell(outcomes: dict[str, Outcome], left_out: Sequence[LeftOut], folder: Path) -> None:
    """Say what was not taken and why: the first of it here, all of it in a file."""
    for one in left_out[:_SHOWN]:
        place = f"{one.what} {one.id}" if one.id else one.what
        say(f"not taken: {place}{', ' + one.field if one.field else ''}: {one.why}")
    if len(left_out) > _SHOWN:
        say(f"... and {len(left_out) - _SHOWN:,} more")
    with (folder / _REPORT).open("w", encoding="utf-8-sig", newline="") as file:
        report = csv.writer(file, delimiter=";")
        report.writerow([each.name for each in fields(LeftOut)])
        report.writerows(astuple(one) for one in left_out)
    say(f"{_counted(_sum(outcomes))}; {len(left_out):,} not taken, listed in {folder / _REPORT}")


def _sum(outcomes: dict[str, Outcome]) -> Outcome:
    return Outcome(
        sum(outcome.made for outcome in outcomes.values()),
        sum(outcome.changed for outcome in outcomes.values()),
        sum(outcome.same for outcome in outcomes.values()),
    )


def _counted(outcome: Outcome) -> str:
    return f"{outcome.made:,} new, {outcome.changed:,} changed, {outcome.same:,} as they are"
