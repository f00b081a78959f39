"""Bringing a company along from another server of this API: its registers with their ids, and what is still open.

What is wrong with an optional field leaves that field out; what is wrong with any other leaves the entry out. Both are
told. A purchase that somebody has begun to decide on stays where it is: decisions are not made up here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from emplette.client import models
from emplette.domain.errors import Faults, Unavailable
from emplette.domain.people import Permission, Principal, Scope, Tenant
from emplette.domain.purchases import PurchaseState, PurchaseType, note_missing
from emplette.domain.text import LONGEST_TITLE, fault_of_name
from emplette.formats.copies import draft_of, table_of
from emplette.formats.imports import COLUMNS, LARGEST_ID
from emplette.formats.tables import Row, Table
from emplette.services.plans import Plan, Say, Source, carry_out, plan_table
from emplette.storage import ids, people, purchases
from emplette.storage import imports as storage
from emplette.storage.commands import Author
from emplette.storage.database import Session, Together
from emplette.storage.imports import Imported
from emplette.storage.keys import command_line_user
from emplette.storage.purchases import Creation

_ATTEMPTS: Final = 10
_BATCH: Final = 200
_PLACE: Final = re.compile(r"line (\d+)(?:, column (.+))?")
_MISSING: Final = re.compile(r"There is no ([a-z ]+) (\d+)\b")
_LIST_OF: Final = {
    "user": "people",
    "nature": "natures",
    "cost center": "cost-centers",
    "cost family": "cost-families",
    "establishment": "establishments",
    "legal unit": "legal-units",
    "department": "departments",
    "axis": "axes",
    "axis section": "axis-sections",
    "supplier": "suppliers",
}
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not taken: an entry, or one field of it, and why."""

    what: str
    id: int
    field: str
    why: str


