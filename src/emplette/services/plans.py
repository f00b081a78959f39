"""What a table would do to a register: worked out whole, with all that is wrong in it, then written whole."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from emplette.domain.cost_centers import CostCenter
from emplette.domain.errors import Faults
from emplette.domain.natures import Nature
from emplette.domain.organisation import Axis, CostFamily, Department, LegalUnit, OwnEstablishment, Person, Section
from emplette.domain.people import Principal, Tenant, UserKind
from emplette.domain.registers import Known, newly_said, note_missing
from emplette.domain.roles import LastAdministrator, leaves_nobody
from emplette.domain.suppliers import ListedSupplier, SupplierRegistered, refuse_double
from emplette.domain.text import folded
from emplette.formats.imports import id_of, values_of
from emplette.formats.suppliers import with_numbers
from emplette.formats.tables import Row, Table
from emplette.storage import changes, ids, imports, organisation, people, registers, roles
from emplette.storage.changes import Change
from emplette.storage.commands import Author
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.database import Session, Together
from emplette.storage.imports import Imported
from emplette.storage.keys import command_line_user
from emplette.storage.natures import NATURES
from emplette.storage.registers import Register
from emplette.storage.suppliers import SUPPLIERS

Key = tuple[str, Hashable]
"""By what an entry is known: the column that says it, and what it says."""
Say = Callable[[str], None]
SAY_EVERY: Final = 20_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be imported: how it is kept, what a new entry begins as, and by what one is known again."""

    register: Register[Any]
    blank: Callable[[int], Any]
    keys: Callable[[Any], Sequence[Key]]
    finish: Callable[[Any, Collection[str], Faults], Any] = lambda entry, _fields, _faults: entry


def _named(entry: Any) -> Sequence[Key]:  # noqa: ANN401  of any register
    return [("name", folded(entry.name))]


def _supplier_keys(supplier: ListedSupplier) -> Sequence[Key]:
    registration = supplier.registration_key
    known = [("legalRegistration.identifier", registration)] if registration else []
    return [*known, ("name", supplier.folded_name)]


def _person_keys(person: Person) -> Sequence[Key]:
    return [*([("mail", person.email.lower())] if person.email else []), ("lastName", folded(person.name))]


