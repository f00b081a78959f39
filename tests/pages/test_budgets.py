"""Budgets on the pages: made, corrected, carried over, brought from a table; and what a purchase leaves of them."""

import io
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from lxml import html
from openpyxl import Workbook

from tests.fixtures.budgets import euros, make_budget, numbers
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase
from tests.fixtures.pages import Visiting, seen, visiting

PLACE = "/settings/budgets"
THIS_YEAR = {"startDate": "2025-01-01", "endDate": "2025-12-31"}
TABLE = "name;startDate;endDate;amount;currency\nFairs;01/01/2025;31/12/2025;20 000,50;EUR\n"
GRANT = """
INSERT INTO role_grants (tenant_id, role_grant_id, user_id, role, cost_center_id, granted_at)
VALUES ($1, 1, $2, 'viewer', $3, now())"""


@pytest_asyncio.fixture
async def keeper(company: Company) -> AsyncIterator[Visiting]:
    """Lend an administrator, user 36."""
    async with await visiting(company, 36, "administrator") as visitor:
        yield visitor


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure", "view:all")) as caller:
        yield caller


async def ask(client: httpx2.AsyncClient, value: float = 120) -> dict[str, Any]:
    """Ask for approval of a purchase; answer the request."""
    purchase = await make_purchase(client)
    terms = ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": euros(value), "taxes": []}}
    commitment = await make_commitment(client, purchase["id"], terms)
    answer = await client.post(f"{API}/commitments/{commitment['id']}/requests")
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def upload(visitor: Visiting, where: str, name: str, content: bytes) -> httpx2.Response:
    """Choose a file on the page, and send it."""
    page = await visitor.see(f"{PLACE}/import")
    (form,) = [one for one in page.tree.forms if one.get("enctype") == "multipart/form-data"]
    query = str(form.get("action")).partition("?")[2]
    return await visitor.client.post(f"{where}?{query}", files={"file": (name, content)})


def faults_of(answer: httpx2.Response, *fields: str) -> list[str]:
    """Read what a page says beside its fields."""
    page = seen(answer)
    return [field for field in fields if page.tree.xpath(f"//*[@id='{field}-wrong1']")]


# Making and changing ----------------------------------------------------------------------------------------


async def test_without_budgets_the_page_says_what_they_are_for(keeper: Visiting, buyer: Visiting) -> None:
    assert "Make the first one" in (await keeper.see(PLACE)).text
    assert "No budgets yet" in (await buyer.see(PLACE)).text
    assert (await buyer.see(f"{PLACE}/new")).status == 403


async def test_a_budget_is_made_on_its_page(keeper: Visiting, client: httpx2.AsyncClient) -> None:
    page = await keeper.see(f"{PLACE}/new")
    fields = THIS_YEAR | {"name": "Marketing", "amount": "1 000,50", "costCenterId": "3"}
    answer = await keeper.send(page, f"{PLACE}/new", **fields)
    assert answer.status_code == 303, seen(answer).text
    (made,) = (await client.get(f"{API}/budgets")).json()["items"]
    assert (made["name"], made["amount"]["value"], made["costCenter"]["id"]) == ("Marketing", 1000.5, 3)
    assert answer.headers["location"] == f"{PLACE}/{made['id']}"
    shown = await keeper.see(answer.headers["location"])
    assert "Marketing" in shown.title
    assert "€1,000.50" in shown.text
    assert "Marketing" in (await keeper.see(f"{PLACE}?when=all")).text


