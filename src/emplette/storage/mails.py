"""Mails: who is to get one for what happened, what is to be sent, and what came of it.

The log is where mails begin: what stands in it has happened. Times of sending are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from emplette.domain.mails import KINDS, TELLS_OF, MailKind, MailMode, MailState, MailWish
from emplette.domain.people import Tenant, User
from emplette.storage.database import Session
from emplette.storage.mail_wishes import wish_from
from emplette.storage.people import tenant_of

STRIDE: Final = 10_000
"""So many positions of a log are looked at in one go."""

_BEHIND: Final = """
SELECT t.*, coalesce(p.position, 0) AS after, least(c.position, coalesce(p.position, 0) + $1) AS until
FROM chains c JOIN tenants t ON t.tenant_id = c.tenant_id
LEFT JOIN mail_progress p ON p.tenant_id = c.tenant_id
WHERE c.position > coalesce(p.position, 0) ORDER BY c.tenant_id LIMIT $2
"""
# Those who are asked now and were not written to about this content in this step, with the deputies of those who are
# away; whoever asked, and whose purchase it is, but not who decided it themselves; whose subscription ends soon; and
# who is mentioned, if not by themselves.
_RECIPIENTS: Final = """
WITH happened AS MATERIALIZED (
    SELECT e.event_id, e.type, e.object_type, e.object_id, e.purchase_id, e.actor_id, k.kind
    FROM sealed s
    JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
    JOIN unnest($4::text[], $5::text[]) AS k (type, kind) ON k.type = e.type
    WHERE s.tenant_id = $1 AND s.position > $2 AND s.position <= $3 AND e.at > now() - $6::interval
),
asked AS (
    SELECT DISTINCT ON (r.request_id, a.user_id, h.kind) h.event_id, h.kind, a.user_id, r.purchase_id, r.request_id,
           r.step, r.content_hash
    FROM happened h
    JOIN requests r ON r.tenant_id = $1 AND r.request_id = h.object_id AND r.state = 'Pending'
    JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = r.request_id AND a.step = r.step
    WHERE h.object_type = 'request' AND h.kind IN ('asked', 'reminded')
      AND NOT EXISTS (
          SELECT FROM request_decisions d
          WHERE d.tenant_id = $1 AND d.request_id = r.request_id AND d.step = r.step
            AND d.content_hash = r.content_hash AND d.user_id = a.user_id)
      AND (h.kind = 'reminded' OR NOT EXISTS (
          SELECT FROM mails m
          WHERE m.tenant_id = $1 AND m.request_id = r.request_id AND m.user_id = a.user_id AND m.kind = 'asked'
            AND m.step = r.step AND m.content_hash = r.content_hash))
    ORDER BY r.request_id, a.user_id, h.kind, h.event_id
),
deputies AS (
    SELECT DISTINCT ON (k.request_id, away.deputy_id, k.kind) k.event_id, k.kind, away.deputy_id AS user_id,
           k.purchase_id, k.request_id, k.step, k.content_hash
    FROM asked k
    JOIN tenants t ON t.tenant_id = $1
    JOIN absences away ON away.tenant_id = $1 AND away.user_id = k.user_id AND away.ended_at IS NULL
        AND ((now() + make_interval(secs => t.clock_ahead_seconds)) AT TIME ZONE t.time_zone)::date
            BETWEEN away.starts_on AND away.ends_on
    WHERE NOT EXISTS (
        SELECT FROM asked o
        WHERE o.request_id = k.request_id AND o.user_id = away.deputy_id AND o.event_id = k.event_id)
    ORDER BY k.request_id, away.deputy_id, k.kind, k.event_id
),
decided AS (
    SELECT DISTINCT h.event_id, h.kind, coalesce(u.person_id, u.user_id) AS user_id, r.purchase_id, r.request_id,
           r.step, r.content_hash
    FROM happened h
    JOIN requests r ON r.tenant_id = $1 AND r.request_id = h.object_id
    JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = r.purchase_id
    JOIN users u ON u.tenant_id = $1 AND u.user_id IN (p.owner_id, r.author_id)
    JOIN users actor ON actor.tenant_id = $1 AND actor.user_id = h.actor_id
    WHERE h.object_type = 'request' AND h.kind = 'decided'
      AND coalesce(u.person_id, u.user_id) <> coalesce(actor.person_id, actor.user_id)
),
ending AS (
    SELECT DISTINCT ON (p.purchase_id) h.event_id, h.kind, p.owner_id AS user_id, p.purchase_id, c.request_id,
           NULL::int AS step, r.content_hash
    FROM happened h
    JOIN commitments c ON c.tenant_id = $1 AND c.commitment_id = h.object_id
    JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = c.purchase_id
    LEFT JOIN requests r ON r.tenant_id = $1 AND r.request_id = c.request_id
    WHERE h.object_type = 'subscription' AND h.kind = 'ending' ORDER BY p.purchase_id, h.event_id
),
mentioned AS (
    SELECT h.event_id, h.kind, m.user_id, c.purchase_id, NULL::int AS request_id, NULL::int AS step,
           NULL::text AS content_hash
    FROM happened h
    JOIN comments c ON c.tenant_id = $1 AND c.comment_id = h.object_id
    JOIN users author ON author.tenant_id = $1 AND author.user_id = c.author_id
    CROSS JOIN LATERAL unnest(c.mentioned_ids) AS m (user_id)
    WHERE h.object_type = 'comment' AND h.kind = 'mentioned'
      AND m.user_id <> coalesce(author.person_id, author.user_id)
)
SELECT found.*, w.mode, w.language, w.quiet_from, w.quiet_until, look.language AS of_pages
FROM (SELECT * FROM asked UNION ALL SELECT * FROM deputies UNION ALL SELECT * FROM decided
      UNION ALL SELECT * FROM ending UNION ALL SELECT * FROM mentioned) AS found