@dataclass(slots=True)
class Outcome:
    """What became of one list."""

    made: int = 0
    changed: int = 0
    same: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Copying:
    """One copy: into which company, from where, when, and whether it is only tried."""

    db: Session
    tenant: Tenant
    url: str
    now: datetime
    say: Say
    dry_run: bool
    expected: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The ids by list that would be there by then; of a dry run."""

    def is_to_come(self, message: str) -> bool:
        """Tell whether what is said to be missing would be there if this were no dry run."""
        found = _MISSING.match(message)
        return found is not None and int(found[2]) in self.expected.get(_LIST_OF.get(found[1], ""), ())


async def bring_register(copying: Copying, what: str, items: Sequence[Any], *, without: Sequence[str] = ()) -> Outcome:
    """Bring the entries of a register along, all that can be at once; ``without`` names columns to leave for later.

    Raises:
        Unavailable: others were changing the same again and again.
    """
    outcome = Outcome()
    table = table_of(what, items, without=without)
    today = copying.tenant.today(copying.now)
    for _ in range(_ATTEMPTS):
        plan = await plan_table(
            copying.db, copying.tenant, what, table, today=today, say=lambda _: None, dry_run=copying.dry_run
        )
        plan.faults = {
            place: said
            for place, messages in plan.faults.items()
            if (said := [message for message in messages if not copying.is_to_come(message)])
        }
        if plan.faults:
            table = _without_faults(what, table, plan, outcome)
        elif copying.dry_run or not (plan.made or plan.changed) or await _write(copying, what, plan):
            # Those lines of a dry run that are wrong only for want of what is to come would be new.
            outcome.made, outcome.changed, outcome.same = (
                len(plan.made) + plan.wrong_lines,
                len(plan.changed),
                plan.same,
            )
            return outcome
    raise Unavailable("Too many others are changing the same just now; the same command goes on from there.")


async def bring_purchases(copying: Copying, items: Sequence[models.Purchase]) -> Outcome:
    """Bring the purchases along about which nothing was decided yet, under their ids."""
    outcome = Outcome()
    highest = max((item.id for item in items), default=0)
    if items and not copying.dry_run:
        await ids.keep_above(copying.db, copying.tenant.id, "purchase", min(highest, LARGEST_ID))
    author = Author(await copier(copying), copying.now, None)
    for batch in _batches(items):
        there = await purchases.there_already(copying.db, copying.tenant.id, [item.id for item in batch])
        outcome.same += len(there)
        new = [item for item in batch if item.id not in there]
        creations = list(_creations(copying, new, author, outcome))
        if copying.dry_run:
            await _try(copying, creations, outcome)
        elif creations:
            made = await purchases.create(copying.db, copying.tenant.id, creations)
            for creation, created in zip(creations, made, strict=True):
                if created.purchase is not None:
                    outcome.made += 1
                else:
                    _note_missing(copying, creation, created.found, outcome)
        copying.say(f"purchases: {outcome.made + outcome.same:,} are there")
    if outcome.made and not copying.dry_run:
        await _note(copying, author, outcome)
    return outcome


def _creations(
    copying: Copying, items: Iterable[models.Purchase], author: Author, outcome: Outcome
) -> Iterator[Creation]:
    """Make purchases of those that can be; of the others say why not."""
    for item in items:
        fault = fault_of_name(item.title or "", longest=LONGEST_TITLE)
        if item.state != PurchaseState.CREATED:
            why = f"Is {item.state}: what was decided there is not made up here; it ends where it began."
            outcome.left_out.append(LeftOut("purchases", item.id, "state", why))
        elif fault:
            outcome.left_out.append(LeftOut("purchases", item.id, "title", fault))
        elif item.type not in (None, *PurchaseType):
            outcome.left_out.append(LeftOut("purchases", item.id, "type", f"{item.type} is not known here."))
        else:
            yield Creation(item.id, draft_of(item), copying.tenant.today(copying.now), author, None)


async def _try(copying: Copying, creations: Sequence[Creation], outcome: Outcome) -> None:
    for creation in creations:
        found = await purchases.find_references(copying.db, copying.tenant.id, creation.draft)
        before = len(outcome.left_out)
        _note_missing(copying, creation, found, outcome)
        outcome.made += len(outcome.left_out) == before


def _note_missing(copying: Copying, creation: Creation, found: Any, outcome: Outcome) -> None:  # noqa: ANN401
    faults = Faults()
    note_missing(creation.draft, found, faults, today=copying.tenant.today(copying.now))
    for path, messages in faults:
        outcome.left_out += [
            LeftOut("purchases", creation.purchase_id, path, message)
            for message in messages
            if not copying.is_to_come(message)
        ]


def _without_faults(what: str, table: Table, plan: Plan, outcome: Outcome) -> Table:
    """Take out what is wrong: the cell, when its column may be empty, else the row."""
    mandatory = {column.name for column in COLUMNS[what] if column.is_mandatory} | {"id"}
    rows = {row.line: row for row in table.rows}
    for place, messages in plan.faults.items():
        found = _PLACE.fullmatch(place)
        line, column = (int(found[1]), found[2] or "") if found else (0, "")
        row = rows.get(line)
        if row is None:
            continue
        number = int(row.cells["id"] or 0)
        outcome.left_out += [LeftOut(what, number, column, message) for message in messages]
        name = next((each for each in row.cells if each == column), None)
        if name is None or _INDEX.sub("[]", name) in mandatory or not row.cells[name]:
            del rows[line]
        else:
            rows[line] = Row(line, row.cells | {name: ""})
    return replace(table, rows=tuple(rows.values()))


async def _write(copying: Copying, what: str, plan: Plan) -> bool:
    source = Source(copying.url, copying.url.encode())
    number = await carry_out(copying.db, copying.tenant, what, plan, source, now=copying.now, say=copying.say)
    return number is not None


async def copier(copying: Copying) -> Principal:
    """Find in whose name it is copied: the command line, which may act on every purchase and approve none."""
    actor = await command_line_user(copying.db, copying.tenant.id)
    user = (await people.by_id(copying.db, copying.tenant.id, [actor]))[actor]
    return Principal(user, 0, "", {Permission.PURCHASES: Scope.ALL}, auto_approve=False)


async def _note(copying: Copying, author: Author, outcome: Outcome) -> None:
    """Tell where the purchases came from."""
    number = await ids.Ids().one(copying.db, copying.tenant.id, storage.KIND)
    told = Imported(
        into="purchases",
        source=copying.url,
        sha256="",
        made=outcome.made,
        changed=0,
        same=outcome.same,
        left_out=len(outcome.left_out),
    )

    async def say(together: Together) -> bool:
        await storage.note(together, copying.tenant.id, number, told, author)
        return True

    await copying.db.together(say)


def _batches(items: Sequence[models.Purchase]) -> Iterator[Sequence[models.Purchase]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
