"""Every row that events tell of is held against them: whatever is changed past the log, by whoever, is named."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.runtime.cluster import OWNER_ROLE, SUPERUSER
from emplette.services.checks import Report, check
from emplette.storage.database import Database
from emplette.storage.merging import Arguments
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.logs import seal_all
from tests.fixtures.told_companies import ToldCompany, live_fully, make_told_company
from tests.house.source import DOCS

PAGE: Final = (DOCS / "verifying.md").read_text("utf-8")
LEFT_OUT: Final = frozenset(
    re.findall(r"^\| `([a-z_.]+)` \|", PAGE.partition("### What is not compared")[2], re.MULTILINE)
)
"""The tables and columns that the page says are not compared; each with its reason there."""
CHAIN: Final = {"events", "event_texts", "sealed", "unsealed", "chains", "epochs"}
"""The log itself: what is done to it is tried in tests/cli/test_verify.py."""

_TABLES: Final = """
SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
ORDER BY c.table_name, c.ordinal_position
"""
# Another value than the one that is there, whatever that is.
_ANOTHER: Final = {
    "int4": "coalesce({c}, 0) + 100000",
    "int8": "coalesce({c}, 0) + 100000",
    "numeric": "coalesce({c}, 0) + 0.25",
    "text": "coalesce({c}, '') || ctid::text",
    "bool": "NOT {c}",
    "date": "coalesce({c}, '2001-01-01') + 1",
    "timestamptz": "coalesce({c}, '2001-01-01Z') + interval '1 second'",
    "uuid": "gen_random_uuid()",
    "bytea": "{c} || '\\x00'::bytea",
    "jsonb": "CASE WHEN {c} = '[7]' THEN '[8]'::jsonb ELSE '[7]'::jsonb END",
    "_int4": "coalesce({c}, '{{}}') || 77",
    "_text": "coalesce({c}, '{{}}') || 'x'::text",
    "_date": "coalesce({c}, '{{}}') || '2001-01-01'::date",
}
_KEYS: Final = """
SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = $1::regclass AND i.indisprimary
"""
_CONSTRAINTS: Final = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
WHERE conrelid = $1::regclass AND contype IN ('c', 'f')
"""


class OneConnection(Database):
    """A database that reads over one connection, and so sees what its transaction has done and others never will."""

    def __init__(self, connection: OwnerConnection) -> None:
        self._connection = connection

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Read there."""
        return await self._connection.fetch(sql, *arguments())


@dataclass(slots=True)
class Log:
    """A company of which everything is told, and a connection of the superuser on which anything can be tried."""

    told: ToldCompany
    superuser: OwnerConnection
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    async def check(self) -> Report:
        """Check its log, as the superuser's transaction sees it."""
        return await check(OneConnection(self.superuser).session(), self.told.tenant.id, tell=lambda *_: None)

    async def after(self, *statements: str) -> list[str]:
        """Do something, check, and undo it; ``$t`` is the company."""
        transaction = self.superuser.transaction()
        await transaction.start()
        try:
            await self.superuser.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await self.superuser.execute(statement.replace("$t", str(self.told.tenant.id)))
            return (await self.check()).findings
        finally:
            await transaction.rollback()

    async def after_change(self, table: str, changes: str) -> list[str]:
        """Change columns of all of the company's rows of a table."""
        return await self.after(*await self.freed(table), f"UPDATE {table} SET {changes} WHERE tenant_id = $t")  # noqa: S608

    async def keys(self, table: str) -> set[str]:
        """Name the columns by which a row is known."""
        return {row["attname"] for row in await self.superuser.fetch(_KEYS, f"public.{table}")}

    async def freed(self, table: str) -> list[str]:
        """Say what takes the constraints of a table away, which only hinder honest people."""
        return [row[0] for row in await self.superuser.fetch(_CONSTRAINTS, f"public.{table}")]


@pytest_asyncio.fixture(scope="module")
async def log(app: Router, owner: OwnerConnection, database: Database, migrated: Urls) -> AsyncIterator[Log]:
    told = await make_told_company(app, owner, database)
    await live_fully(told, database)
    await seal_all(database, told.tenant.id)
    # Where a setting names the server, its owner has to be the superuser as well.
    url = migrated.owner.replace(f"//{OWNER_ROLE}@", f"//{SUPERUSER}@")
    superuser: OwnerConnection = await asyncpg.connect(
        url, server_settings={"timezone": "UTC", "enable_seqscan": "off"}
    )
    columns: dict[str, dict[str, str]] = {}
    for row in await superuser.fetch(_TABLES):
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["udt_name"]
    yield Log(told, superuser, columns)
    await superuser.close()


async def test_nothing_is_found_where_nothing_was_done(log: Log) -> None:
    report = await log.check()
    assert report.findings == []
    assert report.rows > 50


