"""Counting what is spent: a job follows the log, and brings lines and sums up to what purchases are.

Of a company only one counts at a time: whoever locks its progress. A purchase is read after its event was sealed, so
what is counted of it is at least as new; what happened since has an event that is still ahead.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Final

import asyncpg
import msgspec

from emplette.domain.spending import Cost, Line, SpendingState, lines_of, places_of
from emplette.storage.database import Session, Together

_BEHIND: Final = """
SELECT t.tenant_id FROM tenants t
LEFT JOIN spending_progress w ON w.tenant_id = t.tenant_id
LEFT JOIN chains c ON c.tenant_id = t.tenant_id
WHERE w.tenant_id IS NULL OR w.walked_id IS NOT NULL OR c.position > w.position
ORDER BY t.tenant_id
"""
_BEGIN: Final = """
INSERT INTO spending_progress (tenant_id, position, walked_id)
SELECT $1, coalesce((SELECT c.position FROM chains c WHERE c.tenant_id = $1), 0), 0
ON CONFLICT DO NOTHING
"""
_LOCK: Final = "SELECT position, walked_id FROM spending_progress WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED"
_WALK: Final = """
SELECT p.purchase_id FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id > $2 ORDER BY p.purchase_id LIMIT $3
"""
_NEXT: Final = """
SELECT max(s.position) AS position, array_agg(DISTINCT e.purchase_id) FILTER (WHERE e.purchase_id IS NOT NULL) AS ids
FROM (SELECT position, event_id FROM sealed WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3) s
JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
"""
COST: Final = """
    p.purchase_id, p.state AS purchase_state, c.state AS commitment_state, p.nature_id, p.cost_center_id,
    p.supplier_id, c.counter_currency AS currency, c.counter_excluding_minor AS minor,
    coalesce(c.cost_date, c.start_date) AS starts_on, c.frequency_value, c.frequency_unit, c.periods_count"""
"""What a purchase costs, from the aliases p and c of it and its commitment, as `cost_of` reads it."""
OF_PURCHASE: Final = "JOIN commitments c ON c.tenant_id = $1 AND c.commitment_id = p.commitment_id"
_COSTS: Final = f"""
SELECT {COST} FROM unnest($2::int[]) AS w (id)
JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = w.id {OF_PURCHASE}
"""
_COUNTED: Final = "SELECT l.* FROM spending_lines l WHERE l.tenant_id = $1 AND l.purchase_id = ANY ($2::int[])"
_DROP: Final = """
DELETE FROM spending_lines l USING unnest($2::int[], $3::date[]) AS w (purchase_id, month)
WHERE l.tenant_id = $1 AND l.purchase_id = w.purchase_id AND l.month = w.month
"""
_KEEP: Final = """
INSERT INTO spending_lines (tenant_id, purchase_id, month, state, currency, nature_id, cost_center_id, supplier_id,
                            minor)
SELECT $1, w.* FROM unnest($2::int[], $3::date[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::bigint[])
    AS w (purchase_id, month, state, currency, nature_id, cost_center_id, supplier_id, minor)
ON CONFLICT (tenant_id, purchase_id, month) DO UPDATE SET
    state = excluded.state, currency = excluded.currency, nature_id = excluded.nature_id,
    cost_center_id = excluded.cost_center_id, supplier_id = excluded.supplier_id, minor = excluded.minor
"""
_SUM: Final = """
INSERT INTO spending_sums AS s (tenant_id, month, facet, of_id, currency, state, minor)
SELECT $1, w.* FROM unnest($2::date[], $3::text[], $4::int[], $5::text[], $6::text[], $7::numeric[])
    AS w (month, facet, of_id, currency, state, minor)
ON CONFLICT (tenant_id, month, facet, of_id, currency, state) DO UPDATE SET minor = s.minor + excluded.minor
"""
_COME: Final = "UPDATE spending_progress SET position = $2, walked_id = $3 WHERE tenant_id = $1"
_FIELDS: Final = tuple(Line.__dataclass_fields__)
_fields_of = attrgetter(*_FIELDS)
_key = attrgetter("purchase_id", "month")


async def behind(db: Session) -> list[int]:
    """List the companies of which something happened that is not counted yet: of all, for the job that counts."""
    return [row["tenant_id"] for row in await db.fetch(_BEHIND)]


async def count(db: Session, tenant: int, most: int) -> int:
    """Count what happened next, or of a company that was there before, the next purchases; answer how many there were.

    0 while somebody else is counting.
    """
    done = 0

    async def say(together: Together) -> bool:
        nonlocal done
        progress = await together.write(_LOCK, tenant)
        if not progress:
            await together.write(_BEGIN, tenant)
            progress = await together.write(_LOCK, tenant)
        if not progress:
            return False
        position, walked_id = progress[0]
        if walked_id is not None:
            ids = [row["purchase_id"] for row in await together.write(_WALK, tenant, walked_id, most)]
            walked_id = ids[-1] if len(ids) == most else None
        else:
            (following,) = await together.write(_NEXT, tenant, position, most)
            position, ids = following["position"] or position, following["ids"] or []
        await _bring_up(together, tenant, ids)
        await together.write(_COME, tenant, position, walked_id)
        done = max(len(ids), position - progress[0]["position"])
        return True

    await db.together(say)
    return done


async def _bring_up(together: Together, tenant: int, ids: Sequence[int]) -> None:
    """Bring the lines of purchases, and with them the sums, up to what the purchases are now."""
    if not ids:
        return
    now = {line for row in await together.write(_COSTS, tenant, ids) for line in lines_of(cost_of(row))}
    before = {line_of(row) for row in await together.write(_COUNTED, tenant, ids)}
    new, old = now - before, before - now
    gone = sorted({_key(line) for line in old} - {_key(line) for line in new})
    if gone:
        await together.write(_DROP, tenant, *_columns(gone))
    if new:
        await together.write(_KEEP, tenant, *_columns([_fields_of(line) for line in new]))
    changes = _by_month(new)
    changes.subtract(_by_month(old))
    rows = sorted((*key, minor) for key, minor in changes.items() if minor)
    if rows:
        await together.write(_SUM, tenant, *_columns(rows))


def cost_of(row: asyncpg.Record) -> Cost:
    """Read what a purchase costs from a row of `COST`."""
    return msgspec.convert(dict(row), Cost)


def line_of(row: asyncpg.Record) -> Line:
    """Read a line as it was counted."""
    return Line(*(SpendingState(row[name]) if name == "state" else row[name] for name in _FIELDS))


def _by_month(lines: Iterable[Line]) -> "Counter[tuple[date, str, int, str, str]]":
    """Sum lines up by month and, in each, by every facet."""
    sums: Counter[tuple[date, str, int, str, str]] = Counter()
    for line in lines:
        for facet, of in places_of(line).items():
            sums[line.month, facet, of, line.currency, line.state] += line.minor
    return sums


def _columns(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
