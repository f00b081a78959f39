"""What people complained about in who decides on what, and who learns of it, each against the running server."""

import re

import pytest

from emplette.storage.database import Database
from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase
from tests.fixtures.made_files import written_pdf
from tests.fixtures.mailboxes import Mailbox, correspondent, text_of, wish, write_all
from tests.fixtures.offices import Office
from tests.fixtures.pages import visiting
from tests.fixtures.policies import put_in_force
from tests.fixtures.served import decree

TWO_STEPS = "steps: [{name: Head, any: [36]}, {name: Board, any: [37]}]"


async def test_complaint_3_there_is_no_order_before_the_last_approval(office: Office) -> None:
    """See github.com/Dolibarr/dolibarr/issues/23945: the order went out with its number before the second one."""
    await put_in_force(office.company, TWO_STEPS)
    request = (await office.ask(35)).json()
    between = (await office.decide(36, request["id"])).json()
    assert (between["state"], between["stepId"], "order" in between) == ("Pending", 2, False)
    caller, purchase = await office.of(35), request["purchase"]["id"]
    assert (await caller.get(f"{API}/orders", params={"purchaseId": purchase})).json()["items"] == []
    shown = (await caller.get(f"{API}/purchases/{purchase}")).json()
    assert (shown["state"], "order" in shown) == ("Processing", False)
    assert (await office.decide(37, request["id"])).json()["order"]["number"]


async def test_complaint_29_nobody_approves_their_own_whatever_they_may(office: Office) -> None:
    """See github.com/frappe/hrms/pull/3388."""
    await put_in_force(office.company, "steps: [{name: Heads, any: [36, 37]}]")
    request = (await office.ask(36)).json()
    everything = ("purchases:all", "view:all", "approve", "manage", "pay", "configure")
    async with await office.company.caller(permissions=everything, person=36) as owner:
        answer = await owner.post(f"{API}/requests/{request['id']}/approvals")
    assert (answer.status_code, answer.json()["code"]) == (403, "approval.own_request")
    async with await visiting(office.company, 36, "administrator", "approver") as owner:
        page = await owner.see(f"/approvals/{request['id']}")
        assert page.tree.xpath("//form[contains(@action, '/approval')]") == []
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


async def test_complaint_30_who_approves_elsewhere_does_not_approve_what_others_are_asked(office: Office) -> None:
    """See github.com/OCA/purchase-workflow/issues/692: any manager approved, whoever was named."""
    await put_in_force(office.company, "steps: [{name: Head, any: [36]}]")
    request = (await office.ask(35)).json()
    async with await visiting(office.company, 37, "administrator", "approver") as manager:
        page = await manager.see(f"/approvals/{request['id']}")
        assert page.tree.xpath("//form[contains(@action, '/approval')]") == []
        assert "Nothing waits for you" in (await manager.see("/approvals")).text
    answer = await office.decide(37, request["id"])
    assert (answer.status_code, answer.json()["code"]) == (403, "approval.not_asked")


async def test_complaint_31_a_program_that_looks_at_mails_approves_nothing_and_uses_nothing_up(
    office: Office, box: Mailbox, database: Database
) -> None:
    """See github.com/activepieces/activepieces/issues/14024."""
    request = (await office.ask(35)).json()
    await write_all(database, correspondent(box))
    (link,) = re.findall(r"(/decisions/\S+)", text_of(box.to(36)[-1]))
    caller = await office.of(37)
    async with office.company.open() as scanner:
        for _ in range(2):
            assert (await scanner.get(link)).status_code == 200
            assert (await scanner.head(link)).status_code == 200
    assert (await caller.get(f"{API}/requests/{request['id']}")).json()["state"] == "Pending"
    async with office.company.open() as person:
        assert (await person.post(f"{link}/approval", data={"comment": ""})).status_code == 303
    assert (await caller.get(f"{API}/requests/{request['id']}")).json()["state"] == "Approved"


async def test_complaint_32_a_denial_says_why_and_whoever_asked_learns_it(
    office: Office, box: Mailbox, database: Database
) -> None:
    """See github.com/opencollective/opencollective/issues/3295 and github.com/intershop/intershop-pwa/issues/961."""
    await wish(office.company, 35)
    request = (await office.ask(35)).json()
    silent = await office.decide(36, request["id"], "denials", comment=" ")
    assert (silent.status_code, list(silent.json()["errors"])) == (400, ["comment"])
    denied = (await office.decide(36, request["id"], "denials", comment="We have a contract with another one")).json()
    assert denied["state"] == "Denied"
    async with await visiting(office.company, 35) as buyer:
        page = await buyer.see(f"/purchases/{request['purchase']['id']}")
    assert "We have a contract with another one" in page.text
    await write_all(database, correspondent(box))
    assert "We have a contract with another one" in text_of(box.to(35)[-1])


