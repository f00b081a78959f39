"""What users of other systems complained about while somebody was on leave, each against the running server."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.absences import WEEKS, away, end
from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force

HEAD = "steps: [{name: Head, any: [36]}]"
BOTH = "steps: [{name: Both, all: [36, 37]}]"
OTHER_CENTER = 5
OWN = "steps: [{name: Head, any: [36]}, {name: Board, any: [37], distinct: true}]"


@pytest_asyncio.fixture
async def admin(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    async with await office.company.caller(permissions=("view:all", "configure")) as caller:
        yield caller


async def test_complaint_10_a_substitute_during_leave_and_it_shows_who_was_asked_and_who_acted(office: Office) -> None:
    """https://github.com/frappe/hrms/issues/3467 and https://github.com/documenso/documenso/issues/3087"""
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    early = await office.decide(39, request["id"])
    assert (early.status_code, early.json()["code"]) == (403, "approval.not_asked")
    await away(await office.of(36), 39)
    shown = (await (await office.of(39)).get(f"{API}/requests/{request['id']}")).json()
    assert shown["assignee"]["id"] == 39
    assert [(one["user"]["id"], one["inPlaceOf"]) for one in shown["waitsFor"]] == [(36, None), (39, 36)]
    decided = (await office.decide(39, request["id"])).json()
    (decision,) = decided["decisions"]
    assert (decided["state"], decision["by"]["id"], decision["inPlaceOf"]) == ("Approved", 39, 36)
    assert [one["user"]["id"] for one in decided["steps"][0]["approvers"]] == [36]


async def test_a_repeated_decision_is_answered_alike_whoever_stands_in_for_those_it_waits_for(office: Office) -> None:
    await put_in_force(office.company, BOTH)
    request = (await office.ask(35)).json()
    absence = await away(await office.of(37), 39)
    caller, path = await office.of(36), f"{API}/requests/{request['id']}/approvals"
    body, key = {"comment": "Good"}, {"Idempotency-Key": "decided-once"}
    answers = [await caller.post(path, json=body, headers=key) for _ in range(2)]
    await end(await office.of(37), absence["id"])
    answers.append(await caller.post(path, json=body, headers=key))
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1


async def test_complaint_9_what_waits_moves_to_the_deputy_and_comes_back(office: Office) -> None:
    """https://github.com/frappe/frappe/issues/7822"""
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    absence = await away(await office.of(36), 39)
    deputy = await office.of(39)
    mine: dict[str, str | int] = {"assigneeId": 39, "state": "Pending"}
    assert [one["id"] for one in (await deputy.get(f"{API}/requests", params=mine)).json()["items"]] == [request["id"]]
    await end(await office.of(36), absence["id"])
    assert (await deputy.get(f"{API}/requests", params=mine)).json()["items"] == []
    late = await office.decide(39, request["id"])
    assert (late.status_code, late.json()["code"]) == (403, "approval.not_asked")
    back = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert (back["assignee"]["id"], [one["user"]["id"] for one in back["waitsFor"]]) == (36, [36])


