"""What an import leaves behind besides its entries: an event, which tells later what was brought along, and from where.

It is written together with the entries, so that it stands there exactly when they do.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from emplette.storage.commands import Author
from emplette.storage.database import Session, Together

KIND: Final = "import"
_NOTE: Final = f"""
WITH event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, version, actor_id, facts)
    VALUES ($1, $3, '{KIND}.written', '{KIND}', $2, 1, $4, jsonb_build_object('{KIND}', $5::jsonb))
    RETURNING event_id
)
INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event
"""
# As the index events_by_object has them.
_OF_TENANT: Final = f"""
SELECT e.object_id, e.at, e.facts->'{KIND}' AS told FROM events e
WHERE e.tenant_id = {{tenant}} AND e.object_type = '{KIND}' AND e.purchase_id IS NULL AND e.version IS NOT NULL"""
_OF_FILE: Final = f"""
{_OF_TENANT.format(tenant="$1")} AND e.facts->'{KIND}'->>'sha256' = $2 ORDER BY e.object_id DESC LIMIT 1
"""
_LATEST: Final = f"""
SELECT t.account, last.* FROM tenants t,
LATERAL ({_OF_TENANT.format(tenant="t.tenant_id")} ORDER BY e.object_id DESC LIMIT 1) AS last
ORDER BY last.at DESC LIMIT 1
"""
_RUNNING: Final = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import has done: from which source (a file's name and hash) into which register, and how many entries."""

    into: str
    source: str
    sha256: str
    made: int
    changed: int
    same: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Noted:
    """An import that has taken effect: its number, and when."""

    id: int
    at: datetime
    told: Imported


async def note(db: Together, tenant: int, number: int, imported: Imported, author: Author) -> None:
    """Note an import beside what it writes."""
    told = msgspec.json.encode(imported).decode()
    await db.write(_NOTE, tenant, number, author.at, author.who.user.id, told)


async def find_by_source(db: Session, tenant: int, sha256: str) -> Noted | None:
    """Find the last import of the very same bytes."""
    row = await db.fetchrow(_OF_FILE, tenant, sha256)
    return None if row is None else _noted(row)


async def latest(connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[str, Noted] | None:
    """Find the last import of all companies, and the account of the company whose it was."""
    row = await connection.fetchrow(_LATEST)
    return None if row is None else (row["account"], _noted(row))


async def count_running(connection: "asyncpg.Connection[asyncpg.Record]", program: str) -> int:
    """Count the imports that are under way, of all companies, by the name under which the program connects."""
    return int(await connection.fetchval(_RUNNING, program))


def _noted(row: "asyncpg.Record") -> Noted:
    return Noted(row["object_id"], row["at"], msgspec.json.decode(row["told"], type=Imported))
