"""A page costs what a page takes, for whoever looks, of whatever it is: the rows that are looked at, of very many."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.people import Visible
from emplette.storage import lists, visibility
from emplette.storage.database import Database
from emplette.storage.lists import Filters, Slice
from emplette.storage.migrate import migrate
from tests.fixtures.companies import found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.pending import let_wait
from tests.fixtures.plans import Said, listen, looked_at, nodes_of
from tests.migrations.conftest import connected, empty_database

MANY: Final = 2_000
FEW: Final = 100
"""What counts as few here; so much may be looked at, and a little more."""
LOOKED_AT: Final = 3 * FEW
SMALL_OWNER: Final = 6_007
_APART: Final = 50
TEAM: Final = frozenset(range(6_000, 6_000 + MANY // _APART))
"""Each of them owns one purchase; all others are Olive's, and each was written by the same key."""
OLIVE: Final = Visible(frozenset({35}), asked_id=35)
LEADER: Final = Visible(TEAM, asked_id=6_000)
ALMA: Final = Visible(frozenset({36}), asked_id=36)
"""She is asked about everything."""
_FILL: Final = (
    """INSERT INTO users (tenant_id, user_id, kind, first_name, last_name)
    SELECT $1, 6000 + n, 'Person', 'One', 'of Many' FROM generate_series(0, $2::int / 50 - 1) n""",
    "INSERT INTO users (tenant_id, user_id, kind, first_name, last_name) VALUES ($1, 5001, 'Key', 'All', '')",
    """UPDATE purchases SET author_id = 5001, search_text = 'common thing no' || purchase_id,
        owner_id = CASE WHEN purchase_id % 50 = 7 THEN 6000 + purchase_id / 50 ELSE 35 END WHERE tenant_id = $1""",
    """INSERT INTO orders (tenant_id, order_id, number, state, purchase_id, commitment_id, owner_id, supplier_id,
        approved_at, history, created_at, author_id)
    SELECT $1, n, 'PO-' || n, 'Open', n, n, 35, 6, now(), '[]', timestamptz '2025-01-01Z' + n * interval '1 min', 5001
    FROM generate_series(1, $2::int) n""",
)
FIRST: Final = Slice(limit=20)
COUNT: Final = Slice(limit=0, counted=True)
COMMON: Final = Filters(terms="common thing")
OF_A_KIND: Final = Filters({"natureId": [1]})
OF_OLIVE: Final = Filters({"ownerId": [35]})
OF_ONE: Final = Filters({"ownerId": [SMALL_OWNER]})
PAGES: Final = {
    "purchases of an owner of nearly all": ("purchases", OLIVE, Filters(), FIRST, 20),
    "words of nearly all, for an owner of nearly all": ("purchases", OLIVE, COMMON, FIRST, 20),
    "count of words of nearly all, for that owner": ("purchases", OLIVE, COMMON, COUNT, FEW),
    "requests of an owner of nearly all": ("requests", OLIVE, Filters(), FIRST, 20),
    "orders of an owner of nearly all": ("orders", OLIVE, Filters(), FIRST, 20),
    "words of nearly all, for a leader of many": ("purchases", LEADER, COMMON, FIRST, 20),
    "count of words of nearly all, for that leader": ("purchases", LEADER, COMMON, COUNT, len(TEAM)),
    "what is of one kind, for a leader of many": ("purchases", LEADER, OF_A_KIND, FIRST, 20),
    "count of what is of one kind, for that leader": ("purchases", LEADER, OF_A_KIND, COUNT, len(TEAM)),
    "count of what others own, for that leader": ("purchases", LEADER, OF_OLIVE, COUNT, 0),
    "purchases for somebody who is asked about all": ("purchases", ALMA, Filters(), FIRST, 20),
    "requests for somebody who is asked about all": ("requests", ALMA, Filters(), FIRST, 20),
    "orders for somebody who is asked about all": ("orders", ALMA, Filters(), FIRST, 20),
    "requests of one owner, for all to see": ("requests", None, OF_ONE, FIRST, 1),
    "requests of one owner, for an owner of nearly all": ("requests", OLIVE, OF_ONE, FIRST, 0),
    "requests of one owner, for somebody who is asked": ("requests", ALMA, OF_ONE, FIRST, 1),
    "count of requests of one owner": ("requests", None, OF_ONE, COUNT, 1),
    "requests of an owner of nearly all, for all to see": ("requests", None, OF_OLIVE, FIRST, 20),
}