async def test_who_is_away_may_decide_all_the_same_and_then_the_deputy_is_too_late(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    await away(await office.of(36), 39)
    assert (await office.decide(36, request["id"])).json()["state"] == "Approved"
    late = await office.decide(39, request["id"])
    assert (late.status_code, late.json()["code"]) == (409, "request.decided")


async def test_the_absent_and_their_deputy_at_once_decide_one_time(office: Office) -> None:
    await put_in_force(office.company, BOTH)
    request = (await office.ask(35)).json()
    await away(await office.of(36), 39)
    answers = await asyncio.gather(*(office.decide(person, request["id"]) for person in (36, 39)))
    assert sorted(answer.status_code for answer in answers) == [201, 403]
    shown = (await (await office.of(36)).get(f"{API}/requests/{request['id']}")).json()
    assert (shown["state"], len(shown["decisions"])) == ("Pending", 1)


async def test_a_deputy_who_is_asked_too_decides_for_themselves_only(office: Office) -> None:
    await put_in_force(office.company, BOTH)
    request = (await office.ask(35)).json()
    await away(await office.of(36), 37)
    once = (await office.decide(37, request["id"])).json()
    assert (once["state"], once["decisions"][0]["inPlaceOf"]) == ("Pending", None)
    twice = await office.decide(37, request["id"])
    assert (twice.status_code, twice.json()["code"]) == (403, "approval.not_asked")


async def test_nobody_decides_their_own_through_somebody_who_is_away(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    await away(await office.of(36), 35)
    own = await office.decide(35, request["id"])
    assert (own.status_code, own.json()["code"]) == (403, "approval.own_request")
    await away(await office.of(35), 39)
    through_the_owner = await office.decide(39, request["id"])
    assert (through_the_owner.status_code, through_the_owner.json()["code"]) == (403, "approval.not_asked")


async def test_a_deputy_who_is_away_hands_on_once_and_no_further(office: Office, admin: httpx2.AsyncClient) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(37)).json()
    for person, deputy in ((36, 35), (35, 39)):
        await away(await office.of(person), deputy)
    looped = await admin.post(f"{API}/absences", json=WEEKS | {"userId": 39, "deputyId": 36})
    assert (looped.status_code, looped.json()["code"]) == (409, "absence.loops")
    decided = (await office.decide(39, request["id"])).json()
    assert (decided["state"], decided["decisions"][0]["inPlaceOf"]) == ("Approved", 36)


async def test_whoever_is_asked_later_as_another_person_does_not_stand_in_before(office: Office) -> None:
    await put_in_force(office.company, OWN)
    request = (await office.ask(35)).json()
    await away(await office.of(36), 37)
    answer = await office.decide(37, request["id"])
    assert (answer.status_code, answer.json()["code"]) == (403, "approval.not_asked")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"deputyId": 36}, "deputyId"),
        ({"deputyId": 38}, "deputyId"),
        ({"deputyId": 999}, "deputyId"),
        ({"costCenterId": 99}, "costCenterId"),
        ({"endDate": "2020-01-01", "startDate": "2019-12-20"}, "endDate"),
        ({"endDate": "2020-01-01"}, "endDate"),
        ({"endDate": "2099-01-01"}, "endDate"),
    ],
)
async def test_an_absence_that_cannot_be_is_refused(office: Office, changes: dict[str, object], fault: str) -> None:
    caller = await office.of(36)
    answer = await caller.post(f"{API}/absences", json=WEEKS | {"deputyId": 39} | changes)
    assert answer.status_code == 400
    assert fault in answer.json()["errors"]


async def test_a_deputy_for_one_cost_center_decides_nothing_else(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    await office.company.owner.execute(
        "INSERT INTO cost_centers (tenant_id, cost_center_id, name, code) VALUES ($1, $2, 'Other', 'O')",
        office.company.tenant_id,
        OTHER_CENTER,
    )
    await away(await office.of(36), 39, costCenterId=OTHER_CENTER)
    elsewhere = await office.decide(39, request["id"])
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "approval.not_asked")
    await away(await office.of(36), 39, costCenterId=3)
    assert (await office.decide(39, request["id"])).json()["state"] == "Approved"


async def test_only_who_configures_enters_the_absences_of_others(office: Office, admin: httpx2.AsyncClient) -> None:
    body = WEEKS | {"userId": 36, "deputyId": 39}
    refused = await (await office.of(37)).post(f"{API}/absences", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "absence.not_yours")
    assert (await admin.post(f"{API}/absences", json=body)).status_code == 201


async def test_a_deputy_sees_what_they_are_to_decide_and_no_more_when_it_is_over(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35)).json()
    absence = await away(await office.of(36), 39)
    narrow = ("view:own", "approve")
    async with await office.company.caller(permissions=narrow, person=39) as deputy:
        assert (await deputy.get(f"{API}/requests/{request['id']}")).status_code == 200
        assert (await deputy.get(f"{API}/purchases/{request['purchase']['id']}")).status_code == 200
        assert [one["id"] for one in (await deputy.get(f"{API}/requests")).json()["items"]] == [request["id"]]
    await end(await office.of(36), absence["id"])
    async with await office.company.caller(permissions=narrow, person=39) as deputy:
        assert (await deputy.get(f"{API}/requests/{request['id']}")).status_code == 404
        assert (await deputy.get(f"{API}/requests")).json()["items"] == []
