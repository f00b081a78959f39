"""Attachments that many want at once: one commitment gets each, and nothing of the others' calls is left."""

import asyncio
from collections import Counter
from itertools import count

import httpx2
import pytest

from tests.fixtures.attachments import attach, attach_some, hangs, keep_file
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase
from tests.fixtures.problems import rows

TIMES = 32
ROUNDS = 4
_NUMBERS = count(1)


def key_of_its_own() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{next(_NUMBERS)}"}


def statuses(answers: list[httpx2.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("is_file", [False, True], ids=["by number", "by file"])
@pytest.mark.parametrize("is_put", [False, True], ids=["new commitments", "commitments that are there"])
async def test_one_of_many_commitments_gets_an_attachment(
    client: httpx2.AsyncClient,
    company: Company,
    owner: OwnerConnection,
    is_file: bool,  # noqa: FBT001
    is_put: bool,  # noqa: FBT001
) -> None:
    wanted = await keep_file(company, client) if is_file else await attach(company, client)
    purchases = [await make_purchase(client) for _ in range(TIMES)]
    places = [f"{API}/purchases/{purchase['id']}/commitment" for purchase in purchases]
    if is_put:
        made = [await make_commitment(client, purchase["id"]) for purchase in purchases]
        places = [f"{API}/commitments/{commitment['id']}" for commitment in made]
    before = await rows(company)
    body = ONE_TIME | {"attachmentIds": [wanted]}
    method = "PUT" if is_put else "POST"
    headers = [{} if is_put else key_of_its_own() for _ in places]
    answers = await asyncio.gather(
        *(client.request(method, place, json=body, headers=key) for place, key in zip(places, headers, strict=True))
    )
    assert statuses(answers) == {200: 1, 409: TIMES - 1}
    done = next(answer.json() for answer in answers if answer.is_success)
    refusals = [answer.json() for answer in answers if not answer.is_success]
    assert {(refusal["code"], refusal["id"], refusal["state"]) for refusal in refusals} == {
        ("attachment.in_use", done["id"], "Created")
    }
    after = await rows(company)
    new = {"events": 1, "unsealed": 1, "event_texts": 1}
    new |= {} if is_put else {"commitments": 1, "idempotency_keys": 1}
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == new
    assert await contradictions(owner, company.tenant_id) == {}


async def test_commitments_that_want_each_others_attachments_do_not_wait_for_ever(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        one, two, three = await attach_some(company, client, 3)
        fourth = await keep_file(company, client)
        lists = [[one, two], [two, one], [three, two], [fourth, one], [one, fourth], [two, three, fourth]]
        purchases = [await make_purchase(client) for _ in range(TIMES)]
        answers = await asyncio.gather(
            *(
                client.post(
                    f"{API}/commitments",
                    json=ONE_TIME | {"purchaseId": purchase["id"], "attachmentIds": lists[number % len(lists)]},
                    headers=key_of_its_own(),
                )
                for number, purchase in enumerate(purchases)
            )
        )
        assert set(statuses(answers)) == {201, 409}
        taken = [number for answer in answers if answer.is_success for number in answer.json()["attachmentIds"]]
        assert len(taken) == len(set(taken))
        assert await contradictions(owner, company.tenant_id) == {}


async def test_what_a_revision_drops_goes_to_one_other(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        (number,) = await attach_some(company, client, 1)
        made = await make_commitment(client, (await make_purchase(client))["id"], attachmentIds=[number])
        purchases = [await make_purchase(client) for _ in range(TIMES // 2)]
        dropping = client.put(f"{API}/commitments/{made['id']}", json=ONE_TIME)
        wanted = {"attachmentIds": [number]}
        answers = await asyncio.gather(
            dropping,
            *(
                client.post(f"{API}/purchases/{purchase['id']}/commitment", json=ONE_TIME | wanted)
                for purchase in purchases
            ),
        )
        assert answers[0].status_code == 200
        assert set(statuses(answers[1:])) <= {200, 409}
        assert statuses(answers[1:])[200] <= 1
        assert await hangs(client, made["id"]) == []
        assert await contradictions(owner, company.tenant_id) == {}


async def test_a_file_becomes_one_attachment_however_it_is_made(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        file_id = await keep_file(company, client)
        purchases = [await make_purchase(client) for _ in range(TIMES // 2)]
        answers = await asyncio.gather(
            *(
                client.post(f"{API}/attachments", json={"fileId": file_id}, headers=key_of_its_own())
                for _ in range(TIMES // 2)
            ),
            *(
                client.post(
                    f"{API}/commitments",
                    json=ONE_TIME | {"purchaseId": purchase["id"], "attachmentIds": [file_id]},
                    headers=key_of_its_own(),
                )
                for purchase in purchases
            ),
        )
        made, committed = statuses(answers[: TIMES // 2]), statuses(answers[TIMES // 2 :])
        assert set(made) | set(committed) <= {201, 409}
        assert made[201] <= 1
        assert committed[201] == 1
        numbers = {answer.json()["id"] for answer in answers[: TIMES // 2]}
        numbers |= {
            number for answer in answers[TIMES // 2 :] if answer.is_success for number in answer.json()["attachmentIds"]
        }
        assert len(numbers) == 1
        assert await contradictions(owner, company.tenant_id) == {}


async def test_one_key_makes_one_attachment(client: httpx2.AsyncClient, company: Company) -> None:
    body = {"fileId": await keep_file(company, client)}
    answers = await asyncio.gather(
        *(client.post(f"{API}/attachments", json=body, headers={"Idempotency-Key": "once"}) for _ in range(TIMES))
    )
    assert statuses(answers) == {201: TIMES}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