JOIN users u ON u.tenant_id = $1 AND u.user_id = found.user_id AND u.kind = 'Person' AND u.email IS NOT NULL
LEFT JOIN mail_wishes w ON w.tenant_id = $1 AND w.user_id = found.user_id
LEFT JOIN appearances look ON look.tenant_id = $1 AND look.user_id = found.user_id
WHERE w.mode IS DISTINCT FROM 'None' AND (u.left_on IS NULL OR u.left_on > now()::date)
"""
# Of several that look at the same piece of the log, one moves on, and its mails are those that count.
_ENQUEUE: Final = """
WITH moved AS (
    INSERT INTO mail_progress AS p (tenant_id, position) VALUES ($1, $3)
    ON CONFLICT (tenant_id) DO UPDATE SET position = excluded.position WHERE p.position = $2
    RETURNING position
)
INSERT INTO mails (tenant_id, event_id, user_id, kind, purchase_id, request_id, step, content_hash, in_digest, due_at)
SELECT $1, j.event_id, j.user_id, j.kind, j.purchase_id, j.request_id, j.step, j.content_hash, j.in_digest, j.due_at
FROM moved, jsonb_to_recordset($4::jsonb) AS j (event_id bigint, user_id int, kind text, purchase_id int,
    request_id int, step int, content_hash text, in_digest boolean, due_at timestamptz)
ON CONFLICT (tenant_id, event_id, user_id) DO NOTHING
RETURNING 1
"""
_CLAIM: Final = """
WITH chosen AS MATERIALIZED (
    SELECT tenant_id, event_id, user_id FROM mails
    WHERE state = 'Waiting' AND due_at <= now() AND claimed_until <= now()
    ORDER BY due_at, tenant_id, user_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE mails m SET claim = $1, claimed_until = now() + $3::interval
    FROM chosen c
    WHERE m.tenant_id = c.tenant_id AND m.event_id = c.event_id AND m.user_id = c.user_id
    RETURNING m.*
)
SELECT t.*, m.event_id, m.kind, m.purchase_id, m.request_id, m.content_hash, m.in_digest, m.attempts,
       e.type, e.object_id,
       extract(epoch FROM now() - m.first_failed_at)::float8 AS failing_for,
       (SELECT h.host FROM tenant_hosts h WHERE h.tenant_id = m.tenant_id ORDER BY h.position LIMIT 1) AS host,
       u.user_id, u.first_name, u.last_name, u.left_on, u.email, w.mode, w.language, w.quiet_from, w.quiet_until,
       look.language AS of_pages,
       EXISTS (SELECT FROM second_factors f WHERE f.tenant_id = m.tenant_id AND f.user_id = m.user_id
               AND f.confirmed_at IS NOT NULL) AS has_factor
