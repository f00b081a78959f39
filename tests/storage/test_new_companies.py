"""A company that has only just begun is served as any other, before PostgreSQL has looked at a single table."""

from pathlib import Path
from typing import Final

import httpx2
import pytest

from emplette.storage.migrate import TELLABLE_SINCE, migrate
from tests.fixtures.companies import found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, PURCHASE
from tests.fixtures.programs import program
from tests.migrations.conftest import connected, empty_database

ORDERS: Final = 100
READ_FOR_ONE: Final = 25
"""Rows of a table that an order may read; its purchase alone is read some nine times."""
_READ: Final = """
SELECT relname, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) / $1 AS rows FROM pg_stat_user_tables
WHERE relname IN ('purchases', 'commitments', 'requests', 'users', 'natures', 'suppliers', 'axis_sections')
"""


async def _never_look(owner: OwnerConnection) -> None:
    for table in await owner.fetch("SELECT relname FROM pg_stat_user_tables"):
        await owner.execute(f"ALTER TABLE {table['relname']} SET (autovacuum_enabled = false)")


async def _order(client: httpx2.AsyncClient) -> None:
    purchase = (await client.post(f"{API}/purchases", json=PURCHASE)).json()["id"]
    commitment = (await client.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": purchase})).json()
    request = await client.post(f"{API}/commitments/{commitment['commitmentId']}/requests")
    assert request.json()["state"] == "Approved"


async def test_an_order_reads_its_own_rows_though_the_tables_were_never_looked_at(urls: Urls, tmp_path: Path) -> None:
    async with empty_database(urls) as empty, connected(empty) as owner:
        if owner.get_server_version().major < TELLABLE_SINCE:
            pytest.skip("Only PostgreSQL 18 lets itself be told what it would find; one before has to look first.")
        await migrate(owner, serving_role=empty.serving_role)
        await _never_look(owner)
        # What a connection read is counted for certain once it is closed.
        async with (
            program(empty.serving, pool_size=2, data_dir=tmp_path) as app,
            await (await found_company(app, owner)).caller() as client,
        ):
            for _ in range(ORDERS):
                await _order(client)
        read = {row["relname"]: row["rows"] for row in await owner.fetch(_READ, ORDERS)}
    assert all(read.values())
    assert {name: rows for name, rows in read.items() if rows > READ_FOR_ONE} == {}
