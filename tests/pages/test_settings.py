"""Settings on the pages: who may change what, and that it counts."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting, seen, visiting

API = "/cleemy-procurement/api"
POLICY = "steps:\n  - name: Boss\n    anyOf: [37]\n"


@pytest_asyncio.fixture
async def administrator(company: Company) -> AsyncIterator[Visiting]:
    async with await visiting(company, 36, "administrator") as visitor:
        yield visitor


@pytest.mark.parametrize("place", ["", "/people", "/suppliers", "/natures", "/cost-centers", "/policy"])
async def test_the_settings_are_for_who_may_change_them(administrator: Visiting, buyer: Visiting, place: str) -> None:
    assert (await administrator.see(f"/settings{place}")).status == 200
    assert (await buyer.see(f"/settings{place}")).status == 403


async def test_a_kind_of_expense_is_added_and_taken_from_offer(
    accountant: Visiting, client: httpx2.AsyncClient
) -> None:
    page = await accountant.see("/settings/natures")
    answer = await accountant.send(page, "/settings/natures", name="Lamps")
    assert answer.status_code == 303
    added = next(each for each in (await client.get(f"{API}/natures")).json()["items"] if each["name"] == "Lamps")
    place = f"/settings/natures/{added['id']}/state"
    page = await accountant.see("/settings/natures")
    assert (await accountant.send(page, place, state="Disabled")).status_code == 303
    assert "Lamps" not in (await accountant.see("/ask")).choices("nature")


async def test_a_kind_of_expense_needs_a_name(accountant: Visiting) -> None:
    page = await accountant.see("/settings/natures")
    answer = await accountant.send(page, "/settings/natures", name=" ")
    assert answer.status_code == 400
    assert seen(answer).tree.xpath("//*[@id='name-wrong1']")


async def test_a_policy_is_checked_and_put_in_force(administrator: Visiting) -> None:
    page = await administrator.see("/settings/policy")
    wrong = await administrator.send(page, "/settings/policy", source="steps: nobody")
    assert wrong.status_code == 400
    assert "steps: nobody" in wrong.text
    checked = await administrator.send(page, "/settings/policy/check", source=POLICY)
    assert checked.status_code == 200
    answer = await administrator.send(page, "/settings/policy", source=POLICY)
    assert answer.status_code == 303, seen(answer).text
    assert seen(await administrator.client.get("/settings/policy")).form("/settings/policy")["source"].strip() == (
        POLICY.strip()
    )


async def test_changing_how_pages_look_leads_back_to_a_page_and_to_no_form(administrator: Visiting) -> None:
    page = await administrator.see("/settings/policy")
    answer = await administrator.send(page, "/settings/policy/check", source="steps: nobody")
    assert answer.status_code == 200
    answer = await administrator.send(seen(answer), "/appearance", language="fr")
    assert answer.headers["location"] == "/settings/policy"
