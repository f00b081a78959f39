"""Different calls for one purchase at the same time: whoever comes first, what is left agrees with itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count

import httpx2
import pytest
import pytest_asyncio

from emplette.storage import policies
from emplette.storage.database import Database
from tests.fixtures.behind import contradictions, states
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase, make_request

ROUNDS = 6
EACH = 8
DRAFT = {"name": "Corner shop", "territoryId": "FR"}
TWO_STEPS = """INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
VALUES ($1, 2, 'steps', '{"steps": [{"name": "Head", "anyOf": [36]}, {"name": "Finance", "anyOf": [37]}]}', now())"""

_KEYS = "SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1"
_NUMBERS = count(1)


def key_of_its_own() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{next(_NUMBERS)}"}


@pytest_asyncio.fixture
async def second(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("view:own", "approve"), person=37) as caller:
        yield caller


async def test_a_commitment_is_either_asked_about_or_said_anew_or_closed_away(
    submitter: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        purchase = await make_purchase(submitter)
        made = await make_commitment(submitter, purchase["id"])
        place = f"{API}/commitments/{made['id']}"
        answers = await asyncio.gather(
            *(submitter.post(f"{place}/requests") for _ in range(EACH)),
            *(submitter.put(place, json=ONE_TIME | {"comment": f"Anew {number}"}) for number in range(EACH)),
            *(submitter.post(f"{API}/purchases/{purchase['id']}/closing") for _ in range(EACH)),
        )
        asked, said, closed = (
            Counter(answer.status_code for answer in answers[start : start + EACH]) for start in (0, EACH, 2 * EACH)
        )
        assert set(asked) | set(closed) <= {201, 409}
        assert set(said) <= {200, 409}
        assert asked[201] + closed[201] == 1
        end = await states(owner, company.tenant_id, purchase["id"])
        assert end[:3] == (("Processing", "UnderReview", "Pending") if asked[201] else ("Closed", "Created", None))
        assert await contradictions(owner, company.tenant_id) == {}


async def test_a_request_is_approved_denied_or_taken_back_and_only_one_of_these_comes_first(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        made = await make_request(submitter)
        request, purchase = f"{API}/requests/{made['id']}", f"{API}/purchases/{made['purchase']['id']}"
        keys_before = await owner.fetchval(_KEYS, company.tenant_id)
        no = {"comment": "No"}
        answers = await asyncio.gather(
            *(approver.post(f"{request}/approvals", headers=key_of_its_own()) for _ in range(EACH)),
            *(approver.post(f"{request}/denials", json=no, headers=key_of_its_own()) for _ in range(EACH)),
            *(submitter.post(f"{request}/cancellations", json=no, headers=key_of_its_own()) for _ in range(EACH)),
            *(submitter.post(f"{purchase}/closing", headers=key_of_its_own()) for _ in range(EACH)),
        )
        approved, denied, cancelled, closed = (
            Counter(answer.status_code for answer in answers[start : start + EACH])
            for start in range(0, 4 * EACH, EACH)
        )
        assert set(approved) | set(denied) | set(cancelled) | set(closed) <= {201, 409}
        assert approved[201] + denied[201] <= 1
        assert cancelled[201] <= 1
        assert closed[201] <= 1
        assert not (denied[201] and cancelled[201])
        end = await states(owner, company.tenant_id, made["purchase"]["id"])
        assert (end[3] is not None) is bool(approved[201])
        assert (end[0] == "Closed") is bool(closed[201])
        assert (end[2] == "Cancelled") is bool(cancelled[201])
        effects = approved[201] + denied[201] + cancelled[201] + closed[201]
        assert await owner.fetchval(_KEYS, company.tenant_id) == keys_before + effects
        assert (await submitter.get(purchase)).headers["ETag"] == f'"{made["purchase"]["id"]}.{3 + effects}"'
        assert await contradictions(owner, company.tenant_id) == {}


async def test_an_order_is_cancelled_or_closed_and_not_both(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        made = await make_request(client)
        request, purchase = f"{API}/requests/{made['id']}", f"{API}/purchases/{made['purchase']['id']}"
        answers = await asyncio.gather(
            *(client.post(f"{request}/cancellations") for _ in range(EACH)),
            *(client.post(f"{purchase}/closing") for _ in range(EACH)),
        )
        cancelled, closed = (
            Counter(answer.status_code for answer in some) for some in (answers[:EACH], answers[EACH:])
        )
        assert set(cancelled) | set(closed) <= {201, 409}
        end = await states(owner, company.tenant_id, made["purchase"]["id"])
        # What is cancelled may be closed after; what is closed is never cancelled after.
        assert end[3] == ("Cancelled" if cancelled[201] else "Closed")
        assert cancelled[201] + closed[201] in {1, 2}
        assert await contradictions(owner, company.tenant_id) == {}


async def test_what_is_to_be_approved_changes_before_the_approval_or_not_at_all(
    client: httpx2.AsyncClient,
    submitter: httpx2.AsyncClient,
    approver: httpx2.AsyncClient,
    company: Company,
    owner: OwnerConnection,
) -> None:
    for _ in range(ROUNDS):
        made = await make_request(submitter, supplier=DRAFT)
        shown = made["contentHash"]
        place = f"{API}/purchases/{made['purchase']['id']}/supplier"
        *approvals, listed = await asyncio.gather(
            *(
                approver.post(f"{API}/requests/{made['id']}/approvals", json={"contentHash": shown})
                for _ in range(EACH)
            ),
            client.put(place, json={"id": 6}),
        )
        assert listed.status_code == 200
        told = Counter(answer.json().get("code", "done") for answer in approvals)
        end = (await approver.get(f"{API}/requests/{made['id']}")).json()
        if told["done"]:
            assert told == {"done": 1, "request.decided": EACH - 1}
            assert [decision["contentHash"] for decision in end["decisions"]] == [shown]
        else:
            assert told == {"approval.content_changed": EACH}
            assert end["state"] == "Pending"
            assert end["contentHash"] != shown
        assert await contradictions(owner, company.tenant_id) == {}


@pytest.mark.parametrize("once", range(3))
async def test_two_approvers_of_different_steps_at_once_keep_the_order_of_the_steps(
    submitter: httpx2.AsyncClient,
    approver: httpx2.AsyncClient,
    second: httpx2.AsyncClient,
    company: Company,
    owner: OwnerConnection,
    once: int,
) -> None:
    del once
    await owner.execute(TWO_STEPS, company.tenant_id)
    made = await make_request(submitter)
    place = f"{API}/requests/{made['id']}/approvals"
    answers = await asyncio.gather(*(caller.post(place) for caller in (second, approver) for _ in range(EACH)))
    by_second, by_head = answers[:EACH], answers[EACH:]
    assert Counter(answer.status_code for answer in by_head)[201] == 1
    assert {answer.status_code for answer in by_second} <= {201, 403, 409}
    if not any(answer.is_success for answer in by_second):
        assert (await second.post(place)).status_code == 201
    end = (await submitter.get(f"{API}/requests/{made['id']}")).json()
    assert end["state"] == "Approved"
    assert [(decision["stepId"], decision["by"]["id"]) for decision in end["decisions"]] == [(1, 36), (2, 37)]
    assert await contradictions(owner, company.tenant_id) == {}


async def test_a_purchase_is_revised_before_it_is_asked_about_or_refused_after(
    submitter: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    for _ in range(ROUNDS):
        purchase = await make_purchase(submitter)
        made = await make_commitment(submitter, purchase["id"])
        body = {"title": "Anew", "ownerId": 35, "natureId": 3, "costCenterId": 3, "supplier": {"id": 6}}
        requested, *revised = await asyncio.gather(
            submitter.post(f"{API}/commitments/{made['id']}/requests"),
            *(submitter.put(f"{API}/purchases/{purchase['id']}", json=body) for _ in range(EACH)),
        )
        assert requested.status_code == 201
        assert {answer.status_code for answer in revised} <= {200, 409}
        shown = (await submitter.get(f"{API}/requests/{requested.json()['id']}")).json()
        assert shown["contentHash"] == requested.json()["contentHash"]
        assert await contradictions(owner, company.tenant_id) == {}


async def test_policies_that_are_loaded_at_once_each_get_a_version_of_their_own(
    database: Database, company: Company, owner: OwnerConnection
) -> None:
    document = {"steps": [{"name": "Head", "anyOf": [36]}]}
    now = datetime(2025, 4, 14, 12, tzinfo=UTC)

    async def load(number: int) -> int:
        source = f"policy {number}"
        return await policies.load(
            database.session(), company.tenant_id, source=source, document=document, actor=36, now=now
        )

    assert sorted(await asyncio.gather(*map(load, range(EACH)))) == list(range(2, EACH + 2))
    assert await load(EACH) == EACH + 2
    assert await contradictions(owner, company.tenant_id) == {}
