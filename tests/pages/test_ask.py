"""Asking for something on the one page that is there for it."""

import json
import re

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.pages import Seen, Visiting, seen, visiting

API = "/cleemy-procurement/api"
WANTED = {
    "title": "Two desk lamps",
    "supplier": "amazon",
    "amount": "120",
    "on": "2025-04-14",
    "nature": "1",
    "cost_center": "3",
}


async def _asked(buyer: Visiting, **changes: str) -> httpx2.Response:
    page = await buyer.see("/ask")
    return await buyer.send(page, "/ask", **(WANTED | changes))


async def _purchase(client: httpx2.AsyncClient, answer: httpx2.Response) -> dict[str, object]:
    assert answer.status_code == 303, seen(answer).text
    number = re.fullmatch(r"/purchases/(\d+)", answer.headers["location"])
    assert number is not None
    found: dict[str, object] = (await client.get(f"{API}/purchases/{number[1]}")).json()
    return found


async def _commitment(client: httpx2.AsyncClient, purchase: dict[str, object]) -> dict[str, object]:
    there: dict[str, object] = (await client.get(f"{API}/commitments/{purchase['commitment']['id']}")).json()  # type: ignore[index]
    return there


async def test_six_fields_are_enough_and_the_approver_is_asked(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await _purchase(client, await _asked(buyer))
    assert purchase["title"] == "Two desk lamps"
    assert purchase["state"] == "Processing"
    assert purchase["owner"]["id"] == 35  # type: ignore[index]
    assert purchase["supplier"]["id"] == 6  # type: ignore[index]


async def test_a_draft_is_kept_and_can_be_gone_on_with(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await _purchase(client, await _asked(buyer, then="keep"))
    assert purchase["state"] == "Created"
    page = await buyer.see(f"/ask?draft={purchase['id']}")
    assert page.form("/ask")["title"] == "Two desk lamps"
    changed = await _purchase(client, await buyer.send(page, "/ask", title="Three desk lamps", then="ask"))
    assert (changed["id"], changed["title"], changed["state"]) == (purchase["id"], "Three desk lamps", "Processing")


async def test_what_the_form_does_not_show_of_a_draft_stays_as_a_program_wrote_it(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    draft = await make_purchase(client)
    obligation = {"value": 6, "unit": "Month"}
    await make_commitment(
        client, draft["id"], SUBSCRIPTION, contractualObligation=obligation, firstInvoiceDate="2025-05-02"
    )
    page = await buyer.see(f"/ask?draft={draft['id']}")
    purchase = await _purchase(client, await buyer.send(page, "/ask", title="Another name", then="keep"))
    commitment = await _commitment(client, purchase)
    assert purchase["title"] == "Another name"
    assert [section["id"] for section in purchase["axisSections"]] == [361]  # type: ignore[attr-defined]
    assert purchase["department"]["id"] == 14  # type: ignore[index]
    assert (commitment["contractualObligation"], commitment["firstInvoiceDate"]) == (obligation, "2025-05-02")
    page = await buyer.see(f"/ask?draft={draft['id']}")
    await _purchase(client, await buyer.send(page, "/ask", amount="900", on="2025-04-20", then="keep"))
    commitment = await _commitment(client, purchase)
    assert (commitment["contractualObligation"], commitment["startDate"]) == (obligation, "2025-04-20")
    assert commitment["amountIncludingTaxesPerPeriod"]["excludingTaxes"]["value"] == 900  # type: ignore[index]


async def test_the_draft_of_somebody_else_stays_theirs(client: httpx2.AsyncClient, company: Company) -> None:
    draft = await make_purchase(client)
    await make_commitment(client, draft["id"])
    async with await visiting(company, 37, "purchaser") as purchaser:
        page = await purchaser.see(f"/ask?draft={draft['id']}")
        purchase = await _purchase(client, await purchaser.send(page, "/ask", title="Another name", then="keep"))
    assert (purchase["title"], purchase["owner"]["id"]) == ("Another name", 35)  # type: ignore[index]


async def test_the_like_of_what_was_asked_for_with_tax_costs_the_same_to_the_cent(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    rates = (await buyer.see("/ask")).choices("rate")
    rate = next(value for words, value in rates.items() if words.startswith("20 %"))
    for amount, including, filled in (("99.99", "yes", "99.99"), ("33.33", "no", "33.33")):
        first = await _purchase(client, await _asked(buyer, amount=amount, including=including, rate=rate))
        page = await buyer.see(f"/ask?from={first['id']}")
        assert (page.form("/ask")["amount"], page.form("/ask")["including"]) == (filled, including)
        again = await _purchase(client, await buyer.send(page, "/ask"))
        assert again["requestedAmount"] == first["requestedAmount"]
        told = [await _commitment(client, each) for each in (first, again)]
        assert told[0]["amountIncludingTaxes"] == told[1]["amountIncludingTaxes"]


async def test_what_is_no_draft_any_more_is_looked_at_instead(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await _purchase(client, await _asked(buyer))
    answer = await buyer.client.get(f"/ask?draft={purchase['id']}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/purchases/{purchase['id']}")


async def test_the_amount_is_taken_with_the_tax_in_it(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    page = await buyer.see("/ask")
    rates = page.choices("rate")
    rate = next(value for words, value in rates.items() if words.startswith("20 %"))
    purchase = await _purchase(client, await _asked(buyer, amount="1 200,00", including="yes", rate=rate))
    commitment = await _commitment(client, purchase)
    amount = commitment["amountIncludingTaxes"]
    assert amount["excludingTaxes"]["value"] == 1000  # type: ignore[index]
    assert amount["includingTaxes"]["value"] == 1200  # type: ignore[index]


async def test_a_supplier_that_nobody_has_listed_is_written_down(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await _purchase(client, await _asked(buyer, supplier="Lampes & Cie", territory="FR"))
    assert purchase["supplier"]["name"] == "Lampes & Cie"  # type: ignore[index]
    assert purchase["supplier"].get("id") is None  # type: ignore[attr-defined]


async def test_a_subscription_is_asked_for_on_the_same_page(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    repeats = {"repeats": "yes", "every": "1", "every_unit": "Month", "lasts": "12", "lasts_unit": "Month"}
    purchase = await _purchase(client, await _asked(buyer, **repeats))
    assert purchase["type"] == "Subscription"


async def test_each_fault_stands_beside_its_field_and_what_was_typed_stays(buyer: Visiting) -> None:
    answer = await _asked(buyer, amount="a lot", cost_center="", title="Lamps")
    assert answer.status_code == 400
    page = seen(answer)
    assert page.form("/ask")["title"] == "Lamps"
    assert page.form("/ask")["amount"] == "a lot"
    for field in ("amount", "cost_center"):
        (told,) = page.tree.xpath(f"//*[@id='{field}-wrong1']")
        assert told.text_content().strip()
        assert page.tree.xpath(f"//*[@name='{field}']/@aria-invalid") == ["true"]


async def test_sending_the_form_twice_asks_once(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    page = await buyer.see("/ask")
    places = [(await buyer.send(page, "/ask", **WANTED)).headers["location"] for _ in range(2)]
    assert places[0] == places[1]
    listed = (await client.get(f"{API}/purchases?fields.root=count")).json()
    assert listed["count"] == 1


async def test_beside_the_form_stands_who_will_decide(buyer: Visiting) -> None:
    page: Seen = await buyer.see("/ask")
    answer = await buyer.client.post(
        "/ask/beside", data=page.form("/ask") | WANTED, headers={"hx-request": "true", "accept": "text/html"}
    )
    assert answer.status_code == 200
    assert "Alma Approver" in answer.text


async def test_what_was_bought_there_before_suggests_the_rest(buyer: Visiting) -> None:
    await _asked(buyer)
    page = await buyer.see("/ask")
    assert page.form("/ask")["cost_center"] == "3"
    some = {"supplier": "Amazon", "cost_center": ""}
    answer = await buyer.client.post("/ask/beside", data=page.form("/ask") | some, headers={"hx-request": "true"})
    (card,) = seen(answer).tree.xpath("//*[@data-suggested]")
    assert json.loads(card.get("data-suggested")) == {"nature": "1", "cost_center": "3", "currency": "EUR"}


async def test_without_scripts_a_button_shows_who_decides_and_fills_in_the_rest(buyer: Visiting) -> None:
    await _asked(buyer)
    page = await buyer.see("/ask")
    answer = await buyer.send(page, "/ask", then="look", **WANTED | {"nature": "", "cost_center": ""})
    looked = seen(answer)
    assert (looked.form("/ask")["nature"], looked.form("/ask")["cost_center"]) == ("1", "3")
    again = seen(await buyer.send(looked, "/ask", then="look"))
    assert "Alma Approver" in again.text
    assert again.form("/ask")["title"] == "Two desk lamps"


async def test_the_browser_is_told_which_form_was_taken_so_that_it_keeps_no_draft_of_it(buyer: Visiting) -> None:
    page = await buyer.see("/ask")
    refused = await buyer.send(page, "/ask", **WANTED | {"amount": "a lot"})
    assert "set-cookie" not in refused.headers
    taken = await buyer.send(page, "/ask", **WANTED)
    assert f"emplette-asked={page.form('/ask')['once']};" in str(taken.headers.get_list("set-cookie"))


async def test_suppliers_are_suggested_while_one_types(buyer: Visiting) -> None:
    answer = await buyer.client.get("/ask/suppliers?supplier=ama", headers={"hx-request": "true"})
    assert 'value="Amazon"' in answer.text


async def test_a_file_is_received_and_hangs_on_what_is_asked_for(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    page = await buyer.see("/ask")
    csrf = page.form("/ask")["csrf"]
    sent = await buyer.client.post(f"/ask/files?csrf={csrf}", files={"file": ("offer.txt", b"Two lamps, 120 euros")})
    assert sent.status_code == 200, sent.text
    (file,) = re.findall(r'name="file" value="([0-9a-f-]{36})"', sent.text)
    purchase = await _purchase(client, await buyer.send(page, "/ask", **WANTED, file=file))
    commitment = await _commitment(client, purchase)
    assert len(commitment["attachments"]) == 1  # type: ignore[arg-type]


async def test_a_file_that_is_refused_is_told_in_a_line_and_not_with_a_page(buyer: Visiting) -> None:
    page = await buyer.see("/ask")
    place, part = f"/ask/files?csrf={page.form('/ask')['csrf']}", {"hx-request": "true"}
    sent = await buyer.client.post(place, files={"file": ("offer.txt", b"")}, headers=part)
    assert sent.status_code == 400
    assert "<html" not in sent.text
    assert "Must not be empty" in seen(sent).tree.xpath("string(//*[@role='alert'])")


async def test_who_is_signed_out_while_typing_comes_back_to_the_form(buyer: Visiting) -> None:
    buyer.client.cookies.clear()
    headers = {"hx-request": "true", "hx-current-url": "http://elsewhere.test/ask?draft=7"}
    answer = await buyer.client.post("/ask/beside", data=WANTED, headers=headers)
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fask%3Fdraft%3D7"


@pytest.mark.parametrize(("typed", "shown"), [(".5", "€0.50"), ("5.", "€5.00"), (",75", "€0.75")])
async def test_an_amount_is_read_as_people_write_it_and_a_currency_in_small_letters_too(
    buyer: Visiting, typed: str, shown: str
) -> None:
    form = (await buyer.see("/ask")).form("/ask") | WANTED | {"amount": typed, "currency": "eur"}
    assert shown in seen(await buyer.post("/ask/beside", form)).text


async def test_what_cannot_be_planned_is_told_beside_in_words_for_people(buyer: Visiting) -> None:
    form = (await buyer.see("/ask")).form("/ask") | WANTED | {"currency": "KWD"}
    told = seen(await buyer.post("/ask/beside", form)).text
    assert "No exchange rate of KWD is known" in told
    assert "excludingTaxes" not in told


async def test_files_are_shown_by_their_names_when_a_form_comes_back_and_in_a_draft(buyer: Visiting) -> None:
    page = await buyer.see("/ask")
    place = f"/ask/files?csrf={page.form('/ask')['csrf']}"
    sent = await buyer.client.post(place, files={"file": ("offer.txt", b"Two lamps, 120 euros")})
    (file,) = re.findall(r'name="file" value="([0-9a-f-]{36})"', sent.text)
    wrong = seen(await buyer.post("/ask", page.form("/ask") | WANTED | {"file": file, "amount": "much"}))
    assert (wrong.form("/ask")["file"], "offer.txt" in wrong.text) == (file, True)
    kept = await buyer.post("/ask", page.form("/ask") | WANTED | {"file": file, "then": "keep"})
    number = kept.headers["location"].rpartition("/")[2]
    draft = await buyer.see(f"/ask?draft={number}")
    assert "offer.txt" in draft.text


async def test_without_scripts_a_look_asks_where_a_new_supplier_is(buyer: Visiting) -> None:
    looked = seen(await _asked(buyer, supplier="Somebody new", then="look"))
    assert looked.tree.xpath("//div[@class='when-new' and not(@hidden)]//select[@name='territory']")
