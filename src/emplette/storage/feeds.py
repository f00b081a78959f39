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

_READ: Final = """
SELECT s.position, s.epoch, s.hash, e.event_id, e.at, e.type, e.object_type, e.object_id, e.purchase_id, e.version,
       e.actor_id, e.api_key_id, e.call_id, e.facts::text AS facts, e.texts_hash
FROM sealed s JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE s.tenant_id = $1 AND s.position > $2 AND s.position <= $3
  AND ($4::text[] = '{}' OR e.type = ANY ($4))
  AND ($5::text[] = '{}' OR e.object_type = ANY ($5))
  AND ($6::int[] = '{}' OR e.object_id = ANY ($6))
ORDER BY s.position LIMIT $7
"""

_READ_BACK: Final = """
SELECT s.position, s.epoch, s.hash, e.event_id, e.at, e.type, e.object_type, e.object_id, e.purchase_id, e.version,
       e.actor_id, e.api_key_id, e.call_id, e.facts::text AS facts, e.texts_hash
FROM sealed s JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE s.tenant_id = $1 AND s.position > $2 AND s.position <= $3
  AND ($4::text[] = '{}' OR e.type = ANY ($4))
  AND ($5::text[] = '{}' OR e.object_type = ANY ($5))
  AND ($6::int[] = '{}' OR e.object_id = ANY ($6))
  AND ($7::int[] = '{}' OR e.actor_id = ANY ($7))
ORDER BY s.position DESC LIMIT $8
"""

# What was decided about its subscriptions stands in rows of its own, which are never changed.
_OF_PURCHASE: Final = """
SELECT done.at, done.type, u.first_name, u.last_name, u.kind
FROM (
    SELECT e.at, e.type, e.actor_id, e.event_id FROM events e WHERE e.tenant_id = $1 AND e.purchase_id = $2
    UNION ALL
    SELECT a.decided_at, 'subscription.' || a.kind, a.decided_by, 0
    FROM commitments c JOIN subscription_acts a ON a.tenant_id = $1 AND a.commitment_id = c.commitment_id
    WHERE c.tenant_id = $1 AND c.purchase_id = $2
) AS done
JOIN users u ON u.tenant_id = $1 AND u.user_id = done.actor_id
ORDER BY done.at DESC, done.event_id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to a purchase, and when."""

    at: datetime
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
    rows = await db.fetch(_READ_BACK, tenant, after, until, *map(list, wanted), limit)
    return [SealedEvent(*row.values()) for row in rows]


async def of_purchase(db: Session, tenant: int, purchase_id: int, *, most: int) -> list[Deed]:
    """Read what was done to a purchase and all under it, the latest first, by whoever did it as they are called now."""
    rows = await db.fetch(_OF_PURCHASE, tenant, purchase_id, most)
    return [
        Deed(row["at"], row["type"], f"{row['first_name']} {row['last_name']}".strip(), row["kind"] == UserKind.KEY)
        for row in rows
    ]
