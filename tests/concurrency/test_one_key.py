"""The same call with the same key from many sides at once: one effect, and the same answer for all."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from emplette.http.contract import POST
from tests.fixtures.asks import CASES, COMMANDS, made_people
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_purchase
from tests.fixtures.programs import program

TIMES = 32
# A renewal keeps its steps under keys of its own.
_KEYS_OF_CALLS = "SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1 AND scope <> 'renewal'"


async def from_all_sides(
    caller: httpx2.AsyncClient,
    path: str,
    *,
    keys: list[str],
    headers: dict[str, str] | None = None,
    **sent: Any,  # noqa: ANN401  a body, as the client takes it
) -> list[httpx2.Response]:
    return await asyncio.gather(
        *(caller.post(path, headers={"Idempotency-Key": key} | (headers or {}), **sent) for key in keys)
    )


async def happenings(owner: OwnerConnection, company: Company) -> int:
    counted: int = await owner.fetchval("SELECT count(*) FROM events WHERE tenant_id = $1", company.tenant_id)
    return counted


@pytest.mark.parametrize("name", sorted(name for name, method in COMMANDS.items() if method == POST))
async def test_a_call_repeated_at_the_same_time_with_one_key_takes_effect_once(
    name: str, company: Company, owner: OwnerConnection
) -> None:
    async with made_people(company) as people:
        ask = await CASES[name](people)
        before = await happenings(owner, company)
        assert (await ask.caller.post(ask.path, headers=ask.headers, **ask.sent(ask.body))).is_success
        of_one = await happenings(owner, company) - before
        ask = await CASES[name](people)
        before = await happenings(owner, company)
        answers = await from_all_sides(
            ask.caller, ask.path, keys=["one"] * TIMES, headers=ask.headers, **ask.sent(ask.body)
        )
    assert {answer.status_code for answer in answers} <= {200, 201}
    for header in ("ETag", "Location", "Content-Type"):
        assert len({answer.headers.get(header) for answer in answers}) == 1
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": TIMES - 1}
    assert await happenings(owner, company) == before + of_one
    assert await owner.fetchval(_KEYS_OF_CALLS, company.tenant_id) == 1
    assert await contradictions(owner, company.tenant_id) == {}


async def test_two_servers_that_are_called_with_one_key_make_one_purchase(
    migrated: Urls, company: Company, owner: OwnerConnection
) -> None:
    async with program(migrated.serving, pool_size=TIMES // 2) as other, await company.caller() as caller:
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


async def test_many_keys_for_one_commitment_leave_one_key_behind(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    purchase = await make_purchase(client)
    body = ONE_TIME | {"purchaseId": purchase["id"]}
    keys = [f"key-{number}" for number in range(TIMES)]
    answers = await from_all_sides(client, f"{API}/commitments", json=body, keys=keys)
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
