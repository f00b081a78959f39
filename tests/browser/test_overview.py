"""From a number to what it sums up, and from there to a purchase."""

import pytest

from tests.fixtures.browsers import SECOND, Tour
from tests.fixtures.budgets import make_budget
from tests.fixtures.companies import Company
from tests.fixtures.lives import Live
from tests.fixtures.spending import YEAR, spend

pytestmark = pytest.mark.long


async def test_an_accountant_looks_over_a_year_and_follows_its_numbers(
    tour: Tour, company: Company, live: Live
) -> None:
    await make_budget(
        await company.caller(permissions=("configure", "view:all")), amount={"value": 50_000, "currency": "EUR"}
    )
    await spend(live)
    await tour.sign_in(SECOND, "accountant")
    await tour.open("/overview")
    await tour.open(f"/overview?{YEAR}")
    whole = await tour.page.locator(".sum-whole a.figure").first.inner_text()
    await tour.send(".sum-whole a.figure >> nth=0")
    assert whole in await tour.heading()
    await tour.send("tbody a >> nth=0")
    await tour.open(f"/overview?{YEAR}")
    await tour.send("a[href^='/overview/budgets/'] >> nth=0")
    await tour.open(f"/overview?{YEAR}")
    await tour.send("a[href^='/overview/waiting/'] >> nth=0")
    await tour.send("tbody a >> nth=0")
    await tour.open(f"/overview/by/suppliers?{YEAR}")
