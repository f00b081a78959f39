"""Approving and denying on the pages: what is decided is what was shown."""

import httpx2

from tests.fixtures.guide import make_request
from tests.fixtures.pages import Visiting


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
    answer = await decider.send(page, f"/approvals/{request['id']}/approval")
    assert answer.status_code == 409
    assert f"/approvals/{request['id']}" in answer.text


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
