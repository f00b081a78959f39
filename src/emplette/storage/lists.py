"""Lists: pages by number or by place, over an index; what a page shows is read for its rows only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from emplette.domain.dossiers import Dossier
from emplette.domain.people import Visible
from emplette.domain.text import words_to_find
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_ORDER, AROUND_PURCHASE, AROUND_REQUEST, COLUMNS, read
from emplette.storage.visibility import NO_CENTERS, ORDERS, PURCHASES, REQUESTS, Listed, own_few, sees_few

COUNTED_TERMS: Final = 10_000
"""With search terms counts are exact up to here."""

Keys = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list: values by column, a time of creation, words.

    ``decidable`` are requests that wait for those who are asked for as assignees, whoever else is asked before them.
    """

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    created_from: datetime | None = None
    created_to: datetime | None = None
    terms: str = ""
    decidable: Sequence[int] = ()


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
class _Listing:
    """How one kind of document is listed.

    A filter is a column, or a condition in which ``{}`` stands for the values. ``by_owner`` selects what hangs on the
    purchases of some owners, where no column of its own says whose it is.
    """

    what: Listed
    around: str
    filters: Mapping[str, str]
    by_owner: str | None = None


# The words of a purchase and its company's own; exactly as the index purchases_by_words has it.
_WORDS: Final = "array_to_tsvector(array_remove(string_to_array(p.search_text || ' _' || p.tenant_id, ' '), ''))"
_HITS: Final = f"SELECT count(*) FROM (SELECT FROM purchases p WHERE {_WORDS} @@ $1::text::tsquery LIMIT $2) AS hits"

_PURCHASES: Final = _Listing(
    PURCHASES,
    AROUND_PURCHASE,
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
    REQUESTS,
    AROUND_REQUEST,
    {
        "state": "r.state",
        "assigneeId": "r.assignee_id",
        # No index knows all requests of a commitment; that of their purchase does.
        "commitmentId": (
            "(r.purchase_id, r.commitment_id) IN (SELECT c.purchase_id, c.commitment_id FROM commitments c"
            " WHERE c.tenant_id = $1 AND c.commitment_id = ANY ({}))"
        ),
        "kind": "r.kind",
        "ownerId": "(SELECT o.owner_id FROM purchases o WHERE o.tenant_id = $1 AND o.purchase_id = r.purchase_id)",
    },
    by_owner="""(SELECT q.* FROM unnest({}::int[]) AS w (owner_id)
        CROSS JOIN LATERAL (
            SELECT o.purchase_id FROM purchases o WHERE o.tenant_id = $1 AND o.owner_id = w.owner_id OFFSET 0) AS o
        CROSS JOIN LATERAL (
            SELECT * FROM requests q WHERE q.tenant_id = $1 AND q.purchase_id = o.purchase_id OFFSET 0) AS q
        OFFSET 0)""",
)
_ORDERS: Final = _Listing(
    ORDERS,
    AROUND_ORDER,
    {
        "state": "o.state",
        "purchaseId": "o.purchase_id",
        "supplierId": "o.supplier_id",
        "ownerId": "o.owner_id",
    },
)


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


@dataclass(slots=True)
class _Rows:
    """Which rows a page is cut from: SQL that selects their `id` and `created_at`, and its arguments.

    ``places`` are conditions on where a row stands in the list, which every index of it answers; ``wanted`` all others.
    """

    listing: _Listing
    arguments: _Arguments
    places: list[str]
    wanted: list[str]
    source: str
    people: str | None = None
    asked: str | None = None
    centers: str | None = None

    def select(self, *, order: str, most: str, more: Sequence[str] = ()) -> str:
        """Select the rows, at least the first ``most`` of them; ``more`` are further conditions."""
        what, where = self.listing.what, " AND ".join([*self.places, *more])
        wanted = " AND ".join(self.wanted) or None
        if self.people is not None:
            return what.rows(self.people, self.asked, self.centers, where=where, order=order, most=most, wanted=wanted)
        both = where if wanted is None else f"{where} AND {wanted}"
        return f"SELECT {what.alias}.{what.key} AS id, {what.alias}.created_at FROM {self.source} WHERE {both}"


async def _list(
    db: Session, tenant: int, listing: _Listing, visible: Visible | None, filters: Filters, piece: Slice
) -> Page:
    rows = await _rows(db, tenant, listing, visible, filters)
    count = await _count(db, rows, filters) if piece.counted else None
    if piece.limit == 0:
        return Page((), count=count)
    found = await db.fetch(_statement(rows, piece), *rows.arguments)
    return _page(listing, [row for row in map(read, found) if row is not None], piece, count)


async def _rows(db: Session, tenant: int, listing: _Listing, visible: Visible | None, filters: Filters) -> _Rows:
    what, arguments = listing.what, _Arguments([tenant])
    rows = _Rows(listing, arguments, *_conditions(listing, filters, arguments), f"{what.table} {what.alias}")
    is_narrow = await _narrow(db, tenant, rows, visible, filters)
    if visible is None:
        return rows
    people = f"{arguments.add(sorted(visible.people))}::int[]"
    centers = f"{arguments.add(sorted(visible.cost_centers))}::int[]" if visible.cost_centers else None
    if not is_narrow and await _goes_through_theirs(db, tenant, what, visible, filters):
        rows.people, rows.centers = people, centers
        rows.asked = f"ANY ({arguments.add(sorted(visible.asked))}::int[])" if visible.asked else None
    else:
        asked = f"ANY ({arguments.add(sorted(visible.asked))}::int[])"
        rows.wanted.append(what.condition(people, asked, centers or NO_CENTERS))
    return rows


