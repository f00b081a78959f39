"""Forward-only migrations: numbered SQL files, each applied once, under a lock, with its checksum kept.

No kept library fits: those for asyncpg bring an ORM or a second driver. A migration file is never edited
after its release: its checksum would no longer agree and the next start refuses.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from typing import Final

import asyncpg

from emplette.domain.errors import Refusal

HALF_RESTORED: Final = "half_restored"
"""The table that is there while a restore is under way."""

TELLABLE_SINCE: Final = 18
"""The first PostgreSQL that lets itself be told what it would find."""

# What else somebody has put into the schema is nothing that we could grant, nor would.
_OURS: Final = """
SELECT quote_ident($1) AS role,
    string_agg(quote_ident(relname), ', ') FILTER (WHERE relkind <> 'S') AS tables,
    string_agg(quote_ident(relname), ', ') FILTER (WHERE relkind = 'S') AS sequences
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') AND pg_has_role(relowner, 'USAGE')
"""
_WHOSE: Final = """
SELECT format('The tables are those of the role %s, and %s is no member of it: migrate as their owner, whom '
              'EMPLETTE_OWNER_DATABASE_URL names.', pg_get_userbyid(relowner), current_user)
FROM pg_class WHERE oid = 'public.migrations'::regclass
"""
# As `0025_any_share_of_a_table` tells it of tables with rows. Of one without any nothing would be known until the first
# look, and a company that begins there be taken for a single row meanwhile.
_TELL: Final = """
SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', c.relname::text, 'attname', a.attname::text,
    'inherited', false, 'null_frac', 0::real, 'avg_width', 4, 'n_distinct', 1::real)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND 'n_distinct=1' = ANY (a.attoptions)
  AND NOT EXISTS (SELECT FROM pg_stats s
                  WHERE s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = a.attname)
"""
_LOCK: Final = 4_711_377
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS migrations (
    number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
)
"""
# Which Emplette took a step, for those who are told that theirs is too old. It is not known of the first ones.
_NOTE_VERSIONS: Final = "ALTER TABLE migrations ADD COLUMN IF NOT EXISTS version text"
_APPLIED: Final = """
SELECT number, name, checksum, to_jsonb(migrations) ->> 'version' AS version FROM migrations ORDER BY number
"""


class SchemaIsNewer(Refusal):
    """The database was migrated by a newer Emplette."""

    code = "schema.newer"


class MigrationWasEdited(Refusal):
    """A migration that was applied has been edited since."""

    code = "schema.edited"


class HalfRestored(Refusal):
    """A restore was begun here and never finished."""

    code = "schema.half_restored"


class SchemaIsAnothers(Refusal):
    """The role that migrates owns none of the tables."""

    code = "schema.anothers"


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
    is_restoring: bool = False,
) -> list[str]:
    """Bring the schema up to date; answer the names of the steps that were applied.

    Args:
        connection: one of the role that owns the schema.
        serving_role: the role that serves, when it is another one: what it may do is granted anew.
        steps: the steps to know; all of them unless a test says otherwise.
        is_restoring: whether this is part of a restore, which alone may touch what is half restored.

    Raises:
        HalfRestored: a restore was begun there and never finished.
        SchemaIsNewer: the database knows a step that this Emplette does not.
        SchemaIsAnothers: the tables belong to a role that this one is no member of.
        MigrationWasEdited: a step's text is no longer the one that was applied.
    """
    known = {step.number: step for step in (migrations() if steps is None else steps)}
    async with alone(connection):
        if not is_restoring and await connection.fetchval("SELECT to_regclass($1)", f"public.{HALF_RESTORED}"):
            detail = "Finish it with `emplette restore`: it starts again from the beginning."
            raise HalfRestored(detail)
        await connection.execute(_TABLE)
        applied = {row["number"]: row for row in await connection.fetch(_APPLIED)}
        _compare(known, applied)
        done: list[str] = []
        missing = sorted(known.keys() - applied.keys())
        if missing:
            await connection.execute(_NOTE_VERSIONS)
        for number in missing:
            step = known[number]
            async with connection.transaction():
                await connection.execute(step.sql)
                await connection.execute(
                    "INSERT INTO migrations (number, name, checksum, version) VALUES ($1, $2, $3, $4)",
                    number,
                    step.name,
                    step.checksum,
                    version("emplette"),
                )
            done.append(step.name)
        if connection.get_server_version().major >= TELLABLE_SINCE:
            await connection.execute(_TELL)
        if serving_role is not None:
            await _grant(connection, serving_role)
    return done


@asynccontextmanager
async def alone(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """Be the only one who brings the database up to date, of all servers that start; others wait meanwhile."""
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def what_is_amiss(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """Say in what the schema is not the one that this Emplette knows, and what to do; None when it is."""
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return "There is no schema yet: run `emplette migrate`."
    known = {step.number: step for step in migrations()}
    applied = {row["number"]: row for row in await connection.fetch(_APPLIED)}
    try:
        _compare(known, applied)
    except Refusal as refusal:
        return refusal.detail
    missing = sorted(known.keys() - applied.keys())
    if missing:
        first = known[missing[0]].name
        return f"The schema is older than this Emplette, and lacks {first}: run `emplette migrate`."
    return None


async def count_tenants(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Count the companies of a migrated database."""
    count: int = await connection.fetchval("SELECT count(*) FROM tenants")
    return count


def _compare(known: dict[int, Migration], applied: dict[int, asyncpg.Record]) -> None:
    strange = [row for number, row in applied.items() if number not in known]
    if strange:
        raise SchemaIsNewer(_how_to_go_on(known[max(known)], strange[-1]))
    for number, row in applied.items():
        if row["checksum"] != known[number].checksum:
            detail = f"Step {row['name']} was edited after it had been applied."
            raise MigrationWasEdited(detail)


def _how_to_go_on(known: Migration, there: asyncpg.Record) -> str:
    newer = f"Emplette {there['version']}" if there["version"] else "a newer Emplette"
    return (
        f"The database stands at step {there['name']}, where {newer} brought it; this is Emplette "
        f"{version('emplette')}, which knows the steps up to {known.name}. Run {newer} or a later one, "
        "or restore the back-up made before the upgrade: nothing leads back."
    )


async def _grant(connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
    if await connection.fetchval("SELECT current_user") == role:
        return
    grants = (resources.files("emplette.storage") / "grants.sql").read_text("utf-8")
    (ours,) = await connection.fetch(_OURS, role)
    if ours["tables"] is None:
        raise SchemaIsAnothers(await connection.fetchval(_WHOSE))
    for name, text in ours.items():
        grants = grants.replace(f"{{{name}}}", text)
    await connection.execute(grants)
