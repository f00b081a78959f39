"""Changing what waits for approval on the pages: by whom the policy lets, from the step that was told beforehand."""

import httpx2
import pytest

from tests.fixtures.attachments import attach
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_commitment, make_purchase, make_request
from tests.fixtures.offices import Office
from tests.fixtures.pages import Seen, Visiting, seen
from tests.fixtures.policies import put_in_force

OWNER_MAY = """
changesUnderReview: {by: [owner], beginsAgainAt: Finance}
rules:
  - name: Large
    when: {amount: {over: 1000}}
    steps: [{name: Manager, any: [36]}, {name: Finance, any: [37]}, {name: Board, any: [39]}]
otherwise: {steps: [{name: Manager, any: [36]}, {name: Finance, any: [37]}]}
"""


def _then_and_now(page: Seen) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in page.tree.xpath("//table//tbody/tr")]


def _begins_at(page: Seen) -> list[str]:
    steps = page.tree.xpath("//*[@id='beside' or self::div][contains(., 'It begins anew at')]//ol/li/strong")
    return list(dict.fromkeys(str(step.text_content()) for step in steps))


async def test_the_owner_changes_it_sees_beforehand_where_it_begins_anew_and_then_both(
    company: Company, buyer: Visiting, office: Office, client: httpx2.AsyncClient
) -> None:
    await put_in_force(company, OWNER_MAY)
    request = (await office.ask(35, 100)).json()
    await office.decide(36, request["id"])
    place = f"/approvals/{request['id']}/change"
    assert place in (await buyer.see(f"/purchases/{request['purchase']['id']}")).links()
    assert place in (await buyer.see(f"/approvals/{request['id']}")).links()
    form = await buyer.see(place)
    assert _begins_at(form) == ["Finance"]
    assert "Nothing is changed yet." in form.text
    looked = seen(await buyer.post(f"{place}/beside", form.form(place) | {"amount": "5,000"}))
    assert _begins_at(looked) == ["Finance", "Board"]
    assert ["Amount before tax", "€100.00", "€5,000.00"] in _then_and_now(looked)
    sent = form.form(place) | {"amount": "5,000", "then": "change"}
    answers = [await buyer.post(place, sent) for _ in range(2)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (303, f"/approvals/{request['id']}")
    ] * 2
    shown = await buyer.see(f"/approvals/{request['id']}")
    assert "It is changed, and its approval begins anew." in shown.text
    assert ["Amount before tax", "€100.00", "€5,000.00"] in _then_and_now(shown)
    now = (await client.get(f"{API}/requests/{request['id']}")).json()
    assert [step["name"] for step in now["steps"]] == ["Manager", "Finance", "Finance", "Board"]


async def test_without_scripts_a_look_keeps_what_was_typed_and_changes_nothing(
    company: Company, buyer: Visiting, office: Office, client: httpx2.AsyncClient
) -> None:
    await put_in_force(company, OWNER_MAY)
    request = (await office.ask(35, 100)).json()
    place = f"/approvals/{request['id']}/change"
    looked = seen(await buyer.send(await buyer.see(place), place, amount="7,000", then="look"))
    assert (looked.status, looked.form(place)["amount"], _begins_at(looked)) == (
        200,
        "7,000",
        ["Manager", "Finance", "Board"],
    )
    assert (await client.get(f"{API}/requests/{request['id']}")).json()["contentHash"] == request["contentHash"]


async def test_a_fault_and_a_change_by_nothing_stand_on_the_form(
    company: Company, buyer: Visiting, office: Office
) -> None:
    await put_in_force(company, OWNER_MAY)
    request = (await office.ask(35, 100)).json()
    place = f"/approvals/{request['id']}/change"
    form = await buyer.see(place)
    same = await buyer.send(form, place, then="change")
    assert (same.status_code, "Nothing is changed yet." in seen(same).text) == (400, True)
    wrong = seen(await buyer.send(form, place, amount="much", comment="It grew", then="change"))
    assert wrong.status == 400
    assert "Must be an amount" in wrong.text
    assert wrong.form(place)["comment"] == "It grew"
    assert "Must be zero or more" in seen(await buyer.send(form, place, amount="-1", then="change")).text


