"""Kept successes are forgotten when they are over, so many at a time."""

from datetime import UTC, datetime

from emplette.jobs import worker
from emplette.storage import idempotency
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
_KEEP = """
INSERT INTO idempotency_keys (tenant_id, api_key_id, scope, key, body_hash, status, object_type, report, created_at)
SELECT $1, 1, 'POST /x', n::text, '', 200, 'import', '[]', timestamptz '1989-01-01Z' + n * interval '1 s'
FROM generate_series(0, $2 - 1) n
"""
_LEFT = "SELECT key FROM idempotency_keys WHERE tenant_id = $1 ORDER BY key::int"


async def test_the_oldest_go_first_and_no_more_than_so_many(
    company: Company, owner: OwnerConnection, database: Database
) -> None:
    await owner.execute(_KEEP, company.tenant_id, 12)
    assert await idempotency.sweep(database.session(), older_than=LONG_AGO, most=5) == 5
    assert [row["key"] for row in await owner.fetch(_LEFT, company.tenant_id)] == [str(n) for n in range(5, 12)]
    assert await idempotency.sweep(database.session(), older_than=LONG_AGO, most=100) == 7


async def test_the_job_goes_on_until_none_is_left(company: Company, owner: OwnerConnection, database: Database) -> None:
    many = worker.KEYS_AT_ONCE + 1
    await owner.execute(_KEEP, company.tenant_id, many)
    session = database.session()
    assert await worker.sweep_idempotency_keys(session, LONG_AGO + worker.KEYS_ARE_KEPT) == many
    assert session.statements == 3
    assert await owner.fetch(_LEFT, company.tenant_id) == []
