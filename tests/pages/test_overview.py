"""The overview: its sums, and that each number leads to exactly what it sums up."""

import csv
import io
from decimal import Decimal

import pytest

from emplette.storage import seals, spending_counts
from emplette.storage.database import Database
from tests.fixtures.budgets import make_budget
from tests.fixtures.companies import Company
from tests.fixtures.guide import SUBSCRIPTION
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
async def test_each_number_is_what_the_list_behind_it_comes_to(accountant: Visiting, live: Live) -> None:
    await live("approved", terms=costing(13), supplier={"name": "The market", "territoryId": "FR"})
    page = await accountant.see(f"/overview?{YEAR}")
    found = figures(page)
    assert len(found) > 20
    assert any("supplier=0" in href for href in found), "Suppliers that are not listed have a number of their own."
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


async def test_only_what_somebody_may_see_counts(
    buyer: Visiting, accountant: Visiting, database: Database, company: Company, live: Live
) -> None:
    await live("approved")
    await live("approved", terms=costing(7), ownerId=37)
    mine, everything = f"/overview/spending.csv?{YEAR}", [Decimal(7), Decimal(120)]
    for _ in ("not counted yet", "counted"):
        assert amounts_in((await buyer.client.get(mine)).text) == [Decimal(120)]
        assert sorted(amounts_in((await accountant.client.get(mine)).text)) == everything
        assert "€127.00" not in (await buyer.see(f"/overview?{YEAR}")).text
        assert "€127.00" in (await accountant.see(f"/overview?{YEAR}")).text
        await count(database, company)


@pytest.mark.usefixtures("bought")
async def test_the_list_goes_on_where_it_ended_and_has_each_line_once(
    accountant: Visiting, database: Database, company: Company, live: Live
) -> None:
    await count(database, company)
    await live("approved", terms=costing(3, costDate="2025-06-01", invoiceDate="2025-06-01"))
    await live("approved", terms=SUBSCRIPTION | {"subscriptionDuration": {"value": 5, "unit": "Year"}})
    span = "from=2025-01&to=2031-12"
    page, seen = await accountant.see(f"/overview/spending?{span}"), list[str]()
    while True:
        seen += [row.text_content() for row in page.tree.xpath("//tbody/tr")]
        further = page.tree.xpath("//a[@rel='next']/@href")
        if not further:
            break
        page = await accountant.see(further[0])
    whole = amounts_in((await accountant.client.get(f"/overview/spending.csv?{span}")).text)
    assert len(seen) == len(whole) > 70
    assert f"€{sum(whole):,.2f}" in page.title


@pytest.mark.usefixtures("bought")
async def test_budgets_lead_to_what_they_hold(
    company: Company, accountant: Visiting, buyer: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await company.caller(permissions=("configure", "view:all"))
    budget = await make_budget(admin, amount={"value": 50_000, "currency": "EUR"})
    page = await accountant.see(f"/overview?{YEAR}")
    place = f"/overview/budgets/{budget['id']}"
    for state, amount in (("Reserved", "50.00"), ("Committed", "9,120.00")):
        assert figures(page)[f"{place}?state={state}"] == f"€{amount}"
        assert f"€{amount}" in (await accountant.see(f"{place}?state={state}")).title
        saved = await accountant.client.get(f"{place}/csv?state={state}")
        held = csv.DictReader(io.StringIO(saved.text.lstrip("\ufeff")), delimiter=";")
        assert f"{sum(Decimal(row['Of the budget']) for row in held):,}" == amount
    assert not [href for href in figures(await buyer.see(f"/overview?{YEAR}")) if "budgets" in href]
    monkeypatch.setattr("emplette.http.pages.overview_lists._A_PAGE", 1)
    monkeypatch.setattr("emplette.http.pages.overview_lists._A_PIECE", 1)
    page, listed = await accountant.see(place), list[str]()
    while further := page.tree.xpath("//a[@rel='next']/@href"):
        listed += page.tree.xpath("//tbody//a/@href")
        page = await accountant.see(further[0])
        assert "€9,170.00" in page.title
    assert len({*listed, *page.tree.xpath("//tbody//a/@href")}) == len(listed) + 1 > 2
    whole = (await accountant.client.get(f"{place}/csv")).text.splitlines()
    assert len(whole) == len(listed) + 2
    rows = (await accountant.client.get(f"/overview/budgets.csv?{YEAR}")).text.splitlines()
    assert rows[1].endswith(";50000.00;50.00;9120.00;0.00;40830.00;0.00;EUR")


@pytest.mark.usefixtures("bought")
async def test_who_keeps_requests_waiting_is_named_with_what_waits(accountant: Visiting, decider: Visiting) -> None:
    page = await accountant.see("/overview")
    (place,) = page.tree.xpath("//a[starts-with(@href, '/overview/waiting/')]/@href")
    assert place == "/overview/waiting/36"
    waiting = await accountant.see(place)
    assert waiting.title == "Waiting for Alma Approver"
    (request,) = waiting.tree.xpath("//tbody//a/@href")
    assert (await decider.send(await decider.see(request), f"{request}/approval")).status_code == 303
    assert "Nothing waits" in (await accountant.see(place)).text


@pytest.mark.usefixtures("bought")
async def test_every_table_can_be_saved(accountant: Visiting) -> None:
    page = await accountant.see(f"/overview?{YEAR}")
    saved = [str(link) for link in page.tree.xpath("//a[@download]/@href")]
    assert len(saved) == 6
    for href in saved:
        answer = await accountant.client.get(href)
        assert answer.headers["content-type"].startswith("text/csv"), href
        assert len(answer.text.splitlines()) > 1, href


async def test_an_overview_of_nothing_says_what_to_do(buyer: Visiting) -> None:
    page = await buyer.see("/overview?from=1999-01&to=1999-12&currency=XXX")
    assert page.status == 200
    for told in ("Nothing is spent in these months", "No subscription has to be decided on", "Nobody is waited for"):
        assert told in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/overview?from=now", 400),
        ("/overview?from=2025-02&to=2025-01", 400),
        ("/overview?from=2000-01&to=2025-01", 400),
        ("/overview/spending?after=nowhere", 400),
        ("/overview/by/nobody", 404),
        ("/overview/budgets/99999", 404),
    ],
)
async def test_what_can_not_be_looked_at_is_refused(accountant: Visiting, path: str, status: int) -> None:
    assert (await accountant.see(path)).status == status


async def test_with_too_much_to_be_counted_nothing_inexact_is_shown(
    accountant: Visiting, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live("approved")
    monkeypatch.setattr("emplette.services.spending.MOST_LATE", 0)
    for path in ("/overview", "/overview/spending"):
        page = await accountant.see(path)
        assert page.status == 503
        assert "€" not in page.text
