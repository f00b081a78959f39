"""More journeys over the same pages: drafts, lists, what ends a purchase, what somebody may only read."""

import httpx2
import pytest

from tests.fixtures.browsers import OWNER, SECOND, Tour
from tests.fixtures.guide import make_commitment, make_purchase, make_request
from tests.fixtures.visitors import PASSWORD, mail_of

pytestmark = pytest.mark.long


async def test_what_was_typed_is_there_again_after_the_tab_was_closed(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await tour.fill_in(title="Half a thought")
    again = await tour.page.context.new_page()
    await tour.page.close()
    tour.page = again
    await tour.open("/ask")
    assert await again.input_value("#title") == "Half a thought"


async def test_what_was_typed_is_there_again_after_the_session_ended(tour: Tour, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, title="A lamp")
    await tour.sign_in(OWNER)
    await tour.open(f"/purchases/{purchase['id']}")
    await tour.page.fill("#text", "Half a thought")
    await tour.page.context.clear_cookies()
    await tour.send("form[action$=comments] button")
    await tour.page.fill("#login", mail_of(OWNER))
    await tour.page.fill("#password", PASSWORD)
    await tour.send("main form button")
    assert await tour.page.input_value("#text") == "Half a thought"
    await tour.send("form[action$=comments] button")
    assert await tour.page.input_value("#text") == ""


async def test_a_draft_is_kept_changed_and_sent(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await tour.fill_in(supplier="Lampes & Cie")
    await tour.send("button[value=keep]")
    await tour.send("a[href^='/ask?draft=']")
    await tour.page.fill("#title", "Three desk lamps")
    await tour.send("button[value=ask]")
    assert await tour.heading() == "Three desk lamps"


async def test_a_buyer_withdraws_what_was_asked_and_closes_it(tour: Tour, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter, title="A lamp")
    await tour.sign_in(OWNER)
    await tour.open(f"/purchases/{request['purchase']['id']}")
    for action in ("withdrawal", "closing"):
        await tour.page.click(f"details:has(form[action$={action}]) summary")
        await tour.send(f"form[action$={action}] button")
        assert await tour.page.locator("[role=status]").count() > 0
    assert await tour.page.locator("form[action$=closing]").count() == 0


async def test_a_buyer_asks_for_the_same_again(tour: Tour, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, title="A yearly lamp")
    await make_commitment(client, purchase["id"])
    await tour.sign_in(OWNER)
    await tour.open("/purchases")
    await tour.send("text=A yearly lamp")
    await tour.send("a[href^='/ask?from=']")
    assert await tour.page.input_value("#title") == "A yearly lamp"
    await tour.send("button[value=ask]")
    assert await tour.heading() == "A yearly lamp"


async def test_an_accountant_filters_keeps_a_view_and_names_a_supplier(tour: Tour, client: httpx2.AsyncClient) -> None:
    page = tour.page
    await make_purchase(client, title="A lamp of nobody", supplier={"name": "New one", "territoryId": "FR"})
    await make_purchase(client, title="A chair")
    await tour.sign_in(SECOND, "accountant")
    await tour.open("/purchases?whose=all")
    await page.fill("[type=search]", "lamp")
    await tour.press("Enter")
    assert await page.locator("text=A chair").count() == 0
    await page.click(".views summary")
    await page.fill("#name", "Lamps")
    await tour.send("form[action='/purchases/views'] button")
    await tour.send(".views-list >> text=Lamps")
    await tour.send("text=A lamp of nobody")
    await page.select_option("#supplier", "6")
    await tour.send("form[action$=supplier] button")
    assert await page.locator("dd >> text=Amazon").count() == 1


async def test_an_auditor_reads_the_history_and_is_told_what_is_not_there(
    tour: Tour, client: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(client, title="A lamp")
    await tour.sign_in(SECOND, "viewer")
    await tour.open(f"/purchases/{purchase['id']}")
    assert await tour.page.locator(".history li").count() == 1
    await tour.open("/purchases/99999")
    await tour.open("/nowhere")
    await tour.open("/account")
