"""What is spent, as somebody sees it: its sums, and the lines that make up each, exact at the moment of reading.

What was counted may be behind. So each statement leaves out the purchases of which something happened since then (they
are late), and brings along what these cost now; the program adds that by the same rule by which it is counted. All of
it is one statement, so it is of one moment.

Who sees everything reads the sums. Who sees some purchases has their lines summed up: what that costs depends on how
many they are. Who sees very many has all lines read, and what may be seen of them is found in one go.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.people import Visible
from emplette.domain.spending import Facet, Line, Months, SpendingStage, Sum, Wanted, lines_of, summed
from emplette.storage.database import Session
from emplette.storage.lists import Slice
from emplette.storage.single_rows import one_row
from emplette.storage.spending_counts import COST, HAPPENED_TO, OF_PURCHASE, read_costs
from emplette.storage.visibility import PURCHASES, purchases_of_many, sees_few

MOST_LATE: Final = 10_000
"""With more purchases than this to be counted, sums have to wait for that."""
MOST_HAPPENED: Final = 50_000
"""With more events than this to be counted, it is not found out of which purchases they are: all of them are late."""

COUNTED: Final = """
counted AS MATERIALIZED (
    SELECT w.position FROM spending_progress w WHERE w.tenant_id = $1 AND w.walked_id IS NULL
)"""
"""Up to where of the log all is counted; nothing while the first counting is on its way."""
SINCE: Final = f"""
SELECT happened.purchase_id FROM (
    SELECT DISTINCT {HAPPENED_TO} AS purchase_id FROM (
        SELECT u.event_id FROM unsealed u WHERE u.tenant_id = $1
        UNION ALL
        SELECT s.event_id FROM sealed s
        WHERE s.tenant_id = $1 AND s.position > (SELECT counted.position FROM counted)) AS since
    JOIN {one_row("e", "events", "event_id", "since.event_id")}
    WHERE EXISTS (SELECT FROM counted)) AS happened
WHERE happened.purchase_id IS NOT NULL"""
"""The purchases of which something happened since: of what waits for its seal, or got one."""
# All purchases are late while the first counting is on its way. One more than the most says that there are more: then
# none is looked at, as there is nothing to show.
_IS_FEW: Final = f"(SELECT count(*) <= {MOST_LATE} FROM found)"
_LATE: Final = f"""
counted AS MATERIALIZED (
    SELECT w.position FROM spending_progress w LEFT JOIN chains c ON c.tenant_id = $1
    WHERE w.tenant_id = $1 AND w.walked_id IS NULL AND coalesce(c.position - w.position, 0) <= {MOST_HAPPENED}
),
found AS MATERIALIZED (
    {SINCE}
    UNION ALL
    SELECT p.purchase_id FROM purchases p WHERE p.tenant_id = $1 AND NOT EXISTS (SELECT FROM counted)
    LIMIT {MOST_LATE + 1}
),
late AS MATERIALIZED (SELECT found.purchase_id FROM found WHERE {_IS_FEW})"""
_SEEN_OF: Final = f"""seen AS MATERIALIZED (
    SELECT DISTINCT theirs.id AS purchase_id FROM ({{rows}}) AS theirs WHERE {_IS_FEW}
)"""
_OF_LATE: Final = f"""
(SELECT json_agg(x) FROM (
    SELECT {COST} FROM late JOIN {one_row("p", "purchases", "purchase_id", "late.purchase_id")} {OF_PURCHASE}
    {{seen}}) AS x) AS late,