FROM claimed m
JOIN tenants t ON t.tenant_id = m.tenant_id
JOIN events e ON e.tenant_id = m.tenant_id AND e.event_id = m.event_id
JOIN users u ON u.tenant_id = m.tenant_id AND u.user_id = m.user_id
LEFT JOIN mail_wishes w ON w.tenant_id = m.tenant_id AND w.user_id = m.user_id
LEFT JOIN appearances look ON look.tenant_id = m.tenant_id AND look.user_id = m.user_id
ORDER BY m.tenant_id, m.user_id, m.event_id
"""
_SETTLE: Final = """
UPDATE mails SET
    state = $5, claim = NULL, claimed_until = '-infinity',
    attempts = attempts + CASE WHEN $5 = 'Dropped' THEN 0 ELSE 1 END,
    ended_at = CASE WHEN $5 <> 'Waiting' THEN now() END,
    last_error = $6,
    first_failed_at = CASE WHEN $6::text IS NOT NULL THEN coalesce(first_failed_at, now()) ELSE first_failed_at END,
    due_at = CASE WHEN $5 = 'Waiting' THEN now() + $7::interval ELSE due_at END
WHERE tenant_id = $1 AND user_id = $2 AND event_id = ANY ($3::bigint[]) AND claim = $4
RETURNING 1
"""
_POSTPONE: Final = """
UPDATE mails SET claim = NULL, claimed_until = '-infinity', due_at = $5
WHERE tenant_id = $1 AND user_id = $2 AND event_id = ANY ($3::bigint[]) AND claim = $4
RETURNING 1
"""
_RELEASE: Final = "UPDATE mails SET claim = NULL, claimed_until = '-infinity' WHERE claim = $1 RETURNING 1"
_LIST: Final = """
SELECT m.event_id, m.kind, m.user_id, u.first_name, u.last_name, m.purchase_id, m.request_id, m.state, m.made_at,
       m.due_at, m.attempts, m.last_error, m.ended_at
FROM mails m JOIN users u ON u.tenant_id = $1 AND u.user_id = m.user_id
WHERE m.tenant_id = $1 AND m.state = ANY ($2::text[]) ORDER BY m.event_id DESC, m.user_id LIMIT $3
"""
_RETRY: Final = """
UPDATE mails SET state = 'Waiting', ended_at = NULL, due_at = now(), first_failed_at = NULL
WHERE tenant_id = $1 AND (state = 'Parked' OR (state = 'Waiting' AND attempts > 0))
  AND ($2::bigint IS NULL OR event_id = $2)
RETURNING 1
"""
_SWEEP: Final = "DELETE FROM mails WHERE state IN ('Sent', 'Dropped') AND ended_at < now() - $1::interval RETURNING 1"


@dataclass(frozen=True, slots=True)
class Behind:
    """A company whose log holds more than mails were made of: after which position, up to which one to look."""

    tenant: Tenant
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to be told of an event; ``step`` is the one that asks them, if one does."""

    event_id: int
    kind: MailKind
    user_id: int
    purchase_id: int
    request_id: int | None
    step: int | None
    content_hash: str | None
    wish: MailWish


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is this one's to send for a while; ``failing_for`` are seconds since it first failed.

    ``object_id`` is what its event is about.
    """

    tenant: Tenant
    host: str | None
    event_id: int
    event_type: str
    object_id: int
    kind: MailKind
    person: User
    email: str | None
    purchase_id: int
    request_id: int | None
    content_hash: str | None
    in_digest: bool
    attempts: int
    failing_for: float | None
    wish: MailWish
    has_factor: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as it is shown: to whom, why, and what became of it."""

    event_id: int
    kind: str
    user_id: int
    name: str
    purchase_id: int
    request_id: int | None
    state: MailState
    made_at: datetime
    due_at: datetime
    attempts: int
    last_error: str | None
    ended_at: datetime | None


async def behind(db: Session, *, most: int) -> list[Behind]:
    """Find companies in whose log something happened since mails were last made."""
    rows = await db.fetch(_BEHIND, STRIDE, most)
    return [Behind(tenant_of(row), row["after"], row["until"]) for row in rows]