@dataclass(frozen=True, slots=True)
class Much:
    """A company that has much, its database, and how the owner of that looks at it."""

    tenant: int
    database: Database
    owner: OwnerConnection


@pytest_asyncio.fixture(scope="module")
async def much(urls: Urls) -> AsyncIterator[Much]:
    """Lend a company of which nearly all is one person's, and all waits for another.

    Its database is its own: whoever looks at tables at this very moment keeps them from being vacuumed.
    """
    async with empty_database(urls) as empty, connected(empty) as owner:
        await migrate(owner, serving_role=empty.serving_role)
        company = await found_company(Router(), owner)
        await let_wait(company, pending=MANY)
        for statement in _FILL:
            await owner.execute(statement, *(company.tenant_id, MANY)[: statement.count("$")])
        await owner.execute("VACUUM (ANALYZE) purchases, commitments, requests, request_approvers, orders, users")
        database = await Database.connect(empty.serving, size=2)
        yield Much(company.tenant_id, database, owner)
        await database.close()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """Take a hundred for many already, and listen to what is asked of the database."""
    monkeypatch.setattr(visibility, "FEW", FEW)
    monkeypatch.setattr(lists, "COUNTED_TERMS", FEW)
    return listen(monkeypatch)


@pytest.mark.parametrize("of", PAGES)
async def test_a_page_looks_at_little_of_what_there_is(much: Much, said: Said, of: str) -> None:
    kind, visible, filters, piece, found = PAGES[of]
    page = await getattr(lists, kind)(much.database.session(), much.tenant, visible, filters, piece)
    assert (page.count if piece.counted else len(page.items)) == found
    assert said
    for sql, arguments in said:
        for node in await nodes_of(much.owner, sql, arguments):
            # What an index holds of a word is one list there, whatever is taken of it.
            if node["Node Type"] != "Bitmap Index Scan":
                assert looked_at(node) <= LOOKED_AT, (sql, json.dumps(node))


@pytest.mark.parametrize("visible", [None, OLIVE, LEADER, ALMA])
@pytest.mark.parametrize("terms", ["!!", "_", "-", "common !!", "ommon"])
async def test_terms_without_a_word_are_found_nowhere_and_words_only_from_their_beginning(
    much: Much, said: Said, visible: Visible | None, terms: str
) -> None:
    page = await lists.purchases(much.database.session(), much.tenant, visible, Filters(terms=terms), FIRST)
    assert len(page.items) == (20 if terms == "common !!" else 0)
    assert said


@pytest.mark.parametrize("visible", [OLIVE, LEADER, ALMA])
@pytest.mark.parametrize("filters", [Filters(), COMMON, OF_A_KIND], ids=["all", "words", "kind"])
async def test_pages_one_after_the_other_show_each_purchase_once(
    much: Much, said: Said, visible: Visible, filters: Filters
) -> None:
    db, seen, after = much.database.session(), [], None
    while True:
        page = await lists.purchases(db, much.tenant, visible, filters, Slice(limit=700, after=after))
        seen += [dossier.purchase.id for dossier in page.items]
        after = page.next
        if after is None:
            break
    owned = [n for n in range(1, MANY + 1) if (n % _APART == 7) == (visible is LEADER)]
    assert seen == (list(range(1, MANY + 1)) if visible is ALMA else owned)
    assert said
