"""A list of what somebody owns costs what they own, however much the company has: the shape of its plans."""

import asyncio
import json
from typing import Final

import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.people import Visible
from emplette.storage import lists
from emplette.storage.database import Database
from emplette.storage.lists import Filters, Slice
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.plans import listen, nodes_of

MANY: Final = 3_000
MINE: Final = 3

# All of it was written by one key: what the tables' statistics say of authors is of no help to anybody.
_FILL: Final = """
INSERT INTO users (tenant_id, user_id, kind, first_name, last_name, person_id) VALUES
    ({t}, 5001, 'Key', 'All', '', NULL), ({t}, 5002, 'Key', 'Mine', '', 35);
INSERT INTO purchases (tenant_id, purchase_id, version, state, title, owner_id, nature_id, cost_center_id, supplier_id,
    search_text, created_at, author_id, modified_at, modifier_id)
SELECT {t}, n, 1, 'Processing', 'Thing ' || n, CASE WHEN n % 1000 = 7 THEN 35 ELSE 37 END, 1, 3, 6, 'thing ' || n,
    timestamptz '2025-01-01Z' + n * interval '1 min', 5001, now(), 5001 FROM generate_series(1, {many}) n;
INSERT INTO commitments (tenant_id, commitment_id, purchase_id, type, state, currency, excluding_minor,
    counter_currency, counter_excluding_minor, rate, periods_count, cost_date, invoice_date, created_at, author_id,
    modified_at, modifier_id)
SELECT {t}, n, n, 'OneTimeCommitment', 'UnderReview', 'EUR', 1, 'EUR', 1, 1, 1, '2025-01-01', '2025-01-01', now(), 5001,
    now(), 5001 FROM generate_series(1, {many}) n;
INSERT INTO requests (tenant_id, request_id, purchase_id, commitment_id, state, workflow_id, step, assignee_id,
    content_hash, requester_ids, created_at, author_id, modified_at, modifier_id)
SELECT {t}, n, n, n, 'Pending', 'w', 1, 36, 'h', '{{}}', timestamptz '2025-01-01Z' + n * interval '1 min', 5001, now(),
    5001 FROM generate_series(1, {many}) n;
INSERT INTO orders (tenant_id, order_id, number, state, purchase_id, commitment_id, owner_id, supplier_id, approved_at,
    history, created_at, author_id)
SELECT {t}, n, n, 'Open', n, n, 37, 6, now(), '[]', timestamptz '2025-01-01Z' + n * interval '1 min', 5001
FROM generate_series(1, {many}) n;
UPDATE commitments SET request_id = commitment_id, order_id = commitment_id WHERE tenant_id = {t};
UPDATE purchases SET commitment_id = purchase_id WHERE tenant_id = {t};
"""
# As a server that has run for a while has them: what autovacuum does after every hundredth change.
_TIDY: Final = "VACUUM (ANALYZE) purchases, commitments, requests, orders, users"
_IS_TIDY: Final = "SELECT relallvisible >= relpages FROM pg_class WHERE oid = 'public.purchases'::regclass"
LISTED: Final = {
    "purchases": {"purchases_by_owner", "purchases_by_author"},
    "requests": {"purchases_by_owner", "purchases_by_author", "requests_by_purchase"},
    "orders": {"purchases_by_owner", "purchases_by_author", "orders_by_purchase"},
}
OWN: Final = Visible(frozenset({35}), asked_id=None)


@pytest_asyncio.fixture(scope="module")
async def company(app: Router, owner: OwnerConnection) -> Company:
    """Found a company that has much, of which somebody has little."""
    company = await found_company(app, owner)
    await owner.execute(_FILL.format(t=company.tenant_id, many=MANY))
    # Whoever looks at the tables at this very moment, such as the server itself for its statistics, keeps it from that.
    async with asyncio.timeout(60):
        await owner.execute(_TIDY)
        while not await owner.fetchval(_IS_TIDY):
            await asyncio.sleep(0.1)
            await owner.execute(_TIDY)
    return company


@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize(
    "piece",
    [Slice(limit=100), Slice(limit=0, counted=True), Slice(limit=2, offset=1)],
    ids=["first page", "count", "page by number"],
)
async def test_a_list_of_ones_own_looks_at_ones_own_only(
    company: Company,
    owner: OwnerConnection,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    piece: Slice,
) -> None:
    said = listen(monkeypatch)
    page = await getattr(lists, kind)(database.session(), company.tenant_id, OWN, Filters(), piece)
    assert (page.count, len(page.items)) == ((MINE, 0) if piece.counted else (None, min(piece.limit, MINE)))
    used: set[str] = set()
    for sql, arguments in said:
        for node in await nodes_of(owner, sql, arguments):
            assert node["Actual Rows"] * node["Actual Loops"] < 200, json.dumps(node)
            assert node.get("Rows Removed by Filter", 0) < 200, json.dumps(node)
            used.add(node.get("Index Name", ""))
    assert used >= LISTED[kind]
    assert not used & {"purchases_in_order", "requests_in_order", "orders_in_order"}
