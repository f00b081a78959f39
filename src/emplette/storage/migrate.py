"""Forward-only migrations: numbered SQL files, each applied once, under a lock, with its checksum kept.

No kept library fits: those for asyncpg bring an ORM or a second driver. A migration file is never edited
after its release: its checksum would no longer agree and the next start refuses.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

import asyncpg

from emplette.domain.errors import Refusal

_LOCK: Final = 4_711_377
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS migrations (
    number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class SchemaIsNewer(Refusal):
    """The database was migrated by a newer Emplette."""

    code = "schema.newer"


class MigrationWasEdited(Refusal):
    """A migration that was applied has been edited since."""

    code = "schema.edited"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the step's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """List the steps that this Emplette knows, in order."""
    folder = resources.files("emplette.storage") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [Migration(int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in files]


async def migrate(
    connection: "asyncpg.Connection[asyncpg.Record]",
    *,
    serving_role: str | None = None,
    steps: Sequence[Migration] | None = None,
) -> list[str]:
    """Bring the schema up to date; answer the names of the steps that were applied.

    Args:
        connection: one of the role that owns the schema.
        serving_role: the role that serves, when it is another one: what it may do is granted anew.
        steps: the steps to know; all of them unless a test says otherwise.

    Raises:
        SchemaIsNewer: the database knows a step that this Emplette does not.
        MigrationWasEdited: a step's text is no longer the one that was applied.
    """
    known = {step.number: step for step in (migrations() if steps is None else steps)}
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await connection.execute(_TABLE)
        applied = {
            row["number"]: row for row in await connection.fetch("SELECT number, name, checksum FROM migrations")
        }
        _compare(known, applied)
        done: list[str] = []
        for number in sorted(known.keys() - applied.keys()):
            step = known[number]
            async with connection.transaction():
                await connection.execute(step.sql)
                await connection.execute(
                    "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    number,
                    step.name,
                    step.checksum,
                )
            done.append(step.name)
        if serving_role is not None:
            await _grant(connection, serving_role)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return done


async def is_migrated(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Tell whether the schema is exactly the one that this Emplette knows."""
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return False
    rows = await connection.fetch("SELECT number, checksum FROM migrations")
    return {row["number"]: row["checksum"] for row in rows} == {step.number: step.checksum for step in migrations()}


async def count_tenants(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Count the companies of a migrated database."""
    count: int = await connection.fetchval("SELECT count(*) FROM tenants")
    return count


def _compare(known: dict[int, Migration], applied: dict[int, asyncpg.Record]) -> None:
    for number, row in applied.items():
        if number not in known:
            detail = f"The database holds step {row['name']}, which this Emplette does not know: run the newer one."
            raise SchemaIsNewer(detail)
        if row["checksum"] != known[number].checksum:
            detail = f"Step {row['name']} was edited after it had been applied."
            raise MigrationWasEdited(detail)


async def _grant(connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
    if await connection.fetchval("SELECT current_user") == role:
        return
    quoted = await connection.fetchval("SELECT quote_ident($1)", role)
    grants = (resources.files("emplette.storage") / "grants.sql").read_text("utf-8")
    await connection.execute(grants.replace("{role}", quoted))
