"""Webhooks: how they are kept, each with its secrets and with how far it was told."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from emplette.domain.seals import Cursor, Head
from emplette.domain.webhooks import Webhook
from emplette.storage.database import Session
from emplette.storage.registers import Register

# What stands beside a webhook is written by the statement that writes it: a secret, the place from which it is told,
# and that it goes on. All of it stops whoever is telling it just then: its claim is gone.
_BESIDE: Final = """
secret AS (
    INSERT INTO webhook_secrets (tenant_id, webhook_id, secret_id, secret)
    SELECT $1, fit.id, (fit.j->'beside'->>'secret_id')::int, decode(fit.j->'beside'->>'secret', 'base64')
    FROM fit WHERE fit.j->'beside'->>'secret' IS NOT NULL
),
ending AS (
    UPDATE webhook_secrets s SET expires_at = (term->>'expires_at')::timestamptz
    FROM fit, jsonb_array_elements(fit.j->'row'->'secrets') AS term
    WHERE s.tenant_id = $1 AND s.webhook_id = fit.id AND s.secret_id = (term->>'id')::int
      AND s.expires_at IS DISTINCT FROM (term->>'expires_at')::timestamptz
),
ended AS (
    DELETE FROM webhook_secrets s USING fit
    WHERE s.tenant_id = $1 AND s.webhook_id = fit.id AND fit.read_version IS NOT NULL
      AND NOT fit.j->'row'->'secrets' @> jsonb_build_array(jsonb_build_object('id', s.secret_id))
),
begun AS (
    INSERT INTO webhook_progress (tenant_id, webhook_id, epoch, position)
    SELECT $1, fit.id, (fit.j->'beside'->>'epoch')::bigint, (fit.j->'beside'->>'position')::bigint
    FROM fit WHERE fit.j->'beside'->>'position' IS NOT NULL
    ON CONFLICT (tenant_id, webhook_id) DO UPDATE SET
        epoch = excluded.epoch, position = excluded.position, claim = NULL, claimed_until = '-infinity',
        rests_until = '-infinity', retries_at = NULL, is_full = false, failing_since = NULL, suspended_at = NULL,
        suspended_because = NULL
),
resumed AS (
    UPDATE webhook_progress p SET
        claim = NULL, claimed_until = '-infinity', rests_until = '-infinity', retries_at = now(), is_full = false,
        failing_since = NULL, suspended_at = NULL, suspended_because = NULL
    FROM fit WHERE p.tenant_id = $1 AND p.webhook_id = fit.id AND fit.j->'beside'->>'resumes' IS NOT NULL
),
waiting AS (
    UPDATE webhook_deliveries d SET parked_at = NULL, first_failed_at = NULL, next_attempt_at = now()
    FROM fit WHERE d.tenant_id = $1 AND d.webhook_id = fit.id AND fit.j->'beside'->>'resumes' IS NOT NULL
),
dropped AS (
    DELETE FROM webhook_deliveries d USING fit
    WHERE d.tenant_id = $1 AND d.webhook_id = fit.id AND fit.j->'beside'->>'drops' IS NOT NULL
),"""


def _row(webhook: Webhook) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(webhook)
    del row["id"]
    return row


_FIELDS: Final = (
    *("url", "name", "status", "secrets", "created_at", "pinged_at", "resumed_at", "replayed_after", "replayed_at"),
    *("deleted_at", "version"),
)
WEBHOOKS: Final = Register(
    kind="webhook",
    table="webhooks",
    key="webhook_id",
    decode=msgspec.json.Decoder(list[Webhook]).decode,
    shown={field: f"t.{field}" for field in _FIELDS}
    | {"topics": "to_jsonb(t.topics)", "object_types": "to_jsonb(t.object_types)"},
    row=_row,
    filters={"is_deleted": "t.deleted_at IS NOT NULL"},
    # An address often holds a password in its path or its query.
    told_apart=("url", "name"),
    told_by_itself={
        "secret_changed": ("secrets",),
        "pinged": ("pinged_at",),
        "resumed": ("resumed_at",),
        "replayed": ("replayed_after", "replayed_at"),
        "deleted": ("deleted_at",),
    },
    beside=_BESIDE,
)

_PROGRESS: Final = """(
    SELECT jsonb_build_object(
        'epoch', p.epoch, 'position', p.position, 'behind', greatest(coalesce(c.position, 0) - p.position, 0),
        'suspended_at', p.suspended_at,
        'suspended_because', p.suspended_because, 'failing_since', p.failing_since, 'last_status', p.last_status,
        'last_error', p.last_error, 'last_failed_at', p.last_failed_at, 'last_delivered_at', p.last_delivered_at,
        'next_attempt_at', CASE WHEN p.suspended_at IS NULL AND p.retries_at IS NOT NULL
            THEN greatest(p.retries_at, nullif(p.rests_until, '-infinity')) END,
        'waiting', (SELECT count(*) FROM webhook_deliveries d WHERE d.tenant_id = $1 AND d.webhook_id = p.webhook_id),
        'parked', (SELECT count(*) FROM webhook_deliveries d
                   WHERE d.tenant_id = $1 AND d.webhook_id = p.webhook_id AND d.parked_at IS NOT NULL))
    FROM webhook_progress p LEFT JOIN chains c ON c.tenant_id = $1
    WHERE p.tenant_id = $1 AND p.webhook_id = {webhook})"""
_READ: Final = f"""
WITH page AS MATERIALIZED (SELECT t.* FROM webhooks t WHERE t.tenant_id = $1 AND t.webhook_id = $2)
{WEBHOOKS.select},
    {_PROGRESS.format(webhook="$2")} AS progress,
    (SELECT jsonb_build_object('epoch', c.epoch, 'position', c.position, 'epochs', coalesce(
        (SELECT jsonb_object_agg(e.epoch, e.begins_after) FROM epochs e WHERE e.tenant_id = $1), '{{}}'))
     FROM chains c WHERE c.tenant_id = $1) AS head
