"""The same call from many sides at once, without a key: it happens once, and all others are told what exists."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.fixtures.behind import contradictions, states
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.states import States

TIMES = 32
Prepare = Callable[[httpx2.AsyncClient], Awaitable[tuple[str, Any, int]]]
"""Makes what is raced for: the path, the body and the purchase."""


async def committing(caller: httpx2.AsyncClient) -> tuple[str, Any, int]:
    purchase = await make_purchase(caller)
    return f"{API}/purchases/{purchase['id']}/commitment", SUBSCRIPTION, purchase["id"]


async def asking(caller: httpx2.AsyncClient) -> tuple[str, Any, int]:
    purchase = await make_purchase(caller)
    commitment = await make_commitment(caller, purchase["id"])
    return f"{API}/commitments/{commitment['id']}/requests", None, purchase["id"]


async def taking_back(caller: httpx2.AsyncClient) -> tuple[str, Any, int]:
    made = await make_request(caller)
    return f"{API}/requests/{made['id']}/cancellations", {"comment": "No"}, made["purchase"]["id"]


async def closing(caller: httpx2.AsyncClient) -> tuple[str, Any, int]:
    made = await make_request(caller)
    return f"{API}/purchases/{made['purchase']['id']}/closing", {"date": "2025-04-20"}, made["purchase"]["id"]


CALLS: list[tuple[Prepare, str, States]] = [
    (committing, "commitment", ("Created", "Created", None, None)),
    (asking, "request", ("Ongoing", "Provisioned", "Approved", "Open")),
    (taking_back, "request", ("Cancelled", "Cancelled", "Cancelled", "Cancelled")),
    (closing, "purchase", ("Closed", "Provisioned", "Approved", "Closed")),
]


async def from_all_sides(caller: httpx2.AsyncClient, path: str, body: object) -> tuple[Any, list[dict[str, Any]]]:
    """Call from all sides; give the one success and what all others were told."""
    answers = await asyncio.gather(*(caller.post(path, json=body) for _ in range(TIMES)))
    done = [answer for answer in answers if answer.is_success]
    refused = [answer for answer in answers if not answer.is_success]
    assert len(done) == 1, Counter(answer.status_code for answer in answers)
    assert {answer.status_code for answer in refused} == {409}
    return done[0].json(), [answer.json() for answer in refused]


@pytest.mark.parametrize(("prepare", "kind", "end"), CALLS, ids=[call[0].__name__ for call in CALLS])
async def test_of_many_calls_at_once_one_succeeds_and_the_others_name_what_exists(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection, prepare: Prepare, kind: str, end: States
) -> None:
    path, body, purchase_id = await prepare(client)
    done, refusals = await from_all_sides(client, path, body)
    assert {(refusal["id"], refusal["href"]) for refusal in refusals} == {(done["id"], f"{API}/{kind}s/{done['id']}")}
    assert all(refusal["state"] for refusal in refusals)
    assert await states(owner, company.tenant_id, purchase_id) == end
    assert await contradictions(owner, company.tenant_id) == {}


@pytest.mark.parametrize(("verdict", "state"), [("approvals", "Ongoing"), ("denials", "Denied")])
async def test_of_many_decisions_of_one_person_at_once_one_counts(
    submitter: httpx2.AsyncClient,
    approver: httpx2.AsyncClient,
    company: Company,
    owner: OwnerConnection,
    verdict: str,
    state: str,
) -> None:
    made = await make_request(submitter)
    done, refusals = await from_all_sides(approver, f"{API}/requests/{made['id']}/{verdict}", {"comment": "So be it"})
    assert {refusal["id"] for refusal in refusals} == {made["id"]} == {done["id"]}
    assert len(done["decisions"]) == 1
    assert (await states(owner, company.tenant_id, made["purchase"]["id"]))[0] == state
    assert await contradictions(owner, company.tenant_id) == {}


async def test_both_paths_to_a_commitment_lead_to_one(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    purchase = await make_purchase(client)
    ways = [
        (f"{API}/commitments", ONE_TIME | {"purchaseId": purchase["id"]}),
        (f"{API}/purchases/{purchase['id']}/commitment", SUBSCRIPTION),
    ]
    answers = await asyncio.gather(*(client.post(path, json=body) for path, body in ways * (TIMES // 2)))
    (done,) = (answer.json() for answer in answers if answer.is_success)
    assert {answer.json()["id"] for answer in answers if not answer.is_success} == {done["id"]}
    assert await owner.fetchval("SELECT count(*) FROM commitments WHERE tenant_id = $1", company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_a_call_that_lost_a_race_and_named_no_version_is_never_told_that_its_version_is_stale(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    purchase = await make_purchase(client)
    place = f"{API}/purchases/{purchase['id']}"
    body = {"ownerId": 35, "natureId": 1, "costCenterId": 3, "supplier": {"id": 6}}
    answers = await asyncio.gather(
        *(client.put(place, json=body | {"title": f"Title {number}"}) for number in range(TIMES // 2))
    )
    assert Counter(answer.status_code for answer in answers) == {200: TIMES // 2}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, TIMES // 2 + 2))
    assert await contradictions(owner, company.tenant_id) == {}


async def test_of_many_calls_for_the_same_version_one_succeeds_and_the_others_are_told_that_it_is_stale(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    purchase = await make_purchase(client)
    read = await client.get(f"{API}/purchases/{purchase['id']}")
    headers = {"If-Match": read.headers["ETag"]}
    body = {"title": "Anew", "ownerId": 35, "natureId": 1, "costCenterId": 3, "supplier": {"id": 6}}
    place = f"{API}/purchases/{purchase['id']}"
    answers = await asyncio.gather(*(client.put(place, json=body, headers=headers) for _ in range(TIMES)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: TIMES - 1}
    assert await contradictions(owner, company.tenant_id) == {}


async def test_of_many_suppliers_with_the_same_registration_one_is_listed_and_the_others_name_it(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    body = {"name": "Corner shop", "territoryId": "FR", "legalRegistration": {"identifier": "732 829 320"}}
    done, refusals = await from_all_sides(client, f"{API}/suppliers", body)
    assert {(refusal["id"], refusal["href"]) for refusal in refusals} == {(done["id"], f"{API}/suppliers/{done['id']}")}
    listed = "SELECT count(*) FROM suppliers WHERE tenant_id = $1 AND registration_id IS NOT NULL"
    assert await owner.fetchval(listed, company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}
