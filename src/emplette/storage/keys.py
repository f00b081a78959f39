"""API keys, each with the user that stands for it in histories."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import asyncpg

from emplette.domain.keys import ApiKey, KeyDraft
from emplette.storage import events
from emplette.storage.database import Session, Together

FIRST_USER: Final = 1_000_000_000
"""Users that stand for keys have ids of their own range, far above those that a company brings along for its people."""

# The user of a tenant that stands for no key: what is done from the command line is done by it.
_COMMAND_LINE: Final = """
SELECT u.user_id FROM users u WHERE u.tenant_id = $1 AND u.kind = 'Key'
    AND NOT EXISTS (SELECT FROM api_keys k WHERE k.tenant_id = $1 AND k.user_id = u.user_id)
ORDER BY u.user_id LIMIT 1
"""
_HOLD_TENANT: Final = "SELECT 1 FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE"
_MAKE_COMMAND_LINE: Final = f"""
WITH known AS ({_COMMAND_LINE}),
drawn AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id)
    SELECT $1, 'key_user', {FIRST_USER} + 1 WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = b.next_id + 1
    RETURNING next_id - 1 AS user_id
),
made AS (
    INSERT INTO users (tenant_id, user_id, kind, first_name, last_name)
    SELECT $1, user_id, 'Key', 'Command line', '' FROM drawn
    RETURNING user_id
)
SELECT user_id FROM known UNION ALL SELECT user_id FROM made
"""

_COLUMNS: Final = """k.api_key_id, k.user_id, k.name, k.contact, k.permissions, k.person_id, k.auto_approve,
    k.created_status, k.expires_on, k.revoked_at, k.created_at, k.last_used_on,
    (SELECT max(f.good_until) FROM former_secrets f WHERE f.tenant_id = $1 AND f.api_key_id = k.api_key_id)
        AS former_until,
    (SELECT max(f.last_used_on) FROM former_secrets f WHERE f.tenant_id = $1 AND f.api_key_id = k.api_key_id)
        AS former_used_on"""
_FACTS: Final = "jsonb_build_object('key', to_jsonb({source}) - '{{secret_hash,name,contact}}'::text[])"

_EVENT_OF_CREATION: Final = events.event(
    "api_key.created",
    source="created",
    object_id="api_key_id",
    facts=_FACTS.format(source="created"),
    parameters={"tenant": "$1", "at": "$10", "actor": "$11::int", "told": "$12::jsonb"},
)
_CREATE: Final = f"""
WITH drawn AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id)
    SELECT $1, first.kind, first.next_id
    FROM (VALUES ('api_key', 2), ('key_user', {FIRST_USER} + 1)) AS first (kind, next_id)
    WHERE NOT EXISTS (SELECT FROM former_secrets f WHERE f.tenant_id = $1 AND f.secret_hash = $2)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = b.next_id + 1
    RETURNING kind, next_id - 1 AS id
),
ids AS (
    SELECT k.id AS api_key_id, u.id AS user_id FROM drawn k JOIN drawn u ON k.kind = 'api_key' AND u.kind = 'key_user'
),
standing_for_it AS (
    INSERT INTO users (tenant_id, user_id, kind, first_name, last_name, person_id)
    SELECT $1, user_id, 'Key', $3, '', $6::int FROM ids
),
created AS (
    INSERT INTO api_keys (tenant_id, api_key_id, secret_hash, name, contact, permissions, user_id, person_id,
                          auto_approve, created_status, expires_on, created_at)
    SELECT $1, api_key_id, $2, $3, $4, $5, user_id, $6::int, $7, $8, $9, $10 FROM ids
    RETURNING *
),
{_EVENT_OF_CREATION}
SELECT {_COLUMNS} FROM created k
"""

_EVENT_OF_REVOCATION: Final = events.event(
    "api_key.revoked",
    source="revoked",
    object_id="api_key_id",
    facts=_FACTS.format(source="revoked"),
    parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
)
_REVOKE: Final = f"""
WITH revoked AS (
    UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND api_key_id = $2 AND revoked_at IS NULL
    RETURNING *
),
{_EVENT_OF_REVOCATION}
SELECT {_COLUMNS} FROM revoked k
"""

_EVENT_OF_ROTATION: Final = events.event(
    "api_key.rotated",
    source="rotated",
    object_id="api_key_id",
    facts=_FACTS.format(source="rotated")
    + " || jsonb_build_object('rotation', jsonb_build_object('former_until', $5::timestamptz))",
    parameters={"tenant": "$1", "at": "$4", "actor": "$6::int"},
)
_HOLD: Final = "SELECT 1 FROM api_keys WHERE tenant_id = $1 AND api_key_id = $2 FOR NO KEY UPDATE"
# Older secrets still are the key's, but none of them for longer than the one that is replaced now.
_ROTATE: Final = f"""
WITH held AS MATERIALIZED (
    SELECT tenant_id, api_key_id, secret_hash FROM api_keys
    WHERE tenant_id = $1 AND api_key_id = $2 AND revoked_at IS NULL AND secret_hash <> $3 FOR NO KEY UPDATE
),
shortened AS (
    UPDATE former_secrets f SET good_until = $5::timestamptz FROM held
    WHERE f.tenant_id = $1 AND f.api_key_id = held.api_key_id AND f.good_until > $5::timestamptz
),
replaced AS (
    INSERT INTO former_secrets (tenant_id, secret_hash, api_key_id, replaced_at, good_until)
    SELECT $1, secret_hash, api_key_id, $4, $5::timestamptz FROM held
),
rotated AS (
    UPDATE api_keys k SET secret_hash = $3 FROM held WHERE k.tenant_id = $1 AND k.api_key_id = held.api_key_id
    RETURNING k.*
),
{_EVENT_OF_ROTATION}
SELECT {_COLUMNS} FROM rotated k
"""

# So many at a time; there are few, and they are looked for rarely.
_SWEEP_FORMER: Final = """
DELETE FROM former_secrets WHERE good_until < $1
    AND ctid = ANY (ARRAY(SELECT ctid FROM former_secrets WHERE good_until < $1 LIMIT $2))
