"""The life of a subscription on the pages: talked about, raised by an index, stopped, and in a calendar."""

import httpx2
import pytest

from tests.fixtures.browsers import OWNER, Tour
from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase, make_request

YEARS = SUBSCRIPTION | {
    "startDate": "2090-01-01",
    "firstInvoiceDate": "2090-01-01",
    "terminationNotice": {"value": 1, "unit": "Month"},
}


async def _subscribed(client: httpx2.AsyncClient) -> str:
    made = await make_purchase(client, title="Licences")
    commitment = await make_commitment(client, made["id"], YEARS)
    assert (await client.post(f"{API}/commitments/{commitment['id']}/requests")).status_code == 201
    return f"/purchases/{made['id']}"


@pytest.mark.long
@pytest.mark.both
async def test_an_owner_has_the_price_follow_an_index_and_the_days_in_a_calendar(
    tour: Tour, client: httpx2.AsyncClient
) -> None:
    page = tour.page
    place = await _subscribed(client)
    await tour.sign_in(OWNER)
    await tour.open(place)
    await page.click("#schedule >> xpath=ancestor::section >> details summary")
    await tour.look()
    await tour.send(f"a[href='{place}/amendment']")
    for field, value in (("index", "Syntec"), ("before", "305.2"), ("after", "soon")):
        await page.fill(f"#{field}", value)
    await tour.send("form[action$='/price-rise'] button")
    assert await page.locator("#after-wrong1").count() == 1
    await page.fill("#after", "312.4")
    await tour.send("form[action$='/price-rise'] button")
    assert await page.locator("a[href^='/approvals/']").count() > 0
    await tour.open("/account/calendar")
    await tour.send("form[action='/account/calendar'] button")
    assert (await page.input_value("#link")).endswith(".ics")
    await tour.send("main a.btn-primary")
    await tour.send("form[action='/account/calendar/revocation'] button")
    assert await page.locator("[role=status]").count() == 1


async def test_an_owner_mentions_who_decides_and_stops_what_was_approved(
    tour: Tour, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    page = tour.page
    asked = await make_request(submitter, title="A lamp")
    place = await _subscribed(client)
    await tour.sign_in(OWNER)
    await tour.open(f"/purchases/{asked['purchase']['id']}")
    await page.fill("#text", "Is one enough?")
    await page.click("form#say details summary")
    await page.click("[data-mentions] button >> nth=0")
    assert await page.input_value("#text") == "Is one enough? @Alma Approver "
    await tour.send("form#say button:not([type=button])")
    assert await page.locator(".said >> text=Is one enough?").count() == 1
    await tour.open(place)
    await page.click("details:has(form[action$='/stop']) summary")
    await tour.send("form[action$='/stop'] button")
    assert await page.locator("form[action$='/stop']").count() == 0
