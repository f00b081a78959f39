"""U3, U6, U7, U12, cancel, purchases: what each stage of a purchase allows, and how the rest is refused."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.lives import STAGES, STATES, Life, Live
from tests.fixtures.problems import conflict, faults, refused, rows

EVERY = pytest.mark.parametrize("stage", STAGES)
LIVE = {"committed", "pending", "approved", "closed when committed", "closed when approved"}
COMMITMENT_STATES = {
    "new": None,
    "committed": "Created",
    "pending": "UnderReview",
    "approved": "Provisioned",
    "denied": "Denied",
    "cancelled while pending": "Cancelled",
    "cancelled when approved": "Cancelled",
    "closed when new": None,
    "closed when committed": "Created",
    "closed when approved": "Provisioned",
    "closed when denied": "Denied",
    "closed when cancelled": "Cancelled",
}
REQUEST_STATES = {
    "pending": "Pending",
    "approved": "Approved",
    "denied": "Denied",
    "cancelled while pending": "Cancelled",
    "cancelled when approved": "Cancelled",
    "closed when approved": "Approved",
    "closed when denied": "Denied",
    "closed when cancelled": "Cancelled",
}
ORDER_STATES = {"approved": "Open", "cancelled when approved": "Cancelled", "closed when approved": "Closed"}


@EVERY
async def test_u7_the_states_of_all_that_hangs_together_agree(live: Live, stage: str) -> None:
    life = await live(stage)
    purchase = await life.read()
    assert purchase["state"] == STATES[stage]
    assert purchase.get("commitment", {}).get("state") == COMMITMENT_STATES[stage]
    for place, number, states in (
        (life.commitment, life.commitment_id, COMMITMENT_STATES),
        (life.request, life.request_id, REQUEST_STATES),
        (life.order, life.order_id, ORDER_STATES),
    ):
        answer = await life.submitter.get(place)
        expected = states.get(stage)
        if number:
            assert answer.json()["state"] == expected
        else:
            refused(answer, 404)
            assert expected is None


@EVERY
@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
@pytest.mark.parametrize("by_path", [True, False], ids=["path", "body"])
async def test_u6_a_second_commitment(
    live: Live,
    company: Company,
    stage: str,
    terms: dict[str, Any],
    by_path: bool,  # noqa: FBT001
) -> None:
    life = await live(stage)
    before = await rows(company)
    place = f"{life.purchase}/commitment" if by_path else f"{API}/commitments"
    answer = await life.submitter.post(place, json=terms | {"purchaseId": life.purchase_id})
    if stage in LIVE:
        conflict(answer, COMMITMENT_STATES[stage] or "", "commitments", life.commitment_id)
    elif stage.startswith("closed"):
        conflict(answer, "Closed", "purchases", life.purchase_id)
    else:
        assert answer.is_success
        await _new_one_took_the_place(life, answer.json())
        return
    assert await rows(company) == before


async def _new_one_took_the_place(life: Life, made: dict[str, Any]) -> None:
    purchase = await life.read()
    assert purchase["state"] == "Created"
    assert purchase["commitment"]["id"] == made["id"] != life.commitment_id
    assert purchase["type"] + "Commitment" == made["type"]
    assert "order" not in purchase
    if life.commitment_id:
        old = (await life.submitter.get(life.commitment)).json()
        assert old["state"] in {"Denied", "Cancelled"}


@EVERY
async def test_a_request_for_approval(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.post(f"{life.commitment}/requests")
    if stage == "committed":
        assert answer.status_code == 201
        return
    if life.request_id:
        conflict(answer, REQUEST_STATES[stage], "requests", life.request_id)
    elif life.commitment_id:
        conflict(answer, "Closed", "purchases", life.purchase_id)
    else:
        refused(answer, 404)
    assert await rows(company) == before


@EVERY
@pytest.mark.parametrize("verb", ["approvals", "denials"])
async def test_a_decision(live: Live, company: Company, stage: str, verb: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.approver.post(f"{life.request}/{verb}", json={"comment": "x"})
    if stage == "pending":
        assert answer.status_code == 201
        return
    if life.request_id:
        conflict(answer, REQUEST_STATES[stage], "requests", life.request_id)
    else:
        refused(answer, 404)
    assert await rows(company) == before


@EVERY
async def test_cancel_from_pending_or_approved(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.post(f"{life.request}/cancellations", json={"comment": "Not needed"})
    if stage in {"pending", "approved"}:
        assert answer.status_code == 201
        assert answer.json()["state"] == "Cancelled"
        assert answer.json()["businessObject"]["state"] == "Cancelled"
        assert (await life.read())["state"] == "Cancelled"
        if life.order_id:
            assert (await life.submitter.get(life.order)).json()["state"] == "Cancelled"
        return
    if stage == "closed when approved":
        conflict(answer, "Closed", "requests", life.request_id)
    elif life.request_id:
        conflict(answer, REQUEST_STATES[stage], "requests", life.request_id)
    else:
        refused(answer, 404)
    assert await rows(company) == before


@EVERY
async def test_u12_closing(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.post(f"{life.purchase}/closing", json={"comment": "Done", "date": "2025-04-20"})
    if STATES[stage] not in {"Processing", "Closed"}:
        assert answer.status_code == 201
        closed = answer.json()
        assert closed["state"] == "Closed"
        assert (closed["closing"]["date"], closed["closing"]["comment"]) == ("2025-04-20", "Done")
        assert closed.get("commitment", {}).get("state") == COMMITMENT_STATES[stage]
        if stage == "approved":
            assert (await life.submitter.get(life.order)).json()["state"] == "Closed"
        return
    conflict(answer, STATES[stage], "purchases", life.purchase_id)
    assert await rows(company) == before


@EVERY
async def test_put_of_a_purchase_while_created_denied_or_cancelled(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.put(life.purchase, json=PURCHASE | {"title": "Another", "axisSectionIds": []})
    if STATES[stage] in {"Created", "Denied", "Cancelled"}:
        assert answer.status_code == 200
        changed = answer.json()
        assert (changed["title"], changed["axisSections"], changed["state"]) == ("Another", [], STATES[stage])
        assert changed == await life.read()
        return
    conflict(answer, STATES[stage], "purchases", life.purchase_id)
    assert await rows(company) == before


@EVERY
async def test_put_of_a_commitment_while_created(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.put(life.commitment, json=SUBSCRIPTION)
    if stage == "committed":
        assert answer.status_code == 200
        assert answer.json()["type"] == "SubscriptionCommitment"
        assert (await life.read())["type"] == "Subscription"
        return
    if stage == "closed when committed":
        conflict(answer, "Closed", "commitments", life.commitment_id)
    elif life.commitment_id:
        state = "Closed" if stage.startswith("closed") else COMMITMENT_STATES[stage] or ""
        conflict(answer, state, "commitments", life.commitment_id)
    else:
        refused(answer, 404)
    assert await rows(company) == before


DRAFT = {"name": "Zoé & Fils", "territoryId": "FR"}


@EVERY
async def test_a_draft_supplier_is_listed_in_every_state_but_closed(live: Live, company: Company, stage: str) -> None:
    life = await live(stage, supplier=DRAFT)
    before = await rows(company)
    answer = await life.submitter.put(f"{life.purchase}/supplier", json={"id": 6})
    if STATES[stage] == "Closed":
        conflict(answer, "Closed", "purchases", life.purchase_id)
        assert await rows(company) == before
        return
    assert answer.status_code == 200
    assert answer.json()["supplier"]["id"] == 6
    assert answer.json()["state"] == STATES[stage]
    after = await rows(company)
    assert after["events"] == before["events"] + 1


@EVERY
async def test_a_listed_supplier_is_not_replaced(live: Live, company: Company, stage: str) -> None:
    life = await live(stage)
    before = await rows(company)
    answer = await life.submitter.put(f"{life.purchase}/supplier", json={"id": 8})
    conflict(answer, STATES[stage], "purchases", life.purchase_id)
    assert await rows(company) == before


@pytest.mark.parametrize("number", [4711, 7])
async def test_a_supplier_that_is_missing_or_archived_is_not_put(live: Live, company: Company, number: int) -> None:
    life = await live("pending", supplier=DRAFT)
    before = await rows(company)
    assert set(faults(await life.submitter.put(f"{life.purchase}/supplier", json={"id": number}))) == {"id"}
    assert await rows(company) == before


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": "6"}, {"id": 0}, []])
async def test_a_supplier_to_be_put_is_named_by_its_id(live: Live, body: object) -> None:
    life = await live("new", supplier=DRAFT)
    assert set(faults(await life.submitter.put(f"{life.purchase}/supplier", json=body))) <= {"id", "$"}


async def test_under_review_a_listed_supplier_changes_what_is_to_be_approved(live: Live) -> None:
    life = await live("pending", supplier=DRAFT)
    before = (await life.submitter.get(life.request)).json()["contentHash"]
    await life.submitter.put(f"{life.purchase}/supplier", json={"id": 6})
    after = (await life.submitter.get(life.request)).json()["contentHash"]
    assert before != after
    stale = await life.approver.post(f"{life.request}/approvals", json={"contentHash": before})
    conflict(stale, "Pending", "requests", life.request_id)
    assert stale.json()["contentHash"] == after
    assert (await life.approver.post(f"{life.request}/approvals", json={"contentHash": after})).status_code == 201


@pytest.mark.parametrize(
    ("body", "date"), [({"date": "1999-01-01"}, "1999-01-01"), ({"date": "0001-01-01"}, "0001-01-01")]
)
async def test_u12_a_closing_date_before_the_purchase_existed_is_accepted(
    client: httpx2.AsyncClient, body: dict[str, Any], date: str
) -> None:
    made = await make_purchase(client)
    answer = await client.post(f"{API}/purchases/{made['id']}/closing", json=body)
    assert answer.json()["closing"]["date"] == date


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"])
async def test_u12_without_a_date_it_is_today_where_the_company_is(company: Company, zone: str) -> None:
    await company.owner.execute("UPDATE tenants SET time_zone = $2 WHERE tenant_id = $1", company.tenant_id, zone)
    async with await company.caller() as client:
        made = await make_purchase(client)
        closed = (await client.post(f"{API}/purchases/{made['id']}/closing")).json()
    there = await company.owner.fetchval(
        "SELECT (closed_at AT TIME ZONE $2)::date::text FROM purchases WHERE tenant_id = $1", company.tenant_id, zone
    )
    assert closed["closing"]["date"] == there


async def test_u12_a_closing_in_the_future_is_refused(client: httpx2.AsyncClient, company: Company) -> None:
    made = await make_purchase(client)
    before = await rows(company)
    answer = await client.post(f"{API}/purchases/{made['id']}/closing", json={"date": "9999-12-31"})
    assert set(faults(answer)) == {"date"}
    assert await rows(company) == before


@pytest.mark.parametrize(
    ("declared", "terms", "good"),
    [
        ("OneTime", ONE_TIME, True),
        ("Subscription", SUBSCRIPTION, True),
        ("OneTime", SUBSCRIPTION, False),
        ("Subscription", ONE_TIME, False),
    ],
)
async def test_a_type_that_the_commitment_contradicts_is_a_conflict_there(
    client: httpx2.AsyncClient,
    company: Company,
    declared: str,
    terms: dict[str, Any],
    good: bool,  # noqa: FBT001
) -> None:
    purchase = await make_purchase(client, type=declared)
    assert "type" not in purchase
    before = await rows(company)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=terms)
    if good:
        assert answer.status_code == 200
        assert (await client.get(f"{API}/purchases/{purchase['id']}")).json()["type"] == declared
        other = SUBSCRIPTION if terms is ONE_TIME else ONE_TIME
        conflict(await client.put(answer.headers["Location"], json=other), "Created", "purchases", purchase["id"])
    else:
        conflict(answer, "Created", "purchases", purchase["id"])
        assert await rows(company) == before


async def test_a_put_that_declares_another_type_than_the_commitments_is_a_conflict(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"])
    answer = await client.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"type": "Subscription"})
    conflict(answer, "Created", "commitments", commitment["id"])


async def test_the_type_follows_the_live_commitment(live: Live) -> None:
    life = await live("denied")
    assert (await life.read())["type"] == "OneTime"
    made = await make_commitment(life.submitter, life.purchase_id, SUBSCRIPTION)
    assert (await life.read())["type"] == "Subscription"
    await life.submitter.put(f"{API}/commitments/{made['id']}", json=ONE_TIME)
    assert (await life.read())["type"] == "OneTime"


async def test_a_commitment_that_was_replaced_is_read_and_never_resubmitted(live: Live) -> None:
    life = await live("denied")
    made = await make_commitment(life.submitter, life.purchase_id)
    conflict(await life.submitter.post(f"{life.commitment}/requests"), "Denied", "requests", life.request_id)
    again = await life.submitter.post(f"{API}/commitments/{made['id']}/requests")
    assert again.status_code == 201
    assert again.json()["id"] != life.request_id
    approved = await life.approver.post(f"{API}/requests/{again.json()['id']}/approvals")
    assert approved.json()["state"] == "Approved"
    assert (await life.submitter.get(life.request)).json()["state"] == "Denied"
    assert (await life.submitter.get(life.commitment)).json()["state"] == "Denied"
    assert (await life.read())["state"] == "Ongoing"