RETURNING 1
"""

_ALL: Final = f"SELECT {_COLUMNS} FROM api_keys k WHERE k.tenant_id = $1 ORDER BY k.api_key_id"
_BY_ID: Final = f"SELECT {_COLUMNS} FROM api_keys k WHERE k.tenant_id = $1 AND k.api_key_id = $2"

_BY_SECRET: Final = f"SELECT {_COLUMNS} FROM api_keys k WHERE k.tenant_id = $1 AND k.secret_hash = $2"


async def command_line_user(db: Session, tenant: int) -> int:
    """Find the user in whose name the command line acts; it is made when there is none."""
    found: Sequence[asyncpg.Record] = await db.fetch(_COMMAND_LINE, tenant)

    async def make(together: Together) -> bool:
        nonlocal found
        # Held by a statement of its own: the one whom somebody has made that was waited for, only the next one sees.
        await together.write(_HOLD_TENANT, tenant)
        found = await together.write(_MAKE_COMMAND_LINE, tenant)
        return True

    if not found:
        await db.together(make)
    user_id: int = found[0]["user_id"]
    return user_id


async def create(
    db: Session, tenant: int, draft: KeyDraft, *, secret_hash: bytes, actor: int, now: datetime
) -> ApiKey | None:
    """Make a key and the user that stands for it; None when there is a key with that secret, or was."""
    said = events.texts("key", {"name": draft.name, "contact": draft.contact})
    try:
        rows = await db.write(
            _CREATE,
            tenant,
            secret_hash,
            draft.name,
            draft.contact,
            list(draft.permissions),
            draft.person_id,
            draft.auto_approve,
            draft.created_status,
            draft.expires_on,
            now,
            actor,
            said,
            expects=("api_keys_secret_unique",),
        )
    except asyncpg.UniqueViolationError:
        return None
    return _key(rows[0]) if rows else None


async def rotate(
    db: Session, tenant: int, api_key_id: int, *, secret_hash: bytes, former_until: datetime, actor: int, now: datetime
) -> ApiKey | None:
    """Give a key another secret; those it had are good until the instant.

    None when there is none that could be, or when it has that one already.
    """
    rows: Sequence[asyncpg.Record] = ()

    async def say(together: Together) -> bool:
        nonlocal rows
        # Held by a statement of its own: what a rotation has done that was waited for, only the next one sees.
        await together.write(_HOLD, tenant, api_key_id)
        rows = await together.write(_ROTATE, tenant, api_key_id, secret_hash, now, former_until, actor)
        return bool(rows)

    if not await db.together(say):
        return None
    return replace(_key(rows[0]), former_until=former_until)


async def revoke(db: Session, tenant: int, api_key_id: int, *, actor: int, now: datetime) -> ApiKey | None:
    """Revoke a key; None when there is none that could still be."""
    rows = await db.write(_REVOKE, tenant, api_key_id, now, actor)
    return _key(rows[0]) if rows else None


async def sweep_former(db: Session, *, over_before: datetime, most: int) -> int:
    """Forget replaced secrets of all companies that were over before an instant; answer how many, ``most`` at most."""
    return len(await db.write(_SWEEP_FORMER, over_before, most))


async def all_of(db: Session, tenant: int) -> Sequence[ApiKey]:
    """List the keys of a company, revoked ones too."""
    return [_key(row) for row in await db.fetch(_ALL, tenant)]


async def by_id(db: Session, tenant: int, api_key_id: int) -> ApiKey | None:
    """Find a key."""
    row = await db.fetchrow(_BY_ID, tenant, api_key_id)
    return None if row is None else _key(row)


async def by_secret(db: Session, tenant: int, secret_hash: bytes) -> ApiKey | None:
    """Find the key that has a secret now; one that it had before finds none."""
    row = await db.fetchrow(_BY_SECRET, tenant, secret_hash)
    return None if row is None else _key(row)


def _key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(
        id=row["api_key_id"],
        user_id=row["user_id"],
        name=row["name"],
        contact=row["contact"],
        permissions=tuple(row["permissions"]),
        person_id=row["person_id"],
        auto_approve=row["auto_approve"],
        created_status=row["created_status"],
        expires_on=row["expires_on"],
        revoked_at=row["revoked_at"],
        created_at=row["created_at"],
        last_used_on=row["last_used_on"],
        former_until=row["former_until"],
        former_used_on=row["former_used_on"],
    )
