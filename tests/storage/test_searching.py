"""What somebody looks for is found in an index, however much a company and its neighbours have."""

from itertools import product
from typing import Final

import pytest
import pytest_asyncio

from emplette.storage import lists, registers
from emplette.storage.database import Database
from emplette.storage.lists import Slice
from emplette.storage.registers import Filters
from emplette.storage.suppliers import SUPPLIERS, query_of
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.plans import Said, listen, looked_at, nodes_of

MANY: Final = 10_000
FOUND: Final = 10
LOOKED_AT: Final = 100
"""Rows at most: those that are found, those of neighbours with the same words, and what they refer to."""
TERMS: Final = ("dupont", "Dupont SARL", "fils dup", "common fils")
PIECES: Final = (Slice(limit=100), Slice(limit=0, counted=True))
# One name in a thousand is the one that is looked for; a word of all of them stands beside it.
_FILL: Final = """
INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, search_text, territory_id)
SELECT {t}, 1000 + n, 'Common ' || n, 'common ' || n,
       'common sarl ' || CASE WHEN n % 1000 = 7 THEN 'dupont fils' ELSE 'other' || n END, 'FR'
FROM generate_series(1, {many}) n;
INSERT INTO purchases (tenant_id, purchase_id, version, state, title, owner_id, nature_id, cost_center_id, supplier_id,
    search_text, created_at, author_id, modified_at, modifier_id)
SELECT {t}, 1000 + n, 1, 'Created', 'Thing', 35, 1, 3, 6,
       'common thing ' || CASE WHEN n % 1000 = 7 THEN 'dupont fils' ELSE 'other' || n END,
       timestamptz '2025-01-01Z' + n * interval '1 min', 35, now(), 35 FROM generate_series(1, {many}) n;
ANALYZE suppliers, purchases;
"""


@pytest_asyncio.fixture
async def said(company: Company, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Fill a company's tables, and listen to what is asked of the database from then on."""
    await company.owner.execute(_FILL.format(t=company.tenant_id, many=MANY))
    return listen(monkeypatch)


async def _check(owner: OwnerConnection, said: Said, index: str) -> None:
    """Check that each statement went through the index of words, and looked at few rows beside those it found.

    Beside other companies' rows PostgreSQL may first take those of this company from its key: that reads no row.
    """
    assert said
    for sql, arguments in said:
        nodes = await nodes_of(owner, sql, arguments)
        for node in nodes:
            if node["Node Type"] == "Bitmap Index Scan":
                continue
            assert looked_at(node) <= LOOKED_AT, node
        assert index in {node.get("Index Name") for node in nodes}


async def test_suppliers_are_found_in_the_index_of_their_words(
    company: Company, database: Database, said: Said
) -> None:
    for terms, piece in product(TERMS, PIECES):
        filters = Filters(words=query_of(terms))
        page = await registers.list_entries(database.session(), company.tenant_id, SUPPLIERS, filters, piece)
        assert (page.count if piece.counted else len(page.items)) == FOUND
    await _check(company.owner, said, "suppliers_by_words")


async def test_purchases_are_found_in_the_index_of_their_words(
    company: Company, database: Database, said: Said
) -> None:
    for terms, piece in product(TERMS, PIECES):
        page = await lists.purchases(database.session(), company.tenant_id, None, lists.Filters(terms=terms), piece)
        assert (page.count if piece.counted else len(page.items)) == FOUND
    await _check(company.owner, said, "purchases_by_words")