async def test_every_column_that_is_changed_is_named_or_the_page_says_why_not(log: Log) -> None:
    unnamed = set()
    for table, columns in log.columns.items():
        if table in LEFT_OUT | CHAIN:
            continue
        changes = {
            column: f"{column} = {_ANOTHER[kind].format(c=column)}"
            for column, kind in columns.items()
            if column != "tenant_id" and f"{table}.{column}" not in LEFT_OUT
        }
        keys = await log.keys(table)
        together = ", ".join(change for column, change in changes.items() if column not in keys)
        told = " ".join(await log.after_change(table, together)) if together else ""
        # What is named only by itself: keys, what is made of other columns, what is called otherwise.
        for column in [column for column in changes if column in keys or not re.search(rf"\b{column}\b", told)]:
            if not await log.after_change(table, changes[column]):
                unnamed.add(f"{table}.{column}")
    assert unnamed == set()


async def test_every_row_that_is_removed_is_named(log: Log) -> None:
    unnamed = [
        table
        for table in sorted(log.columns.keys() - LEFT_OUT - CHAIN)
        if not any(
            "missing: removed" in found or "can't be" in found
            for found in await log.after(f"DELETE FROM {table} WHERE tenant_id = $t")  # noqa: S608
        )
    ]
    assert unnamed == []


async def test_what_the_page_leaves_out_is_there(log: Log) -> None:
    known = set(log.columns) | {f"{table}.{column}" for table, columns in log.columns.items() for column in columns}
    assert LEFT_OUT - known == set()


_INSERTED: Final = {
    "a second order": (
        "orders",
        "order_id = order_id + 50, number = 'PO-X', commitment_id = commitment_id + 50",
        r"Order \d+ is told of by no event: inserted\.",
    ),
    "a decision": (
        "request_decisions",
        "position = position + 50, step = 50",
        r"Decision \d+ of request \d+ is told of by no .*",
    ),
    "a tax line": ("commitment_taxes", "line = line + 50", r"Tax line 50 of commitment \d+ is told of by no event: .*"),
    "a key": ("api_keys", "api_key_id = api_key_id + 50, secret_hash = 'x'", r"Key \d+ is told of by no event: .*"),
    "a policy": ("policies", "version = 50", r"Policy 50 is told of by no event: inserted\."),
    "a document": (
        "order_documents",
        "order_id = order_id + 50",
        r"The document of order \d+ is told of by no event.*",
    ),
    "a role": ("role_grants", "role_grant_id = 50, user_id = 37", r"Role grant 50 is told of by no event: inserted\."),
    "a webhook": ("webhooks", "webhook_id = 50", r"Webhook 50 is told of by no event: inserted\."),
    "an absence": ("absences", "absence_id = 50", r"Absence 50 is told of by no event: inserted\."),
    "a comment": ("comments", "comment_id = 50", r"Comment 50 is told of by no event: inserted\."),
    "a budget": ("budgets", "budget_id = 50", r"Budget 50 is told of by no event: inserted\."),
    "a rate": ("tenant_vat_rates", "rate_id = rate_id + 50", r"VAT rate \d+ is told of by no event: inserted\."),
}


@pytest.mark.parametrize("what", _INSERTED)
async def test_a_row_that_is_inserted_is_named(log: Log, what: str) -> None:
    table, changes, expected = _INSERTED[what]
    # A row like one that is there, with another name.
    copied = f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {table} WHERE tenant_id = $t LIMIT 1"  # noqa: S608
    generated = "ALTER TABLE copied DROP COLUMN IF EXISTS own_type_id, DROP COLUMN IF EXISTS shipped_type_id"
    columns = ", ".join(log.columns[table])
    insert = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM copied"  # noqa: S608
    change = f"UPDATE copied SET {changes}"  # noqa: S608
    found = await log.after(*await log.freed(table), copied, generated, change, insert)
    assert any(re.fullmatch(expected, one) for one in found), found


