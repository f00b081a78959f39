"""Lists: pages by number or by place, over an index; what a page shows is read for its rows only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from emplette.domain.dossiers import Dossier
from emplette.domain.people import Permission, Principal, Scope
from emplette.domain.text import words_of
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_ORDER, AROUND_PURCHASE, AROUND_REQUEST, COLUMNS, read

COUNTED_TERMS: Final = 10_000
"""With search terms counts are exact up to here."""

Keys = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list: values by column, a time of creation, words."""

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    created_from: datetime | None = None
    created_to: datetime | None = None
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which page of a list: so many rows, after a row, before a row, or from a number on."""

    limit: int
    offset: int = 0
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and the rows behind which the pages next to it begin."""

    items: tuple[Dossier, ...]
    next: Keys | None = None
    prev: Keys | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Visible:
    """Whose purchases a caller may list; None stands for everybody's."""

    people: tuple[int, ...]
    asked_id: int | None


@dataclass(frozen=True, slots=True)
class _Listing:
    """How one kind of document is listed."""

    table: str
    alias: str
    key: str
    around: str
    visible: str
    filters: Mapping[str, str]


# What people wrote, they may have written through any of the keys that are bound to them.
_MINE: Final = """(p.owner_id = ANY ({people}) OR p.author_id = ANY ({people} || ARRAY(
    SELECT k.user_id FROM users k WHERE k.tenant_id = $1 AND k.kind = 'Key' AND k.person_id = ANY ({people}))))"""
# Who is asked about a commitment sees what it belongs to, until another commitment takes its place.
_ASKED: Final = """EXISTS (
    SELECT FROM requests q JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = q.request_id
    WHERE q.tenant_id = $1 AND {join} AND a.user_id = {asked})"""
_OF_PURCHASE: Final = """EXISTS (
    SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = {alias}.purchase_id AND {mine})"""

# The words of a purchase and its company's own; exactly as the index purchases_by_words has it.
_WORDS: Final = "array_to_tsvector(array_remove(string_to_array(p.search_text || ' _' || p.tenant_id, ' '), ''))"
_HITS: Final = f"SELECT count(*) FROM (SELECT FROM purchases p WHERE {_WORDS} @@ $1::text::tsquery LIMIT $2) AS hits"

_PURCHASES: Final = _Listing(
    "purchases",
    "p",
    "purchase_id",
    AROUND_PURCHASE,
    f"({_MINE} OR {_ASKED.replace('{join}', 'q.commitment_id = p.commitment_id')})",
    {
        "state": "p.state",
        "type": "p.type",
        "ownerId": "p.owner_id",
        "costCenterId": "p.cost_center_id",
        "natureId": "p.nature_id",
        "supplierId": "p.supplier_id",
    },
)
_REQUESTS: Final = _Listing(
    "requests",
    "r",
    "request_id",
    AROUND_REQUEST,
    f"({_OF_PURCHASE.replace('{alias}', 'r').replace('{mine}', _MINE)}"
    f" OR {_ASKED.replace('{join}', 'q.request_id = r.request_id')})",
    {
        "state": "r.state",
        "assigneeId": "r.assignee_id",
        "commitmentId": "r.commitment_id",
        "ownerId": "(SELECT o.owner_id FROM purchases o WHERE o.tenant_id = $1 AND o.purchase_id = r.purchase_id)",
    },
)
_ORDERS: Final = _Listing(
    "orders",
    "o",
    "order_id",
    AROUND_ORDER,
    f"({_OF_PURCHASE.replace('{alias}', 'o').replace('{mine}', _MINE)}"
    f" OR {_ASKED.replace('{join}', 'q.commitment_id = o.commitment_id')})",
    {
        "state": "o.state",
        "purchaseId": "o.purchase_id",
        "supplierId": "o.supplier_id",
        "ownerId": "o.owner_id",
    },
)


def scope_of(who: Principal, *permissions: Permission) -> Visible | None:
    """Work out whose purchases the caller may list by the widest of these permissions."""
    scope = who.widest(*permissions)
    if scope is Scope.ALL:
        return None
    people = who.user.identities if scope is not None else frozenset()
    if scope is Scope.SUPERVISED:
        people |= who.supervised
    asked = who.person.id if who.person is not None and Permission.APPROVE in who.permissions else None
    return Visible(tuple(sorted(people)), asked)


async def purchases(db: Session, tenant: int, visible: Visible | None, filters: Filters, piece: Slice) -> Page:
    """List purchases."""
    return await _list(db, tenant, _PURCHASES, visible, filters, piece)


async def requests(db: Session, tenant: int, visible: Visible | None, filters: Filters, piece: Slice) -> Page:
    """List requests."""
    return await _list(db, tenant, _REQUESTS, visible, filters, piece)


async def orders(db: Session, tenant: int, visible: Visible | None, filters: Filters, piece: Slice) -> Page:
    """List orders."""
    return await _list(db, tenant, _ORDERS, visible, filters, piece)