async def recipients(db: Session, tenant: int, country: str, *, after: int, until: int) -> list[Recipient]:
    """Find who is to be told of what happened between two positions; the country says who has no language."""
    kinds = [str(kind) for kind in KINDS.values()]
    rows = await db.fetch(_RECIPIENTS, tenant, after, until, list(KINDS), kinds, TELLS_OF)
    return [
        Recipient(
            row["event_id"],
            MailKind(row["kind"]),
            row["user_id"],
            row["purchase_id"],
            row["request_id"],
            row["step"],
            row["content_hash"],
            wish_from(row, country),
        )
        for row in rows
    ]


async def enqueue(
    db: Session, tenant: int, found: Sequence[tuple[Recipient, datetime]], *, after: int, until: int
) -> int:
    """Write down what is to be sent, and when, and that the log was looked at until there; answer how many are new.

    None are when somebody else has looked at the same piece.
    """
    rows = [
        {
            "event_id": one.event_id,
            "user_id": one.user_id,
            "kind": one.kind,
            "purchase_id": one.purchase_id,
            "request_id": one.request_id,
            "step": one.step,
            "content_hash": one.content_hash,
            "in_digest": one.wish.mode is MailMode.DIGEST,
            "due_at": due_at,
        }
        for one, due_at in found
    ]
    return len(await db.write(_ENQUEUE, tenant, after, until, msgspec.json.encode(rows).decode()))


async def claim(db: Session, claim: UUID, *, most: int, lease: timedelta) -> list[Mail]:
    """Claim mails that are to be sent now, by person and in the order in which things happened."""
    return [_mail(row) for row in await db.write(_CLAIM, claim, most, lease)]


async def settle(
    db: Session,
    tenant: int,
    mails: Sequence[Mail],
    claim: UUID,
    state: MailState,
    *,
    error: str | None = None,
    again_in: timedelta = timedelta(0),
) -> bool:
    """Write what became of one person's mails, and give the claim back; False when the claim had gone to another."""
    events = [mail.event_id for mail in mails]
    return bool(await db.write(_SETTLE, tenant, mails[0].person.id, events, claim, state, error, again_in))


async def postpone(db: Session, tenant: int, mails: Sequence[Mail], claim: UUID, *, until: datetime) -> bool:
    """Let one person's mails wait until a moment, as if nobody had looked at them; False when the claim had gone."""
    events = [mail.event_id for mail in mails]
    return bool(await db.write(_POSTPONE, tenant, mails[0].person.id, events, claim, until))


async def release(db: Session, claim: UUID) -> None:
    """Give claims back, so that somebody else can go on at once."""
    await db.write(_RELEASE, claim)


async def list_mails(db: Session, tenant: int, states: Sequence[MailState], *, most: int) -> list[Listed]:
    """List mails in some states, the newest first."""
    return [_listed(row) for row in await db.fetch(_LIST, tenant, list(states), most)]


async def retry(db: Session, tenant: int, event_id: int | None = None) -> int:
    """Have what failed or was parked sent now, all of it or what an event led to; answer how many mails that are."""
    return len(await db.write(_RETRY, tenant, event_id))


async def sweep(db: Session, *, older_than: timedelta) -> int:
    """Forget mails that were sent long ago; answer how many."""
    return len(await db.write(_SWEEP, older_than))


def _mail(row: asyncpg.Record) -> Mail:
    tenant = tenant_of(row)
    return Mail(
        tenant,
        row["host"],
        row["event_id"],
        row["type"],
        row["object_id"],
        MailKind(row["kind"]),
        User(row["user_id"], row["first_name"], row["last_name"], left_on=row["left_on"]),
        row["email"],
        row["purchase_id"],
        row["request_id"],
        row["content_hash"],
        row["in_digest"],
        row["attempts"],
        row["failing_for"],
        wish_from(row, tenant.country),
        row["has_factor"],
    )


def _listed(row: asyncpg.Record) -> Listed:
    name = f"{row['first_name']} {row['last_name']}".strip()
    return Listed(
        row["event_id"],
        row["kind"],
        row["user_id"],
        name,
        row["purchase_id"],
        row["request_id"],
        MailState(row["state"]),
        row["made_at"],
        row["due_at"],
        row["attempts"],
        row["last_error"],
        row["ended_at"],
    )
