"""What is asked about one order or one commitment looks at its rows, however many others the company has."""

from typing import Final

import pytest
import pytest_asyncio

from emplette.storage import lists, order_documents
from emplette.storage.database import Database
from emplette.storage.lists import Filters, Slice
from tests.fixtures.companies import Company
from tests.fixtures.pending import let_wait
from tests.fixtures.plans import Said, listen, looked_at, nodes_of

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
async def said(company: Company, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Give the company a thousand orders, and listen to what is asked of the database from then on."""
    await let_wait(company, pending=ORDERED)
    for statement in _APPROVE:
        await company.owner.execute(statement, *(company.tenant_id, ORDERED)[: statement.count("$")])
    await company.owner.execute("ANALYZE requests, orders, commitments")
    return listen(monkeypatch)


async def _check(company: Company, said: Said) -> None:
    assert said
    for sql, arguments in said:
        for node in await nodes_of(company.owner, sql, arguments):
            assert looked_at(node) <= LOOKED_AT, (sql, node)


async def test_the_document_of_an_order_is_found_and_its_hash_looked_up_by_its_purchase(
    company: Company, database: Database, said: Said
) -> None:
    session = database.session()
    assert (await order_documents.edition(session, company.tenant_id, 7)).number == 1
    assert await order_documents.content_hash(session, company.tenant_id, "PO-7") == "h"
    await _check(company, said)


async def test_the_requests_of_a_commitment_are_found_by_its_purchase(
    company: Company, database: Database, said: Said
) -> None:
    filters = Filters({"commitmentId": [7]})
    page = await lists.requests(database.session(), company.tenant_id, None, filters, Slice(100, counted=True))
    assert len(page.items) == 1
    await _check(company, said)
