"""How registers are read: entries by id or place, each reading with the names of what its entries refer to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import msgspec

from emplette.domain.registers import Entry, Known, Reference, Word
from emplette.storage.database import Session
from emplette.storage.lists import COUNTED_TERMS, Slice
from emplette.storage.reading import user_of
from emplette.storage.rows import UserName
from emplette.storage.single_rows import one_row

T = TypeVar("T", bound=Entry)


@dataclass(frozen=True, eq=False)
class Register(Generic[T]):
    """How the entries of one register are kept.

    ``shown`` gives the expression of each of an entry's fields, ``referred`` that of the ids (an array) in each other
    register, where the table is called ``t``; ``row`` turns an entry into its columns. ``few_of`` is the filter that
    leaves few entries, by which they are found before they are put in order. ``told_apart`` are the fields
    that hold personal text or bank data, which events tell beside their facts; ``untold`` are those that are only read,
    and that an idempotency key keeps for the repeats of its call; ``told_by_itself`` those whose change is an event of
    its own, and ``told_back`` what that event is called when nothing stands there any more. ``unique`` are the
    constraints that a race can break. ``beside`` are parts of the statement that writes an entry, for rows of its own
    (see `changes`); ``guard`` are parts before all others, that end in one of that name: it tells whether what is
    written ``holds`` beside what others write at that moment. ``reckoned`` are columns that a change reckons anew, from
    the row as it is (``t``) and as it shall be (``x``).
    """

    kind: str
    table: str
    key: str
    decode: Callable[[str], list[T]]
    shown: Mapping[str, str]
    row: Callable[[T], dict[str, Any]]
    referred: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    few_of: str | None = None
    told_apart: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    told_by_itself: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told_back: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""
    guard: str = ""
    reckoned: Mapping[str, str] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What one entry is called where a sentence begins with it."""
        return self.kind.replace("_", " ").capitalize()

    @cached_property
    def select(self) -> str:
        """The end of a statement that reads the entries of ``page``, and what they and the parameters refer to."""
        fields = ", ".join(f"'{name}', {expression}" for name, expression in self.shown.items())
        names = [
            f"'{other}', (SELECT jsonb_agg({_NAMES[other]}) FROM {other} x WHERE x.tenant_id = $1"
            f" AND x.{_KEYS[other]} = ANY ("
            f"${number}::int[] || ARRAY(SELECT DISTINCT unnest({expression}) FROM page t)))"
            for number, (other, expression) in enumerate(self.referred.items(), start=2)
        ]
        return f"""
            SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.{self.key}, {fields}) ORDER BY t.{self.key}),
                                    '[]') FROM page t) AS entries,
                   jsonb_build_object({", ".join(names)}) AS names"""

    def wanted(self, references: Sequence[Reference]) -> list[list[int]]:
        """List the ids that are wanted of each register that entries refer to: the parameters after the tenant."""
        return [sorted({one.id for one in references if one.register == other}) for other in self.referred]

    def parameter(self, number: int) -> str:
        """Name a parameter after those that every reading has."""
        return f"${1 + len(self.referred) + number}"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries to list: values by filter, and a condition on words."""

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    words: str | None = None


@dataclass(frozen=True, slots=True)
class EntryPage(Generic[T]):
    """A page of a register, and the rows behind which the pages next to it begin."""

    items: tuple[T, ...]
    known: Known
    next: tuple[int] | None = None
    prev: tuple[int] | None = None
    count: int | None = None


class _Names(msgspec.Struct):
    """The names of what entries refer to, as a statement answers them."""

    users: list[UserName] | None = None
    natures: list[Word] | None = None
    cost_centers: list[Word] | None = None
    cost_families: list[Word] | None = None
    establishments: list[Word] | None = None
    legal_units: list[Word] | None = None
    departments: list[Word] | None = None
    axes: list[Word] | None = None
    axis_sections: list[Word] | None = None


_PIECE: Final = 10_000
_KEYS: Final = {
    "users": "user_id",
    "natures": "nature_id",
    "cost_centers": "cost_center_id",
    "cost_families": "cost_family_id",
    "establishments": "establishment_id",
    "legal_units": "legal_unit_id",
    "departments": "department_id",
    "axes": "axis_id",
    "axis_sections": "axis_section_id",
}
_WORD: Final = "jsonb_build_object('id', x.{key}, 'name', x.name{more})"
_MORE: Final = {
    "natures": ", 'is_active', x.state = 'Enabled'",
    "cost_centers": ", 'code', x.code, 'is_active', x.state = 'Enabled'",
    "axis_sections": ", 'code', x.code, 'is_active', x.state = 'Enabled'",
    "establishments": ", 'is_active', NOT x.is_archived",
    "legal_units": ", 'is_active', NOT x.is_archived",
}
_NAMES: Final = {name: _WORD.format(key=key, more=_MORE.get(name, "")) for name, key in _KEYS.items()} | {
    "users": """jsonb_build_object(
        'id', x.user_id, 'kind', x.kind, 'first_name', x.first_name, 'last_name', x.last_name,
        'left_on', x.left_on, 'person_id', x.person_id)"""
}
_decode_names = msgspec.json.Decoder(_Names).decode


async def find(
    db: Session, tenant: int, register: Register[T], number: int, wanted: Sequence[Reference] = ()
) -> tuple[T | None, Known]:
    """Read an entry, and the names of what it and others refer to."""
    entries, known = await find_all(db, tenant, register, [number], wanted)
    return (entries[0] if entries else None), known


async def find_all(
    db: Session, tenant: int, register: Register[T], numbers: Sequence[int], wanted: Sequence[Reference] = ()
) -> tuple[list[T], Known]:
    """Read entries by their ids, and the names of what they and others refer to."""
    condition = f"t.{register.key} = ANY ({register.parameter(1)}::int[])"
    return await find_where(db, tenant, register, condition, [list(numbers)], wanted)


async def find_where(
    db: Session,
    tenant: int,
    register: Register[T],
    condition: str,
    arguments: Sequence[object],
    wanted: Sequence[Reference] = (),
) -> tuple[list[T], Known]:
    """Read the entries that meet a condition, whose parameters come after those of every reading."""
    page = f"WITH page AS MATERIALIZED (SELECT t.* FROM {register.table} t WHERE t.tenant_id = $1 AND {condition})"
    row = await db.fetchrow(page + register.select, tenant, *register.wanted(wanted), *arguments)
    return ([], Known()) if row is None else (register.decode(row["entries"]), _known(row["names"]))


async def find_every(db: Session, tenant: int, register: Register[T]) -> list[T]:
    """Read a whole register, piece by piece: an answer has its limits, a register none."""
    condition = f"t.{register.key} > {register.parameter(1)} ORDER BY t.{register.key} LIMIT {_PIECE}"
    found: list[T] = []
    while True:
        piece, _ = await find_where(db, tenant, register, condition, [found[-1].id if found else 0])
        found += piece
        if len(piece) < _PIECE:
            return found


async def list_entries(db: Session, tenant: int, register: Register[T], filters: Filters, piece: Slice) -> EntryPage[T]:
    """List a register, by id."""
    arguments: list[Any] = [tenant, *register.wanted(())]
    conditions = [f"t.tenant_id = $1 {''.join(_unused(register))}"]
    for name, values in filters.values.items():
        if values:
            arguments.append(list(values))
            conditions.append(f"{register.filters[name]} = ANY (${len(arguments)})")
    source = f"{register.table} t"
    if register.few_of in filters.values:
        source = f"(SELECT t.* FROM {register.table} t WHERE {' AND '.join(conditions)} OFFSET 0) AS t"
    if filters.words is not None:
        arguments.append(filters.words)
        found = f"{register.filters['words']} @@ (${len(arguments)}::text)::tsquery"
        if await _are_few(db, tenant, register, filters.words):
            # The few entries that hold the words are found by these alone, and sorted: OFFSET 0 keeps it so.
            source = f"(SELECT t.* FROM {register.table} t WHERE t.tenant_id = $1 AND {found} OFFSET 0) AS t"
        else:
            conditions.append(found)
    count = await _count(db, source, conditions, arguments, filters) if piece.counted else None
    if piece.limit == 0:
        return EntryPage((), Known(), count=count)
    place, order = piece.after or piece.before, "DESC" if piece.before else "ASC"
    if place is not None:
        arguments.append(place[-1])
        conditions.append(f"t.{register.key} {'>' if piece.after else '<'} ${len(arguments)}")
    arguments += [piece.limit + 1, piece.offset]
    sql = f"""
        WITH place AS MATERIALIZED (
            SELECT t.{register.key} FROM {source} WHERE {" AND ".join(conditions)}
            ORDER BY t.{register.key} {order} LIMIT ${len(arguments) - 1} OFFSET ${len(arguments)}
        ),
        page AS MATERIALIZED (
            SELECT t.* FROM place JOIN {one_row("t", register.table, register.key, f"place.{register.key}")}
        )"""
    row = await db.fetchrow(sql + register.select, *arguments)
    if row is None:
        return EntryPage((), Known(), count=count)
    return _page(register.decode(row["entries"]), _known(row["names"]), piece, count)


def _unused(register: Register[Any]) -> list[str]:
    """Name the parameters that counting has no use for, so that the server knows their type."""
    return [f" AND ${number}::int[] IS NOT NULL" for number in range(2, 2 + len(register.referred))]


async def _are_few(db: Session, tenant: int, register: Register[Any], words: str) -> bool:
    """Tell whether the words are rare enough to read every entry that holds them."""
    hits = f"SELECT FROM {register.table} t WHERE t.tenant_id = $1 AND {register.filters['words']} @@ $2::text::tsquery"
    row = await db.fetchrow(f"SELECT count(*) FROM ({hits} LIMIT $3) AS hits", tenant, words, COUNTED_TERMS + 1)
    return row is not None and row[0] <= COUNTED_TERMS


async def _count(
    db: Session, source: str, conditions: Sequence[str], arguments: Sequence[Any], filters: Filters
) -> int:
    limit = "" if filters.words is None else f"LIMIT {COUNTED_TERMS}"
    where = " AND ".join(conditions)
    sql = f"SELECT count(*) FROM (SELECT FROM {source} WHERE {where} {limit}) AS counted"
    return int((await db.fetch(sql, *arguments))[0][0])


def _page(rows: Sequence[T], known: Known, piece: Slice, count: int | None) -> EntryPage[T]:
    more, backwards = len(rows) > piece.limit, piece.before is not None
    items = tuple(rows[-piece.limit :] if backwards else rows[: piece.limit])
    if not items:
        return EntryPage((), known, count=count)
    has_prev = more if backwards else (piece.after is not None or piece.offset > 0)
    return EntryPage(
        items,
        known,
        next=(items[-1].id,) if backwards or more else None,
        prev=(items[0].id,) if has_prev else None,
        count=count,
    )


def _known(names: str) -> Known:
    found = _decode_names(names)
    words = {
        name: {word.id: word for word in getattr(found, name) or ()}
        for name in found.__struct_fields__
        if name != "users"
    }
    return Known({user.id: user_of(user) for user in found.users or ()}, words)


async def names_of(db: Session, tenant: int, register: Register[Any], wanted: Sequence[Reference]) -> Known:
    """Look up the names of what entries of a register refer to."""
    return (await find_where(db, tenant, register, "false", [], wanted))[1]
