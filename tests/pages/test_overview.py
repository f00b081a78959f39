"""The overview: its sums, and that each number leads to exactly what it sums up."""

import csv
import io
from decimal import Decimal

import pytest

from emplette.storage import seals, spending_counts
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.lives import Live
from tests.fixtures.pages import Seen, Visiting
from tests.fixtures.spending import YEAR, costing, spend


def amounts_in(text: str) -> list[Decimal]:
    """Read the amounts of a table that was saved, one a line."""
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    return [Decimal(row["Amount before tax"]) for row in rows]


def figures(page: Seen) -> dict[str, str]:
    """List the numbers that lead somewhere: where to, and what stands there."""
    return {str(link.get("href")): link.text_content().strip() for link in page.tree.xpath("//a[@class='figure']")}


@pytest.fixture
async def bought(live: Live) -> None:
    """Buy in every way."""
    await spend(live)


async def count(database: Database, company: Company) -> None:
    """Count all that happened, as the job does."""
    while await seals.seal(database.session(), company.tenant_id, 1_000):
        pass
    while await spending_counts.count(database.session(), company.tenant_id, 1_000):
        pass


@pytest.mark.usefixtures("bought")
async def test_each_number_is_what_the_list_behind_it_comes_to(accountant: Visiting) -> None:
    page = await accountant.see(f"/overview?{YEAR}")
    found = figures(page)
    assert len(found) > 20
    for href, shown in found.items():
        answer = await accountant.client.get(href.replace("/spending?", "/spending.csv?"))
        total = sum(amounts_in(answer.text))
        assert shown == f"€{total:,.2f}", href
        assert f"€{total:,.2f}" in (await accountant.see(href)).title


@pytest.mark.usefixtures("bought")
async def test_what_was_counted_and_what_was_not_comes_to_the_same(
    accountant: Visiting, database: Database, company: Company, live: Live
) -> None:
    before = figures(await accountant.see(f"/overview?{YEAR}"))
    await count(database, company)
    assert figures(await accountant.see(f"/overview?{YEAR}")) == before
    await live("approved", terms=costing(1))
    after = figures(await accountant.see(f"/overview?{YEAR}"))
    assert after != before
    await count(database, company)
    assert figures(await accountant.see(f"/overview?{YEAR}")) == after
