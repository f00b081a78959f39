"""What a back-up asks of the database, and what a restore tells it; all of it as the owner, for all companies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg

from emplette.domain.backups import KnownFile, SchemaStep
from emplette.storage.database import Session
from emplette.storage.files import SWEEPING
from emplette.storage.migrate import HALF_RESTORED

OwnerConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SECRETS: Final = ("webhook_secrets",)
"""The tables whose rows are secrets in clear, for use by us alone: a dump leaves them out."""

_AT_ONCE: Final = 1_000
_KNOWN: Final = """
SELECT path, size, sha256 FROM (
    SELECT tenant_id || '/' || place AS path, size, encode(sha256, 'hex') AS sha256 FROM blobs
    UNION ALL
    SELECT tenant_id || '/' || place, size, encode(sha256, 'hex') FROM order_documents
) known
"""
_HEADS: Final = """
SELECT t.account, c.epoch, c.position, c.hash FROM chains c JOIN tenants t USING (tenant_id) ORDER BY t.account
"""
_STEP: Final = "SELECT number, name FROM migrations ORDER BY number DESC LIMIT 1"
_TABLES: Final = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relname <> $1
"""
_UPLOADED_SINCE: Final = """
SELECT tenant_id, sha256 AS key, tenant_id || '/' || place AS path, size, encode(sha256, 'hex') AS sha256 FROM blobs
WHERE stored_at >= $1 AND (tenant_id, sha256) > ($2, $3) ORDER BY tenant_id, blobs.sha256 LIMIT $4
"""
_MADE_SINCE: Final = """
SELECT tenant_id, sha256 AS key, tenant_id || '/' || place AS path, size, encode(sha256, 'hex') AS sha256
FROM order_documents
WHERE made_at >= $1 AND (tenant_id, sha256) > ($2, $3) ORDER BY tenant_id, order_documents.sha256 LIMIT $4
"""
_BEAT: Final = "SELECT pg_logical_emit_message(true, 'emplette', 'beat')"
# So much as a piece holds, whatever is in the present one already: initdb makes pieces of 16 MB, and we never others.
_FILL: Final = f"SELECT pg_logical_emit_message(true, 'emplette', repeat(' ', {16 * 2**20}))"
_CHAINS: Final = "INSERT INTO chains (tenant_id) SELECT tenant_id FROM tenants ON CONFLICT DO NOTHING"
_BEGIN_EPOCHS: Final = """
WITH begun AS (
    UPDATE chains SET epoch = greatest(epoch + 1, extract(epoch FROM now())::bigint) RETURNING *
),
noted AS (
    INSERT INTO epochs (tenant_id, epoch, begins_after, begun_at)
    SELECT tenant_id, epoch, position, now() FROM begun
)
SELECT t.account, b.epoch, b.position FROM begun b JOIN tenants t USING (tenant_id) ORDER BY t.account
"""


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far the log of a company has come."""

    account: str
    epoch: int
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class BegunEpoch:
    """A new epoch of a company's log, and the position that it begins behind."""

    account: str
    epoch: int
    after: int


async def hold_sweeping(owner: OwnerConnection) -> None:
    """Have nobody remove bytes from the store as long as this connection lives; wait for who is at it."""
    await owner.execute("SELECT pg_advisory_lock($1)", SWEEPING)


async def snapshot(owner: OwnerConnection) -> str:
    """Name what the transaction of this connection sees, for others to see the same."""
    name: str = await owner.fetchval("SELECT pg_export_snapshot()")
    return name


async def heads(owner: OwnerConnection) -> list[LogHead]:
    """Read how far the logs of all companies have come."""
    return [LogHead(*row.values()) for row in await owner.fetch(_HEADS)]


async def schema_step(owner: OwnerConnection) -> SchemaStep:
    """Find the last step of the schema."""
    row = await owner.fetchrow(_STEP)
    if row is None:
        raise LookupError("no step of the schema was ever applied")
    return SchemaStep(row["number"], row["name"])


async def known_files(owner: OwnerConnection) -> AsyncIterator[KnownFile]:
    """List every file that the database knows, in a transaction of the caller's."""
    async for row in owner.cursor(_KNOWN, prefetch=_AT_ONCE):
        yield KnownFile(row["path"], row["size"], row["sha256"])


async def files_since(db: Session, since: datetime) -> AsyncIterator[KnownFile]:
    """List the files that were written down since a moment, some at a time, however many there are."""
    for statement in (_UPLOADED_SINCE, _MADE_SINCE):
        tenant, last = 0, b""
        while found := await db.fetch(statement, since, tenant, last, _AT_ONCE):
            for row in found:
                yield KnownFile(row["path"], row["size"], row["sha256"])
            tenant, last = found[-1]["tenant_id"], found[-1]["key"]


async def beat(db: Session) -> None:
    """Write something into PostgreSQL's own log that changes nothing, with the moment at which it was."""
    await db.write(_BEAT)


async def fill_piece(db: Session) -> None:
    """Write so much into PostgreSQL's own log that the present piece of it is full, and ends."""
    await db.write(_FILL)


async def is_empty(owner: OwnerConnection) -> bool:
    """Tell whether nothing is in the database, or only what an interrupted restore has left."""
    if await is_half_restored(owner):
        return True
    return bool(await owner.fetchval(_TABLES, HALF_RESTORED) == 0)


async def is_half_restored(owner: OwnerConnection) -> bool:
    """Tell whether a restore was begun here and never finished."""
    return await owner.fetchval("SELECT to_regclass($1)", f"public.{HALF_RESTORED}") is not None


async def begin_restore(owner: OwnerConnection) -> None:
    """Mark the database as half restored, and empty it of what an earlier attempt has left."""
    async with owner.transaction():
        if await is_half_restored(owner):
            await owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await owner.execute(f"CREATE TABLE {HALF_RESTORED} (begun_at timestamptz NOT NULL DEFAULT now())")


async def end_restore(owner: OwnerConnection) -> list[BegunEpoch]:
    """Begin a new epoch in the log of every company, and take the mark away, together."""
    async with owner.transaction():
        await owner.execute(_CHAINS)
        begun = [BegunEpoch(*row.values()) for row in await owner.fetch(_BEGIN_EPOCHS)]
        await owner.execute(f"DROP TABLE IF EXISTS {HALF_RESTORED}")
    return begun
