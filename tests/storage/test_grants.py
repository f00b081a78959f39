"""What the serving role may do to the tables: no more than it needs, whatever our own code would ask of it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from tests.fixtures.behind import snapshot
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import make_request

# What happened, and what is only ever added to.
ONLY_ADDED_TO = {
    "amendments",
    "blobs",
    "event_texts",
    "events",
    "idempotency_keys",
    "order_documents",
    "policies",
    "request_approvers",
    "request_decisions",
    "request_reminders",
    "request_steps",
    "sealed",
    "subscription_reminders",
    "tenant_vat_rates",
    "unsealed",
}
# What comes with the installation.
ONLY_READ = {"epochs", "exchange_rates", "migrations", "seeds", "vat_rate_types", "vat_rates"}
# What is no record: lines that a revision drops, keys that are over, uploads that nobody used, and what the sealer has
# taken, secrets that ended, what was delivered, what let somebody in, links that were revoked or used, mails long sent.
REMOVED_FROM = {"blobs", "commitment_taxes", "files", "idempotency_keys", "unsealed"} | {
    "calendar_feeds",
    "decision_links",
    "former_secrets",
    "identities",
    "known_browsers",
    "mails",
    "password_links",
    "passwords",
    "saved_views",
    "second_factors",
    "sessions",
    "spending_lines",
    "webhook_deliveries",
    "webhook_secrets",
}


@pytest_asyncio.fixture
async def serving(migrated: Urls) -> AsyncIterator[OwnerConnection]:
    if migrated.serving_role is None:
        pytest.skip("The server that a setting names has one role for all.")
    connection: OwnerConnection = await asyncpg.connect(migrated.serving)
    yield connection
    await connection.close()


@pytest.fixture
async def tables(serving: OwnerConnection) -> set[str]:
    rows = await serving.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


async def may(serving: OwnerConnection, tables: set[str], privilege: str) -> set[str]:
    return {
        table
        for table in tables
        if await serving.fetchval("SELECT has_table_privilege(current_user, $1, $2)", f"public.{table}", privilege)
    }


async def test_the_serving_role_reads_everything(serving: OwnerConnection, tables: set[str]) -> None:
    assert await may(serving, tables, "SELECT") == tables


async def test_the_serving_role_adds_to_everything_but_what_is_published(
    serving: OwnerConnection, tables: set[str]
) -> None:
    assert await may(serving, tables, "INSERT") == tables - ONLY_READ


async def test_the_serving_role_changes_nothing_that_happened_and_nothing_that_was_decided(
    serving: OwnerConnection, tables: set[str]
) -> None:
    assert await may(serving, tables, "UPDATE") == tables - ONLY_READ - ONLY_ADDED_TO


async def test_the_serving_role_removes_only_what_is_no_record(serving: OwnerConnection, tables: set[str]) -> None:
    assert await may(serving, tables, "DELETE") == REMOVED_FROM


@pytest.mark.parametrize("privilege", ["TRUNCATE", "REFERENCES", "TRIGGER"])
async def test_the_serving_role_may_do_nothing_else_to_any_table(
    serving: OwnerConnection, tables: set[str], privilege: str
) -> None:
    assert await may(serving, tables, privilege) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'nothing.happened'",
        "UPDATE event_texts SET texts = '{}'",
        "DELETE FROM events",
        "DELETE FROM event_texts",
        "UPDATE sealed SET position = position + 1",
        "DELETE FROM sealed",
        "TRUNCATE sealed",
        "DELETE FROM chains",
        "UPDATE epochs SET epoch = epoch + 1",
        "TRUNCATE events",
        "TRUNCATE events, event_texts CASCADE",
        "UPDATE request_decisions SET verdict = 'Approved'",
        "DELETE FROM purchases",
        "DELETE FROM api_keys",
        "UPDATE vat_rates SET percentage = 0",
        "UPDATE migrations SET checksum = ''",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
        "CREATE TABLE elsewhere (id int)",
        "CREATE RULE forget AS ON INSERT TO events DO INSTEAD NOTHING",
        "SET ROLE emplette_owner",
    ],
)
async def test_what_happened_can_not_be_undone_by_who_serves(
    serving: OwnerConnection, company: Company, owner: OwnerConnection, statement: str
) -> None:
    async with await company.caller() as caller:
        await make_request(caller)
    before = await snapshot(owner, company.tenant_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await serving.execute(statement)
    assert await snapshot(owner, company.tenant_id) == before
