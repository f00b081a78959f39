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

from emplette.domain.commitments import CommitmentState
from emplette.domain.purchases import PurchaseState
from emplette.domain.spending import Cost, Line, lines_of, places_of
from emplette.storage.database import Session, Together
from emplette.storage.reading import terms_of
from emplette.storage.rows import ContentColumns
from emplette.storage.single_rows import one_row

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
COST: Final = """
    p.purchase_id, p.state AS purchase_state, c.state AS commitment_state, p.nature_id, p.cost_center_id,
    p.supplier_id, c.type, c.currency, c.excluding_minor, c.counter_currency, c.counter_excluding_minor, c.rate,
    c.rate_date, c.periods_count, c.cost_date, c.invoice_date, c.start_date, c.first_invoice_date, c.frequency_value,
    c.frequency_unit, c.duration_value, c.duration_unit, c.obligation_value, c.obligation_unit, c.notice_value,
    c.notice_unit, c.payment_method, (
        SELECT max(s.decided_on) FROM subscription_acts s
        WHERE s.tenant_id = $1 AND s.commitment_id = c.commitment_id AND s.kind = 'Stop') AS stopped_on"""
"""What a purchase costs, from the aliases p and c of it and its commitment; many of them as JSON are `read_costs`'s."""
OF_PURCHASE: Final = f"JOIN {one_row('c', 'commitments', 'commitment_id', 'p.commitment_id')}"
HAPPENED_TO: Final = """coalesce(e.purchase_id, (
    SELECT c.purchase_id FROM commitments c WHERE e.object_type = 'subscription_act' AND c.tenant_id = $1
      AND c.commitment_id = (e.facts->'subscription_act'->>'commitment_id')::int))"""
"""To which purchase an event of the alias e has happened, if to any: what is decided about a subscription as well."""
_NEXT: Final = f"""
SELECT max(x.position) AS position, array_agg(DISTINCT x.purchase_id) FILTER (WHERE x.purchase_id IS NOT NULL) AS ids
FROM (
    SELECT s.position, {HAPPENED_TO} AS purchase_id
    FROM (SELECT position, event_id FROM sealed WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3) s
    JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id) AS x
"""
_COSTS: Final = f"""
SELECT json_agg(x) AS costs FROM (
    SELECT {COST} FROM unnest($2::int[]) AS w (id)
    JOIN {one_row("p", "purchases", "purchase_id", "w.id")} {OF_PURCHASE}) AS x
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


class _Row(ContentColumns, kw_only=True):
    """What a purchase costs, as a row of `COST` has it."""

    purchase_id: int
    purchase_state: PurchaseState
    commitment_state: CommitmentState
    nature_id: int
    cost_center_id: int
    supplier_id: int | None
    stopped_on: date | None


_decode = msgspec.json.Decoder(list[_Row]).decode


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
    (found,) = await together.write(_COSTS, tenant, ids)
    now = {line for cost in read_costs(found["costs"]) for line in lines_of(cost)}
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


def read_costs(rows: str | None) -> list[Cost]:
    """Read what purchases cost."""
    return [_cost(row) for row in _decode(rows or "[]")]


def line_of(row: asyncpg.Record) -> Line:
    """Read a line as it was counted."""
    return msgspec.convert(dict(row), Line)


def _cost(row: _Row) -> Cost:
    return Cost(
        purchase_id=row.purchase_id,
        purchase_state=row.purchase_state,
        commitment_state=row.commitment_state,
        nature_id=row.nature_id,
        cost_center_id=row.cost_center_id,
        supplier_id=row.supplier_id,
        currency=row.counter_currency,
        minor=row.counter_excluding_minor,
        terms=terms_of(row),
        stopped_on=row.stopped_on,
    )


def _by_month(lines: Iterable[Line]) -> "Counter[tuple[date, str, int, str, str]]":
    """Sum lines up by month and, in each, by every facet."""
    sums: Counter[tuple[date, str, int, str, str]] = Counter()
    for line in lines:
        for facet, of in places_of(line).items():
            sums[line.month, facet, of, line.currency, line.state] += line.minor
    return sums


def _columns(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