(SELECT count(*) FROM found) AS late_count"""
FACETS: Final = """
CROSS JOIN LATERAL (VALUES
    ('Month', (extract(year FROM l.month) * 100 + extract(month FROM l.month))::int), ('Nature', l.nature_id),
    ('CostCenter', l.cost_center_id), ('Supplier', coalesce(l.supplier_id, 0))) AS f (facet, of_id)"""
"""By what a line of the alias l is summed up, and under which one of each."""
_LINES_OF: Final = """LATERAL (
        SELECT * FROM spending_lines WHERE tenant_id = $1 AND purchase_id = {purchase} OFFSET 0) AS l"""
_ALL_SUMS: Final = f"""
WITH {_LATE},
sums AS (
    SELECT s.facet, s.of_id, s.currency, s.state, sum(s.minor) AS minor FROM spending_sums s
    WHERE s.tenant_id = $1 AND s.month >= $2 AND s.month < $3 GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT f.facet, f.of_id, l.currency, l.state, -l.minor
    FROM late CROSS JOIN {_LINES_OF.format(purchase="late.purchase_id")} {FACETS}
    WHERE l.month >= $2 AND l.month < $3
)
SELECT (SELECT json_agg(json_build_array(facet, of_id, currency, state, minor)) FROM sums) AS sums,
{_OF_LATE.format(seen="")}
"""
_SEEN_SUMS: Final = f"""
WITH {_LATE}, {{seen}},
sums AS (
    SELECT f.facet, f.of_id, l.currency, l.state, sum(l.minor) AS minor
    FROM seen CROSS JOIN {_LINES_OF.format(purchase="seen.purchase_id")} {FACETS}
    WHERE l.month >= $2 AND l.month < $3 AND {_IS_FEW}
      AND NOT EXISTS (SELECT FROM late WHERE late.purchase_id = l.purchase_id)
    GROUP BY 1, 2, 3, 4
)
SELECT (SELECT json_agg(json_build_array(facet, of_id, currency, state, minor)) FROM sums) AS sums,
{_OF_LATE.format(seen="JOIN seen ON seen.purchase_id = p.purchase_id")}
"""
# Lines of one month that differ in nothing else are summed up before they are summed up by each facet.
_MUCH_SEEN_SUMS: Final = f"""
WITH {_LATE}, {{seen}},
line AS MATERIALIZED (
    SELECT l.* FROM spending_lines l WHERE l.tenant_id = $1 AND l.month >= $2 AND l.month < $3 AND {_IS_FEW}
),
alike AS MATERIALIZED (
    SELECT l.month, l.nature_id, l.cost_center_id, l.supplier_id, l.currency, l.state, sum(l.minor) AS minor
    FROM line l JOIN seen ON seen.purchase_id = l.purchase_id
    WHERE NOT EXISTS (SELECT FROM late WHERE late.purchase_id = l.purchase_id)
    GROUP BY 1, 2, 3, 4, 5, 6
),
sums AS (
    SELECT f.facet, f.of_id, l.currency, l.state, sum(l.minor) AS minor FROM alike l {FACETS} GROUP BY 1, 2, 3, 4
)
SELECT (SELECT json_agg(json_build_array(facet, of_id, currency, state, minor)) FROM sums) AS sums,
{_OF_LATE.format(seen="JOIN seen ON seen.purchase_id = p.purchase_id")}
"""
_LINES: Final = f"""
WITH {_LATE}{{seen}},
line AS (
    SELECT l.* FROM spending_lines l {{of_seen}}
    WHERE l.tenant_id = $1 AND l.month >= $2 AND l.month < $3 AND l.currency = $4 AND l.state = ANY ($5::text[])
      AND ($6::int IS NULL OR l.nature_id = $6) AND ($7::int IS NULL OR l.cost_center_id = $7)
      AND ($8::int IS NULL OR coalesce(l.supplier_id, 0) = $8)
      AND {_IS_FEW} AND NOT EXISTS (SELECT FROM late WHERE late.purchase_id = l.purchase_id)
)
SELECT (SELECT json_agg(x) FROM (
        SELECT * FROM line WHERE (line.month, line.purchase_id) {{than}} ($9::date, $10::int)
        ORDER BY line.month {{order}}, line.purchase_id {{order}} LIMIT $11) AS x) AS lines,
    (SELECT json_build_array(count(*), coalesce(sum(line.minor), 0)) FROM line) AS whole,
    {_OF_LATE.format(seen="{late_seen}")}
"""
_NAMED: Final = """
SELECT 'Nature' AS facet, n.nature_id AS id, n.name FROM natures n
WHERE n.tenant_id = $1 AND n.nature_id = ANY ($2::int[])
UNION ALL
SELECT 'CostCenter', c.cost_center_id, c.name FROM cost_centers c
WHERE c.tenant_id = $1 AND c.cost_center_id = ANY ($3::int[])
UNION ALL
SELECT 'Supplier', s.supplier_id, s.name FROM suppliers s WHERE s.tenant_id = $1 AND s.supplier_id = ANY ($4::int[])
"""
_TITLED: Final = """
SELECT p.purchase_id, p.title, u.first_name, u.last_name, coalesce(s.name, p.supplier_name) AS supplier,
    n.name AS nature, c.name AS cost_center
FROM purchases p JOIN users u ON u.tenant_id = $1 AND u.user_id = p.owner_id
JOIN natures n ON n.tenant_id = $1 AND n.nature_id = p.nature_id
JOIN cost_centers c ON c.tenant_id = $1 AND c.cost_center_id = p.cost_center_id
LEFT JOIN suppliers s ON s.tenant_id = $1 AND s.supplier_id = p.supplier_id
WHERE p.tenant_id = $1 AND p.purchase_id = ANY ($2::int[])
"""

Place = tuple[date, int]
"""Behind which line a page of them begins: its month, and its purchase."""

_decode_sums = msgspec.json.Decoder(list[tuple[Facet, int, str, SpendingStage, int]]).decode
_decode_lines = msgspec.json.Decoder(list[Line]).decode
_decode_whole = msgspec.json.Decoder(tuple[int, int]).decode


@dataclass(frozen=True, slots=True)
class Sums:
    """What is spent, by each facet; ``late`` counts the purchases that were not counted yet, and were added.

    More than MOST_LATE of them are not added.
    """

    by: Mapping[Sum, int]
    late: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Some of the lines that make up a sum, in their order; how many there are of them, and what they come to."""

    items: tuple[Line, ...]
    next: Place | None
    prev: Place | None
    count: int
    minor: int
    late: int


@dataclass(frozen=True, slots=True)
class Titled:
    """What a purchase is about, in words."""

    title: str
    owner: str
    supplier: str
    nature: str
    cost_center: str


