"""Asking as last time, and approving several at once."""

import httpx2
import pytest

from tests.fixtures.browsers import APPROVER, OWNER, Tour
from tests.fixtures.guide import make_request
from tests.fixtures.policies import put_in_force

pytestmark = pytest.mark.long


async def test_a_buyer_leaves_out_what_is_as_last_time_and_no_draft_stays_of_what_was_taken(
    tour: Tour, client: httpx2.AsyncClient
) -> None:
    page = tour.page
    await make_request(client, title="Earlier lamps")
    await tour.sign_in(OWNER)
    await tour.open("/ask")
    for field, said in {"title": "More lamps", "supplier": "Amazon", "amount": "120"}.items():
        await page.fill(f"#{field}", said)
    await page.locator("#amount").blur()
    await page.wait_for_selector("#nature option[value='1']:checked", state="attached")
    await page.wait_for_selector("#beside >> text=Alma Approver")
    await tour.look()
    await tour.send("button[value=ask]")
    assert await tour.heading() == "More lamps"
    await tour.open("/ask")
    assert await page.input_value("#title") == ""


async def test_an_approver_ticks_several_and_approves_them(tour: Tour, submitter: httpx2.AsyncClient) -> None:
    page = tour.page
    await put_in_force(tour.company, "severalAtOnce: true\nsteps: [{name: Head, anyOf: [36]}]")
    for title in ("A lamp", "A chair", "A desk"):
        await make_request(submitter, title=title)
    await tour.sign_in(APPROVER)
    await tour.open("/approvals")
    for key in ("x", "j", "x"):
        await page.keyboard.press(key)
    await tour.look()
    await tour.send("[data-list] button")
    assert await page.locator(".purchase-title").all_inner_texts() == ["A desk"]
