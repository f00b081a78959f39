"""Policies over the wire: who would be asked and why, what passes at once, hashes that must be said, changes."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.behind import comparable, contradictions, events_of, tables_of
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force
from tests.fixtures.problems import refused

TWO_STEPS = """
rules:
  - name: Large
    when: {amount: {over: 1000}, nature: 1}
    steps:
      - {name: Manager, any: [manager]}
      - {name: Finance, atLeast: 2, of: [36, 37, 39], distinct: true}
otherwise: {steps: [{name: Head, any: [36, 38]}]}
"""
CHANGED = ONE_TIME | {"comment": "changed under review"}


def priced(value: float) -> dict[str, Any]:
    return {"amountIncludingTaxes": {"excludingTaxes": {"value": value, "currency": "EUR"}, "taxes": []}}


async def plan(
    caller: httpx2.AsyncClient, commitment: dict[str, Any] = ONE_TIME, **purchase: object
) -> httpx2.Response:
    body = {"purchase": PURCHASE | purchase, "commitment": commitment}
    return await caller.post(f"{API}/approval-plans", json=body)


async def test_the_plan_of_a_draft_says_by_which_rule_who_is_asked_and_why(
    company: Company, submitter: httpx2.AsyncClient
) -> None:
    await put_in_force(company, TWO_STEPS)
    told = (await plan(submitter, ONE_TIME | priced(1000.01))).json()
    assert (told["outcome"], told["rule"]) == (
        "Steps",
        {"name": "Large", "conditions": ["amount over 1,000", "nature 1"]},
    )
    manager, finance = told["steps"]
    (alma,) = manager["approvers"]
    assert (alma["user"]["id"], alma["reason"]) == (36, "manager of the purchase's owner")
    assert alma["because"] == {"pick": "manager", "of": 35, "permission": None, "insteadOf": None, "cause": None}
    assert (finance["needed"], finance["distinct"], finance["state"]) == (2, True, "ToCome")
    assert "Manager: Alma Approver (manager of the purchase's owner), then Finance: 2 of" in told["words"]
    assert "requestId" not in told


async def test_what_is_planned_is_what_is_asked_and_nothing_is_written_by_asking(
    office: Office, submitter: httpx2.AsyncClient
) -> None:
    await put_in_force(office.company, TWO_STEPS)
    before = (await submitter.get(f"{API}/purchases", params={"fields.root": "count"})).json()["count"]
    planned = (await plan(await office.of(35), SUBSCRIPTION)).json()
    assert (await submitter.get(f"{API}/purchases", params={"fields.root": "count"})).json()["count"] == before
    request = (await office.ask(35, 12000)).json()
    shown = (await submitter.get(f"{API}/requests/{request['id']}/plan")).json()
    assert [step["approvers"] for step in planned["steps"]] == [
        [one | {"waits": False} for one in step["approvers"]] for step in shown["steps"]
    ]
    assert (shown["rule"], shown["stepId"], shown["state"]) == (planned["rule"], 1, "Pending")
    assert [step["state"] for step in shown["steps"]] == ["Asked", "ToCome"]


async def test_a_plan_tells_who_has_decided_and_who_is_left_out(office: Office) -> None:
    await put_in_force(office.company, TWO_STEPS)
    small, large = (await office.ask(35)).json(), (await office.ask(35, 5000)).json()
    caller = await office.of(36)
    (head,) = (await caller.get(f"{API}/requests/{small['id']}/plan")).json()["steps"]
    assert head["leftOut"] == [
        {"userId": 38, "pick": "named", "cause": "left", "reason": "named: user 38, who has left"}
    ]
    await office.decide(36, large["id"])
    manager, finance = (await caller.get(f"{API}/requests/{large['id']}/plan")).json()["steps"]
    assert (manager["state"], manager["approvers"][0]["verdict"]) == ("Passed", "Approved")
    assert [one["user"]["id"] for one in finance["approvers"] if one["waits"]] == [37, 39]


async def test_the_plan_of_what_passes_at_once_or_by_a_key_asks_nobody(
    company: Company, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient, office: Office
) -> None:
    await put_in_force(company, "rules: [{name: Small, when: {amount: {atMost: 500}}, approve: at once}]")
    told = (await plan(submitter)).json()
    assert (told["outcome"], told["steps"], told["words"]) == (
        "AtOnce",
        [],
        "Rule 'Small' (amount at most 500): approved at once, nobody is asked.",
    )
    assert (await plan(client)).json()["outcome"] == "ByKey"
    request = (await office.ask(35)).json()
    shown = (await client.get(f"{API}/requests/{request['id']}/plan")).json()
    assert (request["state"], request["decisions"], request["stepId"]) == ("Approved", [], 0)
    assert (shown["outcome"], shown["rule"]["name"]) == ("AtOnce", "Small")


async def test_a_draft_that_cannot_be_names_every_field_at_fault(submitter: httpx2.AsyncClient) -> None:
    answer = await plan(submitter, {"type": "OneTimeCommitment"}, natureId=99, supplier={"name": "Shop"})
    faults = refused(answer, 400, "request.invalid")["errors"]
    assert set(faults) == {
        "purchase.natureId",
        "purchase.supplier.territoryId",
        "commitment.costDate",
        "commitment.amountIncludingTaxes",
    }
    answer = await plan(submitter, natureId=99)
    assert set(refused(answer, 400, "request.invalid")["errors"]) == {"purchase.natureId"}


async def test_what_the_policy_refuses_is_a_conflict_with_its_words(
    company: Company, submitter: httpx2.AsyncClient, office: Office
) -> None:
    await put_in_force(
        company,
        """
