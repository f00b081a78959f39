"""What users of other systems complained about when whoever is asked is gone, each against the running server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest
import pytest_asyncio

from emplette.jobs.leavers import Replacing
from emplette.storage.database import Database
from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force

HEAD = "steps: [{name: Head, any: [36]}]"
BOTH = "steps: [{name: Both, all: [36, 37]}]"
MANAGER = "steps: [{name: Manager, any: [manager]}]"


@pytest_asyncio.fixture
async def admin(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    async with await office.company.caller(permissions=("view:all", "configure")) as caller:
        yield caller


async def reassign(admin: httpx2.AsyncClient, request_id: int, **changes: object) -> httpx2.Response:
    body = {"fromUserId": 36, "toUserId": 37, "reason": "Has moved on"} | changes
    return await admin.post(f"{API}/requests/{request_id}/reassignments", json=body)


async def leave(office: Office, person: int, database: Database) -> None:
    """Let somebody have left, and the job look once."""
    await office.company.owner.execute(
        "UPDATE users SET left_on = '2024-01-31' WHERE tenant_id = $1 AND user_id = $2",
        office.company.tenant_id,
        person,
    )
    await Replacing().look(database.session(), datetime.now(UTC))


async def test_complaint_9_an_administrator_forwards_what_waits_with_a_reason_on_record(
    office: Office, admin: httpx2.AsyncClient
) -> None:
    """https://github.com/frappe/frappe/issues/7822"""
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    told = await reassign(admin, request["id"])
    assert told.status_code == 201, told.text
    asked = told.json()["steps"][0]["approvers"]
    assert [(one["user"]["id"], one["inPlaceOf"]) for one in asked] == [(36, None), (37, 36)]
    assert asked[1]["reason"] == "in place of user 36, as an administrator said: Has moved on"
    assert (told.json()["assignee"]["id"], [one["user"]["id"] for one in told.json()["waitsFor"]]) == (37, [37])
    late = await office.decide(36, request["id"])
    assert (late.status_code, late.json()["code"]) == (403, "approval.not_asked")
    mine = await (await office.of(36)).get(f"{API}/requests", params={"assigneeId": 36, "state": "Pending"})
    assert mine.json()["items"] == []
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


@pytest.mark.parametrize(
    ("policy", "changes", "code"),
    [
        (HEAD, {"toUserId": 35}, "approval.own_request"),
        (HEAD, {"fromUserId": 37, "toUserId": 39}, "approval.not_asked"),
        (BOTH, {}, "approval.asked_already"),
        (HEAD, {"toUserId": 38}, "request.invalid"),
        (HEAD, {"toUserId": 999}, "request.invalid"),
    ],
)
async def test_what_waits_is_given_to_nobody_who_may_not_decide_it(
    office: Office, admin: httpx2.AsyncClient, policy: str, changes: dict[str, int], code: str
) -> None:
    await put_in_force(office.company, policy)
    request = (await office.ask(35)).json()
    answer = await reassign(admin, request["id"], **changes)
    assert answer.json()["code"] == code
    assert (await office.decide(36, request["id"])).status_code == 201


async def test_who_is_given_back_what_was_theirs_decides_it(office: Office, admin: httpx2.AsyncClient) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    assert (await reassign(admin, request["id"])).status_code == 201
    assert (await reassign(admin, request["id"], fromUserId=37, toUserId=36)).status_code == 201
    assert (await office.decide(37, request["id"])).status_code == 403
    assert (await office.decide(36, request["id"])).json()["state"] == "Approved"


async def test_complaint_43_who_has_left_is_replaced_by_whom_the_policy_asks_now(
    office: Office, database: Database
) -> None:
    """See github.com/ServiceNowDevProgram/example-instancescan-checks/pull/158: what waits for who is gone waits."""
    await put_in_force(office.company, MANAGER)
    request = (await office.ask(35)).json()
    await office.company.owner.execute(
        "UPDATE users SET manager_id = 37 WHERE tenant_id = $1 AND user_id = 35", office.company.tenant_id
    )
    await leave(office, 36, database)
    shown = (await (await office.of(37)).get(f"{API}/requests/{request['id']}")).json()
    asked = shown["steps"][0]["approvers"]
    assert [(one["user"]["id"], one["inPlaceOf"]) for one in asked] == [(36, None), (37, 36)]
    assert asked[1]["reason"] == "manager of the purchase's owner, in place of user 36, who has left"
    events = await office.company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 AND object_type = 'request' ORDER BY event_id",
        office.company.tenant_id,
    )
    assert [event["type"] for event in events] == ["request.created", "request.approver_replaced"]
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


async def test_complaint_43_a_step_that_somebody_has_left_goes_up_and_is_not_passed(
    office: Office, database: Database
) -> None:
    """See github.com/ServiceNowDevProgram/example-instancescan-checks/pull/176."""
    await put_in_force(office.company, BOTH)
    await office.company.owner.execute(
        "UPDATE users SET manager_id = 39 WHERE tenant_id = $1 AND user_id = 37", office.company.tenant_id
    )
    request = (await office.ask(35)).json()
    assert (await office.decide(36, request["id"])).json()["state"] == "Pending"
    await leave(office, 37, database)
    shown = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert (shown["state"], [one["user"]["id"] for one in shown["waitsFor"]]) == ("Pending", [39])
    assert (await office.decide(39, request["id"])).json()["state"] == "Approved"


async def test_where_nobody_is_left_at_all_it_waits_for_an_administrator(
    office: Office, admin: httpx2.AsyncClient, database: Database
) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    await leave(office, 36, database)
    shown = (await admin.get(f"{API}/requests/{request['id']}")).json()
    assert shown["state"] == "Pending"
    assert (await reassign(admin, request["id"])).status_code == 201
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"
