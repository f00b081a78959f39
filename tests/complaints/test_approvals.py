"""What users of other systems complained about in approvals, each against the running server."""

import asyncio

import pytest

from tests.fixtures.guide import API, ONE_TIME
from tests.fixtures.offices import Office
from tests.fixtures.pages import visiting
from tests.fixtures.policies import put_in_force
from tests.fixtures.served import decree

LIMIT = """
rules:
  - {name: Everyday, when: {amount: {below: 5000}}, steps: [{name: Head, any: [36]}]}
otherwise: {steps: [{name: Head, any: [36]}, {name: Board, any: [37]}]}
"""
COMMITTEE = "steps: [{name: Committee, atLeast: 2, of: [36, 37, 39]}]"


async def test_complaint_1_who_may_not_approve_is_refused_over_the_api_and_told_so(office: Office) -> None:
    """https://github.com/odoo/odoo/issues/25173"""
    await put_in_force(office.company, LIMIT)
    request = (await office.ask(35, 6000)).json()
    answers = [await office.decide(person, request["id"]) for person in (39, 35, 37)]
    codes = [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert codes == [(403, "approval.not_asked"), (403, "approval.own_request"), (403, "approval.not_asked")]
    shown = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert (shown["state"], shown["decisions"]) == ("Pending", [])


async def test_complaint_2_nothing_is_added_to_what_was_approved(office: Office) -> None:
    """https://github.com/OCA/purchase-workflow/pull/2178"""
    request = (await office.ask(35)).json()
    assert (await office.decide(36, request["id"])).json()["state"] == "Approved"
    caller, commitment = await office.of(35), request["businessObject"]["id"]
    changed = await caller.put(f"{API}/commitments/{commitment}", json=ONE_TIME | {"comment": "and another"})
    assert (changed.status_code, changed.json()["state"]) == (409, "Provisioned")


@pytest.mark.parametrize(
    ("value", "currency", "steps"),
    [
        (4999.99, "EUR", ["Head"]),
        (5000, "EUR", ["Head", "Board"]),
        (21000, "EUR", ["Head", "Board"]),
        (5100, "USD", ["Head"]),
        (5000, "GBP", ["Head", "Board"]),
    ],
)
async def test_complaint_4_a_threshold_is_compared_in_its_own_currency_and_never_skipped(
    office: Office, value: float, currency: str, steps: list[str]
) -> None:
    """https://github.com/odoo/odoo/issues/9399 and https://github.com/frappe/erpnext/issues/37128"""
    await put_in_force(office.company, LIMIT)
    request = (await office.ask(35, value, currency)).json()
    assert [step["name"] for step in request["steps"]] == steps


async def test_complaint_4_a_policy_in_one_currency_serves_establishments_of_several(office: Office) -> None:
    await put_in_force(office.company, f"currency: EUR\n{LIMIT}")
    in_francs = {"costDate": "2025-04-14", "establishmentId": 2}
    below, above = [
        (await office.ask(35, value, "CHF", establishmentId=in_francs["establishmentId"])).json()
        for value in (4500, 5000)
    ]
    assert [[step["name"] for step in request["steps"]] for request in (below, above)] == [["Head"], ["Head", "Board"]]


async def test_complaint_11_a_committee_decides_by_two_of_three(office: Office) -> None:
    """https://github.com/frappe/erpnext/issues/13732"""
    await put_in_force(office.company, COMMITTEE)
    request = (await office.ask(35)).json()
    first = (await office.decide(39, request["id"])).json()
    assert (first["state"], first["assignee"]["id"]) == ("Pending", 36)
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"
    assert (await office.decide(36, request["id"])).json()["code"] == "request.decided"


async def test_complaint_12_the_same_person_is_asked_once_however_many_steps_name_them(office: Office) -> None:
    """https://github.com/OCA/server-ux/pull/399 and https://github.com/OCA/server-ux/issues/1319"""
    await put_in_force(
        office.company,
        "steps: [{name: A, any: [36]}, {name: B, any: [manager]}, {name: C, any: [37]}, {name: Last, any: [36]}]",
    )
    request = (await office.ask(35)).json()
    assert (await office.decide(36, request["id"])).json()["stepId"] == 3
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


@pytest.mark.parametrize(
    ("person", "value", "state"), [(35, 50, "Approved"), (35, 50.01, "Pending"), (39, 50, "Pending")]
)
async def test_complaint_13_small_amounts_pass_without_approval_by_person(
    office: Office, person: int, value: float, state: str
) -> None:
    """https://github.com/Dolibarr/dolibarr/pull/27098"""
    await put_in_force(
        office.company,
        """
rules: [{name: Small, when: {amount: {atMost: 50}, requester: {users: [35]}}, approve: at once}]
otherwise: {steps: [{name: Head, any: [36]}]}
""",
    )
    request = (await office.ask(person, value)).json()
    assert request["state"] == state
    assert ("order" in request) is (state == "Approved")


async def test_complaint_13_nobody_passes_small_amounts_by_writing_them_down_for_somebody_who_may(
    office: Office,
) -> None:
    await put_in_force(
        office.company,
        """
rules: [{name: Small, when: {amount: {atMost: 50}, requester: {users: [35]}}, approve: at once}]
otherwise: {steps: [{name: Head, any: [36]}]}
""",
    )
    assert (await office.ask(39, 50, ownerId=35)).json()["state"] == "Pending"


async def test_complaint_24_approvals_at_the_same_moment_see_each_other(office: Office) -> None:
    await put_in_force(office.company, "steps: [{name: Everybody, all: [36, 37, 39]}]")
    request = (await office.ask(35)).json()
    for person in (36, 37, 39):
        await office.of(person)
    answers = await asyncio.gather(*(office.decide(person, request["id"]) for person in (36, 37, 39)))
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    shown = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert (shown["state"], len(shown["decisions"])) == ("Approved", 3)


async def test_complaint_25_approving_what_is_approved_is_refused_and_does_nothing(office: Office) -> None:
    request = (await office.ask(35)).json()
    first = (await office.decide(36, request["id"])).json()
    again = await office.decide(36, request["id"])
    assert (again.status_code, again.json()["code"]) == (409, "request.decided")
    orders = (await (await office.of(36)).get(f"{API}/orders", params={"purchaseId": first["purchase"]["id"]})).json()
    assert [order["id"] for order in orders["items"]] == [first["order"]["id"]]


async def test_whose_only_approver_owns_the_purchase_does_not_wait_for_ever(office: Office) -> None:
    answer = await office.ask(36)
    assert (answer.status_code, answer.json()["code"]) == (409, "approval.nobody_left")
    async with await visiting(office.company, 37, "administrator") as administrator:
        await decree(administrator, "steps: [{name: Head, any: [36], goesUpTo: [37]}]")
    assert (await office.ask(36)).json()["assignee"]["id"] == 37