_TAMPERED: Final[dict[str, tuple[str, str]]] = {
    "an amount of a commitment that another one took the place of": (
        "UPDATE commitments SET excluding_minor = 1 WHERE tenant_id = $t AND state = 'Denied'",
        r"Commitment \d+ is not what its events tell: excluding_minor changed past the log\.",
    ),
    "who denied": (
        "UPDATE request_decisions SET user_id = 37 WHERE tenant_id = $t AND verdict = 'Denied'",
        r"Decision 0 of request \d+ is not what its events tell: user_id changed past the log\.",
    ),
    "a comment": (
        "UPDATE request_decisions SET comment = 'Fine' WHERE tenant_id = $t AND verdict = 'Denied'",
        r"Decision 0 of request \d+ is not what its events tell: comment changed past the log\.",
    ),
    "what a key may do": (
        "UPDATE api_keys SET permissions = permissions || 'pay'::text WHERE tenant_id = $t AND person_id = 37",
        r"Key \d+ is not what its events tell: permissions changed past the log\.",
    ),
    "whose key it is": (
        "UPDATE users SET person_id = 36 WHERE tenant_id = $t AND person_id = 37",
        r"The user of key \d+ is not what its events tell: person_id changed past the log\.",
    ),
    "a bank account": (
        "UPDATE suppliers SET iban = 'DE02120300000000202051' WHERE tenant_id = $t AND supplier_id = 9001",
        r"Supplier 9001 is not what its events tell: iban changed past the log\.",
    ),
    "a file": (
        "UPDATE files SET sha256 = sha256('x') WHERE tenant_id = $t",
        r"The file of attachment \d+ is not what its events tell: sha256 changed past the log\.",
    ),
    "a name by which is searched": (
        "UPDATE suppliers SET folded_name = 'other' WHERE tenant_id = $t AND supplier_id = 9001",
        r"Supplier 9001 is not what its events tell: folded_name changed past the log\.",
    ),
    "a state that there is none of": (
        "UPDATE suppliers SET state = 'Odd' WHERE tenant_id = $t AND supplier_id = 9001",
        r"Supplier 9001 is not what its events tell: state changed past the log\.",
    ),
}


_NOTHING: Final = 99_990
_UNLED_TO: Final[dict[str, tuple[str, str]]] = {
    "commitments": ("purchase_id commitment_id", r"Commitment 99990 is told of by no event: inserted\."),
    "requests": ("purchase_id commitment_id request_id", r"Request 99990 is told of by no event: inserted\."),
    "orders": ("purchase_id commitment_id order_id number", r"Order 99990 is told of by no event: inserted\."),
    "amendments": ("purchase_id commitment_id request_id", r"Amendment 99990 is told of by no event: inserted\."),
    "commitment_taxes": ("commitment_id", r"Tax line \d+ of commitment 99990 is told of by no event: inserted\."),
    "request_steps": ("request_id", r"Step \d+ of request 99990 is told of by no event: inserted\."),
    "request_approvers": ("request_id", r"Approver \d+\.\d+ of request 99990 is told of by no event: inserted\."),
    "request_decisions": ("request_id", r"Decision \d+ of request 99990 is told of by no event: inserted\."),
    "budget_entries": ("budget_id", r"What request \d+ has on budget 99990 is told of by no event: inserted\."),
}


@pytest.mark.parametrize("table", _UNLED_TO)
async def test_a_row_that_hangs_on_nothing_is_named(log: Log, table: str) -> None:
    columns, expected = _UNLED_TO[table]
    changes = ", ".join(f"{column} = {_NOTHING}" for column in columns.split())
    copied = f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {table} WHERE tenant_id = $t LIMIT 1"  # noqa: S608
    insert = f"INSERT INTO {table} SELECT * FROM copied"  # noqa: S608
    found = await log.after(*await log.freed(table), copied, f"UPDATE copied SET {changes}", insert)  # noqa: S608
    assert any(re.fullmatch(expected, one) for one in found), found


async def test_a_row_that_is_there_twice_because_nothing_forbids_it_any_more_is_named(log: Log) -> None:
    """Of two with one number only the last one read would be held against events."""
    for table in ("suppliers", "purchases", "events"):
        twice = f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {table} WHERE tenant_id = $t"  # noqa: S608
        found = await log.after(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE",
            twice,
        )
        assert f"The table {table} has no primary key any more: rows of it may be there twice." in found


_CHANGED: Final = r"Event \d+ at position 1 is not what was sealed there: it was changed, .*"
_ALIKE: Final = {
    "a line of its form is shifted into another": (
        "ALTER TABLE events ALTER object_type DROP NOT NULL",
        "UPDATE events SET type = type || E'\\n' || object_type, object_type = NULL WHERE {first}",
    ),
    "its year is before Christ": ("UPDATE events SET at = (at::text || ' BC')::timestamptz WHERE {first}",),
    "its call has an empty id": ("UPDATE events SET call_id = '' WHERE call_id IS NULL AND {first}",),
}


@pytest.mark.parametrize("what", _ALIKE)
async def test_an_event_that_would_be_written_down_like_the_one_that_was_sealed_is_named(log: Log, what: str) -> None:
    first = "tenant_id = $t AND event_id = (SELECT event_id FROM sealed WHERE tenant_id = $t AND position = 1)"
    found = await log.after(*(statement.replace("{first}", first) for statement in _ALIKE[what]))
    assert any(re.fullmatch(_CHANGED, one) for one in found), found


@pytest.mark.parametrize("what", _TAMPERED)
async def test_what_was_changed_is_said_to_the_column(log: Log, what: str) -> None:
    statement, expected = _TAMPERED[what]
    found = await log.after(*await log.freed(statement.split()[1]), statement)
    assert found
    wrong: list[Any] = [one for one in found if not re.fullmatch(expected, one)]
    assert wrong == []
