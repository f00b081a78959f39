"""Several approvals in one call: each by itself, where the policy lets them be, once under a key, nothing half said."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_request
from tests.fixtures.policies import put_in_force

TOGETHER = f"{API}/approvals"


@pytest.fixture
async def asked(company: Company, submitter: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Ask for three purchases that may be approved at once."""
    await put_in_force(company, "severalAtOnce: true\nsteps: [{name: Head, any: [36]}]")
    return [await make_request(submitter, title=title) for title in ("One", "Two", "Three")]


def naming(*requests: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"requestId": each["id"], "contentHash": each["contentHash"]} for each in requests]}


async def test_all_are_approved_each_on_what_was_shown(
    approver: httpx2.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    answer = await approver.post(TOGETHER, json=naming(*asked) | {"comment": "Within the plan"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["approved"], told["refused"]) == (3, 0)
    assert [each["requestId"] for each in told["items"]] == [each["id"] for each in asked]
    for each in told["items"]:
        assert each["request"]["state"] == "Approved"
        (decision,) = each["request"]["decisions"]
        assert (decision["stated"], decision["comment"]) == (True, "Within the plan")
        assert each["request"] == (await approver.get(f"{API}/requests/{each['requestId']}")).json()


async def test_what_is_refused_says_why_in_its_place_and_leaves_the_others(
    approver: httpx2.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    body = naming(*asked)
    body["items"][1]["contentHash"] = "something else"
    body["items"].append({"requestId": 99_999, "contentHash": "x"})
    answer = await approver.post(TOGETHER, json=body)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["approved"], told["refused"]) == (2, 2)
    codes = [each.get("problem", {}).get("code") for each in told["items"]]
    assert codes == [None, "approval.content_changed", None, "request.not_found"]
    problem = told["items"][1]["problem"]
    assert (problem["status"], problem["instance"]) == (409, f"{TOGETHER}#/items/1")
    states = [(await approver.get(f"{API}/requests/{each['id']}")).json()["state"] for each in asked]
    assert states == ["Approved", "Pending", "Approved"]


async def test_where_the_policy_wants_them_one_by_one_each_is_refused(
    approver: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter)
    answer = await approver.post(TOGETHER, json=naming(request))
    assert answer.status_code == 207
    assert [each["problem"]["code"] for each in answer.json()["items"]] == ["approval.one_by_one"]
    assert (await approver.get(f"{API}/requests/{request['id']}")).json()["state"] == "Pending"


async def test_a_repeat_goes_on_with_what_was_refused_and_decides_nothing_twice(
    company: Company, approver: httpx2.AsyncClient, submitter: httpx2.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    """The first item is refused at first: another one is the first to be done under the key."""
    other = await company.caller(permissions=("approve", "view:all"), person=36)
    await put_in_force(company, "steps: [{name: Head, any: [36]}]")
    alone = await make_request(submitter, title="By itself")
    body, headers = naming(alone, *asked), {"Idempotency-Key": "once"}
    first = await approver.post(TOGETHER, json=body, headers=headers)
    again = await approver.post(TOGETHER, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (207, 207)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    by_another = await other.post(TOGETHER, json=body)
    problems = [each["problem"] for each in by_another.json()["items"]]
    codes = [each["code"] for each in problems]
    assert (problems[1]["id"], problems[1]["state"]) == (asked[0]["id"], "Approved")
    assert codes == ["approval.one_by_one", *["request.decided"] * 3]


async def test_a_key_that_said_another_call_is_refused_before_anything_is_decided(
    approver: httpx2.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    headers = {"Idempotency-Key": "once"}
    assert (await approver.post(TOGETHER, json=naming(asked[0]), headers=headers)).status_code == 200
    answer = await approver.post(TOGETHER, json=naming(asked[1]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.reused")
    assert (await approver.get(f"{API}/requests/{asked[1]['id']}")).json()["state"] == "Pending"


@pytest.mark.parametrize("items", [[], [{"requestId": 1}], [{"requestId": 1, "contentHash": ""}]])
async def test_what_can_not_be_read_decides_nothing(approver: httpx2.AsyncClient, items: list[Any]) -> None:
    assert (await approver.post(TOGETHER, json={"items": items})).status_code == 400


async def test_a_request_that_is_named_twice_is_told_beside_the_second(
    approver: httpx2.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    answer = await approver.post(TOGETHER, json=naming(asked[0], asked[1], asked[0]))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["items[2].requestId"]
    assert (await approver.get(f"{API}/requests/{asked[0]['id']}")).json()["state"] == "Pending"