"""
_STANDINGS: Final = f"""
SELECT w.webhook_id, {_PROGRESS.format(webhook="w.webhook_id")} AS progress
FROM webhooks w WHERE w.tenant_id = $1 AND w.webhook_id = ANY ($2::int[])
"""
_SECRETS: Final = """
SELECT secret_id, secret FROM webhook_secrets
WHERE tenant_id = $1 AND webhook_id = $2 AND (expires_at IS NULL OR expires_at > now()) ORDER BY secret_id
"""
_COUNTS: Final = """
SELECT count(*) FILTER (WHERE p.suspended_at IS NOT NULL) AS suspended,
       count(*) FILTER (WHERE p.failing_since IS NOT NULL) AS failing, count(*) AS webhooks
FROM webhook_progress p JOIN webhooks w USING (tenant_id, webhook_id) WHERE w.status = 'active'
"""


class Progress(msgspec.Struct, frozen=True):
    """How far a webhook has been told, and what holds it up; ``behind`` counts positions, whatever its filters."""

    epoch: int
    position: int
    behind: int
    suspended_at: datetime | None
    suspended_because: str | None
    failing_since: datetime | None
    last_status: int | None
    last_error: str | None
    last_failed_at: datetime | None
    last_delivered_at: datetime | None
    next_attempt_at: datetime | None
    waiting: int
    parked: int


class _Head(msgspec.Struct):
    epoch: int
    position: int
    epochs: dict[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook, how far it has been told, and how far the log has come; None where there is none."""

    webhook: Webhook | None
    progress: Progress | None
    head: Head


@dataclass(frozen=True, slots=True)
class Beside:
    """What is written beside a webhook: a new secret, the place from which it is told, that it goes on.

    ``drops`` forgets what waits.
    """

    secret_id: int | None = None
    secret: bytes | None = None
    after: Cursor | None = None
    resumes: bool = False
    drops: bool = False

    def written(self) -> dict[str, Any]:
        """Write it down for the statement."""
        return {
            "secret_id": self.secret_id,
            "secret": None if self.secret is None else base64.b64encode(self.secret).decode(),
            "epoch": None if self.after is None else self.after.epoch,
            "position": None if self.after is None else self.after.position,
            "resumes": self.resumes or None,
            "drops": self.drops or None,
        }


_decode_progress = msgspec.json.Decoder(Progress).decode
_decode_head = msgspec.json.Decoder(_Head).decode


async def read(db: Session, tenant: int, webhook_id: int) -> Standing:
    """Read a webhook, how far it has been told, and how far the log has come."""
    row = await db.fetchrow(_READ, tenant, webhook_id)
    if row is None:
        return Standing(None, None, Head())
    found = WEBHOOKS.decode(row["entries"])
    head = Head() if row["head"] is None else _head(_decode_head(row["head"]))
    progress = None if row["progress"] is None else _decode_progress(row["progress"])
    return Standing(found[0] if found else None, progress, head)


async def progress_of(db: Session, tenant: int, webhook_ids: list[int]) -> dict[int, Progress]:
    """Read how far some webhooks have been told."""
    rows = await db.fetch(_STANDINGS, tenant, webhook_ids)
    return {row["webhook_id"]: _decode_progress(row["progress"]) for row in rows if row["progress"] is not None}


async def secrets_of(db: Session, tenant: int, webhook_id: int) -> dict[int, bytes]:
    """Read the secrets that sign, by their numbers, the oldest first."""
    return {row["secret_id"]: row["secret"] for row in await db.fetch(_SECRETS, tenant, webhook_id)}


async def count_all(db: Session) -> dict[str, int]:
    """Count the active webhooks of all companies: how many there are, are failing, are suspended."""
    return dict((await db.fetch(_COUNTS))[0])


def _head(found: _Head) -> Head:
    return Head(found.epoch, found.position, begins_after={int(one): after for one, after in found.epochs.items()})
