"""What is asked about one order or one commitment looks at its rows, however many others the company has."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
import pytest_asyncio

from emplette.storage import lists, order_documents
from emplette.storage.database import Database, Session
from emplette.storage.lists import Filters, Slice
from tests.fixtures.companies import Company
from tests.fixtures.pending import let_wait

ORDERED: Final = 1_000
LOOKED_AT: Final = 20
_APPROVE: Final = (
    "UPDATE requests SET state = 'Approved' WHERE tenant_id = $1",
    """INSERT INTO orders (tenant_id, order_id, number, state, purchase_id, commitment_id, owner_id, supplier_id,
        approved_at, history, created_at, author_id)
    SELECT $1, n, 'PO-' || n, 'Open', n, n, 35, 6, now(), '[]', now(), 35 FROM generate_series(1, $2::int) n""",
    "UPDATE commitments SET state = 'Provisioned', order_id = commitment_id WHERE tenant_id = $1",
)


@pytest_asyncio.fixture
async def said(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """Give the company a thousand orders, and listen to what is asked of the database from then on."""
    await let_wait(company, pending=ORDERED)
    for statement in _APPROVE:
        await company.owner.execute(statement, *(company.tenant_id, ORDERED)[: statement.count("$")])
    await company.owner.execute("ANALYZE requests, orders, commitments")
    heard: list[tuple[str, tuple[object, ...]]] = []
    fetch = Session.fetch

    async def listen(self: Session, sql: str, *arguments: object) -> Any:  # noqa: ANN401  what it was asked for
        heard.append((sql, arguments))
        return await fetch(self, sql, *arguments)

    monkeypatch.setattr(Session, "fetch", listen)
    return heard


async def _check(company: Company, said: list[tuple[str, tuple[object, ...]]]) -> None:
    assert said
    for sql, arguments in said:
        async with company.owner.transaction():
            await company.owner.execute("SET LOCAL enable_seqscan = off")
            explained = await company.owner.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)
        for node in _nodes(msgspec.json.decode(explained)[0]["Plan"]):
            looked_at = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
            assert looked_at <= LOOKED_AT, (sql, node)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


async def test_the_document_of_an_order_is_found_and_its_hash_looked_up_by_its_purchase(
    company: Company, database: Database, said: list[tuple[str, tuple[object, ...]]]
) -> None:
    session = database.session()
    assert (await order_documents.edition(session, company.tenant_id, 7)).number == 1
    assert await order_documents.content_hash(session, company.tenant_id, "PO-7") == "h"
    await _check(company, said)


async def test_the_requests_of_a_commitment_are_found_by_its_purchase(
    company: Company, database: Database, said: list[tuple[str, tuple[object, ...]]]
) -> None:
    filters = Filters({"commitmentId": [7]})
    page = await lists.requests(database.session(), company.tenant_id, None, filters, Slice(100, counted=True))
    assert len(page.items) == 1
    await _check(company, said)