async def test_what_is_wrong_with_a_budget_stands_beside_its_field(keeper: Visiting) -> None:
    page = await keeper.see(f"{PLACE}/new")
    wrong = {"name": " ", "amount": "much", "startDate": "", "currency": "XXX", "kind": "Odd", "natureId": "9" * 5_000}
    answer = await keeper.send(page, f"{PLACE}/new", **wrong)
    assert answer.status_code == 400
    marked = ["name", "amount", "startDate", "kind", "natureId"]
    assert faults_of(answer, *marked) == marked
    both = {"name": "Two", "amount": "-1", "natureId": "1", "costFamilyId": "1"}
    assert faults_of(await keeper.send(page, f"{PLACE}/new", **both), "amount") == ["amount"]
    both |= {"amount": "5"}
    answer = await keeper.send(page, f"{PLACE}/new", **both)
    assert faults_of(answer, "costFamilyId") == ["costFamilyId"]
    assert seen(answer).form(f"{PLACE}/new")["name"] == "Two"


async def test_a_budget_is_raised_and_lowered_for_a_reason(keeper: Visiting, admin: httpx2.AsyncClient) -> None:
    made = await make_budget(admin)
    place = f"{PLACE}/{made['id']}"
    page = await keeper.see(place)
    answer = await keeper.send(page, f"{place}/correction", way="less", amount="250", reason="")
    assert (answer.status_code, faults_of(answer, "reason", "amount")) == (400, ["reason"])
    answer = await keeper.send(page, f"{place}/correction", way="less", amount="250", reason="Savings")
    assert answer.status_code == 303
    assert await numbers(admin, made["id"]) == {"amount": 750, "free": 750}
    shown = await keeper.see(place)
    assert "€250.00 Savings" in shown.text
    assert "Alma Approver" in shown.text
    answer = await keeper.send(shown, f"{place}/correction", way="less", amount="800", reason="All of it")
    assert (answer.status_code, faults_of(answer, "amount")) == (400, ["amount"])


async def test_what_is_free_of_an_earlier_budget_is_carried_over(keeper: Visiting, admin: httpx2.AsyncClient) -> None:
    earlier = await make_budget(admin, name="2024", startDate="2024-01-01", endDate="2024-12-31")
    later = await make_budget(admin)
    place = f"{PLACE}/{later['id']}"
    page = await keeper.see(place)
    assert page.choices("fromBudgetId") == {"2024 · €1,000.00 free": str(earlier["id"])}
    refused = await keeper.send(page, f"{place}/carry-over", amount="1001")
    assert refused.status_code == 409
    assert "has 1000.00 EUR free" in seen(refused).text
    assert (await keeper.send(page, f"{place}/carry-over", amount="")).status_code == 303
    assert await numbers(admin, later["id"]) == {"amount": 2000, "free": 2000}
    assert f"from budget {earlier['id']}" in (await keeper.see(place)).text


async def test_a_double_click_corrects_once(keeper: Visiting, admin: httpx2.AsyncClient) -> None:
    made = await make_budget(admin)
    place = f"{PLACE}/{made['id']}"
    page = await keeper.see(place)
    for _ in range(2):
        answer = await keeper.send(page, f"{place}/correction", way="more", amount="10", reason="More")
        assert answer.status_code == 303
    assert (await numbers(admin, made["id"]))["amount"] == 1010


# What hangs on it -------------------------------------------------------------------------------------------


async def test_what_hangs_on_a_budget_is_for_who_may_see_it(
    company: Company, admin: httpx2.AsyncClient, client: httpx2.AsyncClient, keeper: Visiting
) -> None:
    made = await make_budget(admin, costCenterId=None)
    request = await ask(client)
    link = f"/purchases/{request['purchase']['id']}"
    place = f"{PLACE}/{made['id']}"
    assert link in (await keeper.see(place)).links()
    assert link not in (await keeper.see(f"{place}?state=Reserved")).links()
    for user, center, sees in ((39, 3, True), (37, 4, False)):
        await company.owner.execute("DELETE FROM role_grants WHERE tenant_id = $1", company.tenant_id)
        await company.owner.execute(GRANT, company.tenant_id, user, center)
        async with await visiting(company, user) as visitor:
            page = await visitor.see(place)
            assert (link in page.links()) is sees
            assert "Raise or lower it" not in page.text


