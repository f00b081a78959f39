"""Journeys through the pages, from the first click to the last, as a buyer, an approver, an accountant make them."""

import httpx2
import pytest

from tests.fixtures.browsers import Tour
from tests.fixtures.guide import make_commitment, make_purchase, make_request

OWNER, APPROVER, SECOND = 35, 36, 37

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)


async def _ask(tour: Tour, *, title: str = "Two desk lamps", supplier: str = "Amazon") -> None:
    page = tour.page
    await tour.open("/ask")
    await page.fill("#title", title)
    await page.fill("#supplier", supplier)
    await page.fill("#amount", "120")
    await page.select_option("#nature", "1")
    await page.select_option("#cost_center", "3")


async def _send(tour: Tour, then: str = "ask") -> None:
    await tour.page.click(f"button[value={then}]")
    await tour.page.wait_for_url("**/purchases/*")
    await tour.look()


@pytest.mark.both
async def test_a_buyer_asks_and_sees_beside_who_will_decide(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await _ask(tour)
    await tour.page.wait_for_selector("#beside >> text=Alma Approver")
    await tour.look()
    await _send(tour)
    assert await tour.page.locator("h1").inner_text() == "Two desk lamps"


@pytest.mark.both
async def test_an_approver_approves_with_two_keys_and_the_next_one_opens(
    tour: Tour, submitter: httpx2.AsyncClient
) -> None:
    for title in ("A lamp", "A chair"):
        await make_request(submitter, title=title)
    await tour.sign_in(APPROVER)
    await tour.open("/approvals")
    await tour.page.keyboard.press("Enter")
    await tour.page.wait_for_selector("h1 >> text=A lamp")
    await tour.look()
    await tour.page.keyboard.press("a")
    await tour.page.wait_for_selector("h1 >> text=A chair")
    await tour.page.wait_for_selector("[role=status]")
    await tour.look()


async def test_an_approver_goes_through_the_list_and_denies_one_with_a_reason(
    tour: Tour, submitter: httpx2.AsyncClient
) -> None:
    for title in ("A lamp", "A chair"):
        await make_request(submitter, title=title)
    await tour.sign_in(APPROVER)
    await tour.open("/approvals")
    await tour.page.keyboard.press("j")
    await tour.page.keyboard.press("Enter")
    await tour.page.wait_for_selector("h1 >> text=A chair")
    await tour.page.keyboard.press("d")
    await tour.page.keyboard.type("We have chairs")
    await tour.page.click("button[data-key=d]")
    await tour.page.wait_for_selector("h1 >> text=A lamp")
    await tour.look()


async def test_what_was_typed_is_there_again_after_the_tab_was_closed(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await _ask(tour, title="Half a thought")
    again = await tour.page.context.new_page()
    await tour.page.close()
    tour.page = again
    await tour.open("/ask")
    assert await again.input_value("#title") == "Half a thought"


async def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await _ask(tour)
    await tour.page.fill("#amount", "a lot")
    await tour.page.click("button[value=ask]")
    await tour.page.wait_for_selector("#amount-wrong1")
    await tour.look()
    assert await tour.page.input_value("#title") == "Two desk lamps"
    await tour.page.fill("#amount", "99.90")
    await _send(tour)


@pytest.mark.both
async def test_a_file_is_chosen_and_the_approver_sees_it_as_a_picture(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await _ask(tour)
    await tour.page.set_input_files("#pick", {"name": "lamp.png", "mimeType": "image/png", "buffer": PICTURE})
    await tour.page.wait_for_selector(".files-list [data-remove]")
    await tour.look()
    await _send(tour)
    await tour.page.wait_for_function("document.querySelector('.file img').naturalWidth > 0")


async def test_a_draft_is_kept_changed_and_sent(tour: Tour) -> None:
    await tour.sign_in(OWNER)
    await _ask(tour, supplier="Lampes & Cie")
    await _send(tour, "keep")
    await tour.page.click("a[href^='/ask?draft=']")
    await tour.page.wait_for_selector("#title")
    await tour.look()
    await tour.page.fill("#title", "Three desk lamps")
    await _send(tour)
    assert await tour.page.locator("h1").inner_text() == "Three desk lamps"


async def test_a_buyer_withdraws_what_was_asked_and_closes_it(tour: Tour, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter, title="A lamp")
    await tour.sign_in(OWNER)
    await tour.open(f"/purchases/{request['purchase']['id']}")
    for action in ("withdrawal", "closing"):
        await tour.page.click(f"details:has(form[action$={action}]) summary")
        await tour.page.click(f"form[action$={action}] button")
        await tour.page.wait_for_selector("[role=status]")
        await tour.look()


async def test_a_buyer_asks_for_the_same_again(tour: Tour, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, title="A yearly lamp")
    await make_commitment(client, purchase["id"])
    await tour.sign_in(OWNER)
    await tour.open("/purchases")
    await tour.page.click("text=A yearly lamp")
    await tour.page.click("a[href^='/ask?from=']")
    await tour.page.wait_for_selector("#title")
    assert await tour.page.input_value("#title") == "A yearly lamp"
    await _send(tour)


@pytest.mark.both
async def test_an_accountant_filters_keeps_a_view_and_names_a_supplier(tour: Tour, client: httpx2.AsyncClient) -> None:
    await make_purchase(client, title="A lamp of nobody", supplier={"name": "New one", "territoryId": "FR"})
    await make_purchase(client, title="A chair")
    await tour.sign_in(SECOND, "accountant")
    await tour.open("/purchases?whose=all")
    await tour.page.fill("[type=search]", "lamp")
    await tour.page.keyboard.press("Enter")
    await tour.page.wait_for_url("**q=lamp**")
    await tour.look()
    tour.page.once("dialog", lambda dialog: dialog.accept("Lamps"))
    await tour.page.click("[data-keep-view]")
    await tour.page.wait_for_selector(".views-list >> text=Lamps")
    await tour.page.click("text=A lamp of nobody")
    await tour.page.select_option("#supplier", "6")
    await tour.page.click("form[action$=supplier] button")
    await tour.page.wait_for_selector("dd >> text=Amazon")
    await tour.look()


@pytest.mark.both
async def test_an_administrator_changes_language_and_colours_and_signs_out(tour: Tour) -> None:
    await tour.sign_in(SECOND, "administrator")
    await tour.page.click(".account summary")
    await tour.page.select_option("#appearance-language", "fr")
    await tour.page.select_option("#appearance-theme", "dark")
    await tour.page.click(".appearance button")
    await tour.page.wait_for_selector("html[lang=fr][data-bs-theme=dark]")
    await tour.look()
    await tour.page.click(".account summary")
    await tour.page.click("form[action='/sign-out'] button")
    await tour.page.wait_for_url("**/sign-in**")
    await tour.look()


async def test_an_administrator_goes_through_the_settings(tour: Tour) -> None:
    await tour.sign_in(SECOND, "administrator")
    for place in ("", "/people", "/suppliers", "/cost-centers", "/natures"):
        await tour.open(f"/settings{place}")
    await tour.page.fill("#name", "Lamps")
    await tour.page.click("form[action='/settings/natures'] button")
    await tour.page.wait_for_selector("td >> text=Lamps")
    await tour.open("/settings/policy")
    await tour.page.fill("#source", "steps: nobody")
    await tour.page.click("button[formaction$=check]")
    await tour.page.wait_for_selector(".list-group .bg-red-lt")
    await tour.look()


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