KINDS: Final[Mapping[str, Kind]] = {
    "suppliers": Kind(
        SUPPLIERS, lambda number: ListedSupplier(id=number, name="", territory_id=""), _supplier_keys, with_numbers
    ),
    "people": Kind(people.PEOPLE, lambda number: Person(id=number, first_name="", last_name=""), _person_keys),
    "cost-families": Kind(organisation.COST_FAMILIES, lambda number: CostFamily(id=number, name=""), _named),
    "natures": Kind(NATURES, lambda number: Nature(id=number, name=""), _named),
    "cost-centers": Kind(
        COST_CENTERS, lambda number: CostCenter(id=number, name="", code=""), lambda center: [("code", center.code)]
    ),
    "legal-units": Kind(
        organisation.LEGAL_UNITS, lambda number: LegalUnit(id=number, name="", territory_id=""), _named
    ),
    "establishments": Kind(
        organisation.ESTABLISHMENTS,
        lambda number: OwnEstablishment(id=number, name="", territory_id="", currency=""),
        _named,
        with_numbers,
    ),
    "departments": Kind(organisation.DEPARTMENTS, lambda number: Department(id=number, name=""), _named),
    "axes": Kind(organisation.AXES, lambda number: Axis(id=number, name=""), _named),
    "axis-sections": Kind(
        organisation.SECTIONS,
        lambda number: Section(id=number, axis_id=0, name="", code=""),
        lambda section: [("code", (section.axis_id, section.code))],
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """By which the very same table is known again."""
        return hashlib.sha256(self.content).hexdigest()


# asyncio.run writes down the result of what it ran, to no end but seconds: of all these entries it must not.
@dataclass(slots=True, repr=False)
class Plan:
    """What an import would do: the entries that it makes and changes, how many stay, and what is wrong by place."""

    made: list[Change[Any]] = field(default_factory=list)
    changed: list[Change[Any]] = field(default_factory=list)
    same: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)
    wrong_lines: int = 0

    def add(self, line: int, faults: Faults) -> None:
        """Note what is wrong with a line."""
        self.wrong_lines += 1
        for name, messages in faults:
            self.faults.setdefault(f"line {line}, column {name}", []).extend(messages)


async def plan_table(
    db: Session, tenant: Tenant, into: str, table: Table, *, today: date, say: Say, dry_run: bool
) -> Plan:
    """Work out what a table would do whose columns are right."""
    kind = KINDS[into]
    there = await registers.find_every(db, tenant.id, kind.register)
    new_ids = iter(await _new_ids(db, tenant, kind, table.rows, there, dry_run=dry_run))
    drafts, plan = _Drafts(kind, there), Plan()
    for position, row in enumerate(table.rows, start=1):
        drafts.read(into, row, lambda: next(new_ids))
        if position % SAY_EVERY == 0:
            say(f"checked {position:,} lines")
    await _note_references(db, tenant, kind, drafts, today=today)
    if kind.register is SUPPLIERS:
        _note_registrations(there, drafts)
    if kind.register is people.PEOPLE:
        _note_last_administrators(await roles.find_administrators(db, tenant.id), drafts)
    for line, faults in sorted(drafts.wrong.items()):
        plan.add(line, faults)
    for before, after in drafts.good.values():
        _sort_in(plan, before, after)
    return plan


async def _new_ids(
    db: Session, tenant: Tenant, kind: Kind, rows: Sequence[Row], there: Sequence[Any], *, dry_run: bool
) -> Sequence[int]:
    """Draw ids for all that may be new, above those that the file gives; a dry run draws none."""
    given = (id_of(row) for row in rows)
    highest = max((number for number in given if number is not None), default=0)
    if dry_run:
        first = max([highest, *(entry.id for entry in there)]) + 1
        return range(first, first + len(rows))
    if highest:
        await ids.keep_above(db, tenant.id, kind.register.kind, highest)
    return await ids.Ids().several(db, tenant.id, kind.register.kind, len(rows))


async def carry_out(
    db: Session,
    tenant: Tenant,
    into: str,
    plan: Plan,
    source: Source,
    *,
    now: datetime,
    say: Say,
    by: int | None = None,
) -> int | None:
    """Write what was planned, all of it or nothing; answer with the import's number.

    It is None when something has changed meanwhile, and nothing was written. Unless ``by`` names somebody, it was the
    command line.
    """
    kind = KINDS[into]
    actor = await command_line_user(db, tenant.id) if by is None else by
    user = (await people.by_id(db, tenant.id, [actor]))[actor]
    author = Author(Principal(user, 0, "", {}, auto_approve=False), now, None)
    number = await ids.Ids().one(db, tenant.id, imports.KIND)
    told = Imported(
        into=into,
        source=source.name,
        sha256=source.sha256,
        made=len(plan.made),
        changed=len(plan.changed),
        same=plan.same,
        left_out=plan.wrong_lines,
    )

    async def finish(together: Together) -> None:
        await imports.note(together, tenant.id, number, told, author)

    wanted = [*plan.made, *plan.changed]
    tell = _telling(len(wanted), say)
    done = await changes.write_many(db, tenant.id, kind.register, wanted, author=author, tell=tell, finish=finish)
    return number if done else None


def _telling(total: int, say: Say) -> Callable[[int], None]:
    said = 0

    def tell(position: int) -> None:
        nonlocal said
        if position - said >= SAY_EVERY:
            said = position
            say(f"{position:,} of {total:,} are on their way; none counts before all do")

    return tell


class _Drafts:
    """The entries that a file speaks of, each found again among those that are there."""

    def __init__(self, kind: Kind, there: Sequence[Any]) -> None:
        self._kind = kind
        own = [entry for entry in there if getattr(entry, "kind", None) is not UserKind.KEY]
        self._others = {entry.id for entry in there} - {entry.id for entry in own}
        self._by_id = {entry.id: entry for entry in own}
        self._spoken_of: dict[Hashable, int] = {}
        self.good: dict[int, tuple[Any, Any]] = {}
        self.wrong: dict[int, Faults] = {}
        self.unread: dict[int, tuple[Any, Any]] = {}
        """Of what is wrong, as much as could be read: there may be more wrong with it."""

    @cached_property
    def _by_key(self) -> dict[Key, list[Any]]:
        found: dict[Key, list[Any]] = defaultdict(list)
        for entry in self._by_id.values():
            for key in self._kind.keys(entry):
                found[key].append(entry)
        return found

    def read(self, into: str, row: Row, new_id: Callable[[], int]) -> None:
        """Read a row, and find the entry that it speaks of, or make one."""
        faults = Faults()
        values = values_of(into, row, faults)
        number = values.pop("id", None)
        if number in self._others:
            faults.add("id", f"{number} is the id of an API key's user.")
        if faults:
            # What can be read is looked at all the same, so that everything that is wrong is said at once.
            values = {name: value for name, value in values.items() if value is not None}
        stated = replace(self._kind.blank(number or 0), **values)
        before = self._by_id.get(number) if number else self._known(stated, faults)
        start = before if before is not None else self._kind.blank(number or new_id())
        after = self._kind.finish(replace(start, **values), values.keys(), faults)
        if not faults:
            self._note_double(after, row, faults, is_new=before is None and number is None)
        if faults:
            self.wrong[row.line] = faults
            self.unread[row.line] = before, after
        else:
            self.good[row.line] = before, after

    def _known(self, stated: Any, faults: Faults) -> Any:  # noqa: ANN401  of any register
        """Find an entry by its key; by the second best, only one that has no better either."""
        for position, key in enumerate(self._kind.keys(stated)):
            found = [one for one in self._by_key.get(key, []) if position == 0 or len(self._kind.keys(one)) == 1]
            if len(found) > 1:
                faults.add(key[0], f"Is that of {len(found)} of those that are there: name one by its id.")
            if found:
                return found[0]
        return None

    def _note_double(self, after: Any, row: Row, faults: Faults, *, is_new: bool) -> None:  # noqa: ANN401
        own = self._kind.keys(after)[0]
        keys: list[Key] = [("id", after.id), *([own] if is_new else [])]
        for key in keys:
            line = self._spoken_of.setdefault(key, row.line)
            if line != row.line:
                faults.add(key[0] if row.cells.get("id") else own[0], f"Is that of line {line} already.")
                return


async def _note_references(db: Session, tenant: Tenant, kind: Kind, drafts: _Drafts, *, today: date) -> None:
    """Take out what refers to nothing: to what is not there, nor in this file, nor right in it; and doubles."""
    read = [*drafts.good.values(), *drafts.unread.values()]
    wanted = [one for before, after in read for one in newly_said(before, after)]
    known = await registers.names_of(db, tenant.id, kind.register, list(dict.fromkeys(wanted))) if wanted else Known()

    def note(before: Any, after: Any, own: Collection[int], faults: Faults) -> None:  # noqa: ANN401
        said = [one for one in newly_said(before, after) if one.register != kind.register.table or one.id not in own]
        note_missing(said, known, faults, today=today)

    while True:
        own = {after.id for before, after in drafts.good.values() if before is None}
        wrong: dict[int, Faults] = {}
        for line, (before, after) in drafts.good.items():
            faults = Faults()
            note(before, after, own, faults)
            if faults:
                wrong[line] = faults
        for line in wrong:
            del drafts.good[line]
        drafts.wrong |= wrong
        if not wrong:
            break
    for line, (before, after) in drafts.unread.items():
        note(before, after, own, drafts.wrong[line])


def _note_registrations(there: Sequence[ListedSupplier], drafts: _Drafts) -> None:
    """Take out suppliers whose registration another active one would have as well."""
    after_it = {supplier.id: supplier for supplier in there}
    after_it |= {after.id: after for _, after in drafts.good.values()}
    sharing: dict[str, list[ListedSupplier]] = defaultdict(list)
    for supplier in after_it.values():
        if supplier.registration_id is not None:
            sharing[supplier.registration_key or ""].append(supplier)
    doubles = {supplier.id: alike for alike in sharing.values() if len(alike) > 1 for supplier in alike}
    for line, (_, after) in list(drafts.good.items()):
        try:
            refuse_double(after, doubles.get(after.id, []))
        except SupplierRegistered as double:
            faults = Faults()
            faults.add("legalRegistration.identifier", double.detail)
            del drafts.good[line]
            drafts.wrong[line] = faults


def _note_last_administrators(staying: Collection[int], drafts: _Drafts) -> None:
    """Take out those who leave and with whom the last administrator would be gone."""
    leaving = {
        line: before.id
        for line, (before, after) in drafts.good.items()
        if before is not None and before.left_on is None and after.left_on is not None and before.id in staying
    }
    if not leaves_nobody(leaving.values(), staying):
        return
    for line in leaving:
        faults = Faults()
        faults.add("leftOn", LastAdministrator.title())
        del drafts.good[line]
        drafts.wrong[line] = faults


def _sort_in(plan: Plan, before: Any, after: Any) -> None:  # noqa: ANN401  of any register
    if before is None:
        plan.made.append(Change(None, after))
    elif before == after:
        plan.same += 1
    else:
        plan.changed.append(Change(before, replace(after, version=before.version + 1)))
