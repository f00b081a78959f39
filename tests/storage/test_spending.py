"""What is summed up, against purchases summed up one by one: exact whenever it is read, however far it was counted."""

import re
from datetime import date
from typing import Final

import httpx2
import pytest

from emplette.domain.people import Visible
from emplette.domain.spending import Facet, Months, SpendingStage, Wanted, places_of
from emplette.storage import spending, spending_checks, spending_counts, visibility
from emplette.storage.database import Database
from emplette.storage.lists import Slice
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import SUBSCRIPTION
from tests.fixtures.lives import STAGES, Live
from tests.fixtures.logs import seal_all
from tests.fixtures.pending import PENDING, let_wait
from tests.fixtures.plans import listen, looked_at, nodes_of
from tests.fixtures.spending import costing, spend

MONTHS: Final = Months.between(date(2025, 1, 1), date(2027, 12, 31))
LATER: Final = Months.between(date(2090, 1, 1), date(2093, 12, 31))
WHOLE: Final = Wanted(MONTHS, "EUR", frozenset(SpendingStage))
BOUND: Final = SUBSCRIPTION | {
    "startDate": "2090-01-01",
    "firstInvoiceDate": "2090-01-01",
    "subscriptionDuration": {"value": 3, "unit": "Year"},
    "contractualObligation": {"value": 1, "unit": "Year"},
}

_MANY: Final = """
INSERT INTO purchases (tenant_id, purchase_id, version, state, title, owner_id, nature_id, cost_center_id, supplier_id,
    search_text, created_at, author_id, modified_at, modifier_id)
SELECT $1, n, 1, 'Created', 'Thing', 35, 1, 3, 6, 'thing', now(), 35, now(), 35 FROM generate_series(1, $2::int) n
"""

_PARAMETER: Final = re.compile(r"\$\d")
_FEW: Final = 50
"""What counts as few where it is tried what happens with many."""
_COUNTED: Final = (
    """INSERT INTO spending_lines (tenant_id, purchase_id, month, state, currency, nature_id, cost_center_id,
        supplier_id, minor)
    SELECT $1, n, '2025-01-01', 'Asked', 'EUR', 1, 3, 6, 100 FROM generate_series(1, $2::int) n""",
    "INSERT INTO chains (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING",
    "INSERT INTO spending_progress (tenant_id, position) SELECT $1, position FROM chains WHERE tenant_id = $1",
    "DELETE FROM unsealed WHERE tenant_id = $1",
    "ANALYZE purchases, requests, request_approvers, spending_lines",
)


class Books:
    """What is spent by one company, and how far it was counted."""

    def __init__(self, database: Database, company: Company) -> None:
        self.db, self.tenant = database.session(), company.tenant_id

    async def by_month(self, months: Months = MONTHS) -> dict[int, int]:
        """Sum up what is approved or asked for in each month, in the smallest coin."""
        found = await spending.sums(self.db, self.tenant, None, months)
        sums: dict[int, int] = {}
        for each, minor in found.by.items():
            if each.facet is Facet.MONTH:
                sums[each.of] = sums.get(each.of, 0) + minor
        return sums

    async def count(self) -> None:
        """Count all that was sealed."""
        while await spending_counts.count(self.db, self.tenant, 1_000):
            pass

    async def late(self) -> int:
        """Tell of how many purchases something happened that is not counted."""
        return (await spending.sums(self.db, self.tenant, None, MONTHS)).late


@pytest.fixture
def books(database: Database, company: Company) -> Books:
    """Lend the books of the company."""
    return Books(database, company)


async def test_sums_are_what_the_lines_come_to_however_far_they_were_counted(
    books: Books, database: Database, live: Live
) -> None:
    for number, stage in enumerate(STAGES):
        await live(stage, terms=costing(10 ** (number % 5)))
        if number % 3 == 0:
            await seal_all(database, books.tenant)
        if number % 4 == 0:
            await books.count()
        listed = await spending.lines(books.db, books.tenant, None, WHOLE, Slice(1_000))
        sums = (await spending.sums(books.db, books.tenant, None, MONTHS)).by
        for facet in Facet:
            own = {(each.of, each.state): minor for each, minor in sums.items() if each.facet is facet}
            told: dict[tuple[int, str], int] = {}
            for line in listed.items:
                place = (places_of(line)[facet], line.state)
                told[place] = told.get(place, 0) + line.minor
            assert own == told
        assert listed.minor == sum(line.minor for line in listed.items)


async def test_what_was_counted_is_not_looked_at_again(books: Books, database: Database, live: Live) -> None:
    await spend(live)
    assert await books.late() == 6
    await seal_all(database, books.tenant)
    await books.count()
    assert await books.late() == 0
    await live("pending", terms=costing(5))
    assert await books.late() == 1
    await books.count()
    assert await books.late() == 1, "what has no seal yet can't be counted"


async def test_purchases_that_were_there_before_are_counted_first(
    books: Books, database: Database, live: Live, owner: OwnerConnection
) -> None:
    await spend(live)
    await seal_all(database, books.tenant)
    before = await books.by_month()
    assert await spending_counts.count(books.db, books.tenant, 4) == 4
    assert await books.by_month() == before
    await books.count()
    assert await books.by_month() == before
    assert await owner.fetchval("SELECT walked_id FROM spending_progress WHERE tenant_id = $1", books.tenant) is None