async def test_complaint_37_what_is_closed_takes_no_budget_any_more(office: Office) -> None:
    """See github.com/frappe/erpnext/issues/14155."""
    async with await office.company.caller(permissions=("configure", "view:all")) as administrator:
        budget = await make_budget(administrator)
        stages = [(await office.ask(35, 100)).json() for _ in range(3)]
        assert await numbers(administrator, budget["id"]) == {"amount": 1000, "free": 700, "reserved": 300}
        await office.decide(36, stages[0]["id"])
        await office.decide(36, stages[1]["id"], "denials")
        caller = await office.of(35)
        await caller.post(f"{API}/requests/{stages[2]['id']}/cancellations", json={})
        assert await numbers(administrator, budget["id"]) == {"amount": 1000, "free": 900, "committed": 100}
        assert (await caller.post(f"{API}/purchases/{stages[0]['purchase']['id']}/closing")).status_code == 201
        assert await numbers(administrator, budget["id"]) == {"amount": 1000, "free": 1000}
    await law(office.company)


async def test_complaint_38_what_is_attached_is_seen_by_who_sees_the_purchase_and_nobody_else(office: Office) -> None:
    """See github.com/frappe/erpnext/issues/24212."""
    caller = await office.of(35)
    paper = written_pdf()
    sent = await caller.post("/lucca-files/api/uploads", files={"file": ("offer.pdf", paper)})
    file = f"{API}/files/{sent.json()['id']}"
    made = await make_purchase(caller)
    await make_commitment(caller, made["id"], attachmentIds=[sent.json()["id"]])
    assert (await caller.get(file)).content == paper
    async with await office.company.caller(permissions=("view:own", "purchases:own"), person=39) as stranger:
        answers = [await stranger.get(place) for place in (file, f"{file}/display", f"{API}/purchases/{made['id']}")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    async with await visiting(office.company, 39) as stranger, office.company.open() as nobody:
        place = f"/files/{sent.json()['id']}"
        assert (await stranger.see(place)).status == 404
        assert (await nobody.get(place)).headers["Location"].startswith("/sign-in")


async def test_complaint_39_what_was_taken_out_before_asking_does_not_come_back(office: Office) -> None:
    """See github.com/hmislk/hmis/issues/3927."""
    caller = await office.of(35)
    files = []
    for name in ("first.pdf", "second.pdf"):
        sent = await caller.post(
            "/lucca-files/api/uploads", files={"file": (name, written_pdf(content=f"({name}) Tj".encode()))}
        )
        files.append(sent.json()["id"])
    made = await make_purchase(caller)
    commitment = await make_commitment(caller, made["id"], attachmentIds=files, comment="With both")
    place = f"{API}/commitments/{commitment['id']}"
    kept = {"attachmentIds": [commitment["attachmentIds"][1]], "amountIncludingTaxes": {"excludingTaxes": euros(60)}}
    assert (await caller.put(place, json=ONE_TIME | kept | {"comment": None})).status_code == 200
    request = (await caller.post(f"{place}/requests")).json()
    asked = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert [one["file"]["name"] for one in asked["businessObject"]["attachments"]] == ["second.pdf"]
    assert (await office.decide(36, request["id"])).json()["state"] == "Approved"
    shown = (await caller.get(place)).json()
    assert (shown["attachmentIds"], shown["amountIncludingTaxes"]["excludingTaxes"]["value"]) == (
        kept["attachmentIds"],
        60,
    )


async def test_complaint_40_a_new_policy_changes_nothing_for_whoever_has_asked_already(office: Office) -> None:
    """See github.com/raystack/guardian/issues/304 and github.com/Infisical/infisical/pull/8076."""
    await put_in_force(office.company, TWO_STEPS)
    old = (await office.ask(35)).json()
    async with await visiting(office.company, 37, "administrator") as administrator:
        await decree(administrator, "steps: [{name: Only, any: [39], goesUpTo: [37]}]")
    new = (await office.ask(35)).json()
    assert [step["name"] for step in new["steps"]] == ["Only"]
    shown = (await (await office.of(36)).get(f"{API}/requests/{old['id']}")).json()
    assert [step["name"] for step in shown["steps"]] == ["Head", "Board"]
    assert (await office.decide(39, old["id"])).json()["code"] == "approval.not_asked"
    assert (await office.decide(36, old["id"])).json()["state"] == "Pending"
    assert (await office.decide(37, old["id"])).json()["state"] == "Approved"


@pytest.mark.parametrize("reads", ["in the log", "on the page"])
async def test_complaint_42_who_changed_an_order_when_and_what_can_be_read(office: Office, reads: str) -> None:
    """See github.com/third-culture-software/bhima/issues/5721."""
    request = (await office.ask(35)).json()
    await office.decide(36, request["id"])
    caller, commitment = await office.of(35), request["businessObject"]["id"]
    tag = (await caller.get(f"{API}/commitments/{commitment}")).headers["ETag"]
    body = ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": euros(150)}}
    asked = await caller.post(f"{API}/commitments/{commitment}/amendments", json=body, headers={"If-Match": tag})
    order = (await office.decide(36, asked.json()["id"])).json()["order"]
    if reads == "on the page":
        async with await visiting(office.company, 35) as buyer:
            page = await buyer.see(f"/purchases/{request['purchase']['id']}")
        assert "changed the order, as was approved" in page.text
        assert "Alma Approver" in page.text
    told = (await caller.get(f"{API}/orders/{order['id']}")).json()["history"]
    assert [(entry["what"], entry["by"]["id"]) for entry in told] == [("Created", 36), ("Amended", 36)]
    assert told[0]["at"] < told[1]["at"]
