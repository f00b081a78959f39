"""The same call with the same key from many sides at once: one effect, and the same answer for all."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import msgspec
import pytest

from emplette.http.app import create_app
from emplette.settings import Settings
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase, make_request

TIMES = 32
Call = tuple[str, Any]


async def creation(_: httpx2.AsyncClient) -> Call:
    return f"{API}/purchases", PURCHASE


async def commitment(caller: httpx2.AsyncClient) -> Call:
    purchase = await make_purchase(caller)
    return f"{API}/commitments", ONE_TIME | {"purchaseId": purchase["id"]}


async def commitment_at_purchase(caller: httpx2.AsyncClient) -> Call:
    purchase = await make_purchase(caller)
    return f"{API}/purchases/{purchase['id']}/commitment", ONE_TIME


async def request(caller: httpx2.AsyncClient) -> Call:
    purchase = await make_purchase(caller)
    made = await make_commitment(caller, purchase["id"])
    return f"{API}/commitments/{made['id']}/requests", None


async def cancellation(caller: httpx2.AsyncClient) -> Call:
    made = await make_request(caller)
    return f"{API}/requests/{made['id']}/cancellations", {"comment": "No longer needed"}


async def closing(caller: httpx2.AsyncClient) -> Call:
    made = await make_request(caller)
    return f"{API}/purchases/{made['purchase']['id']}/closing", {"date": "2025-04-20"}


CALLS: list[Callable[[httpx2.AsyncClient], Awaitable[Call]]] = [
    creation,
    commitment,
    commitment_at_purchase,
    request,
    cancellation,
    closing,
]


async def from_all_sides(caller: httpx2.AsyncClient, call: Call, *, keys: list[str]) -> list[httpx2.Response]:
    path, body = call
    return await asyncio.gather(
        *(caller.post(path, json=body, headers={"Idempotency-Key": key} if key else {}) for key in keys)
    )


async def versions(owner: OwnerConnection, company: Company) -> int:
    counted: int = await owner.fetchval(
        "SELECT count(DISTINCT (purchase_id, version)) FROM events WHERE tenant_id = $1", company.tenant_id
    )
    return counted


@pytest.mark.parametrize("prepare", CALLS, ids=lambda call: call.__name__)
async def test_a_call_repeated_at_the_same_time_with_one_key_takes_effect_once(
    client: httpx2.AsyncClient,
    company: Company,
    owner: OwnerConnection,
    prepare: Callable[[httpx2.AsyncClient], Awaitable[Call]],
) -> None:
    call = await prepare(client)
    versions_before = await versions(owner, company)
    answers = await from_all_sides(client, call, keys=["one"] * TIMES)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.status_code for answer in answers}) == 1
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": TIMES - 1}
    assert await versions(owner, company) == versions_before + 1
    assert await owner.fetchval("SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1", company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_two_servers_that_are_called_with_one_key_make_one_purchase(
    migrated: Urls, company: Company, owner: OwnerConnection
) -> None:
    settings = msgspec.structs.replace(Settings(), database_url=migrated.serving, pool_size=TIMES // 2)
    other = create_app(settings)
    async with other.lifespan_context(other), await company.caller() as caller:
        secret = caller.headers["Authorization"].removeprefix("lucca application=")
        async with replace(company, app=other).client(secret) as beside:
            headers = {"Idempotency-Key": "one"}
            answers = await asyncio.gather(
                *(
                    one.post(f"{API}/purchases", json=PURCHASE, headers=headers)
                    for one in [caller, beside] * (TIMES // 2)
                )
            )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await owner.fetchval("SELECT count(*) FROM purchases WHERE tenant_id = $1", company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_an_approval_repeated_at_the_same_time_with_one_key_is_one_decision(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    made = await make_request(submitter)
    call = (f"{API}/requests/{made['id']}/approvals", {"comment": "Fine"})
    answers = await from_all_sides(approver, call, keys=["one"] * TIMES)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(answers[0].json()["decisions"]) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_many_keys_for_one_commitment_leave_one_key_behind(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    call = await commitment(client)
    answers = await from_all_sides(client, call, keys=[f"key-{number}" for number in range(TIMES)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: TIMES - 1}
    assert await owner.fetchval("SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1", company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_one_key_for_many_bodies_serves_the_first_and_refuses_the_others(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    bodies = [PURCHASE | {"title": f"Title {number}"} for number in range(TIMES)]
    headers = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(client.post(f"{API}/purchases", json=body, headers=headers) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: TIMES - 1}
    assert await owner.fetchval("SELECT count(*) FROM purchases WHERE tenant_id = $1", company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}