async def sums(db: Session, tenant: int, visible: Visible | None, months: Months) -> Sums:
    """Sum up what may be seen of what is spent in some months."""
    span = (months.first, months.end)
    if visible is None:
        (row,) = await db.fetch(_ALL_SUMS, tenant, *span)
    else:
        few = await sees_few(db, tenant, visible)
        statement = (_SEEN_SUMS if few else _MUCH_SEEN_SUMS).format(seen=_seen(4, few=few))
        (row,) = await db.fetch(statement, tenant, *span, *_arguments(visible))
    found: Counter[Sum] = Counter()
    for facet, of, currency, state, minor in _decode_sums(row["sums"] or "[]"):
        found[Sum(facet, of, currency, state)] += minor
    found.update(summed(line for line in _late(row) if months.first <= line.month < months.end))
    return Sums({sum_: minor for sum_, minor in found.items() if minor}, row["late_count"])


async def lines(db: Session, tenant: int, visible: Visible | None, wanted: Wanted, piece: Slice) -> Lines:
    """List the lines that make up a sum, of what may be seen, by month and purchase."""
    is_back = piece.before is not None
    place: Place = piece.before or piece.after or (date.min, 0)
    arguments: list[Any] = [
        tenant,
        wanted.months.first,
        wanted.months.end,
        wanted.currency,
        sorted(wanted.states),
        wanted.nature_id,
        wanted.cost_center_id,
        wanted.supplier_id,
        *place,
        piece.offset + piece.limit + 1,
    ]
    way = {"than": "<", "order": "DESC"} if is_back else {"than": ">", "order": "ASC"}
    if visible is None:
        statement = _LINES.format(seen="", of_seen="", late_seen="", **way)
    else:
        arguments += _arguments(visible)
        statement = _LINES.format(
            seen=f",\n{_seen(12, few=await sees_few(db, tenant, visible))}",
            of_seen="JOIN seen ON seen.purchase_id = l.purchase_id",
            late_seen="JOIN seen ON seen.purchase_id = p.purchase_id",
            **way,
        )
    (row,) = await db.fetch(statement, *arguments)
    count, minor = _decode_whole(row["whole"])
    late = [line for line in _late(row) if wanted.meets(line)]
    beyond = [line for line in late if (_place(line) < place if is_back else _place(line) > place)]
    found = sorted(_decode_lines(row["lines"] or "[]") + beyond, key=_place, reverse=is_back)[piece.offset :]
    return _page_of(
        found, piece, count=count + len(late), minor=minor + sum(line.minor for line in late), late=row["late_count"]
    )


def _page_of(found: list[Line], piece: Slice, *, count: int, minor: int, late: int) -> Lines:
    """Cut a page out of what was found, which is one line more where there is more in that direction."""
    is_back = piece.before is not None
    items, goes_on = tuple(found[: piece.limit]), len(found) > piece.limit
    if is_back:
        items = items[::-1]
    follows, precedes = (True, goes_on) if is_back else (goes_on, piece.after is not None or piece.offset > 0)
    return Lines(
        items,
        next=_place(items[-1]) if items and follows else None,
        prev=_place(items[0]) if items and precedes else None,
        count=count,
        minor=minor,
        late=late,
    )


async def names(db: Session, tenant: int, ids: Mapping[Facet, Sequence[int]]) -> dict[tuple[Facet, int], str]:
    """Find what natures, cost centers and suppliers are called, by their ids."""
    wanted = [list(ids.get(facet, ())) for facet in (Facet.NATURE, Facet.COST_CENTER, Facet.SUPPLIER)]
    return {(Facet(row["facet"]), row["id"]): row["name"] for row in await db.fetch(_NAMED, tenant, *wanted)}


async def titles(db: Session, tenant: int, purchase_ids: Sequence[int]) -> dict[int, Titled]:
    """Find what purchases are about, in words."""
    return {
        row["purchase_id"]: Titled(
            row["title"],
            f"{row['first_name']} {row['last_name']}".strip(),
            row["supplier"],
            row["nature"],
            row["cost_center"],
        )
        for row in await db.fetch(_TITLED, tenant, list(purchase_ids))
    }


def _seen(first: int, *, few: bool) -> str:
    """Write which purchases may be seen, of few or of many; the arguments of `_arguments` begin with this number."""
    people, asked, centers = f"${first}::int[]", f"ANY (${first + 1}::int[])", f"${first + 2}::int[]"
    if not few:
        return f"seen AS MATERIALIZED ({purchases_of_many(people, asked, centers, _IS_FEW)})"
    rows = PURCHASES.rows(people, asked, centers, where="p.tenant_id = $1", order="ASC", most="ALL")
    return _SEEN_OF.format(rows=rows)


def _arguments(visible: Visible) -> list[list[int]]:
    return [sorted(visible.people), sorted(visible.asked), sorted(visible.cost_centers)]


def _late(row: asyncpg.Record) -> list[Line]:
    return [line for cost in read_costs(row["late"]) for line in lines_of(cost)]


def _place(line: Line) -> Place:
    return line.month, line.purchase_id
