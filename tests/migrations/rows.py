"""A row in every table, whatever the step of the schema: a company with one purchase that was approved.

Every id is 1, so that whatever refers to something refers to what is there; beside user 1 there is a second one. What a
column must hold beyond its type is said below; a new table is filled by itself, or says here what it needs.
"""

import hashlib
from typing import Any, Final

import asyncpg

from tests.fixtures.database import OwnerConnection

SECRET: Final = "secret-of-an-earlier-step"
HOST: Final = "earlier.test"
_OWN_TYPE: Final = 1_000_000_001
_OWN_RATE: Final = 1_500_000_001

_HOLDS: Final[dict[str, str]] = {
    "tenants.time_zone": "'Europe/Paris'",
    "tenants.currency": "'EUR'",
    "tenants.country": "'FR'",
    "tenant_hosts.host": f"'{HOST}'",
    "id_blocks.kind": "'purchase'",
    "id_blocks.next_id": "1000",
    "establishments.territory_id": "'FR'",
    "establishments.currency": "'EUR'",
    "suppliers.territory_id": "'FR'",
    "api_keys.secret_hash": "'\\x" + hashlib.sha256(SECRET.encode()).hexdigest() + "'",
    "api_keys.permissions": "'{purchases:all,view:all,manage}'",
    "api_keys.created_status": "200",
    "policies.rules": """'{"steps": [{"name": "Head", "anyOf": [1]}]}'""",
    "purchases.state": "'Ongoing'",
    "purchases.title": "'Bought before'",
    "purchases.supplier_id": "1",
    "purchases.type": "'OneTime'",
    "purchases.establishment_id": "1",
    "purchases.department_id": "1",
    "purchases.writer_ids": "'{1}'",
    "commitments.type": "'OneTimeCommitment'",
    "commitments.state": "'Provisioned'",
    "commitments.currency": "'EUR'",
    "commitments.counter_currency": "'EUR'",
    "commitments.cost_date": "'2025-04-14'",
    "commitments.invoice_date": "'2025-04-14'",
    "requests.state": "'Approved'",
    "requests.requester_ids": "'{1}'",
    "epochs.epoch": "2",
    "request_decisions.verdict": "'Approved'",
    "orders.state": "'Open'",
    "orders.history": """'[{"at": "2025-04-14T12:00:00+00:00", "what": "Created", "by_id": 1}]'""",
    "order_documents.language": "'fr'",
    "events.type": "'purchase.created'",
    "events.object_type": "'purchase'",
    "events.facts": """'{"purchase": {}}'""",
    "idempotency_keys.object_type": "'purchase'",
    "idempotency_keys.object_id": "1",
    "idempotency_keys.purchase_id": "1",
    "idempotency_keys.version": "1",
    "exchange_rates.currency": "'USD'",
    "tenant_exchange_rates.currency": "'USD'",
    "recovery_rules.coefficient": "0.5",
    "vat_rates.percentage": "0.2",
    "tenant_vat_rate_types.rate_type_id": str(_OWN_TYPE),
    "tenant_vat_rates.rate_id": str(_OWN_RATE),
    "tenant_vat_rates.rate_type_id": str(_OWN_TYPE),
    "subscription_acts.kind": "'LetRun'",
    "subscription_reminders.kind": "'notice_due'",
    "webhooks.status": "'active'",
    "tenants.budgets_version": "1",
    "budgets.kind": "'Hard'",
    "budgets.currency": "'EUR'",
    "budgets.committed_minor": "1",
    "budget_entries.state": "'Committed'",
    "sessions.ends_at": "'2025-04-15T12:00:00+00:00'",
    "password_links.ends_at": "'2025-04-15T12:00:00+00:00'",
    "role_grants.role": "'viewer'",
    "absences.deputy_id": "2",
    "spending_lines.state": "'Asked'",
    "spending_sums.state": "'Asked'",
    "spending_sums.facet": "'Month'",
    "mails.kind": "'decided'",
    "mail_wishes.mode": "'Digest'",
    "mail_wishes.language": "'en'",
    "appearances.language": "'en'",
    "appearances.theme": "'dark'",
    "webhook_secrets.secret": "decode(repeat('00', 32), 'hex')",
}
_BY_TYPE: Final[dict[str, str]] = {
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "text": "'x'",
    "boolean": "false",
    "date": "'2025-04-14'",
    "timestamp with time zone": "'2025-04-14T12:00:00+00:00'",
    "bytea": "decode(repeat('00', 32), 'hex')",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
    "uuid": "'00000000-0000-4000-8000-000000000001'",
}
_SECOND: Final = {"users": ("user_id", "2")}
"""Tables with a second row, and what that holds otherwise."""
# What refers to each other is joined once both are there.
_JOINED: Final = """
UPDATE purchases SET commitment_id = 1;
UPDATE commitments SET request_id = 1, order_id = 1;
"""
# The steps themselves, which migrating fills.
_NOT_OURS: Final = {"migrations"}
_COLUMNS: Final = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND is_nullable = 'NO' AND is_generated = 'NEVER' AND (
    column_default IS NULL OR table_name || '.' || column_name = ANY ($1::text[]))
