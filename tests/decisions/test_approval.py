"""C12, U2, U5: who approves, what they approve, and what a decision says."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
import pytest_asyncio

from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.services.policies import load_policy
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.lives import Live
from tests.fixtures.problems import conflict, faults, refused, rows

HASH = re.compile(r"v\d+:[0-9a-f]{64}")


async def _load_policy(company: Company, *steps: Sequence[int]) -> None:
    """Put a policy in force: for each step, the people of whom one is enough."""
    rules = {"steps": [{"name": f"Step {n}", "anyOf": list(people)} for n, people in enumerate(steps, start=1)]}
    await company.owner.execute(
        """INSERT INTO policies (tenant_id, version, source, rules, loaded_at) VALUES ($1, 2, '', $2, now())""",
        company.tenant_id,
        json.dumps(rules),
    )


class Approvers:
    """Callers for the people of a company, made when they are needed."""

    def __init__(self, company: Company, stack: AsyncExitStack) -> None:
        self._company = company
        self._stack = stack

    async def of(self, person: int | None, *more: str) -> httpx2.AsyncClient:
        """Make a caller who may approve, for a person."""
        permissions = ("view:own", "approve", *more)
        return await self._stack.enter_async_context(await self._company.caller(permissions=permissions, person=person))


@pytest_asyncio.fixture
async def approvers(company: Company) -> AsyncIterator[Approvers]:
    """Lend a maker of approvers."""
    async with AsyncExitStack() as stack:
        yield Approvers(company, stack)


async def test_c12_a_key_without_a_person_has_what_it_submits_approved_at_once(client: httpx2.AsyncClient) -> None:
    request = await make_request(client)
    assert request["state"] == "Approved"
    assert request["businessObject"]["state"] == "Provisioned"
    order = (await client.get(request["order"]["href"])).json()
    key = request["author"]
    assert order["approvedBy"] == [key]
    assert order["history"][0]["by"] == key
    (decision,) = request["decisions"]
    assert decision["by"] == key
    assert key["name"].startswith("Key ")


async def test_u2_of_what_a_key_approves_the_assignee_is_the_owner(client: httpx2.AsyncClient) -> None:
    request = await make_request(client)
    assert (request["assignee"]["id"], request["stepId"], request["templateId"]) == (35, 0, 0)
    assert re.fullmatch(r"[A-Za-z0-9]{10}", request["workflowId"])


async def test_u2_of_what_people_approve_the_assignee_is_the_first_asked(
    submitter: httpx2.AsyncClient, company: Company
) -> None:
    await _load_policy(company, [37, 36], [39])
    request = await make_request(submitter)
    assert (request["state"], request["assignee"]["id"], request["stepId"]) == ("Pending", 37, 1)
    assert request["templateId"] == 2
    assert request["owner"]["id"] == 35
    assert re.fullmatch(r"[A-Za-z0-9]{10}", request["workflowId"])


async def test_c12_a_key_of_a_person_never_approves_what_it_submits(company: Company) -> None:
    async with await company.caller(person=35, auto_approve=True) as bound:
        assert (await make_request(bound))["state"] == "Pending"


async def test_c12_a_company_without_a_policy_refuses_with_how_to_set_one(
    company: Company, submitter: httpx2.AsyncClient
) -> None:
    await company.owner.execute("DELETE FROM policies WHERE tenant_id = $1", company.tenant_id)
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    before = await rows(company)
    answer = await submitter.post(f"{API}/commitments/{commitment['id']}/requests")
    assert "emplette policy load" in conflict(answer, "Created", "commitments", commitment["id"])["detail"]
    assert await rows(company) == before


async def test_c12_a_company_without_a_policy_still_lets_keys_approve(
    company: Company, client: httpx2.AsyncClient
) -> None:
    await company.owner.execute("DELETE FROM policies WHERE tenant_id = $1", company.tenant_id)
    assert (await make_request(client))["state"] == "Approved"


async def test_a_step_of_which_everybody_left_goes_up(company: Company, submitter: httpx2.AsyncClient) -> None:
    await _load_policy(company, [38])
    request = await make_request(submitter)
    (asked,) = request["steps"][0]["approvers"]
    assert (asked["user"]["id"], asked["reason"]) == (36, "manager above, in place of user 38, who has left")


async def test_a_step_of_which_everybody_left_with_nobody_above_is_refused(
    company: Company, submitter: httpx2.AsyncClient
) -> None:
    await company.owner.execute("UPDATE users SET manager_id = NULL WHERE tenant_id = $1", company.tenant_id)
    await _load_policy(company, [38])
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    before = await rows(company)
    answer = await submitter.post(f"{API}/commitments/{commitment['id']}/requests")
    conflict(answer, "Created", "commitments", commitment["id"])
    assert await rows(company) == before


async def test_u5_steps_are_taken_in_order_and_one_of_the_people_is_enough(
    company: Company, submitter: httpx2.AsyncClient, approvers: Approvers
) -> None:
    await _load_policy(company, [36, 37], [39])
    request = await make_request(submitter)
    place = f"{API}/requests/{request['id']}"
    second, third = await approvers.of(37), await approvers.of(39)
    refused(await third.post(f"{place}/approvals"), 403, "approval.not_asked")
    after_one = (await second.post(f"{place}/approvals", json={"comment": "Fine by me"})).json()
    assert (after_one["state"], after_one["stepId"], after_one["assignee"]["id"]) == ("Pending", 2, 39)
    assert (await submitter.get(after_one["purchase"]["href"])).json()["state"] == "Processing"
    refused(await second.post(f"{place}/approvals"), 403, "approval.not_asked")
    refused(await (await approvers.of(36)).post(f"{place}/approvals"), 403, "approval.not_asked")
    after_two = (await third.post(f"{place}/approvals")).json()
    assert after_two["state"] == "Approved"
    assert [(made["stepId"], made["by"]["id"], made["comment"]) for made in after_two["decisions"]] == [
        (1, 37, "Fine by me"),
        (2, 39, None),
    ]
    assert [step["name"] for step in after_two["steps"]] == ["Step 1", "Step 2"]
    assert [[asked["user"]["id"] for asked in step["approvers"]] for step in after_two["steps"]] == [[36, 37], [39]]
    order = (await submitter.get(after_two["order"]["href"])).json()
    assert [user["id"] for user in order["approvedBy"]] == [37, 39]


async def test_u5_one_denial_denies(company: Company, submitter: httpx2.AsyncClient, approvers: Approvers) -> None:
    await _load_policy(company, [36], [37])
    request = await make_request(submitter)
    place = f"{API}/requests/{request['id']}"
    await (await approvers.of(36)).post(f"{place}/approvals")
    denied = await (await approvers.of(37)).post(f"{place}/denials", json={"comment": "Too dear"})
    assert denied.status_code == 201
    assert denied.json()["state"] == "Denied"
    assert [(made["verdict"], made["comment"]) for made in denied.json()["decisions"]] == [
        ("Approved", None),
        ("Denied", "Too dear"),
    ]
    purchase = (await submitter.get(denied.json()["purchase"]["href"])).json()
    assert (purchase["state"], purchase["commitment"]["state"]) == ("Denied", "Denied")
    assert "order" not in purchase


@pytest.mark.parametrize("verb", ["approvals", "denials"])
@pytest.mark.parametrize("body", [{"comment": "x"}, {}, {"comment": 5}])
@pytest.mark.parametrize("number", [None, 4711])
async def test_a_key_without_a_person_that_decides_is_a_403_whatever_the_request(
    live: Live, approvers: Approvers, company: Company, verb: str, body: dict[str, Any], number: int | None
) -> None:
    life = await live("pending")
    nobody = await approvers.of(None, "purchases:all")
    before = await rows(company)
    place = f"{API}/requests/{number or life.request_id}/{verb}"
    refused(await nobody.post(place, json=body), 403, "approval.person_needed")
    assert await rows(company) == before


async def test_a_person_who_is_not_asked_is_a_403_when_they_see_it_and_a_404_when_not(
    live: Live, approvers: Approvers, company: Company
) -> None:
    life = await live("pending")
    before = await rows(company)
    for verb in ("approvals", "denials"):
        seeing = await approvers.of(37, "view:all")
        refused(await seeing.post(f"{life.request}/{verb}", json={"comment": "x"}), 403, "approval.not_asked")
        blind = await approvers.of(37)
        refused(await blind.post(f"{life.request}/{verb}", json={"comment": "x"}), 404, "request.not_found")
    assert await rows(company) == before


@pytest.mark.parametrize("verb", ["approvals", "denials"])
async def test_nobody_decides_on_a_purchase_of_their_own(
    live: Live, approver: httpx2.AsyncClient, company: Company, verb: str
) -> None:
    await _load_policy(company, [36, 37])
    life = await live("pending", ownerId=36)
    before = await rows(company)
    answer = await approver.post(f"{life.request}/{verb}", json={"comment": "Mine"})
    refused(answer, 403, "approval.own_request")
    assert await rows(company) == before


async def test_nobody_decides_on_what_they_wrote_through_a_key(company: Company, approver: httpx2.AsyncClient) -> None:
    await _load_policy(company, [36, 37])
    async with await company.caller(person=36) as bound:
        request = await make_request(bound)
    refused(await approver.post(f"{API}/requests/{request['id']}/approvals"), 403, "approval.own_request")


async def test_u5_a_decision_stores_the_hash_that_was_stated(live: Live) -> None:
    life = await live("pending")
    current = (await life.submitter.get(life.request)).json()["contentHash"]
    assert HASH.fullmatch(current)
    decided = (await life.approver.post(f"{life.request}/approvals", json={"contentHash": current})).json()
    (decision,) = decided["decisions"]
    assert (decision["contentHash"], decision["stated"]) == (current, True)


@pytest.mark.parametrize("body", [None, {}, {"contentHash": None}])
async def test_u5_without_a_hash_the_current_one_is_stored_as_not_stated(live: Live, body: object) -> None:
    life = await live("pending")
    current = (await life.submitter.get(life.request)).json()["contentHash"]
    decided = (await life.approver.post(f"{life.request}/approvals", json=body)).json()
    (decision,) = decided["decisions"]
    assert (decision["contentHash"], decision["stated"]) == (current, False)


@pytest.mark.parametrize("verb", ["approvals", "denials"])
@pytest.mark.parametrize("stale", ["v1:" + "0" * 64, "", "x", "é"])
async def test_u5_another_hash_is_a_conflict_with_the_current_content(
    live: Live, company: Company, verb: str, stale: str
) -> None:
    life = await live("pending")
    before = await rows(company)
    body = {"contentHash": stale, "comment": "x"}
    problem = conflict(
        await life.approver.post(f"{life.request}/{verb}", json=body), "Pending", "requests", life.request_id
    )
    assert problem["code"] == "approval.content_changed"
    assert problem["contentHash"] == (await life.submitter.get(life.request)).json()["contentHash"]
    assert problem["content"]["title"] == "Purchase entry test"
    assert await rows(company) == before


async def test_u5_the_hash_is_that_of_the_content_alone(submitter: httpx2.AsyncClient) -> None:
    first, second = await make_request(submitter), await make_request(submitter)
    assert first["contentHash"] != second["contentHash"], "they are about other purchases"
    again = (await submitter.get(first["href"])).json()
    assert again["contentHash"] == first["contentHash"]


async def test_u5_requests_are_filtered(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    one, two = await make_request(submitter), await make_request(submitter, ownerId=37)
    await approver.post(f"{API}/requests/{one['id']}/approvals")
    await _load_policy(company, [37])
    async with await company.caller(auto_approve=False):
        expected = {
            "state=Pending": [two["id"]],
            "state=Approved": [one["id"]],
            "state=Pending,Approved": [one["id"], two["id"]],
            "state=Denied": [],
            "assigneeId=36": [one["id"], two["id"]],
            "assigneeId=37": [],
            "ownerId=37": [two["id"]],
            "ownerId=35,37": [one["id"], two["id"]],
            f"commitmentId={one['businessObject']['id']}": [one["id"]],
            f"commitmentId={one['businessObject']['id']}&state=Pending": [],
        }
        for query, ids in expected.items():
            answer = await submitter.get(f"{API}/requests?{query}")
            assert [item["id"] for item in answer.json()["items"]] == ids, query


async def test_who_left_since_is_shown_as_asked(company: Company, submitter: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    await company.owner.execute(
        "UPDATE users SET left_on = '2025-01-01' WHERE tenant_id = $1 AND user_id = 36", company.tenant_id
    )
    assert (await submitter.get(request["href"])).json()["assignee"]["id"] == 36


EMPTY = [b"", b" ", b"\r\n\t ", b"null", b" null ", b"{}", b"{ }", b" {}\n"]
FULL = [b'{"comment": "x"}', b"[]", b"0", b'""', b"false", b"{", b"nothing", b'{"": 1}', b"{} {}"]


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@pytest.mark.parametrize("body", EMPTY)
async def test_bodies_that_say_nothing_ask_for_approval(live: Live, body: bytes, typed: bool) -> None:  # noqa: FBT001
    life = await live("committed")
    headers = {"Content-Type": "application/json"} if typed else {}
    answer = await life.submitter.post(f"{life.commitment}/requests", content=body, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("body", FULL)
async def test_bodies_that_say_something_do_not(live: Live, company: Company, body: bytes) -> None:
    life = await live("committed")
    before = await rows(company)
    headers = {"Content-Type": "application/json"}
    answer = await life.submitter.post(f"{life.commitment}/requests", content=body, headers=headers)
    faults(answer)
    assert await rows(company) == before


@pytest.mark.parametrize("what", ["closing", "cancellations", "approvals"])
@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"comment": null}', b'{"comment": "x"}', b'{"colour": 1}'])
async def test_bodies_of_closings_cancellations_and_approvals_are_an_object_or_none(
    live: Live, what: str, body: bytes
) -> None:
    life = await live("committed" if what == "closing" else "pending")
    who = life.approver if what == "approvals" else life.submitter
    place = life.purchase if what == "closing" else life.request
    answer = await who.post(f"{place}/{what}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("what", ["closing", "cancellations", "approvals", "denials"])
@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true", b"{", b'{"comment": 5}', b'{"comment": []}'])
async def test_bodies_that_are_no_object_are_refused(live: Live, company: Company, what: str, body: bytes) -> None:
    life = await live("committed" if what == "closing" else "pending")
    who = life.approver if what in {"approvals", "denials"} else life.submitter
    place = life.purchase if what == "closing" else life.request
    before = await rows(company)
    faults(await who.post(f"{place}/{what}", content=body, headers={"Content-Type": "application/json"}))
    assert await rows(company) == before


@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
async def test_a_cancellation_says_why(live: Live, terms: dict[str, Any]) -> None:
    life = await live("approved", terms)
    cancelled = (await life.submitter.post(f"{life.request}/cancellations", json={"comment": "No money"})).json()
    assert (cancelled["state"], cancelled["cancellationComment"]) == ("Cancelled", "No money")


async def test_who_left_today_where_the_company_is_can_not_be_named_by_a_policy(
    company: Company, database: Database
) -> None:
    acme = Tenant(company.tenant_id, "acme", "Acme", ZoneInfo("Europe/Paris"), "EUR", "FR")
    source = "steps:\n  - name: Head\n    anyOf: [38]\n"
    evening = datetime(2024, 6, 29, 21, 59, tzinfo=UTC)
    await load_policy(database.session(), acme, source=source, now=evening)
    with pytest.raises(Invalid, match=r"steps\[0\].anyOf"):
        await load_policy(database.session(), acme, source=source, now=evening + timedelta(minutes=1))