rules: [{name: Flagged, when: {supplier: [flagged, unknown]}, refuse: Look at the supplier first}]
otherwise: {steps: [{name: Head, any: [36]}]}
""",
    )
    assert (await plan(submitter)).status_code == 200
    await company.owner.execute(
        "UPDATE suppliers SET flag = 'Flagged' WHERE tenant_id = $1 AND supplier_id = 6", company.tenant_id
    )
    assert "Look at the supplier first" in refused(await plan(submitter), 409, "policy.refused")["detail"]
    refused(await office.ask(35), 409, "policy.refused")
    refused(await office.ask(35, supplier={"name": "Shop", "territoryId": "FR"}), 409, "policy.refused")


async def test_a_supplier_is_new_until_its_first_order(company: Company, office: Office) -> None:
    await put_in_force(
        company,
        """
rules: [{name: New, when: {supplier: new}, steps: [{name: Finance, any: [37]}]}]
otherwise: {steps: [{name: Head, any: [36]}]}
""",
    )
    first = (await office.ask(35)).json()
    assert first["steps"][0]["name"] == "Finance"
    await office.decide(37, first["id"])
    assert (await office.ask(35)).json()["steps"][0]["name"] == "Head"


async def test_a_decision_must_say_what_was_shown_where_the_policy_wants_it(office: Office) -> None:
    await put_in_force(office.company, "mustStateContentHash: true\nsteps: [{name: Head, any: [36]}]")
    request = (await office.ask(35)).json()
    silent = await office.decide(36, request["id"])
    assert refused(silent, 409, "approval.content_hash_needed")["contentHash"] == request["contentHash"]
    decided = await office.decide(36, request["id"], contentHash=request["contentHash"])
    assert (decided.status_code, decided.json()["decisions"][0]["stated"]) == (201, True)


async def test_under_review_nobody_changes_a_commitment_unless_the_policy_says_who(office: Office) -> None:
    request = (await office.ask(35)).json()
    caller = await office.of(35)
    answer = await caller.put(f"{API}/commitments/{request['businessObject']['id']}", json=CHANGED)
    assert (answer.status_code, answer.json()["state"]) == (409, "UnderReview")


CHANGES = """
changesUnderReview: {by: [owner], beginsAgainAt: Finance}
rules:
  - name: Large
    when: {amount: {over: 1000}}
    steps: [{name: Manager, any: [36]}, {name: Finance, any: [37]}, {name: Board, any: [39]}]
