"""Amendments: an approved commitment is changed through a request of its own, and until then it holds."""

import asyncio
from collections import Counter
from typing import Any, Final

import httpx2
import pytest

from emplette.storage import checks
from emplette.storage.database import Database
from emplette.storage.rebuilding import differences
from tests.fixtures.attachments import attach
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_request
from tests.fixtures.lives import STAGES, Live
from tests.fixtures.policies import put_in_force

SAME: Final = ("state", "type", "committedAmount", "availableAmount", "billedAmount", "order", "title", "supplier")
ENDS: Final = ("denials", "approvals", "cancellations")
MOVES_ON: Final = ("version", "modifiedAt", "modifier", "commitment")


def costing(amount: float, terms: dict[str, Any] = ONE_TIME, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Say the whole of a commitment at another price."""
    field = next(name for name in terms if name.startswith("amountIncludingTaxes"))
    return terms | {field: {"excludingTaxes": {"value": amount, "currency": "EUR"}, "taxes": []}} | changes


async def amend(
    client: httpx2.AsyncClient, commitment_id: int, body: dict[str, Any], **headers: str
) -> httpx2.Response:
    """Propose an amendment of the commitment as it is now."""
    path = f"{API}/commitments/{commitment_id}"
    tag = (await client.get(path)).headers["ETag"]
    return await client.post(f"{path}/amendments", json=body, headers={"If-Match": tag} | headers)


async def test_a_key_that_approves_by_itself_raises_a_commitment_at_once(client: httpx2.AsyncClient) -> None:
    made = await make_request(client)
    commitment_id = made["businessObject"]["id"]
    answer = await amend(client, commitment_id, costing(150))
    assert answer.status_code == 201, answer.text
    request = answer.json()
    assert (request["kind"], request["state"], request["actions"]) == ("Amendment", "Approved", [])
    told = request["amendment"]
    assert told["before"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == 120
    assert told["after"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == 150
    assert told["difference"]["base"] == {"value": 30, "currency": "EUR"}
    assert told["changes"] == ["amount"]
    purchase = (await client.get(f"{API}/purchases/{made['purchase']['id']}")).json()
    assert purchase["state"] == "Ongoing"
    assert purchase["committedAmount"]["base"]["value"] == 150
    assert purchase["requestedAmount"]["base"]["value"] == 0
    assert purchase["commitment"]["request"] == {
        "id": made["id"],
        "href": f"{API}/requests/{made['id']}",
        "state": "Approved",
    }
    order = (await client.get(f"{API}/orders/{purchase['order']['id']}")).json()
    assert [entry["what"] for entry in order["history"]] == ["Created", "Amended"]
    assert order["amountIncludingTaxes"]["excludingTaxes"]["value"] == 150


async def test_until_an_amendment_is_approved_everything_stays_as_it_was(live: Live) -> None:
    life = await live("approved")
    before = await life.read()
    order = (await life.submitter.get(life.order)).json()
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    assert (asked["state"], asked["actions"]) == ("Pending", ["approve", "deny", "cancel"])
    assert asked["businessObject"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == 120
    waiting = await life.read()
    assert waiting["requestedAmount"]["base"]["value"] == 30
    assert waiting["commitment"]["amendment"] == {
        "id": asked["id"],
        "href": f"{API}/requests/{asked['id']}",
        "state": "Pending",
    }
    assert waiting["version"] == before["version"] + 1
    assert {name: waiting[name] for name in SAME} == {name: before[name] for name in SAME}
    kept = (await life.submitter.get(life.order)).json()
    assert (kept["state"], kept["history"]) == ("Open", order["history"])
    assert kept["amountIncludingTaxes"] == order["amountIncludingTaxes"]


@pytest.mark.parametrize("amount", [150, 90])
async def test_approval_puts_the_new_content_in_the_place_of_the_old(live: Live, amount: int) -> None:
    life = await live("approved")
    asked = (await amend(life.submitter, life.commitment_id, costing(amount, comment="As agreed"))).json()
    assert (await life.read())["requestedAmount"]["base"]["value"] == max(0, amount - 120)
    decided = await life.approver.post(
        f"{API}/requests/{asked['id']}/approvals", json={"contentHash": asked["contentHash"]}
    )
    assert decided.status_code == 201, decided.text
    told = decided.json()
    assert told["state"] == "Approved"
    assert told["businessObject"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == amount
    sides = [_price(told["amendment"][side]) for side in ("before", "after")]
    assert (sides, told["amendment"]["difference"]) == ([120, amount], asked["amendment"]["difference"])
    after = await life.read()
    assert after["committedAmount"]["base"]["value"] == amount
    assert after["requestedAmount"]["base"]["value"] == 0
    assert "amendment" not in after["commitment"]
    assert after["commitment"]["comment"] == "As agreed"
    assert after["commitment"]["request"]["id"] == life.request_id
    order = (await life.submitter.get(life.order)).json()
    assert [entry["what"] for entry in order["history"]] == ["Created", "Amended"]
    assert order["history"][-1]["by"]["id"] == told["decisions"][0]["by"]["id"]


def _price(commitment: dict[str, Any]) -> int:
    value: int = commitment["amountIncludingTaxes"]["excludingTaxes"]["value"]
    return value


@pytest.mark.parametrize("end", ["denials", "cancellations"])
async def test_denied_or_taken_back_nothing_has_changed(live: Live, end: str) -> None:
    life = await live("approved")
    before = await life.read()
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    who = life.approver if end == "denials" else life.submitter
    ended = await who.post(f"{API}/requests/{asked['id']}/{end}", json={"comment": "No"})
    assert ended.status_code == 201, ended.text
    assert ended.json()["actions"] == []
    after = await life.read()
    assert {name: after[name] for name in before if name not in MOVES_ON} == {
        name: before[name] for name in before if name not in MOVES_ON
    }
    assert after["commitment"] == before["commitment"] | {"version": after["version"]}
    assert (await amend(life.submitter, life.commitment_id, costing(150))).status_code == 201


async def test_a_subscription_is_prolonged_at_another_price(live: Live) -> None:
    life = await live("approved", SUBSCRIPTION)
    longer = costing(1100, SUBSCRIPTION, subscriptionDuration={"value": 24, "unit": "Month"})
    asked = (await amend(life.submitter, life.commitment_id, longer)).json()
    assert asked["amendment"]["changes"] == ["terms", "amount"]
    assert asked["amendment"]["difference"]["base"]["value"] == 24 * 1100 - 12 * 1000
    assert asked["amendment"]["after"]["subscriptionEndDate"] == "2027-04-13"
    approved = await life.approver.post(f"{API}/requests/{asked['id']}/approvals")
    assert approved.json()["businessObject"]["periodsCount"] == 24


async def test_an_amendment_says_for_which_version_it_was_made(live: Live) -> None:
    life = await live("approved")
    path = f"{life.commitment}/amendments"
    for headers in ({}, {"If-Match": "*"}):
        unsaid = await life.submitter.post(path, json=costing(150), headers=headers)
        assert (unsaid.status_code, unsaid.json()["code"]) == (428, "version.required")
    stale = await life.submitter.post(path, json=costing(150), headers={"If-Match": f'"{life.purchase_id}.1"'})
    assert stale.status_code == 412
    missing = await life.submitter.post(f"{API}/commitments/999999/amendments", json=costing(150))
    assert missing.status_code == 404


async def test_while_one_waits_nothing_else_is_decided_beside_it(live: Live) -> None:
    life = await live("approved")
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    refused = [
        await amend(life.submitter, life.commitment_id, costing(160)),
        await life.submitter.post(f"{life.purchase}/closing", json={}),
        await life.submitter.post(f"{life.request}/cancellations", json={}),
    ]
    for answer in refused:
        told = answer.json()
        assert (answer.status_code, told["code"]) == (409, "amendment.pending")
        assert (told["id"], told["href"], told["state"]) == (asked["id"], f"{API}/requests/{asked['id']}", "Pending")
    assert not {"close", "amend", "cancel"} & set((await life.read())["actions"])


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in ("approved", "new")])
async def test_only_what_was_approved_and_is_not_closed_is_amended(live: Live, stage: str) -> None:
    life = await live(stage)
    if not life.commitment_id:
        return
    answer = await amend(life.submitter, life.commitment_id, costing(150))
    assert answer.status_code == 409
    assert answer.json()["id"] == life.commitment_id


async def test_an_amendment_that_says_nothing_new_is_refused(live: Live) -> None:
    life = await live("approved")
    answer = await amend(life.submitter, life.commitment_id, ONE_TIME)
    assert (answer.status_code, answer.json()["code"]) == (409, "amendment.nothing_changed")


async def test_what_is_wrong_with_an_amendment_is_named_field_by_field(live: Live) -> None:
    life = await live("approved")
    body = {"type": "OneTimeCommitment", "costDate": "2025-02-30", "attachmentIds": [77]}
    answer = await amend(life.submitter, life.commitment_id, body)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"costDate", "amountIncludingTaxes", "attachmentIds[0]"}


async def test_once_approved_an_amendment_is_not_taken_back(live: Live) -> None:
    life = await live("approved")
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    assert (await life.approver.post(f"{API}/requests/{asked['id']}/approvals")).status_code == 201
    back = await life.submitter.post(f"{API}/requests/{asked['id']}/cancellations", json={})
    assert (back.status_code, back.json()["code"]) == (409, "request.decided")
    assert (await life.read())["state"] == "Ongoing"
    whole = await life.submitter.post(f"{life.request}/cancellations", json={})
    assert whole.status_code == 201
    assert (await life.read())["state"] == "Cancelled"


async def test_a_supplier_who_changed_meanwhile_is_not_approved_with_it(live: Live, client: httpx2.AsyncClient) -> None:
    life = await live("approved", supplier={"name": "Corner shop", "territoryId": "FR"})
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    assert (await client.put(f"{life.purchase}/supplier", json={"id": 6})).status_code == 200
    late = await life.approver.post(f"{API}/requests/{asked['id']}/approvals")
    assert (late.status_code, late.json()["code"]) == (409, "amendment.outdated")
    assert (await life.approver.post(f"{API}/requests/{asked['id']}/denials", json={"comment": "No"})).is_success


async def test_nobody_approves_an_amendment_of_their_own(live: Live, company: Company) -> None:
    life = await live("approved")
    await put_in_force(company, "steps: [{name: Head, any: [36, 37]}]")
    async with await company.caller(permissions=("purchases:all", "view:all", "approve"), person=36) as head:
        asked = (await amend(head, life.commitment_id, costing(150))).json()
        answer = await head.post(f"{API}/requests/{asked['id']}/approvals")
    assert (answer.status_code, answer.json()["code"]) == (403, "approval.own_request")


async def test_who_is_asked_about_an_amendment_alone_sees_the_purchase(live: Live, company: Company) -> None:
    life = await live("approved")
    await put_in_force(
        company, "rules: [{name: Big, when: {amount: {atLeast: 150}}, steps: [{name: Second, any: [37]}]}]"
    )
    async with await company.caller(permissions=("view:own", "approve"), person=37) as second:
        assert (await second.get(life.purchase)).status_code == 404
        asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
        assert asked["assignee"]["id"] == 37
        seen = [await second.get(path) for path in (life.purchase, life.commitment, life.order, asked["href"])]
        assert [answer.status_code for answer in seen] == [200] * 4


async def test_a_repeat_is_answered_as_the_first_and_the_purchase_keeps_its_own_request(live: Live) -> None:
    life = await live("approved")
    key = {"Idempotency-Key": "amend-once"}
    first = await amend(life.submitter, life.commitment_id, costing(150), **key)
    again = await amend(life.submitter, life.commitment_id, costing(150), **key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    asked = first.json()
    await life.approver.post(f"{API}/requests/{asked['id']}/approvals")
    closing = {"Idempotency-Key": "close-once"}
    closed = await life.submitter.post(f"{life.purchase}/closing", json={}, headers=closing)
    repeated = await life.submitter.post(f"{life.purchase}/closing", json={}, headers=closing)
    assert repeated.json() == closed.json()
    assert closed.json()["commitment"]["request"]["id"] == life.request_id
    late = await amend(life.submitter, life.commitment_id, costing(150), **key)
    assert late.json() == asked


async def test_amendments_are_listed_by_commitment_and_by_kind(live: Live) -> None:
    life = await live("approved")
    asked = (await amend(life.submitter, life.commitment_id, costing(150))).json()
    await life.approver.post(f"{API}/requests/{asked['id']}/denials", json={"comment": "No"})
    again = (await amend(life.submitter, life.commitment_id, costing(140))).json()
    listed = (await life.submitter.get(f"{life.commitment}/amendments")).json()
    assert [(one["id"], one["state"]) for one in listed["items"]] == [(asked["id"], "Denied"), (again["id"], "Pending")]
    assert [one["amendment"]["difference"]["base"]["value"] for one in listed["items"]] == [30, 20]
    by_kind = (await life.submitter.get(f"{API}/requests?kind=Amendment&commitmentId={life.commitment_id}")).json()
    assert [one["id"] for one in by_kind["items"]] == [asked["id"], again["id"]]
    of_itself = (await life.submitter.get(f"{API}/requests?kind=Commitment&commitmentId={life.commitment_id}")).json()
    assert [one["id"] for one in of_itself["items"]] == [life.request_id]
    assert (await life.submitter.get(f"{API}/commitments/999999/amendments")).status_code == 404


async def test_what_hangs_on_an_amendment_hangs_on_the_commitment_once_approved(
    live: Live, company: Company, client: httpx2.AsyncClient
) -> None:
    life = await live("approved")
    offer = await attach(company, client)
    asked = (await amend(client, life.commitment_id, costing(150, attachmentIds=[offer]))).json()
    assert asked["state"] == "Approved"
    assert (await life.read())["commitment"]["attachmentIds"] == [offer]
    dropped = (await amend(client, life.commitment_id, costing(160))).json()
    assert dropped["amendment"]["changes"] == ["amount", "attachments"]
    assert dropped["amendment"]["before"]["attachmentIds"] == [offer]
    assert (await life.read())["commitment"]["attachmentIds"] == []


async def test_of_32_amendments_at_once_one_wins(live: Live, company: Company, owner: OwnerConnection) -> None:
    life = await live("approved")
    tag = (await life.submitter.get(life.commitment)).headers["ETag"]
    answers = await asyncio.gather(
        *(
            life.submitter.post(f"{life.commitment}/amendments", json=costing(200 + n), headers={"If-Match": tag})
            for n in range(32)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 412: 31}
    assert await contradictions(owner, company.tenant_id) == {}


async def test_the_log_tells_amendments_whole(
    live: Live, company: Company, owner: OwnerConnection, database: Database
) -> None:
    life = await live("approved")
    for end in ENDS:
        who = life.submitter if end == "cancellations" else life.approver
        asked = (await amend(life.submitter, life.commitment_id, costing(200 + len(end), comment=end))).json()
        ended = await who.post(f"{API}/requests/{asked['id']}/{end}", json={"comment": "So"})
        assert ended.status_code == 201, ended.text
    assert await contradictions(owner, company.tenant_id) == {}
    (rebuilt,) = await checks.purchases(database.session(), company.tenant_id, after=0, most=9)
    assert rebuilt.told is not None
    assert rebuilt.there.keys() == rebuilt.told.keys()
    assert [name for name, row in rebuilt.there.items() if differences(row, rebuilt.told[name])] == []
    amendments = {name for name in rebuilt.there if name.startswith("Amendment")}
    assert len(amendments) == len(ENDS)
    assert all({"proposed", "replaced", "proposed_comment"} <= rebuilt.told[name].keys() for name in amendments)
