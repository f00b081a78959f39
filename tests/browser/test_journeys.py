"""Journeys that together see every page once, as a buyer, an approver, an administrator make them."""

from secrets import token_hex

import httpx2
import pyotp
import pytest

from tests.fixtures.browsers import APPROVER, OWNER, SECOND, Tour
from tests.fixtures.guide import API, ONE_TIME, make_request
from tests.fixtures.visitors import PASSWORD, let_in, mail_of

NEW_PASSWORD = "nine blue boats on a lake"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)
_LINK = """INSERT INTO decision_links (tenant_id, secret_hash, user_id, request_id, content_hash, ends_at)
VALUES ($1, sha256($2::text::bytea), $3, $4, $5, now() + interval '1 day')"""
_PASSWORD_LINK = """INSERT INTO password_links (tenant_id, secret_hash, user_id, made_at, ends_at)
VALUES ($1, sha256($2::text::bytea), $3, now(), now() + interval '1 day')"""


@pytest.mark.both
async def test_a_buyer_sees_who_decides_mends_a_fault_and_adds_a_picture(tour: Tour) -> None:
    page = tour.page
    await tour.sign_in(OWNER)
    await tour.fill_in()
    await page.wait_for_selector("#beside >> text=Alma Approver")
    await page.fill("#amount", "a lot")
    await tour.send("button[value=ask]")
    assert await page.locator("#amount-wrong1").count() == 1
    assert await page.input_value("#title") == "Two desk lamps"
    await page.fill("#amount", "99.90")
    await page.set_input_files("#pick", {"name": "lamp.png", "mimeType": "image/png", "buffer": PICTURE})
    await page.wait_for_selector(".files-list [data-remove]")
    await tour.look()
    await tour.send("button[value=ask]")
    assert await tour.heading() == "Two desk lamps"
    picture = page.locator(".file img")
    await picture.scroll_into_view_if_needed()
    assert await picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
    await tour.open("/purchases")
    assert await page.locator("text=Two desk lamps").count() > 0


@pytest.mark.both
async def test_an_approver_decides_by_keys_and_the_next_one_opens(
    tour: Tour, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    for title in ("A lamp", "A chair"):
        await make_request(submitter, title=title)
    await _amend(client, submitter, title="A desk")
    await tour.sign_in(APPROVER)
    await tour.open("/approvals")
    await tour.press("Enter")
    assert await tour.heading() == "A lamp"
    await tour.press("a")
    assert await tour.heading() == "A chair"
    await tour.page.keyboard.press("d")
    await tour.page.keyboard.type("We have chairs")
    await tour.send("button[data-key=d]")
    assert await tour.heading() == "A desk"
    assert await tour.page.locator("table:not(.card-table) tbody tr").count() == 1
    await tour.press("a")
    assert tour.page.url.partition("?")[0].endswith("/approvals")


async def test_an_administrator_goes_through_the_settings_and_changes_how_pages_look(tour: Tour) -> None:
    page = tour.page
    await tour.sign_in(SECOND, "administrator")
    for place in ("/people/37", "/log", "/log/checks", "/suppliers", "/cost-centers", "/natures"):
        await tour.open(f"/settings{place}")
    await page.fill("#name", "Lamps")
    await tour.send("form[action='/settings/natures'] button")
    assert await page.locator("td >> text=Lamps").count() > 0
    await tour.open("/settings/policy")
    await page.fill("#source", "steps: nobody")
    await tour.send("button[formaction$=check]")
    assert await page.locator(".list-group .bg-red-lt").count() > 0
    await page.click(".account summary")
    await page.select_option("#appearance-language", "fr")
    await page.select_option("#appearance-theme", "dark")
    await tour.send(".appearance button")
    assert await page.locator("html[lang=fr][data-bs-theme=dark]").count() == 1


async def test_an_administrator_goes_through_the_set_up_and_lets_programs_in(tour: Tour) -> None:
    page = tour.page
    await tour.sign_in(SECOND, "administrator")
    for place in ("", "/mail", "/policy", "/people"):
        await tour.open(f"/set-up{place}")
    await page.fill("#table", "id;firstName;lastName;mail\n70;Zoe;New;zoe@example.test\n")
    await tour.send("button[value=look]")
    await tour.send("button[value=write]")
    assert await page.locator("td >> text=Zoe New").count() == 1
    await tour.open("/settings/keys")
    await page.fill("#name", "Order form")
    await page.fill("#contact", "it@example.test")
    await tour.send("form[action='/settings/keys'] button")
    assert (await page.input_value("#secret")).startswith("emp_")
    await tour.send("main a.btn-primary")
    await tour.open("/settings/webhooks")
    await page.fill("#url", "https://hooks.example.com/in")
    await tour.send("form[action='/settings/webhooks'] button")
    await tour.send("main a.btn-primary")
    await tour.send("form[action$=ping] button")
    assert await page.locator(".alert-success").count() == 1
    await tour.open("/settings")


async def test_somebody_chooses_a_password_and_signs_in_with_a_code_on_paper(tour: Tour) -> None:
    page, company, secret = tour.page, tour.company, token_hex(16)
    await let_in(company, OWNER)
    await company.owner.execute(_PASSWORD_LINK, company.tenant_id, secret, OWNER)
    await tour.open(f"/password-links/{secret}")
    await page.fill("#password", NEW_PASSWORD)
    await page.fill("#again", NEW_PASSWORD)
    await tour.send("main form button")
    await tour.open("/account/mails")
    await tour.open("/account")
    await tour.send("form[action='/account/second-factor'] button")
    letters = await page.locator("details code").text_content() or ""
    await page.fill("#code", pyotp.TOTP(letters.replace(" ", "")).now())
    await tour.send("form[action$=confirmation] button")
    paper = await page.locator("main li code").first.inner_text()
    await tour.send("main a.btn-primary")
    await page.click(".account summary")
    await tour.send("form[action='/sign-out'] button")
    await page.fill("#login", mail_of(OWNER))
    await page.fill("#password", NEW_PASSWORD)
    await tour.send("main form button")
    await page.fill("#code", paper)
    await tour.send("main form button")
    assert await page.locator(".account").count() == 1


async def test_a_mail_decides_once_without_a_sign_in_and_leads_to_the_whole(
    tour: Tour, submitter: httpx2.AsyncClient
) -> None:
    page, company, secret = tour.page, tour.company, token_hex(16)
    await let_in(company, APPROVER)
    request = await make_request(submitter, title="A lamp")
    await company.owner.execute(_LINK, company.tenant_id, secret, APPROVER, request["id"], request["contentHash"])
    await tour.open(f"/decisions/{secret}")
    await tour.send("button.btn-success")
    assert await page.locator("form[action^='/decisions']").count() == 0
    await tour.send(f"a[href='/approvals/{request['id']}']")
    await page.fill("#login", mail_of(APPROVER))
    await page.fill("#password", PASSWORD)
    await tour.send("main form button")
    assert page.url.endswith(f"/approvals/{request['id']}")
    await tour.send("a[href^='/purchases/']")
    assert await page.locator(".history li").count() > 1
    await tour.open("/nowhere")


async def _amend(client: httpx2.AsyncClient, submitter: httpx2.AsyncClient, *, title: str) -> None:
    made = await make_request(client, title=title)
    path = f"{API}/commitments/{made['businessObject']['id']}"
    tag = (await client.get(path)).headers["ETag"]
    amount = {"excludingTaxes": {"value": 150, "currency": "EUR"}, "taxes": []}
    body = ONE_TIME | {"amountIncludingTaxes": amount}
    answer = await submitter.post(f"{path}/amendments", json=body, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.text