otherwise: {steps: [{name: Manager, any: [36]}, {name: Finance, any: [37]}]}
"""


async def test_who_may_changes_it_and_the_request_begins_anew_at_the_step_that_the_policy_names(
    office: Office, client: httpx2.AsyncClient
) -> None:
    await put_in_force(office.company, CHANGES)
    request = (await office.ask(35, 100)).json()
    place, commitment = f"{API}/requests/{request['id']}", f"{API}/commitments/{request['businessObject']['id']}"
    await office.decide(36, request["id"])
    refused(await (await office.of(39)).put(commitment, json=CHANGED), 409, "state.not_allowed")
    answer = await (await office.of(35)).put(commitment, json=CHANGED | priced(5000))
    assert (answer.status_code, answer.json()["state"]) == (200, "UnderReview")
    shown = (await client.get(place)).json()
    assert shown["contentHash"] != request["contentHash"]
    assert [(step["id"], step["name"]) for step in shown["steps"]] == [
        (1, "Manager"),
        (2, "Finance"),
        (3, "Finance"),
        (4, "Board"),
    ]
    assert (shown["stepId"], shown["assignee"]["id"], shown["state"]) == (3, 37, "Pending")
    plan = (await client.get(f"{place}/plan")).json()
    assert [(step["round"], step["state"]) for step in plan["steps"]] == [
        (1, "GivenUp"),
        (1, "GivenUp"),
        (2, "Asked"),
        (2, "ToCome"),
    ]
    assert plan["rule"]["name"] == "Large"
    await office.decide(37, request["id"])
    assert (await office.decide(39, request["id"])).json()["state"] == "Approved"
    owner, tenant_id = office.company.owner, office.company.tenant_id
    rows = await tables_of(owner, tenant_id, request["purchase"]["id"])
    assert comparable(await events_of(owner, tenant_id, request["purchase"]["id"])) == comparable(rows)
    assert await contradictions(owner, tenant_id) == {}


async def test_a_change_under_review_is_told_as_an_event_and_forgets_no_approval_of_before(
    office: Office, client: httpx2.AsyncClient
) -> None:
    await put_in_force(office.company, CHANGES)
    request = (await office.ask(35, 100)).json()
    await office.decide(36, request["id"])
    commitment = f"{API}/commitments/{request['businessObject']['id']}"
    assert (await (await office.of(35)).put(commitment, json=CHANGED)).status_code == 200
    shown = (await client.get(f"{API}/requests/{request['id']}")).json()
    assert [made["by"]["id"] for made in shown["decisions"]] == [36]
    events = await office.company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 ORDER BY event_id DESC LIMIT 2", office.company.tenant_id
    )
    assert [event["type"] for event in events] == ["request.begun_anew", "commitment.revised"]


async def test_what_needs_nobody_after_a_change_is_asked_for_anew(office: Office) -> None:
    await put_in_force(
        office.company,
        """
changesUnderReview: {by: [requesters]}
rules: [{name: Small, when: {amount: {atMost: 50}}, approve: at once}]
otherwise: {steps: [{name: Head, any: [36]}]}
""",
    )
    request = (await office.ask(35)).json()
    answer = await (await office.of(35)).put(
        f"{API}/commitments/{request['businessObject']['id']}", json=CHANGED | priced(10)
    )
    refused(answer, 409, "approval.nothing_to_review")


async def test_an_approver_who_changes_it_may_not_approve_it_any_more(office: Office) -> None:
    await put_in_force(office.company, "changesUnderReview: {by: [approvers]}\nsteps: [{name: Head, any: [36, 37]}]")
    request = (await office.ask(35)).json()
    commitment = f"{API}/commitments/{request['businessObject']['id']}"
    assert (await (await office.of(36)).put(commitment, json=CHANGED)).status_code == 200
    refused(await office.decide(36, request["id"]), 403, "approval.own_request")
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


@pytest.mark.parametrize(("denied", "state"), [((36,), "Pending"), ((36, 37), "Denied")])
async def test_one_denial_denies_unless_the_policy_says_else(
    office: Office, denied: tuple[int, ...], state: str
) -> None:
    await put_in_force(
        office.company, "steps: [{name: Committee, atLeast: 2, of: [36, 37, 39], oneDenialDenies: false}]"
    )
    request = (await office.ask(35)).json()
    answers = [await office.decide(person, request["id"], "denials") for person in denied]
    assert {answer.status_code for answer in answers} == {201}
    assert answers[-1].json()["state"] == state


async def test_a_request_keeps_the_policy_that_it_started_with(office: Office, client: httpx2.AsyncClient) -> None:
    await put_in_force(office.company, TWO_STEPS)
    request = (await office.ask(35, 5000)).json()
    await put_in_force(office.company, "steps: [{name: Other, any: [39]}]")
    shown = (await client.get(f"{API}/requests/{request['id']}/plan")).json()
    assert (shown["policyVersion"], shown["rule"]["name"], len(shown["rule"]["conditions"])) == (2, "Large", 2)
    assert (await office.ask(35, 5000)).json()["templateId"] == 3
