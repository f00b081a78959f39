"""The schema is ready to be shared out by company: keys, foreign keys and joins carry the tenant.

Of Citus this proves what can be read without it: that every key of a table begins with what it would be shared out by,
that nothing refers past the company, and that no statement joins two companies' rows. docs/running.md says what it does
not prove.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from pglast.parser import ParseError

from emplette.storage.merging import Kind
from tests.fixtures.database import OwnerConnection
from tests.fixtures.rivals import Neighbours
from tests.house.source import modules
from tests.storage.reading_sql import COLUMN, scopes_of, shown
from tests.storage.test_rivals import outcome
from tests.storage.trying import CASES, Call

# Everybody's: they would be on every node. What finds out which company it is stands beside them.
REFERENCE: Final = {
    "exchange_rates": "what the bank publishes",
    "migrations": "the steps of the schema",
    "seeds": "which editions of rates were loaded",
    "tenants": "which companies there are: no two may be called the same",
    "tenant_hosts": "finds the company of a host name",
    "vat_rate_types": "what the law says",
    "vat_rates": "what the law says",
}
# Statements for all companies at once, of those who look after the server and its back-ups: by module and name.
OF_ALL: Final = {
    "backups._BEGIN_EPOCHS",
    "backups._HEADS",
    "backups._KNOWN",
    "backups._UPLOADED_SINCE",
    "backups._MADE_SINCE",
    "deliveries._RELEASE",
    "files._UNUSED",
    "idempotency._SWEEP",
    "inspections._CLAIM",
    "keys._SWEEP_FORMER",
    "mails._BEHIND",
    "mails._CLAIM",
    "mails._RELEASE",
    "mails._SWEEP",
    "seals._WAITING",
    "spending_counts._BEHIND",
    "webhooks._COUNTS",
}
# Found over an index of words of which one is the company; only one part of the database could not be asked that way.
BY_WORDS: Final = "array_to_tsvector(array_remove(string_to_array(p.search_text || ' _' || p.tenant_id"

_KEYS: Final = """
SELECT t.relname AS table, i.relname AS key, x.indisprimary AS is_primary,
    array(SELECT attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k(n, place)
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n ORDER BY place) AS columns
FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE t.relnamespace = 'public'::regnamespace AND x.indisunique
"""
_REFERENCES: Final = """
SELECT conname AS name, conrelid::regclass::text AS table, confrelid::regclass::text AS target,
    array(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(n, place)
          JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY place) AS columns,
    array(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS k(n, place)
          JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY place) AS targets
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
_TOLD: Final = """
SELECT attrelid::regclass::text AS name FROM pg_attribute
WHERE attname = 'tenant_id' AND attoptions @> ARRAY['n_distinct=1']
"""
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_STATEMENT: Final = re.compile(r"\s*(WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")


def is_shared_out(table: str) -> bool:
    """Tell whether a table's rows are a company's."""
    return table in _own_tables


_own_tables: set[str] = set()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def own_tables(owner: OwnerConnection) -> AsyncIterator[set[str]]:
    """Find the tables whose rows are a company's."""
    _own_tables.update({row["tablename"] for row in await owner.fetch(_TABLES)} - REFERENCE.keys())
    yield _own_tables


async def test_every_reference_table_is_one_and_every_other_has_the_company_in_it(owner: OwnerConnection) -> None:
    carrying = await owner.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = $1", COLUMN
    )
    assert {row["table_name"] for row in carrying} - REFERENCE.keys() == _own_tables
    assert REFERENCE.keys() <= {row["tablename"] for row in await owner.fetch(_TABLES)}


async def test_every_key_carries_the_company_and_the_primary_one_begins_with_it(owner: OwnerConnection) -> None:
    keys = [row for row in await owner.fetch(_KEYS) if is_shared_out(row["table"])]
    assert {row["table"] for row in keys if row["is_primary"]} == _own_tables
    assert [row["key"] for row in keys if COLUMN not in row["columns"]] == []
    assert [row["key"] for row in keys if row["is_primary"] and row["columns"][0] != COLUMN] == []


async def test_every_reference_between_companies_tables_carries_the_company(owner: OwnerConnection) -> None:
    wrong = []
    for row in await owner.fetch(_REFERENCES):
        pairs = dict(zip(row["columns"], row["targets"], strict=True))
        if is_shared_out(row["target"]) and pairs.get(COLUMN) != COLUMN:
            wrong.append(row["name"])
        if not is_shared_out(row["table"]) and is_shared_out(row["target"]) and row["table"] != "tenant_hosts":
            wrong.append(f"{row['name']}: from a reference table to a company's")
    assert wrong == []


def written() -> Iterator[tuple[str, str]]:
    """List the statements that stand in the modules, by where; parts of statements are no statements."""
    for module in modules("emplette.storage"):
        for name, value in vars(module).items():
            for text in _texts(value):
                if _STATEMENT.match(text) and _parses(text):
                    yield f"{module.__name__.rpartition('.')[2]}.{name}", text


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  any constant
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Kind):
        yield value.sql
        yield value.found or ""


def _parses(text: str) -> bool:
    try:
        list(scopes_of(text))
    except ParseError:
        return False
    return True


def loose(sql: str) -> list[str]:
    found = [table for scope in scopes_of(sql) for table in scope.loose(is_shared_out)]
    return [table for table in found if table != "purchases"] if BY_WORDS in sql else found


def test_every_statement_that_is_written_down_is_of_one_company() -> None:
    found = dict(written())
    assert len(found) > 60
    wrong = {place: loose(sql) for place, sql in found.items() if place not in OF_ALL}
    assert {place: tables for place, tables in wrong.items() if tables} == {}
    assert [place for place in OF_ALL if not loose(found.get(place, ""))] == []


async def test_every_statement_that_is_said_for_a_company_is_of_that_one(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: set[str] = set()
    driver: Any = asyncpg.Connection
    ask = driver._execute

    async def note(self: Any, query: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        said.add(query)
        return await ask(self, query, *arguments, **named)

    monkeypatch.setattr(driver, "_execute", note)
    db = neighbours.database.session()
    for do in [do for some in CASES.values() for do in some]:
        await outcome(do, Call(db, neighbours.company.tenant_id, neighbours.theirs, neighbours))
    assert len(said) > 100
    assert {shown(sql): tables for sql in said if (tables := loose(sql))} == {}


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM purchases p WHERE p.tenant_id = $1", []),
        ("SELECT * FROM purchases p JOIN users u ON u.user_id = p.owner_id WHERE p.tenant_id = $1", ["users"]),
        ("SELECT * FROM purchases p JOIN orders o USING (tenant_id) WHERE o.tenant_id = $1", []),
        ("SELECT * FROM purchases p, users u WHERE p.tenant_id = u.tenant_id", ["purchases", "users"]),
        ("UPDATE purchases SET title = '' WHERE purchase_id = $1", ["purchases"]),
        ("WITH go AS (SELECT * FROM orders) DELETE FROM unsealed WHERE tenant_id = $1", ["orders"]),
        ("INSERT INTO events (event_id) VALUES (1)", ["events"]),
        ("SELECT 1 FROM orders o WHERE o.tenant_id = $1 AND EXISTS (SELECT FROM users WHERE user_id = 1)", ["users"]),
    ],
)
def test_what_would_join_two_companies_is_seen(sql: str, tables: list[str]) -> None:
    assert loose(sql) == tables


async def test_any_company_may_be_all_of_each_table_as_far_as_plans_know(owner: OwnerConnection) -> None:
    told = await owner.fetch(_TOLD)
    assert {row["name"] for row in told} == _own_tables
