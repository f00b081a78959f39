"""What comes with a release for all companies, the law's rates and the bank's: which edition of it is loaded."""

from typing import Final, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection of the role that owns the schema: what belongs to no company is loaded beside a migration."""

_EDITION: Final = "SELECT version FROM seeds WHERE name = $1"
_REMEMBER: Final = """
INSERT INTO seeds (name, version) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, loaded_at = now()
"""


async def loaded_edition(connection: Connection, name: str) -> str | None:
    """Tell which edition of something is loaded, if any."""
    edition: str | None = await connection.fetchval(_EDITION, name)
    return edition


async def remember(connection: Connection, name: str, edition: str) -> None:
    """Note that an edition is loaded."""
    await connection.execute(_REMEMBER, name, edition)