async def _narrow(db: Session, tenant: int, rows: _Rows, visible: Visible | None, filters: Filters) -> bool:
    """Cut the page from the few rows that hold the words or have the owners, if these are few, and tell so."""
    owners, by_owner = filters.values.get("ownerId"), rows.listing.by_owner
    if owners and by_owner is not None and await own_few(db, tenant, owners):
        rows.source = f"{by_owner.format(rows.arguments.add(list(owners)))} AS {rows.listing.what.alias}"
        return True
    if not filters.terms:
        return False
    query = _query_of(tenant, filters.terms)
    if await _are_few(db, query):
        # The few rows that hold the words are found by these alone, and sorted: OFFSET 0 keeps it so.
        held = f"{_WORDS} @@ {rows.arguments.add(query)}::text::tsquery"
        rows.source = f"(SELECT p.* FROM purchases p WHERE {held} OFFSET 0) AS p"
        return True
    if visible is None:
        rows.wanted.append(f"{_WORDS} @@ {rows.arguments.add(query)}::text::tsquery")
    else:
        # The rows are found by whose they are, and looked at, each: as the index of words would, and at less cost.
        words = map(rows.arguments.add, words_to_find(filters.terms))
        rows.wanted += [f"strpos(' ' || p.search_text, ' ' || {word}::text) > 0" for word in words]
    return False


async def _goes_through_theirs(db: Session, tenant: int, what: Listed, visible: Visible, filters: Filters) -> bool:
    """Tell whether a page is cheaper gathered from what is theirs than picked from the list in its order.

    An index has each one's purchases in the order of the list, so a page of these costs the same however many they are.
    """
    in_order = what.is_purchase and not any(filters.values.values())
    if in_order and not visible.asked:
        return True
    return await sees_few(db, tenant, visible, asked_only=in_order)


def _conditions(listing: _Listing, filters: Filters, arguments: _Arguments) -> tuple[list[str], list[str]]:
    alias = listing.what.alias
    places, wanted = [f"{alias}.tenant_id = $1"], []
    for name, values in filters.values.items():
        if not values:
            continue
        named, filtered = arguments.add(list(values)), listing.filters[name]
        condition = filtered.format(named) if "{}" in filtered else f"{filtered} = ANY ({named})"
        if name == "assigneeId" and filters.decidable:
            condition = f"({condition} OR r.request_id = ANY ({arguments.add(list(filters.decidable))}))"
        wanted.append(condition)
    if filters.created_from is not None:
        places.append(f"{alias}.created_at >= {arguments.add(filters.created_from)}")
    if filters.created_to is not None:
        places.append(f"{alias}.created_at < {arguments.add(filters.created_to)}")
    return places, wanted


def _query_of(tenant: int, terms: str) -> str:
    """Ask for every word in one company, whatever their order and however they go on; legal forms are left out.

    Terms in which there is no word at all are found nowhere.
    """
    words = [f"'{word}':*" for word in words_to_find(terms)] or ["'_'"]
    return " & ".join([f"'_{tenant}'", *words])


async def _are_few(db: Session, query: str) -> bool:
    """Tell whether the words are rare enough to read every purchase that holds them."""
    row = await db.fetchrow(_HITS, query, COUNTED_TERMS + 1)
    return row is not None and row[0] <= COUNTED_TERMS


async def _count(db: Session, rows: _Rows, filters: Filters) -> int:
    most = str(COUNTED_TERMS) if filters.terms else "ALL"
    found = rows.select(order="ASC", most=most)
    sql = f"SELECT count(*) FROM (SELECT FROM ({found}) AS found LIMIT {most}) AS counted"
    return int((await db.fetch(sql, *rows.arguments))[0][0])


def _statement(rows: _Rows, piece: Slice) -> str:
    what, arguments = rows.listing.what, rows.arguments
    more, order = [], "ASC"
    place = piece.after or piece.before
    if place is not None:
        moment, number = arguments.add(place[0]), arguments.add(place[1])
        order = "ASC" if piece.after else "DESC"
        sign = ">" if piece.after else "<"
        more.append(f"({what.alias}.created_at, {what.alias}.{what.key}) {sign} ({moment}, {number})")
    limit, offset = f"{arguments.add(piece.limit + 1)}::bigint", f"{arguments.add(piece.offset)}::bigint"
    # The page is found in an index alone; only its own rows are read whole.
    return f"""
        WITH page AS MATERIALIZED (
            SELECT id, created_at FROM ({rows.select(order=order, most=f"{limit} + {offset}", more=more)}) AS found
            ORDER BY created_at {order}, id {order} LIMIT {limit} OFFSET {offset}
        )
        SELECT {COLUMNS} FROM page
        JOIN {what.table} {what.alias} ON {what.alias}.tenant_id = $1 AND {what.alias}.{what.key} = page.id
            {rows.listing.around}
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
    document = documents[listing.what.alias]
    if document is None:
        raise AssertionError
    return document.created.at, document.id
