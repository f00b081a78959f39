"""U1 and "Attachments": one commitment has an attachment at a time; what it drops, or ends with, can be used again."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.attachments import attach, attach_some, hangs, keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.lives import Live
from tests.fixtures.problems import conflict, refused

TERMS = pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])


# One commitment at a time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["committed", "pending", "approved", "closed when committed", "closed when approved"])
async def test_what_hangs_on_a_live_commitment_is_not_for_another(
    live: Live, submitter: httpx2.AsyncClient, company: Company, stage: str
) -> None:
    file_id = await keep_file(company, submitter)
    life = await live(stage, ONE_TIME | {"attachmentIds": [file_id]})
    state = {"pending": "UnderReview", "approved": "Provisioned", "closed when approved": "Provisioned"}
    (number,) = await hangs(submitter, life.commitment_id)
    purchase = await make_purchase(submitter)
    free = await attach(company, submitter)
    for name in (number, file_id):
        body = ONE_TIME | {"attachmentIds": [free, name]}
        answer = await submitter.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
        problem = conflict(answer, state.get(stage, "Created"), "commitments", life.commitment_id)
        assert problem["code"] == "attachment.in_use"
    made = await make_commitment(submitter, purchase["id"], attachmentIds=[free])
    answer = await submitter.put(f"{API}/commitments/{made['id']}", json=ONE_TIME | {"attachmentIds": [number]})
    conflict(answer, state.get(stage, "Created"), "commitments", life.commitment_id)
    assert await hangs(submitter, made["id"]) == [free]
    refused(await submitter.post(f"{API}/attachments", json={"fileId": file_id}), 409, "attachment.exists")


@pytest.mark.parametrize(
    "stage", ["denied", "cancelled while pending", "cancelled when approved", "closed when denied"]
)
async def test_what_hangs_on_a_dead_commitment_can_be_used_again(
    live: Live, submitter: httpx2.AsyncClient, company: Company, stage: str
) -> None:
    ids = await attach_some(company, submitter, 2)
    life = await live(stage, ONE_TIME | {"attachmentIds": ids})
    shown = (await submitter.get(life.commitment)).json()["attachments"]
    reused = await make_commitment(submitter, (await make_purchase(submitter))["id"], attachmentIds=[ids[1]])
    assert reused["attachmentIds"] == [ids[1]]
    # The old one still shows what it was made of; what was taken now belongs to the new one.
    assert (await submitter.get(life.commitment)).json()["attachments"] == shown
    other = await make_purchase(submitter)
    body = ONE_TIME | {"attachmentIds": ids}
    answer = await submitter.post(f"{API}/purchases/{other['id']}/commitment", json=body)
    conflict(answer, "Created", "commitments", reused["id"])
    made = await make_commitment(submitter, other["id"], attachmentIds=[ids[0]])
    assert await hangs(submitter, made["id"]) == [ids[0]]


async def test_a_new_commitment_takes_over_what_the_denied_one_had(
    live: Live, submitter: httpx2.AsyncClient, company: Company
) -> None:
    ids = await attach_some(company, submitter, 3)
    life = await live("denied", ONE_TIME | {"attachmentIds": ids})
    made = await make_commitment(submitter, life.purchase_id, attachmentIds=list(reversed(ids)))
    assert await hangs(submitter, made["id"]) == list(reversed(ids))
    assert await hangs(submitter, life.commitment_id) == ids


@TERMS
async def test_a_put_says_all_that_hangs(client: httpx2.AsyncClient, company: Company, terms: dict[str, Any]) -> None:
    one, two, three = await attach_some(company, client, 3)
    file_id = await keep_file(company, client, "four.pdf")
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], terms, attachmentIds=[one, two])
    place = f"{API}/commitments/{made['id']}"
    for sent, kept in (
        ([two, three], [two, three]),
        ([three, two], [three, two]),
        ([], []),
        ([two], [two]),
        (None, []),
    ):
        answer = await client.put(place, json=terms | {"attachmentIds": sent})
        assert answer.status_code == 200, answer.text
        assert answer.json()["attachmentIds"] == kept
        assert await hangs(client, made["id"]) == kept
    answer = await client.put(place, json=terms | {"attachmentIds": [file_id]})
    (four,) = answer.json()["attachmentIds"]
    # Its file is the same thing by another name.
    assert (await client.put(place, json=terms | {"attachmentIds": [file_id]})).json()["attachmentIds"] == [four]
    absent = {name: value for name, value in terms.items() if name != "attachmentIds"}
    assert (await client.put(place, json=absent)).json()["attachmentIds"] == []


async def test_what_a_put_drops_can_be_used_again(client: httpx2.AsyncClient, company: Company) -> None:
    one, two = await attach_some(company, client, 2)
    made = await make_commitment(client, (await make_purchase(client))["id"], attachmentIds=[one, two])
    assert (await client.put(f"{API}/commitments/{made['id']}", json=ONE_TIME | {"attachmentIds": [two]})).is_success
    other = await make_commitment(client, (await make_purchase(client))["id"], attachmentIds=[one])
    assert await hangs(client, other["id"]) == [one]
    body = ONE_TIME | {"attachmentIds": [one, two]}
    conflict(await client.put(f"{API}/commitments/{made['id']}", json=body), "Created", "commitments", other["id"])


async def test_a_put_of_the_purchase_leaves_what_hangs(client: httpx2.AsyncClient, company: Company) -> None:
    ids = await attach_some(company, client, 2)
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], attachmentIds=ids)
    answer = await client.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"title": "Another"})
    assert answer.json()["commitment"]["attachments"] == made["attachments"]


async def test_the_state_of_the_purchase_comes_before_what_hangs(live: Live, submitter: httpx2.AsyncClient) -> None:
    life = await live("pending")
    body = ONE_TIME | {"attachmentIds": [2_000_000_000]}
    answer = await submitter.post(f"{life.purchase}/commitment", json=body)
    conflict(answer, "UnderReview", "commitments", life.commitment_id)
    conflict(await submitter.put(life.commitment, json=body), "UnderReview", "commitments", life.commitment_id)