async def test_beside_ask_stands_what_is_left_of_the_budget(buyer: Visiting, admin: httpx2.AsyncClient) -> None:
    asked = {"title": "Lamps", "supplier": "Amazon", "amount": "400", "nature": "1", "cost_center": "3"}
    dates = {"on": "2025-04-14", "currency": "EUR"}

    async def beside(**changes: str) -> str:
        page = await buyer.see("/ask")
        answer = await buyer.post("/ask/beside", page.form("/ask") | asked | dates | changes)
        return " ".join(html.fromstring(answer.text).text_content().split())

    assert "budget" not in await beside()
    await make_budget(admin, name="Small", amount=euros(500))
    assert "Free without this: €500.00 · with it: €100.00" in await beside()
    over = await beside(amount="600")
    assert "€100.00 beyond it" in over
    assert "it would be refused" in over
    assert "Not covered by a budget" in await beside(on="2026-04-14")


async def test_a_request_shows_the_budget_before_and_after(
    decider: Visiting, admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    made = await make_budget(admin, name="Small", amount=euros(500))
    request = await ask(submitter)
    page = await decider.see(f"/approvals/{request['id']}")
    assert "Free without this: €500.00 · with it: €380.00" in page.text
    assert f"{PLACE}/{made['id']}" in page.links()
    plan = (await submitter.get(f"{API}/requests/{request['id']}/plan")).json()["budgets"]
    (share,) = plan["shares"]
    assert (plan["state"], plan["notCovered"], share["state"]) == ("within", [], "Reserved")
    assert (share["freeBefore"]["value"], share["freeAfter"]["value"]) == (500, 380)


async def test_a_purchase_shows_what_no_budget_covers(
    buyer: Visiting, admin: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    await make_budget(admin, natureId=3)
    request = await ask(client)
    place = f"/purchases/{request['purchase']['id']}"
    assert "Not covered by a budget: 14 Apr 2025." in (await buyer.see(place)).text
    await make_budget(admin)
    assert "Not covered" not in (await buyer.see(place)).text


# From a table -----------------------------------------------------------------------------------------------


async def test_budgets_come_from_a_table_and_are_the_same_twice(keeper: Visiting, client: httpx2.AsyncClient) -> None:
    checked = await upload(keeper, f"{PLACE}/import/check", "budgets.csv", TABLE.encode())
    assert checked.status_code == 200
    assert "1 new, 0 as they are" in seen(checked).text
    assert (await client.get(f"{API}/budgets")).json()["items"] == []
    for _ in range(2):
        assert (await upload(keeper, f"{PLACE}/import", "budgets.csv", TABLE.encode())).status_code == 303
    (made,) = (await client.get(f"{API}/budgets")).json()["items"]
    assert (made["name"], made["amount"]["value"]) == ("Fairs", 20000.5)


async def test_budgets_come_from_a_workbook(keeper: Visiting, client: httpx2.AsyncClient) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["name", "startDate", "endDate", "amount", "currency", "costCenterId"])
    sheet.append(["Fairs", "2025-01-01", "2025-12-31", 20000.55, "EUR", 3])
    file = io.BytesIO()
    book.save(file)
    answer = await upload(keeper, f"{PLACE}/import", "budgets.xlsx", file.getvalue())
    assert answer.status_code == 303, seen(answer).text
    (made,) = (await client.get(f"{API}/budgets")).json()["items"]
    assert (made["amount"]["value"], made["costCenter"]["id"]) == (20000.55, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.replace("EUR", "XXX").encode(), "line 2, column currency"),
        (b"PK\x03\x04 but no workbook", "Can't be read as a workbook"),
    ],
)
async def test_a_table_with_something_wrong_is_not_written(keeper: Visiting, content: bytes, said: str) -> None:
    answer = await upload(keeper, f"{PLACE}/import", "budgets.csv", content)
    assert answer.status_code == 400
    assert said in seen(answer).text
