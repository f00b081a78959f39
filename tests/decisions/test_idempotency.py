"""Retries: a call with an Idempotency-Key takes effect once, and its repeat is answered as the first was."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.lives import Life, Live
from tests.fixtures.problems import conflict, faults, refused, rows

KEY = {"Idempotency-Key": "once-and-only-once"}
COMMANDS = [
    ("new", "{purchase}/commitment", ONE_TIME),
    ("new", f"{API}/commitments", ONE_TIME),
    ("new", "{purchase}/closing", {"comment": "Over"}),
    ("committed", "{commitment}/requests", None),
    ("pending", "{request}/approvals", {"comment": "Fine"}),
    ("pending", "{request}/denials", {"comment": "No"}),
    ("pending", "{request}/cancellations", {"comment": "No more"}),
    ("approved", "{purchase}/closing", {"date": "2025-04-20"}),
    ("approved", "{request}/cancellations", None),
]
EACH = pytest.mark.parametrize(("stage", "path", "body"), COMMANDS, ids=[f"{s} {p}" for s, p, _ in COMMANDS])


def _place(life: Life, path: str) -> str:
    return path.format(purchase=life.purchase, commitment=life.commitment, request=life.request)


def _who(life: Life, path: str) -> httpx2.AsyncClient:
    return life.approver if path.endswith(("approvals", "denials")) else life.submitter


def _body(life: Life, path: str, body: dict[str, Any] | None) -> dict[str, Any] | None:
    return body | {"purchaseId": life.purchase_id} if body and path.endswith("/commitments") else body


def _same(first: httpx2.Response, again: httpx2.Response) -> None:
    assert again.status_code == first.status_code
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]


async def test_a_purchase_is_created_once(client: httpx2.AsyncClient, company: Company) -> None:
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    before = await rows(company)
    _same(first, await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY))
    assert await rows(company) == before
    assert before["purchases"] == before["idempotency_keys"] == before["events"] == 1


@EACH
async def test_a_command_takes_effect_once(
    live: Live, company: Company, stage: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage)
    who, place, sent = _who(life, path), _place(life, path), _body(life, path, body)
    first = await who.post(place, json=sent, headers=KEY)
    assert first.is_success, first.text
    before = await rows(company)
    _same(first, await who.post(place, json=sent, headers=KEY))
    assert await rows(company) == before


@EACH
async def test_without_a_key_it_happens_once_by_state_and_the_repeat_tells_what_exists(
    live: Live, company: Company, stage: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage)
    who, place, sent = _who(life, path), _place(life, path), _body(life, path, body)
    first = await who.post(place, json=sent)
    assert first.is_success, first.text
    before = await rows(company)
    problem = refused(await who.post(place, json=sent), 409)
    assert problem["href"] == first.headers["Location"]
    assert problem["id"] == first.json()["id"]
    assert problem["state"] == first.json()["state"]
    assert await rows(company) == before


async def test_without_a_key_each_call_makes_a_purchase_of_its_own(client: httpx2.AsyncClient) -> None:
    first, second = await make_purchase(client), await make_purchase(client)
    assert first["id"] != second["id"]


@EACH
async def test_the_replay_wins_over_a_stale_if_match(
    live: Live, stage: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage)
    who, place, sent = _who(life, path), _place(life, path), _body(life, path, body)
    tag = (await life.submitter.get(life.purchase)).headers["ETag"]
    first = await who.post(place, json=sent, headers=KEY | {"If-Match": tag})
    assert first.is_success, first.text
    _same(first, await who.post(place, json=sent, headers=KEY | {"If-Match": tag}))


@EACH
async def test_the_replay_tells_what_was_then_when_more_has_happened_since(
    live: Live, stage: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage)
    who, place, sent = _who(life, path), _place(life, path), _body(life, path, body)
    first = await who.post(place, json=sent, headers=KEY)
    if path.endswith(("requests", "approvals", "denials")) or stage == "new":
        await life.submitter.post(f"{life.purchase}/closing")
        await life.submitter.put(life.purchase, json=PURCHASE | {"title": "Renamed"})
        await life.submitter.post(f"{first.json().get('href', life.request)}/cancellations")
    _same(first, await who.post(place, json=sent, headers=KEY))


async def test_names_of_referenced_things_are_those_of_today(client: httpx2.AsyncClient, company: Company) -> None:
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    await company.owner.execute(
        "UPDATE natures SET name = 'Desks' WHERE tenant_id = $1 AND nature_id = 1", company.tenant_id
    )
    again = await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    assert first.json()["nature"]["name"] == "Office supplies"
    assert again.json() == first.json() | {"nature": first.json()["nature"] | {"name": "Desks"}}


async def test_what_is_no_longer_in_use_is_no_reason_to_refuse_a_replay(
    client: httpx2.AsyncClient, company: Company
) -> None:
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    for change in (
        "UPDATE natures SET state = 'Disabled' WHERE tenant_id = $1",
        "UPDATE suppliers SET state = 'Archived' WHERE tenant_id = $1",
        "UPDATE users SET left_on = '2025-01-01' WHERE tenant_id = $1 AND kind = 'Person'",
    ):
        await company.owner.execute(change, company.tenant_id)
    _same(first, await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY))


SAME_PURCHASES: list[str] = [
    json.dumps(PURCHASE),
    json.dumps(PURCHASE, indent=8),
    json.dumps(dict(reversed(PURCHASE.items()))),
    json.dumps(PURCHASE | {"colour": "red", "id": 5}),
    json.dumps(PURCHASE | {"type": None}),
    json.dumps(PURCHASE | {"supplier": {"id": 6}}),
    json.dumps(PURCHASE | {"supplier": {"id": 6, "name": "Other", "territoryId": "XX"}}),
    json.dumps(PURCHASE | {"owner": {"id": 35}}),
    json.dumps({name: value for name, value in PURCHASE.items() if name != "ownerId"} | {"owner": {"id": 35}}),
    json.dumps(PURCHASE).replace('"natureId"', '"natureId\\""'),
    json.dumps(PURCHASE).replace('"natureId": 1', '"natureId": 1.0'),
    json.dumps(PURCHASE).replace("test", "\\u0074est"),
    "\ufeff" + json.dumps(PURCHASE),
]


@pytest.mark.parametrize("again", SAME_PURCHASES)
async def test_the_same_said_otherwise_is_the_same_body(client: httpx2.AsyncClient, again: str) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    first = await client.post(f"{API}/purchases", content=SAME_PURCHASES[0], headers=headers)
    _same(first, await client.post(f"{API}/purchases", content=again.encode(), headers=headers))


OTHER_PURCHASES: list[dict[str, Any]] = [
    {"title": "Purchase entry Test"},
    {"title": "Purchase entry test "},
    {"natureId": 3},
    {"ownerId": 36},
    {"axisSectionIds": []},
    {"supplier": {"id": 8}},
    {"supplier": {"name": "Amazon", "territoryId": "FR"}},
    {"establishmentId": None},
    {"departmentId": 10},
    {"type": "OneTime"},
]


@pytest.mark.parametrize("change", OTHER_PURCHASES)
async def test_another_body_under_the_same_key_is_a_422(
    client: httpx2.AsyncClient, company: Company, change: dict[str, Any]
) -> None:
    await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    before = await rows(company)
    refused(await client.post(f"{API}/purchases", json=PURCHASE | change, headers=KEY), 422, "idempotency.reused")
    assert await rows(company) == before


SAME_COMMITMENTS = [
    ("120,", "120.0,"),
    ("120,", "1.2E2,"),
    ('"taxes": []', '"taxes": null'),
    ('"taxes": []', '"includingTaxes": {"value": 120.00, "currency": "EUR"}'),
    ('{"excludingTaxes"', '{"rate": 7, "counter": {}, "base": {"excludingTaxes"'),
    ('"state": "Created"', '"state": null'),
    ('"attachmentIds": []', '"attachmentIds": null'),
    ('"invoiceDate": "2025-04-14"', '"invoiceDate": null'),
    ('"paymentMethod": null', '"colour": "red"'),
]


@pytest.mark.parametrize(("said", "again"), SAME_COMMITMENTS)
async def test_the_same_commitment_said_otherwise_is_the_same_body(
    client: httpx2.AsyncClient, said: str, again: str
) -> None:
    purchase = await make_purchase(client)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    first = await client.post(place, json=ONE_TIME, headers=KEY)
    body = json.dumps(ONE_TIME)
    assert said in body
    body = body.replace(said, again)
    if '"base"' in body:
        body = body.replace('"taxes": []}', '"taxes": []}}')
    headers = KEY | {"Content-Type": "application/json"}
    _same(first, await client.post(place, content=body, headers=headers))


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "Other"},
        {"comment": None},
        {"costDate": "2025-04-15"},
        {"invoiceDate": "2025-04-15"},
        {"paymentMethod": "Check"},
        {"amountIncludingTaxes": {"excludingTaxes": {"value": 120.01, "currency": "EUR"}}},
        {"amountIncludingTaxes": {"excludingTaxes": {"value": 120, "currency": "USD"}}},
    ],
)
async def test_another_commitment_under_the_same_key_is_a_422(
    client: httpx2.AsyncClient, change: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    await client.post(place, json=ONE_TIME, headers=KEY)
    refused(await client.post(place, json=ONE_TIME | change, headers=KEY), 422, "idempotency.reused")
    refused(await client.post(place, json=SUBSCRIPTION, headers=KEY), 422, "idempotency.reused")


async def test_the_same_key_counts_apart_for_another_path(client: httpx2.AsyncClient) -> None:
    purchase = (await client.post(f"{API}/purchases", json=PURCHASE, headers=KEY)).json()
    made = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=ONE_TIME, headers=KEY)
    asked = await client.post(f"{API}/commitments/{made.json()['id']}/requests", headers=KEY)
    closed = await client.post(f"{API}/purchases/{purchase['id']}/closing", headers=KEY)
    assert [answer.status_code for answer in (made, asked, closed)] == [200, 201, 201]


async def test_the_same_key_counts_apart_for_another_api_key(company: Company) -> None:
    async with await company.caller() as first, await company.caller() as second:
        one = await first.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
        two = await second.post(f"{API}/purchases", json=PURCHASE, headers=KEY)
    assert one.status_code == two.status_code == 201
    assert one.json()["id"] != two.json()["id"]


async def test_a_refusal_is_computed_again(client: httpx2.AsyncClient, company: Company) -> None:
    disabled = PURCHASE | {"natureId": 2}
    faults(await client.post(f"{API}/purchases", json=disabled, headers=KEY))
    faults(await client.post(f"{API}/purchases", json=disabled, headers=KEY))
    await company.owner.execute("UPDATE natures SET state = 'Enabled' WHERE tenant_id = $1", company.tenant_id)
    made = await client.post(f"{API}/purchases", json=disabled, headers=KEY)
    assert made.status_code == 201
    assert "Idempotency-Replayed" not in made.headers


async def test_a_refused_conflict_keeps_no_key(live: Live) -> None:
    life = await live("pending")
    conflict(
        await life.submitter.post(f"{life.purchase}/closing", headers=KEY), "Processing", "purchases", life.purchase_id
    )
    await life.submitter.post(f"{life.request}/cancellations")
    assert (await life.submitter.post(f"{life.purchase}/closing", headers=KEY)).status_code == 201


@pytest.mark.parametrize("key", ["x", "!", "~" * 255, "a,b;c=d\"'", "123e4567-e89b-12d3-a456-426614174000"])
async def test_a_key_is_1_to_255_visible_characters(client: httpx2.AsyncClient, key: str) -> None:
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": key})
    _same(first, await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": key}))


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"x" * 1000, b"two words", b"\xc3\xa9", b"a\tb", b"\x7f"])
@pytest.mark.parametrize(
    "path", ["purchases", "purchases/1/closing", "commitments/1/requests", "requests/1/cancellations"]
)
async def test_any_other_key_is_a_400(client: httpx2.AsyncClient, company: Company, key: bytes, path: str) -> None:
    before = await rows(company)
    body = PURCHASE if path == "purchases" else None
    answer = await client.post(f"{API}/{path}", json=body, headers=[(b"Idempotency-Key", key)])
    assert set(faults(answer)) == {"Idempotency-Key"}
    assert await rows(company) == before


async def test_a_put_needs_no_key_and_keeps_none(client: httpx2.AsyncClient, company: Company) -> None:
    made = await make_purchase(client)
    for title in ("One", "Two"):
        answer = await client.put(f"{API}/purchases/{made['id']}", json=PURCHASE | {"title": title}, headers=KEY)
        assert answer.json()["title"] == title
    assert (await rows(company))["idempotency_keys"] == 0


@pytest.mark.parametrize("clients", [32])
async def test_a_key_that_many_race_with_takes_effect_once(
    client: httpx2.AsyncClient, company: Company, clients: int
) -> None:
    posts = [client.post(f"{API}/purchases", json=PURCHASE, headers=KEY) for _ in range(clients)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (await rows(company))["purchases"] == 1


async def test_only_one_of_many_bodies_under_one_key_takes_effect(client: httpx2.AsyncClient, company: Company) -> None:
    posts = [client.post(f"{API}/purchases", json=PURCHASE | {"title": f"No {n}"}, headers=KEY) for n in range(16)]
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 15
    assert (await rows(company))["purchases"] == 1


async def test_a_commitment_that_many_race_for_exists_once(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    answers = await asyncio.gather(*(client.post(place, json=ONE_TIME, headers=KEY) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await rows(company))["commitments"] == 1


async def test_a_replay_after_the_commitment_was_replaced_tells_the_first(live: Live) -> None:
    life = await live("new")
    first = await life.submitter.post(f"{life.purchase}/commitment", json=ONE_TIME, headers=KEY)
    asked = await life.submitter.post(f"{API}/commitments/{first.json()['id']}/requests")
    await life.approver.post(f"{API}/requests/{asked.json()['id']}/denials", json={"comment": "No"})
    second = await make_commitment(life.submitter, life.purchase_id)
    again = await life.submitter.post(f"{life.purchase}/commitment", json=ONE_TIME, headers=KEY)
    _same(first, again)
    assert second["id"] != again.json()["id"]
