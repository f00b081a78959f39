"""A company that has only just begun is served as any other, before PostgreSQL has looked at a single table."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx2
import pytest

from emplette.storage.migrate import TELLABLE_SINCE, migrate
from tests.fixtures.attachments import attach
from tests.fixtures.budgets import euros, make_budget
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase
from tests.fixtures.programs import program
from tests.migrations.conftest import connected, empty_database

ORDERS: Final = 100
LIVES: Final = 80
READ_FOR_ONE: Final = 25
"""Rows of a table that one of them may read; its purchase alone is read some nine times, or twice as often."""
_READ: Final = """
SELECT relname, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) / $1 AS rows FROM pg_stat_user_tables
WHERE relname = ANY ($2::text[])
"""
_OF_AN_ORDER: Final = ("purchases", "commitments", "requests", "users", "natures", "suppliers", "axis_sections")
_OF_A_LIFE: Final = ("purchases", "commitments", "requests", "budget_entries", "attachments", "files", "comments")


async def _never_look(owner: OwnerConnection) -> None:
    for table in await owner.fetch("SELECT relname FROM pg_stat_user_tables"):
        await owner.execute(f"ALTER TABLE {table['relname']} SET (autovacuum_enabled = false)")


async def _order(_: Company, client: httpx2.AsyncClient) -> None:
    purchase = (await client.post(f"{API}/purchases", json=PURCHASE)).json()["id"]
    commitment = (await client.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": purchase})).json()
    request = await client.post(f"{API}/commitments/{commitment['commitmentId']}/requests")
    assert request.json()["state"] == "Approved"


async def _live(company: Company, client: httpx2.AsyncClient) -> None:
    purchase = (await make_purchase(client))["id"]
    attachment = await attach(company, client)
    commitment = (await make_commitment(client, purchase, attachmentIds=[attachment]))["id"]
    revised = await client.put(f"{API}/commitments/{commitment}", json=ONE_TIME | {"attachmentIds": []})
    request = await client.post(f"{API}/commitments/{commitment}/requests")
    said = await client.post(f"{API}/purchases/{purchase}/comments", json={"text": "Who delivers?"})
    comments = await client.get(f"{API}/purchases/{purchase}/comments")
    cancelled = await client.post(f"{API}/requests/{request.json()['id']}/cancellations", json={"comment": "Nobody"})
    assert [answer.status_code for answer in (revised, request, said, comments, cancelled)] == [200, 201, 201, 200, 201]


async def _read_by(
    urls: Urls,
    folder: Path,
    deed: Callable[[Company, httpx2.AsyncClient], Awaitable[None]],
    times: int,
    tables: tuple[str, ...],
) -> dict[str, int]:
    """Let a new company do something many times; answer how many rows of a table each time has read."""
    async with empty_database(urls) as empty, connected(empty) as owner:
        if owner.get_server_version().major < TELLABLE_SINCE:
            pytest.skip("Only PostgreSQL 18 lets itself be told what it would find; one before has to look first.")
        await migrate(owner, serving_role=empty.serving_role)
        await _never_look(owner)
        # What a connection read is counted for certain once it is closed.
        async with program(empty.serving, pool_size=2, data_dir=folder) as app:
            company = await found_company(app, owner)
            async with await company.caller(permissions=("configure",)) as admin:
                await make_budget(admin, amount=euros(1_000_000))
            async with await company.caller() as client:
                for _ in range(times):
                    await deed(company, client)
        return {row["relname"]: row["rows"] for row in await owner.fetch(_READ, times, tables)}


async def test_an_order_reads_its_own_rows_though_the_tables_were_never_looked_at(urls: Urls, tmp_path: Path) -> None:
    read = await _read_by(urls, tmp_path, _order, ORDERS, _OF_AN_ORDER)
    assert all(read.values())
    assert {name: rows for name, rows in read.items() if rows > READ_FOR_ONE} == {}


async def test_so_does_what_is_attached_changed_charged_discussed_and_cancelled(urls: Urls, tmp_path: Path) -> None:
    read = await _read_by(urls, tmp_path, _live, LIVES, _OF_A_LIFE)
    assert all(read.values())
    assert {name: rows for name, rows in read.items() if rows > READ_FOR_ONE} == {}