async def test_a_subscription_that_is_stopped_costs_nothing_after_its_end(
    books: Books, database: Database, live: Live, client: httpx2.AsyncClient
) -> None:
    life = await live("approved", terms=BOUND)
    await seal_all(database, books.tenant)
    await books.count()
    years = {year * 100 + month for year in (2090, 2091, 2092) for month in range(1, 13)}
    assert set(await books.by_month(LATER)) == years
    assert (await client.post(f"{life.commitment}/stops")).status_code == 201
    left = {month for month in years if month < 209100}
    assert set(await books.by_month(LATER)) == left
    await seal_all(database, books.tenant)
    await books.count()
    assert set(await books.by_month(LATER)) == left


async def test_sums_are_exact_when_too_much_happened_to_find_out_of_which_purchases(
    books: Books, database: Database, live: Live, owner: OwnerConnection
) -> None:
    await spend(live)
    await seal_all(database, books.tenant)
    await books.count()
    before = await books.by_month()
    far = "UPDATE chains SET position = position + $2 WHERE tenant_id = $1"
    await owner.execute(far, books.tenant, spending.MOST_HAPPENED)
    assert await books.late() == 0
    await owner.execute(far, books.tenant, 1)
    assert await books.late() == 6
    assert await books.by_month() == before


@pytest.mark.parametrize("visible", [None, Visible(frozenset({35}), asked_id=36)], ids=["all", "some"])
async def test_more_purchases_than_can_be_added_up_are_told_and_not_one_of_them_is_read(
    books: Books, company: Company, monkeypatch: pytest.MonkeyPatch, visible: Visible | None
) -> None:
    await company.owner.execute(_MANY, books.tenant, spending.MOST_LATE + 1)
    said = listen(monkeypatch)
    sums = await spending.sums(books.db, books.tenant, visible, MONTHS)
    lines = await spending.lines(books.db, books.tenant, visible, WHOLE, Slice(100))
    assert (sums.late, lines.late) == (spending.MOST_LATE + 1, spending.MOST_LATE + 1)
    for sql, arguments in said:
        nodes = await nodes_of(company.owner, sql, arguments)
        read = {node["Relation Name"] for node in nodes if node.get("Relation Name") and looked_at(node)}
        assert read <= {"purchases"}
        scans = [node for node in nodes if node.get("Relation Name") == "purchases"]
        assert sum(map(looked_at, scans)) <= spending.MOST_LATE + 1, "they are counted"


@pytest.mark.parametrize(
    "visible",
    [
        Visible(frozenset({35}), asked_id=None),
        Visible(frozenset({37}), asked_id=36),
        Visible(frozenset(), asked_id=36),
        Visible(frozenset({38}), asked_id=38, cost_centers=frozenset({3})),
        Visible(frozenset({38}), asked_id=38, stands_in_for=frozenset({36})),
        Visible(frozenset({38}), asked_id=38),
    ],
    ids=["owner", "leader who is asked", "who is asked", "of a cost center", "deputy", "stranger"],
)
async def test_who_sees_much_sees_the_same_as_who_sees_little(
    books: Books, database: Database, live: Live, monkeypatch: pytest.MonkeyPatch, visible: Visible
) -> None:
    for number, stage in enumerate(STAGES):
        changes = {"ownerId": 37} if number % 3 == 0 else {}
        await live(stage, terms=costing(10 ** (number % 5)), **changes)
    await seal_all(database, books.tenant)
    await books.count()
    await live("pending", terms=costing(5))
    little = await spending.sums(books.db, books.tenant, visible, MONTHS)
    lines = await spending.lines(books.db, books.tenant, visible, WHOLE, Slice(1_000))
    assert bool(little.by) is (visible.people != {38} or bool(visible.cost_centers or visible.stands_in_for))
    monkeypatch.setattr(visibility, "FEW", -1)
    assert await spending.sums(books.db, books.tenant, visible, MONTHS) == little
    assert await spending.lines(books.db, books.tenant, visible, WHOLE, Slice(1_000)) == lines


async def test_what_is_seen_of_very_many_is_not_looked_up_one_by_one(
    books: Books, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await let_wait(company)
    for statement in _COUNTED:
        await company.owner.execute(statement, *(books.tenant, PENDING)[: len(set(_PARAMETER.findall(statement)))])
    monkeypatch.setattr(visibility, "FEW", _FEW)
    said = listen(monkeypatch)
    alma = Visible(frozenset({36}), asked_id=36)
    sums = await spending.sums(books.db, books.tenant, alma, MONTHS)
    lines = await spending.lines(books.db, books.tenant, alma, WHOLE, Slice(20))
    assert (set(sums.by.values()), lines.minor) == ({100 * PENDING}, 100 * PENDING)
    for sql, arguments in said:
        for node in await nodes_of(company.owner, sql, arguments):
            assert node["Actual Loops"] <= _FEW, (sql, node)


async def test_a_check_finds_what_was_changed_past_the_log(
    books: Books, database: Database, live: Live, owner: OwnerConnection
) -> None:
    await spend(live)
    await seal_all(database, books.tenant)
    await books.count()

    async def findings() -> int:
        lines = await spending_checks.lines(books.db, books.tenant, after=0, most=100)
        return len(await spending_checks.wrong(books.db, books.tenant, most=100)) + sum(
            each.there != each.told for each in lines
        )

    assert await findings() == 0
    for break_it, mend_it in (
        ("UPDATE spending_sums SET minor = minor + 1", "UPDATE spending_sums SET minor = minor - 1"),
        ("UPDATE spending_lines SET minor = minor + 1", "UPDATE spending_lines SET minor = minor - 1"),
        (strange := "UPDATE spending_lines SET purchase_id = -purchase_id", strange),
    ):
        await owner.execute(f"{break_it} WHERE tenant_id = $1", books.tenant)
        assert await findings() > 0, break_it
        await owner.execute(f"{mend_it} WHERE tenant_id = $1", books.tenant)
    assert await findings() == 0
