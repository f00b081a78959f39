"""Two bodies that say the same have one hash; two that don't, don't."""

import json

import httpx2
import pytest

from tests.contract.toys import ONCE, Gate, send_order

CLEAN = json.dumps(ONCE)
SAME = [
    CLEAN,
    json.dumps(ONCE, indent=4),
    json.dumps(dict(reversed(ONCE.items()))),
    json.dumps({**ONCE, "unknown": [1, {"x": None}]}),
    json.dumps({**ONCE, "comment": None, "state": "Created", "taxes": [], "tagIds": None, "urgent": False}),
    CLEAN.replace("120", "120.0"),
    CLEAN.replace("120", "1.20e2"),
    CLEAN.replace('"ownerId": 1', '"ownerId": 1.0'),
    CLEAN.replace('"title"', '"title\\""'),
    CLEAN.replace("A toy", "\\u0041 toy"),
]
OTHER = [
    CLEAN.replace("120", "120.5"),
    CLEAN.replace("120", "12"),
    CLEAN.replace("A toy", "a toy"),
    CLEAN.replace("A toy", "A  toy"),
    CLEAN.replace('"ownerId": 1', '"ownerId": 2'),
    CLEAN.replace("EUR", "USD"),
    json.dumps({**ONCE, "comment": ""}),
    json.dumps({**ONCE, "urgent": True}),
    json.dumps({**ONCE, "tagIds": [1]}),
]


async def hash_of(client: httpx2.AsyncClient, gate: Gate, body: str) -> bytes:
    answer = await send_order(client, body.encode())
    assert answer.status_code == 201, answer.text
    return gate.works[-1].call.body_hash


@pytest.mark.parametrize("body", SAME)
async def test_what_says_the_same_has_the_same_hash(client: httpx2.AsyncClient, gate: Gate, body: str) -> None:
    assert await hash_of(client, gate, body) == await hash_of(client, gate, CLEAN)


async def test_what_says_something_else_has_another_hash(client: httpx2.AsyncClient, gate: Gate) -> None:
    hashes = {await hash_of(client, gate, body) for body in [CLEAN, *OTHER]}
    assert len(hashes) == 1 + len(OTHER)
    assert {len(each) for each in hashes} == {32}


async def test_an_operation_without_a_body_has_nothing_to_hash(client: httpx2.AsyncClient, gate: Gate) -> None:
    for body in (b"", b"{}", b"null"):
        await client.post("/api/orders/7/requests", content=body)
    assert {work.call.body_hash for work in gate.works} == {b""}


async def test_the_hash_is_the_same_in_every_process_and_version(client: httpx2.AsyncClient, gate: Gate) -> None:
    found = await hash_of(client, gate, CLEAN)
    assert found.hex() == "14b696aeb76e397586fae16e3e646c282549f81b2fadaf95ebb99e6d35fe46a1"
