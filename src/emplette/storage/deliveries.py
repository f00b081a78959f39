"""Deliveries: who tells which webhook, what is to be told, and what came of it.

All times are the database's: machines whose clocks differ agree on when a claim has run out. What a turn led to is
written only by who still holds the claim. Nothing is put off for more than a day: what is, was put off by a clock that
has been set back since, and is not believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from emplette.domain.deliveries import Answered, Waiting
from emplette.domain.events import SealedEvent
from emplette.domain.webhooks import PINGED
from emplette.storage.database import Session

# From a moment on, and up to which it is believed.
_NOW: Final = "now() + interval '1 microsecond'"
_FAR: Final = "now() + interval '1 day 1 minute'"
_CLAIM: Final = f"""
WITH busy AS (SELECT * FROM unnest($2::int[], $3::int[]) AS b (tenant_id, turns)),
due AS MATERIALIZED (
    SELECT p.tenant_id, p.webhook_id, p.served_at, p.failing_since IS NOT NULL AS is_failing,
           row_number() OVER (PARTITION BY p.tenant_id ORDER BY p.failing_since IS NOT NULL, p.served_at)
               + coalesce(b.turns, 0) AS place
    FROM webhook_progress p
    JOIN webhooks w ON w.tenant_id = p.tenant_id AND w.webhook_id = p.webhook_id
    JOIN chains c ON c.tenant_id = p.tenant_id
    LEFT JOIN busy b ON b.tenant_id = p.tenant_id
    WHERE w.status = 'active' AND p.suspended_at IS NULL
      AND p.claimed_until NOT BETWEEN {_NOW} AND {_FAR} AND p.rests_until NOT BETWEEN {_NOW} AND {_FAR}
      AND (p.epoch <> c.epoch OR p.retries_at NOT BETWEEN {_NOW} AND {_FAR}
           OR (p.position < c.position AND NOT p.is_full))
),
fair AS MATERIALIZED (
    SELECT due.*, row_number() OVER (PARTITION BY is_failing ORDER BY place, served_at) AS rank
    FROM due WHERE place <= $4
),
chosen AS MATERIALIZED (
    SELECT p.tenant_id, p.webhook_id
    FROM fair JOIN webhook_progress p ON p.tenant_id = fair.tenant_id AND p.webhook_id = fair.webhook_id
    WHERE (NOT fair.is_failing OR fair.rank <= $6) AND p.claimed_until NOT BETWEEN {_NOW} AND {_FAR}
    ORDER BY fair.is_failing, fair.place, fair.served_at LIMIT $5
    FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE webhook_progress p SET claim = $1, claimed_until = now() + $7::interval, served_at = now()
FROM chosen
JOIN webhooks w ON w.tenant_id = chosen.tenant_id AND w.webhook_id = chosen.webhook_id
JOIN tenants t ON t.tenant_id = chosen.tenant_id
WHERE p.tenant_id = chosen.tenant_id AND p.webhook_id = chosen.webhook_id
RETURNING p.tenant_id, t.account, p.webhook_id, w.url, w.topics, w.object_types, p.epoch, p.position,
          greatest(extract(epoch FROM now() - p.failing_since), 0)::float8 AS failing_for
"""
_WAITING: Final = f"""
SELECT position, object_type, object_id, attempts, last_status, last_error, parked_at IS NOT NULL AS is_parked,
       CASE WHEN next_attempt_at BETWEEN {_NOW} AND {_FAR} THEN extract(epoch FROM next_attempt_at - now())
           ELSE 0 END::float8 AS due_in,
       greatest(extract(epoch FROM now() - first_failed_at), 0)::float8 AS failing_for
FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2 ORDER BY position
"""
_EVENTS: Final = """
SELECT s.position, s.epoch, s.hash, e.event_id, e.at, e.type, e.object_type, e.object_id, e.purchase_id, e.version,
       e.actor_id, e.api_key_id, e.call_id, e.facts::text AS facts, e.texts_hash
FROM sealed s JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE s.tenant_id = $1 AND """
_NEW: Final = f"""{_EVENTS} s.position > $3 AND s.position <= $4
  AND (($5::text[] = '{{}}' OR e.type = ANY ($5)) AND ($6::text[] = '{{}}' OR e.object_type = ANY ($6))
       OR (e.type = '{PINGED}' AND e.object_id = $2))
ORDER BY s.position LIMIT $7
"""
_AT: Final = f"{_EVENTS} s.position = ANY ($2::bigint[]) ORDER BY s.position"
_SETTLE: Final = """
WITH held AS MATERIALIZED (
    SELECT FROM webhook_progress WHERE tenant_id = $1 AND webhook_id = $2 AND claim = $3 FOR NO KEY UPDATE
),
told AS (
    DELETE FROM webhook_deliveries d USING held
    WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.position = ANY ($4::bigint[])
),
kept AS (
    INSERT INTO webhook_deliveries AS d (tenant_id, webhook_id, position, object_type, object_id, attempts,
        first_failed_at, next_attempt_at, parked_at, last_status, last_error)
    SELECT $1, $2, r.position, r.about->>0, (r.about->>1)::int, r.attempts,
           now() - make_interval(secs => r.failing_for), now() + make_interval(secs => r.due_in),
           CASE WHEN r.is_parked THEN now() END, r.status, r.error
    FROM held, jsonb_to_recordset($5::jsonb) AS r (position bigint, about jsonb, attempts int, failing_for float8,
        due_in float8, is_parked boolean, status int, error text)
    ON CONFLICT (tenant_id, webhook_id, position) DO UPDATE SET
        attempts = excluded.attempts, first_failed_at = excluded.first_failed_at,
        next_attempt_at = excluded.next_attempt_at, parked_at = excluded.parked_at,
        last_status = excluded.last_status, last_error = excluded.last_error
)
UPDATE webhook_progress p SET
    epoch = (u->>'epoch')::bigint, position = (u->>'position')::bigint, claim = NULL, claimed_until = '-infinity',
    rests_until = CASE WHEN (u->>'rests_for')::float8 > 0
        THEN now() + make_interval(secs => (u->>'rests_for')::float8) ELSE '-infinity' END,
    retries_at = now() + make_interval(secs => (u->>'retries_in')::float8),
    is_full = (u->>'is_full')::boolean,
    failing_since = CASE WHEN (u->>'is_failing')::boolean THEN coalesce(p.failing_since, now()) END,
    suspended_at = CASE WHEN u->>'suspended_because' IS NOT NULL THEN now() END,
    suspended_because = u->>'suspended_because',
    last_delivered_at = CASE WHEN (u->>'delivered')::boolean THEN now() ELSE p.last_delivered_at END,
    last_failed_at = CASE WHEN (u->>'failed')::boolean THEN now() ELSE p.last_failed_at END,
    last_status = CASE WHEN (u->>'failed')::boolean THEN (u->>'status')::int ELSE p.last_status END,
    last_error = CASE WHEN (u->>'failed')::boolean THEN u->>'error' ELSE p.last_error END
FROM held, (SELECT $6::jsonb AS u) AS said
WHERE p.tenant_id = $1 AND p.webhook_id = $2
RETURNING 1
"""
_RELEASE: Final = """
UPDATE webhook_progress SET claim = NULL, claimed_until = '-infinity' WHERE claim = $1
"""
_LIST: Final = """
SELECT d.position, p.epoch, e.type, d.object_type, d.object_id, d.attempts, d.first_failed_at, d.next_attempt_at,
       d.parked_at, d.last_status, d.last_error
FROM webhook_deliveries d
JOIN webhook_progress p ON p.tenant_id = $1 AND p.webhook_id = d.webhook_id
LEFT JOIN sealed s ON s.tenant_id = $1 AND s.position = d.position
LEFT JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.position > $3 ORDER BY d.position LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A webhook that is this one's to tell for a while; ``failing_for`` are seconds since it was last reached."""

    tenant: int
    account: str
    webhook_id: int
    url: str
    topics: Sequence[str]
    object_types: Sequence[str]
    epoch: int
    position: int
    failing_for: float | None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a turn led to; seconds count from now on."""

    epoch: int
    position: int
    told: list[int]
    waiting: list[Waiting]
    delivered: bool = False
    failed: Answered | None = None
    is_failing: bool = False
    is_full: bool = False
    rests_for: float = 0.0
    retries_in: float | None = None
    suspended_because: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that a webhook was not told yet, and why."""

    position: int
    epoch: int
    type: str | None
    object_type: str
    object_id: int
    attempts: int
    first_failed_at: datetime | None
    next_attempt_at: datetime | None
    parked_at: datetime | None
    last_status: int | None
    last_error: str | None


async def claim(
    db: Session, claim: UUID, busy: Mapping[int, int], *, each: int, room: int, failing: int, lease: timedelta
) -> list[Claimed]:
    """Claim webhooks that have something to be told; companies take turns, and those that fail have their own room.

    Args:
        db: the way to the database.
        claim: by which the claims are known.
        busy: how many of each company are being told here already.
        each: the most of one company.
        room: the most in all.
        failing: the most of those that could not be reached.
        lease: so long the claims are good.
    """
    rows = await db.write(_CLAIM, claim, list(busy), list(busy.values()), each, room, failing, lease)
    return [Claimed(*row.values()) for row in rows]


async def waiting(db: Session, tenant: int, webhook_id: int) -> list[Waiting]:
    """Read what waits of a webhook."""
    return [
        Waiting(
            row["position"],
            (row["object_type"], row["object_id"]),
            row["attempts"],
            row["due_in"],
            row["failing_for"],
            is_parked=row["is_parked"],
            status=row["last_status"],
            error=row["last_error"],
        )
        for row in await db.fetch(_WAITING, tenant, webhook_id)
    ]


async def new_events(db: Session, tenant: int, claimed: Claimed, *, until: int, most: int) -> list[SealedEvent]:
    """Read what a webhook wants to hear behind its position; a ping of its own among it."""
    topics, object_types = list(claimed.topics), list(claimed.object_types)
    rows = await db.fetch(_NEW, tenant, claimed.webhook_id, claimed.position, until, topics, object_types, most)
    return [_event(row) for row in rows]


async def events_at(db: Session, tenant: int, positions: Sequence[int]) -> list[SealedEvent]:
    """Read the events at some positions."""
    return [_event(row) for row in await db.fetch(_AT, tenant, list(positions))]


async def settle(db: Session, tenant: int, webhook_id: int, claim: UUID, outcome: Outcome) -> bool:
    """Write what a turn led to, and give the claim back; False when the claim had gone to somebody else."""
    failed = outcome.failed
    said = {
        "epoch": outcome.epoch,
        "position": outcome.position,
        "rests_for": outcome.rests_for,
        "retries_in": outcome.retries_in,
        "is_full": outcome.is_full,
        "is_failing": outcome.is_failing,
        "delivered": outcome.delivered,
        "suspended_because": outcome.suspended_because,
        "failed": failed is not None,
        "status": None if failed is None else failed.status,
        "error": None if failed is None else failed.reason,
    }
    waiting, written = _json(outcome.waiting), _json(said)
    return bool(await db.write(_SETTLE, tenant, webhook_id, claim, outcome.told, waiting, written))


async def release(db: Session, claim: UUID) -> None:
    """Give claims back, so that somebody else can go on at once."""
    await db.write(_RELEASE, claim)


async def list_waiting(db: Session, tenant: int, webhook_id: int, *, after: int, most: int) -> list[Delivery]:
    """List what a webhook was not told yet, behind a position."""
    return [Delivery(*row.values()) for row in await db.fetch(_LIST, tenant, webhook_id, after, most)]


def _event(row: asyncpg.Record) -> SealedEvent:
    return SealedEvent(*row.values())


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