class _Arguments(list[Any]):
    """The values of a statement, named as they are added."""

    def add(self, value: Any) -> str:  # noqa: ANN401  a value of any column
        self.append(value)
        return f"${len(self)}"


async def _list(
    db: Session, tenant: int, listing: _Listing, visible: Visible | None, filters: Filters, piece: Slice
) -> Page:
    arguments = _Arguments([tenant])
    conditions = _conditions(listing, visible, filters, arguments)
    source = f"{listing.table} {listing.alias}"
    if filters.terms:
        query = _query_of(tenant, filters.terms)
        found = f"{_WORDS} @@ {arguments.add(query)}::text::tsquery"
        if await _are_few(db, query):
            # The few rows that hold the words are found by these alone, and sorted: OFFSET 0 keeps it so.
            source = f"(SELECT p.* FROM purchases p WHERE {found} OFFSET 0) AS p"
        else:
            conditions.append(found)
    count = await _count(db, source, conditions, arguments, filters) if piece.counted else None
    if piece.limit == 0:
        return Page((), count=count)
    rows = await db.fetch(_statement(listing, source, conditions, arguments, piece), *arguments)
    return _page(listing, [row for row in map(read, rows) if row is not None], piece, count)


def _conditions(listing: _Listing, visible: Visible | None, filters: Filters, arguments: _Arguments) -> list[str]:
    alias = listing.alias
    found = [f"{alias}.tenant_id = $1"]
    for name, values in filters.values.items():
        if values:
            found.append(f"{listing.filters[name]} = ANY ({arguments.add(list(values))})")
    if filters.created_from is not None:
        found.append(f"{alias}.created_at >= {arguments.add(filters.created_from)}")
    if filters.created_to is not None:
        found.append(f"{alias}.created_at < {arguments.add(filters.created_to)}")
    if visible is not None:
        people, asked = arguments.add(list(visible.people)), arguments.add(visible.asked_id)
        found.append(listing.visible.format(people=f"{people}::int[]", asked=f"{asked}::int"))
    return found


def _query_of(tenant: int, terms: str) -> str:
    """Ask for every word in one company, whatever their order and however they go on.

    Terms in which there is no word at all are found nowhere.
    """
    words = words_of(terms).split() or ["_"]
    return " & ".join([f"'_{tenant}'", *(f"'{word}':*" for word in words)])


async def _are_few(db: Session, query: str) -> bool:
    """Tell whether the words are rare enough to read every purchase that holds them."""
    row = await db.fetchrow(_HITS, query, COUNTED_TERMS + 1)
    return row is not None and row[0] <= COUNTED_TERMS


async def _count(
    db: Session, source: str, conditions: Sequence[str], arguments: Sequence[Any], filters: Filters
) -> int:
    where = " AND ".join(conditions)
    limit = f"LIMIT {COUNTED_TERMS}" if filters.terms else ""
    sql = f"SELECT count(*) FROM (SELECT FROM {source} WHERE {where} {limit}) AS counted"
    return int((await db.fetch(sql, *arguments))[0][0])


def _statement(listing: _Listing, source: str, conditions: Sequence[str], arguments: _Arguments, piece: Slice) -> str:
    alias, key = listing.alias, f"{listing.alias}.{listing.key}"
    where, order = list(conditions), "ASC"
    place = piece.after or piece.before
    if place is not None:
        moment, number = arguments.add(place[0]), arguments.add(place[1])
        order = "ASC" if piece.after else "DESC"
        where.append(f"({alias}.created_at, {key}) {'>' if piece.after else '<'} ({moment}, {number})")
    limit, offset = arguments.add(piece.limit + 1), arguments.add(piece.offset)
    # The page is found in an index alone; only its own rows are read whole.
    return f"""
        WITH page AS MATERIALIZED (
            SELECT {key} AS id, {alias}.created_at FROM {source} WHERE {" AND ".join(where)}
            ORDER BY {alias}.created_at {order}, {key} {order} LIMIT {limit} OFFSET {offset}
        )
        SELECT {COLUMNS} FROM page
        JOIN {listing.table} {alias} ON {alias}.tenant_id = $1 AND {key} = page.id {listing.around}
        ORDER BY page.created_at, page.id"""


def _page(listing: _Listing, rows: Sequence[Dossier], piece: Slice, count: int | None) -> Page:
    more = len(rows) > piece.limit
    backwards = piece.before is not None
    items = tuple(rows[-piece.limit :] if backwards else rows[: piece.limit])
    if not items:
        return Page((), count=count)
    first, last = _keys(listing, items[0]), _keys(listing, items[-1])
    has_prev = more if backwards else (piece.after is not None or piece.offset > 0)
    has_next = True if backwards else more
    return Page(items, next=last if has_next else None, prev=first if has_prev else None, count=count)


def _keys(listing: _Listing, dossier: Dossier) -> Keys:
    documents = {"p": dossier.purchase, "r": dossier.request, "o": dossier.order}
    document = documents[listing.alias]
    if document is None:
        raise AssertionError
    return document.created.at, document.id
