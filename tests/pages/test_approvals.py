"""Approving and denying on the pages: what is decided is what was shown."""

import re

import httpx2
import pytest

from emplette.http.pages import approvals
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_request
from tests.fixtures.offices import Office
from tests.fixtures.pages import Seen, Visiting, seen
from tests.fixtures.policies import put_in_force


async def test_the_approver_sees_what_waits_and_the_counter_says_how_much(
    decider: Visiting, submitter: httpx2.AsyncClient
) -> None:
    await make_request(submitter, title="A desk lamp")
    await make_request(submitter, title="A second lamp")
    page = await decider.see("/approvals")
    assert page.status == 200
    assert "A desk lamp" in page.text
    assert page.tree.xpath("string(//a[@href='/approvals']//span[contains(@class, 'badge')])").startswith("2")


async def test_a_request_shows_all_that_decides_it(decider: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter, title="A desk lamp")
    page = await decider.see(f"/approvals/{request['id']}")
    assert page.title == "A desk lamp"
    for told in ("Amazon", "Olive Owner", "Marketing", "Office supplies", "€", "Alma Approver"):
        assert told in page.text
    form = page.form(f"/approvals/{request['id']}/approval")
    assert form["contentHash"] == request["contentHash"]


async def test_approving_makes_the_order_and_opens_the_next_one(
    decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    first, second = [await make_request(submitter, title=title) for title in ("One", "Two")]
    page = await decider.see(f"/approvals/{first['id']}")
    answer = await decider.send(page, f"/approvals/{first['id']}/approval")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/approvals/{second['id']}")
    decided = (await client.get(f"/cleemy-procurement/api/requests/{first['id']}")).json()
    assert decided["state"] == "Approved"
    assert decided["decisions"][0]["stated"] is True
    following = await decider.see(answer.headers["location"])
    assert "You have approved it." in following.text


async def test_the_last_one_leads_back_to_the_list(decider: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    page = await decider.see(f"/approvals/{request['id']}")
    answer = await decider.send(page, f"/approvals/{request['id']}/denial", comment="Too dear")
    assert answer.headers["location"] == "/approvals"
    assert "Nothing waits for you" in (await decider.see("/approvals")).text


async def test_denying_wants_to_know_why_and_keeps_the_page(decider: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    page = await decider.see(f"/approvals/{request['id']}")
    answer = await decider.send(page, f"/approvals/{request['id']}/denial", comment=" ")
    assert answer.status_code == 400
    assert "Say why" in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_what_changed_after_it_was_shown_is_not_approved(
    decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter, supplier={"name": "New one", "territoryId": "FR"})
    page = await decider.see(f"/approvals/{request['id']}")
    purchase = request["purchase"]["id"]
    listed = await client.put(f"/cleemy-procurement/api/purchases/{purchase}/supplier", json={"id": 6})
    assert listed.status_code == 200
    answer = await decider.send(page, f"/approvals/{request['id']}/approval", comment="Fine by me")
    assert answer.status_code == 409
    assert "It was changed while you looked at it." in seen(answer).text
    again = seen(answer).form(f"/approvals/{request['id']}/approval")
    assert (again["comment"], again["contentHash"] != request["contentHash"]) == ("Fine by me", True)


async def test_sending_twice_decides_once(decider: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    page = await decider.see(f"/approvals/{request['id']}")
    answers = [await decider.send(page, f"/approvals/{request['id']}/approval") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]


async def test_a_form_of_another_site_does_nothing(decider: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    page = await decider.see(f"/approvals/{request['id']}")
    answer = await decider.send(page, f"/approvals/{request['id']}/approval", csrf="guessed")
    assert answer.status_code == 403


async def test_who_is_not_asked_sees_no_buttons(buyer: Visiting, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    page = await buyer.see(f"/approvals/{request['id']}")
    assert page.status == 200
    assert not page.tree.xpath("//form[contains(@action, 'approval')]")


SEVERAL = "severalAtOnce: true\nsteps: [{name: Head, anyOf: [36]}]"


async def test_several_are_approved_at_once_where_the_policy_lets_them_be(
    company: Company, decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    await put_in_force(company, SEVERAL)
    made = [await make_request(submitter, title=title) for title in ("One", "Two", "Three")]
    page = await decider.see("/approvals")
    chosen = [str(value) for value in page.tree.xpath("//input[@name='request']/@value")[:2]]
    fields = {"csrf": page.form("/approvals")["csrf"], "once": page.form("/approvals")["once"]}
    for _ in range(2):
        answer = await decider.client.post("/approvals", data=fields | {"request": chosen})
        assert (answer.status_code, answer.headers["location"]) == (303, "/approvals")
    states = [(await client.get(f"{API}/requests/{each['id']}")).json()["state"] for each in made]
    assert states == ["Approved", "Approved", "Pending"]


async def test_elsewhere_each_has_to_be_opened_whatever_a_form_says(
    decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter, title="One")
    page = await decider.see("/approvals")
    assert page.tree.xpath("//input[@type='checkbox']") == []
    answer = await decider.send(page, "/approvals", request=f"{request['id']}-{request['contentHash']}")
    assert answer.status_code == 409
    assert "The policy wants the request to be decided by itself" in seen(answer).text
    assert (await client.get(f"{API}/requests/{request['id']}")).json()["state"] == "Pending"


async def test_what_changed_since_the_list_was_shown_is_not_approved_with_the_others(
    company: Company, decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    await put_in_force(company, SEVERAL)
    request = await make_request(submitter, supplier={"name": "New one", "territoryId": "FR"})
    page = await decider.see("/approvals")
    chosen = str(page.tree.xpath("string(//input[@name='request']/@value)"))
    await client.put(f"{API}/purchases/{request['purchase']['id']}/supplier", json={"id": 6})
    answer = await decider.send(page, "/approvals", request=chosen)
    assert answer.status_code == 409
    assert "What is to be approved is not what was shown" in seen(answer).text


async def test_nothing_ticked_is_told_and_nothing_is_done(
    company: Company, decider: Visiting, submitter: httpx2.AsyncClient
) -> None:
    await put_in_force(company, SEVERAL)
    await make_request(submitter)
    answer = await decider.send(await decider.see("/approvals"), "/approvals")
    assert (answer.status_code, "Tick those" in seen(answer).text) == (400, True)


async def test_a_request_is_compared_with_the_last_one_of_its_supplier(
    decider: Visiting, submitter: httpx2.AsyncClient
) -> None:
    before = await make_request(submitter, title="Lamps")
    await decider.send(await decider.see(f"/approvals/{before['id']}"), f"/approvals/{before['id']}/approval")
    now = await make_request(submitter, title="More lamps")
    page = await decider.see(f"/approvals/{now['id']}")
    assert "As much as last time" in page.text
    assert f"/purchases/{before['purchase']['id']}" in page.links()


async def test_who_is_asked_instead_of_whom_is_told_by_name_in_either_language(
    buyer: Visiting, submitter: httpx2.AsyncClient, company: Company
) -> None:
    request = await make_request(submitter)
    async with await company.caller(permissions=("view:all", "configure")) as admin:
        given = {"fromUserId": 36, "toUserId": 37, "reason": "Has moved on"}
        told = await admin.post(f"{API}/requests/{request['id']}/reassignments", json=given)
    assert told.status_code == 201, told.text
    for place in (f"/approvals/{request['id']}", f"/purchases/{request['purchase']['id']}"):
        english = (await buyer.see(place)).text
        french = (await buyer.see(place, **{"accept-language": "fr"})).text
        assert "in place of Alma Approver, as an administrator said: Has moved on" in english
        assert "pour remplacer Alma Approver, comme un administrateur l\u2019a dit : Has moved on" in french


async def test_nobody_left_to_ask_is_told_by_name_beside_the_form(buyer: Visiting, company: Company) -> None:
    await put_in_force(company, "steps: [{name: Boss, any: [36]}]")
    await company.owner.execute(
        "UPDATE users SET left_on = '2024-01-31' WHERE tenant_id = $1 AND user_id = 36", company.tenant_id
    )
    page = await buyer.see("/ask")
    wanted = {"title": "A lamp", "supplier": "Amazon", "amount": "1", "nature": "1", "cost_center": "3"}
    beside = (await buyer.send(page, "/ask", then="look", **wanted)).text
    assert "Alma Approver, who has left" in beside
    assert "user 36" not in beside


def then_and_now(page: Seen) -> dict[str, list[str]]:
    """List what a page says has changed: by its name, what it was and what it is."""
    rows = page.tree.xpath("//div[@aria-label='What changed']//tbody/tr")
    return {row.findtext("th"): [" ".join(cell.text_content().split()) for cell in row.iter("td")] for row in rows}


REVIEWED = """
changesUnderReview: {by: [owner], beginsAgainAt: Head}
steps: [{name: Head, any: [36]}, {name: Finance, any: [37]}]
"""


async def test_what_was_changed_under_review_is_shown_beside_what_it_was(
    decider: Visiting, buyer: Visiting, office: Office
) -> None:
    await put_in_force(office.company, REVIEWED)
    request = (await office.ask(35, 100)).json()
    place, commitment = f"/approvals/{request['id']}", f"{API}/commitments/{request['businessObject']['id']}"
    owner = await office.of(35)

    async def change(value: float, comment: str) -> None:
        amount = {"excludingTaxes": {"value": value, "currency": "EUR"}, "taxes": []}
        answer = await owner.put(commitment, json=ONE_TIME | {"comment": comment, "amountIncludingTaxes": amount})
        assert answer.status_code == 200, answer.text

    await change(120, "The large one")
    page = await decider.see(place)
    assert "changed since approval was asked for" in page.text
    assert then_and_now(page)["Amount before tax"] == ["€100.00", "€120.00"]
    assert then_and_now(page)["Why"] == ["Comment", "The large one"]
    await office.decide(36, request["id"])
    await change(500, "The large one")
    await change(500, "The largest one")
    again = await decider.see(place)
    assert "changed since you decided" in again.text
    assert then_and_now(again)["Amount before tax"] == ["€120.00", "€500.00"]
    assert then_and_now(await buyer.see(place))["Amount before tax"] == ["€100.00", "€500.00"]


async def test_a_supplier_listed_under_review_is_shown_beside_the_one_written_down(
    decider: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter, supplier={"name": "Amazone", "territoryId": "FR"})
    listed = await client.put(f"{API}/purchases/{request['purchase']['id']}/supplier", json={"id": 6})
    assert listed.status_code == 200
    assert then_and_now(await decider.see(f"/approvals/{request['id']}")) == {"Supplier": ["Amazone", "Amazon"]}


async def test_however_much_waits_all_of_it_is_listed_page_by_page(
    decider: Visiting, submitter: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "_A_PAGE", 2)
    requests = [await make_request(submitter, title=f"Lamp {number}") for number in range(5)]
    page, told, last = await decider.see("/approvals"), [], requests[-1]["id"]
    while True:
        told.append([title.text_content() for title in page.tree.xpath("//*[@class='purchase-title']")])
        later = page.tree.xpath("//a[@rel='next']/@href")
        if not later:
            break
        page = await decider.see(later[0])
    assert told == [["Lamp 0", "Lamp 1"], ["Lamp 2", "Lamp 3"], ["Lamp 4"]]
    assert "Request 5 of 5" in (await decider.see(f"/approvals/{last}")).text
    behind = f"/approvals?after={requests[1]['id']}"
    before = await decider.see(f"/approvals/{requests[1]['id']}")
    await decider.send(before, f"/approvals/{requests[1]['id']}/approval")
    assert "Lamp 2" in (await decider.see(behind)).text
    assert (await decider.see("/approvals?after=999999")).status == 404


async def test_who_decides_again_elsewhere_is_told_what_they_decided_and_when(
    decider: Visiting, submitter: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter)
    place = f"/approvals/{request['id']}"
    first, second = [await decider.see(place) for _ in range(2)]
    assert (await decider.send(first, f"{place}/denial", comment="Too dear")).status_code == 303
    again = seen(await decider.send(second, f"{place}/approval"))
    assert again.status == 409
    assert "It has been decided already. You denied it: " in again.text
    assert "Too dear" in again.text
    assert not again.tree.xpath("//form[contains(@action, '/approval')]")
    same_form = seen(await decider.send(first, f"{place}/approval"))
    assert (same_form.status, "You denied it: " in same_form.text) == (409, True)


async def test_who_has_approved_a_step_is_told_so_when_they_do_it_again_elsewhere(
    company: Company, decider: Visiting, submitter: httpx2.AsyncClient
) -> None:
    await put_in_force(company, "steps: [{name: Head, any: [36]}, {name: Finance, any: [37]}]")
    request = await make_request(submitter)
    place = f"/approvals/{request['id']}"
    first, second = [await decider.see(place) for _ in range(2)]
    assert (await decider.send(first, f"{place}/approval")).status_code == 303
    again = seen(await decider.send(second, f"{place}/approval"))
    assert "You have decided it already; it waits for others now. You approved it: " in again.text


async def test_who_comes_after_another_is_told_who_decided_or_took_it_back(
    company: Company, decider: Visiting, office: Office
) -> None:
    await put_in_force(company, "steps: [{name: Head, anyOf: [36, 37]}]")
    decided, taken = [(await office.ask(35)).json()["id"] for _ in range(2)]
    pages = {number: await decider.see(f"/approvals/{number}") for number in (decided, taken)}
    await office.decide(37, decided)
    await (await office.of(35)).post(f"{API}/requests/{taken}/cancellations", json={"comment": "Found one"})
    late = seen(await decider.send(pages[decided], f"/approvals/{decided}/approval"))
    assert re.search(r"It has been decided already\. \w+ \w+ approved it: .*Because", late.text)
    gone = seen(await decider.send(pages[taken], f"/approvals/{taken}/approval"))
    assert re.search(r"It has been taken back\. .+ took it back: .*Found one", gone.text)


@pytest.mark.parametrize("comment", ["a\0b", "x" * 10_001])
async def test_words_that_can_not_be_kept_are_told_beside_them_and_stay_typed(
    decider: Visiting, buyer: Visiting, submitter: httpx2.AsyncClient, comment: str
) -> None:
    request = await make_request(submitter)
    place, purchase = f"/approvals/{request['id']}", f"/purchases/{request['purchase']['id']}"
    deeds = ((decider, place, "approval"), (decider, place, "denial"), (buyer, purchase, "withdrawal"))
    for visitor, page, action in deeds:
        answer = seen(await visitor.send(await visitor.see(page), f"{page}/{action}", comment=comment))
        assert (answer.status, answer.tree.xpath("count(//*[@id='comment-wrong1'])")) == (400, 1)
        assert answer.form(f"{page}/{action}")["comment"].startswith(comment[:1])
