"""Reading what happened, in the order of its positions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from emplette.domain.events import SealedEvent
from emplette.domain.people import UserKind
from emplette.storage.database import Session

STRIDE: Final = 10_000
"""So many positions are looked at for one page, however few of them a filter lets through."""

_PIECE: Final = """
SELECT s.position, s.epoch, s.hash, e.event_id, e.at, e.type, e.object_type, e.object_id, e.purchase_id, e.version,
       e.actor_id, e.api_key_id, e.call_id, e.facts::text AS facts, e.texts_hash
FROM sealed s JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE s.tenant_id = $1 AND s.position > $2 AND s.position <= $3
  AND ($4::text[] = '{}' OR e.type = ANY ($4))
  AND ($5::text[] = '{}' OR e.object_type = ANY ($5))
  AND ($6::int[] = '{}' OR e.object_id = ANY ($6))"""
_READ: Final = f"{_PIECE} ORDER BY s.position LIMIT $7"
_READ_BACK: Final = f"""{_PIECE}
  AND ($7::int[] = '{{}}' OR e.actor_id = ANY ($7))
  AND ($8::timestamptz IS NULL OR e.at >= $8) AND ($9::timestamptz IS NULL OR e.at < $9)
ORDER BY s.position DESC LIMIT $10
"""

# Halves what is left of the log until one position is. Events are sealed nearly in the order of their moments; those of
# a clock that can be moved are not, so that there is nothing to halve.
_LAST_BEFORE: Final = """
WITH RECURSIVE search AS (
    SELECT 0::bigint AS low, $3::bigint + 1 AS high
    UNION ALL
    SELECT CASE WHEN e.at >= $2 THEN search.low ELSE search.low + (search.high - search.low) / 2 END,
           CASE WHEN e.at >= $2 THEN search.low + (search.high - search.low) / 2 ELSE search.high END
    FROM search
    LEFT JOIN sealed s ON s.tenant_id = $1 AND s.position = search.low + (search.high - search.low) / 2
    LEFT JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
    WHERE search.high - search.low > 1
)
SELECT max(search.low) AS position
FROM tenants t, search WHERE t.tenant_id = $1 AND NOT (t.is_demo OR t.clock_is_movable)
"""

# What was decided about its subscriptions stands in rows of its own, which are never changed.
_OF_PURCHASE: Final = """
SELECT done.at, done.event_id, done.type, u.first_name, u.last_name, u.kind
FROM (
    SELECT e.at, e.type, e.actor_id, e.event_id FROM events e WHERE e.tenant_id = $1 AND e.purchase_id = $2
    UNION ALL
    SELECT a.decided_at, 'subscription.' || a.kind, a.decided_by, 0
    FROM commitments c JOIN subscription_acts a ON a.tenant_id = $1 AND a.commitment_id = c.commitment_id
    WHERE c.tenant_id = $1 AND c.purchase_id = $2
) AS done
JOIN users u ON u.tenant_id = $1 AND u.user_id = done.actor_id
WHERE (done.at, done.event_id) < ($3::timestamptz, $4::bigint)
ORDER BY done.at DESC, done.event_id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to a purchase, and when; ``event_id`` tells apart what happened at the same moment."""

    at: datetime
    event_id: int
    type: str
    name: str
    by_key: bool


@dataclass(frozen=True, slots=True)
class EventFilters:
    """Which events to read; an empty filter lets everything through."""

    types: Sequence[str] = field(default_factory=list)
    object_types: Sequence[str] = field(default_factory=list)
    object_ids: Sequence[int] = field(default_factory=list)
    actor_ids: Sequence[int] = field(default_factory=list)
    """By whom; read backwards only."""
    since: datetime | None = None
    before: datetime | None = None
    """From which moment on, and up to which; read backwards only."""


async def read(
    db: Session, tenant: int, filters: EventFilters, *, after: int, until: int, limit: int
) -> list[SealedEvent]:
    """Read the events behind one position and not behind another, in their order."""
    wanted = (list(filters.types), list(filters.object_types), list(filters.object_ids))
    return [SealedEvent(*row.values()) for row in await db.fetch(_READ, tenant, after, until, *wanted, limit)]


async def read_back(
    db: Session, tenant: int, filters: EventFilters, *, after: int, until: int, limit: int
) -> list[SealedEvent]:
    """Read the events behind one position and not behind another, the latest first."""
    wanted = (filters.types, filters.object_types, filters.object_ids, filters.actor_ids)
    span = (filters.since, filters.before)
    rows = await db.fetch(_READ_BACK, tenant, after, until, *map(list, wanted), *span, limit)
    return [SealedEvent(*row.values()) for row in rows]


async def last_before(db: Session, tenant: int, moment: datetime, *, head: int) -> int | None:
    """Find the last position, up to the head, of what happened before a moment; None where clocks can be moved."""
    row = await db.fetchrow(_LAST_BEFORE, tenant, moment, head)
    position: int | None = None if row is None else row["position"]
    return position


async def of_purchase(
    db: Session, tenant: int, purchase_id: int, *, before: tuple[datetime, int], most: int
) -> list[Deed]:
    """Read what was done to a purchase and all under it, the latest first, by whoever did it as they are called now.

    Args:
        db: where to read.
        tenant: whose purchase it is.
        purchase_id: the purchase.
        before: moment and event behind which nothing is read.
        most: how much is read.
    """
    rows = await db.fetch(_OF_PURCHASE, tenant, purchase_id, *before, most)
    return [
        Deed(
            at=row["at"],
            event_id=row["event_id"],
            type=row["type"],
            name=f"{row['first_name']} {row['last_name']}".strip(),
            by_key=row["kind"] == UserKind.KEY,
        )
        for row in rows
    ]