"""
_COUNTED: Final = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
"""
_ALL: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


async def tables(connection: OwnerConnection) -> set[str]:
    """Name the tables that there are."""
    return {row["tablename"] for row in await connection.fetch(_ALL)} - _NOT_OURS


async def fill(connection: OwnerConnection) -> None:
    """Put a row into every table that has none; what refers to others comes after them."""
    columns: dict[str, dict[str, str]] = {table: {} for table in await tables(connection)}
    for row in await connection.fetch(_COLUMNS, sorted(_HOLDS)):
        table, column = row["table_name"], row["column_name"]
        if table in columns:
            columns[table][column] = _HOLDS.get(f"{table}.{column}", _BY_TYPE[row["data_type"]])
    for place, value in _HOLDS.items():
        table, _, column = place.partition(".")
        if table in columns and await _has(connection, table, column):
            columns[table][column] = value
    waiting = [table for table in sorted(columns) if not await _rows(connection, table)]
    while waiting:
        left = [table for table in waiting if not await _insert(connection, table, columns[table])]
        assert left != waiting, f"nothing can be put into {left}: say what it needs"
        waiting = left
    await connection.execute(_JOINED)
    for row in await connection.fetch(_COUNTED):
        await connection.execute(f"ALTER TABLE {row[0]} ALTER COLUMN {row[1]} RESTART WITH 2")


async def contents(connection: OwnerConnection) -> dict[str, list[dict[str, Any]]]:
    """Copy all rows, each as its columns."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in await tables(connection):
        rows = await connection.fetch(f"SELECT t.* FROM {table} t ORDER BY t::text")  # noqa: S608
        found[table] = [dict(row) for row in rows]
    return found


async def _has(connection: OwnerConnection, table: str, column: str) -> bool:
    asked = "SELECT 1 FROM information_schema.columns WHERE table_name = $1 AND column_name = $2"
    return await connection.fetchval(asked, table, column) is not None


async def _rows(connection: OwnerConnection, table: str) -> int:
    counted: int = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
    return counted


async def _insert(connection: OwnerConnection, table: str, values: dict[str, str]) -> bool:
    """Insert the row, unless it refers to what is not there yet."""
    places, row = ", ".join(values), ", ".join(values.values())
    statement = f"INSERT INTO {table} ({places}) OVERRIDING SYSTEM VALUE VALUES ({row})"  # noqa: S608
    try:
        await connection.execute(statement)
    except asyncpg.ForeignKeyViolationError:
        return False
    if table in _SECOND:
        column, value = _SECOND[table]
        other = ", ".join((values | {column: value}).values())
        await connection.execute(f"INSERT INTO {table} ({places}) OVERRIDING SYSTEM VALUE VALUES ({other})")  # noqa: S608
    return True