async def test_what_was_changed_meanwhile_is_not_written_over_unseen(
    company: Company, buyer: Visiting, office: Office
) -> None:
    await put_in_force(company, OWNER_MAY)
    request = (await office.ask(35, 100)).json()
    place = f"/approvals/{request['id']}/change"
    form = await buyer.see(place)
    other = await buyer.see(place)
    assert (await buyer.send(other, place, amount="200", then="change")).status_code == 303
    late = seen(await buyer.send(form, place, amount="300", then="change"))
    assert (late.status, late.form(place)["amount"]) == (412, "300")
    assert "It was changed while you wrote." in late.text
    assert ["Amount before tax", "€200.00", "€300.00"] in _then_and_now(late)
    assert (await buyer.send(late, place, then="change")).status_code == 303


@pytest.mark.parametrize("may", ["approvers", "36"])
async def test_an_approver_whom_the_policy_names_changes_it_and_may_not_approve_it(
    company: Company, decider: Visiting, office: Office, may: str
) -> None:
    await put_in_force(company, f"changesUnderReview: {{by: [{may}]}}\nsteps: [{{name: Head, any: [36, 37]}}]")
    request = (await office.ask(35)).json()
    place = f"/approvals/{request['id']}/change"
    assert (await decider.send(await decider.see(place), place, amount="99", then="change")).status_code == 303
    shown = await decider.see(f"/approvals/{request['id']}")
    assert not shown.tree.xpath("//form[contains(@action, '/approval')]")


async def test_whom_the_policy_does_not_name_is_offered_nothing(
    decider: Visiting, buyer: Visiting, submitter: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter)
    place = f"/approvals/{request['id']}/change"
    for visitor in (buyer, decider):
        assert place not in (await visitor.see(f"/approvals/{request['id']}")).links()
        assert (await visitor.see(place)).status == 403
        fields = {"csrf": (await visitor.see("/account")).form("/appearance")["csrf"], "amount": "1"}
        assert (await visitor.post(place, fields)).status_code in {400, 403}


async def test_what_was_decided_meanwhile_is_told_with_by_whom(
    company: Company, buyer: Visiting, office: Office
) -> None:
    await put_in_force(company, "changesUnderReview: {by: [owner]}\nsteps: [{name: Head, any: [36]}]")
    request = (await office.ask(35)).json()
    place = f"/approvals/{request['id']}/change"
    form = await buyer.see(place)
    await office.decide(36, request["id"])
    assert (await buyer.see(place)).answer.headers["location"] == f"/approvals/{request['id']}"
    late = seen(await buyer.send(form, place, amount="1", then="change"))
    assert (late.status, "It has been decided already. Alma Approver approved it: " in late.text) == (412, True)


async def test_a_file_that_is_taken_away_is_told_by_its_name(company: Company, buyer: Visiting, office: Office) -> None:
    await put_in_force(company, OWNER_MAY)
    caller = await office.of(35)
    made = await make_purchase(caller, ownerId=35)
    files = [await attach(company, caller, name) for name in ("offer.pdf", "terms.pdf")]
    commitment = await make_commitment(caller, made["id"], attachmentIds=files)
    request = (await caller.post(f"{API}/commitments/{commitment['id']}/requests")).json()
    place = f"/approvals/{request['id']}/change"
    form = await buyer.see(place)
    assert (await buyer.send(form, place, file=str(files[1]), then="change")).status_code == 303
    then_and_now = _then_and_now(await buyer.see(f"/approvals/{request['id']}"))
    assert ["Attachments", "offer.pdf, terms.pdf", "terms.pdf"] in then_and_now
