"""C6, C7, U1: what hangs on both kinds of commitment, by which name, and where it is shown."""

import uuid
from typing import Any

import httpx2
import pytest

from tests.fixtures.attachments import attach, attach_some, hangs, keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.problems import faults, refused

TERMS = pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
NOBODYS = str(uuid.UUID(int=0))


# C6, C7: on both kinds of commitment ---------------------------------------------------------------------------


@TERMS
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("place", ["commitments", "purchases"])
async def test_c6_c7_one_to_three_hang_on_both_kinds_by_both_paths(
    client: httpx2.AsyncClient, company: Company, terms: dict[str, Any], count: int, place: str
) -> None:
    ids = list(reversed(await attach_some(company, client, count)))
    purchase = await make_purchase(client)
    body = terms | {"attachmentIds": ids}
    if place == "commitments":
        answer = await client.post(f"{API}/commitments", json=body | {"purchaseId": purchase["id"]})
    else:
        answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert answer.is_success, answer.text
    made = answer.json()
    assert made["attachmentIds"] == ids
    assert [attachment["id"] for attachment in made["attachments"]] == ids
    assert made["items"][0]["attachmentIds"] == ids
    for attachment in made["attachments"]:
        assert (await client.get(f"{API}/attachments/{attachment['id']}")).json() == attachment


@TERMS
async def test_u1_a_file_is_attached_on_the_way(
    client: httpx2.AsyncClient, company: Company, terms: dict[str, Any]
) -> None:
    by_number = await attach(company, client, "number.pdf")
    first, last = await keep_file(company, client, "first.pdf"), await keep_file(company, client, "last.pdf")
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], terms, attachmentIds=[first, by_number, last.upper()])
    assert [attachment["file"]["name"] for attachment in made["attachments"]] == ["first.pdf", "number.pdf", "last.pdf"]
    assert [attachment["file"]["id"] for attachment in made["attachments"]][::2] == [first, last]
    assert made["attachmentIds"][1] == by_number
    assert made["attachments"] == [
        (await client.get(f"{API}/attachments/{number}")).json() for number in made["attachmentIds"]
    ]


async def test_u1_a_file_that_is_an_attachment_goes_by_both_names(client: httpx2.AsyncClient, company: Company) -> None:
    file_id = await keep_file(company, client)
    number = (await client.post(f"{API}/attachments", json={"fileId": file_id})).json()["id"]
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], attachmentIds=[file_id])
    assert made["attachmentIds"] == [number]


async def test_c7_attachments_are_shown_wherever_the_commitment_is(
    client: httpx2.AsyncClient, company: Company
) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], attachmentIds=await attach_some(company, client, 2))
    await make_commitment(client, (await make_purchase(client))["id"])
    request = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()
    shown = [
        request["businessObject"],
        (await client.get(f"{API}/commitments/{made['id']}")).json(),
        (await client.get(f"{API}/purchases/{purchase['id']}")).json()["commitment"],
        (await client.get(f"{API}/purchases")).json()["items"][0]["commitment"],
        (await client.get(f"{API}/requests/{request['id']}")).json()["businessObject"],
        (await client.get(f"{API}/requests")).json()["items"][0]["businessObject"],
        (await client.get(f"{API}/orders/{request['order']['id']}")).json()["commitment"],
        (await client.get(f"{API}/orders")).json()["items"][0]["commitment"],
    ]
    for commitment in shown:
        assert commitment["attachmentIds"] == made["attachmentIds"]
        assert commitment["attachments"] == made["attachments"]
    without = (await client.get(f"{API}/purchases")).json()["items"][1]["commitment"]
    assert without["attachmentIds"] == []
    assert "attachments" not in without


async def test_what_is_missing_is_named_by_its_place(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    there = await attach(company, client)
    body = ONE_TIME | {"attachmentIds": [there, 2_000_000_000, NOBODYS]}
    errors = faults(await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))
    assert set(errors) == {"attachmentIds[1]", "attachmentIds[2]"}
    made = await make_commitment(client, purchase["id"], attachmentIds=[there])
    assert set(faults(await client.put(f"{API}/commitments/{made['id']}", json=body))) == set(errors)
    assert await hangs(client, made["id"]) == [there]


async def test_what_is_missing_is_named_with_every_other_fault(client: httpx2.AsyncClient) -> None:
    amount = {
        "excludingTaxes": {"value": 1, "currency": "EUR"},
        "taxes": [{"rateTypeId": 999_999, "value": 1, "currency": "EUR"}],
    }
    body = ONE_TIME | {"attachmentIds": [7, NOBODYS], "amountIncludingTaxes": amount}
    purchase = await make_purchase(client)
    missing = {"attachmentIds[0]", "attachmentIds[1]", "amountIncludingTaxes.taxes[0].rateTypeId"}
    place = f"{API}/purchases/{purchase['id']}/commitment"
    assert set(faults(await client.post(place, json=body))) == missing
    assert set(faults(await client.post(place, json=body | {"comment": 5}))) == missing | {"comment"}
    nowhere = body | {"purchaseId": 2_000_000_000}
    assert set(faults(await client.post(f"{API}/commitments", json=nowhere))) == {
        "attachmentIds[0]",
        "attachmentIds[1]",
        "purchaseId",
    }
    made = await make_commitment(client, purchase["id"])
    errors = faults(await client.put(f"{API}/commitments/{made['id']}", json=body | {"comment": 5}))
    assert set(errors) == missing | {"comment"}


@pytest.mark.parametrize(
    ("ids", "field"),
    [
        ([1, 2, 3, 4], "attachmentIds"),
        ([0], "attachmentIds[0]"),
        ([-1], "attachmentIds[0]"),
        ([2**31], "attachmentIds[0]"),
        ([1.5], "attachmentIds[0]"),
        ([None], "attachmentIds[0]"),
        ([True], "attachmentIds[0]"),
        (["1"], "attachmentIds[0]"),
        (["a.pdf"], "attachmentIds[0]"),
        ([[1]], "attachmentIds[0]"),
        ([{"id": 1}], "attachmentIds[0]"),
        (7, "attachmentIds"),
        ("7", "attachmentIds"),
        ({"0": 7}, "attachmentIds"),
    ],
)
@TERMS
async def test_what_names_no_attachment_is_refused(
    client: httpx2.AsyncClient, terms: dict[str, Any], ids: object, field: str
) -> None:
    purchase = await make_purchase(client)
    body = terms | {"attachmentIds": ids}
    assert set(faults(await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))) == {field}


async def test_a_file_named_twice_is_refused_at_its_second_place(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    file_id = await keep_file(company, client)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    errors = faults(await client.post(place, json=ONE_TIME | {"attachmentIds": [file_id, file_id]}))
    assert set(errors) == {"attachmentIds[1]"}
    number = (await client.post(f"{API}/attachments", json={"fileId": file_id})).json()["id"]
    for ids in ([number, number], [number, file_id], [file_id, number]):
        assert set(faults(await client.post(place, json=ONE_TIME | {"attachmentIds": ids}))) == {"attachmentIds[1]"}


async def test_c6_a_subscription_takes_what_its_schema_says_as_well(
    client: httpx2.AsyncClient, company: Company
) -> None:
    one, two = await attach_some(company, client, 2)
    told = (await client.get(f"{API}/attachments/{two}")).json()
    body = {name: value for name, value in SUBSCRIPTION.items() if name != "attachmentIds"}
    place = f"{API}/commitments"
    made = await make_commitment(client, (await make_purchase(client))["id"], body, attachments=[{"id": one}, told])
    assert made["attachmentIds"] == [one, two]
    put = await client.put(f"{place}/{made['id']}", json=body | {"attachments": [told], "attachmentIds": None})
    assert put.json()["attachmentIds"] == [two]
    # What counts is the one that the examples have; beside it the other is not looked at.
    put = await client.put(f"{place}/{made['id']}", json=SUBSCRIPTION | {"attachments": [{"id": "x"}, told]})
    assert put.json()["attachmentIds"] == []
    bad = body | {"purchaseId": (await make_purchase(client))["id"]}
    wrong = bad | {"attachments": [{"id": one}, {"id": 2_000_000_000}]}
    assert set(faults(await client.post(place, json=wrong))) == {"attachments[1].id"}
    assert set(faults(await client.post(place, json=wrong | {"comment": 5}))) == {"attachments[1].id", "comment"}
    for item, field in (({"id": "x"}, "attachments[0].id"), ({}, "attachments[0].id"), (5, "attachments[0]")):
        assert set(faults(await client.post(place, json=bad | {"attachments": [item]}))) == {field}


async def test_c9_a_one_time_commitment_has_them_read_only(client: httpx2.AsyncClient, company: Company) -> None:
    body = {name: value for name, value in ONE_TIME.items() if name != "attachmentIds"}
    sent = [{"id": await attach(company, client)}, "x"]
    made = await make_commitment(client, (await make_purchase(client))["id"], body, attachments=sent)
    assert made["attachmentIds"] == []


# What is approved ---------------------------------------------------------------------------------------------------


async def test_what_hangs_is_part_of_what_is_approved(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    hashes = set()
    contents = ["same", "same", "other"]
    for name, content in zip(["offer.pdf", "other.pdf", "offer.pdf"], contents, strict=True):
        file_id = await keep_file(company, submitter, name, content=content)
        purchase = await make_purchase(submitter)
        made = await make_commitment(submitter, purchase["id"], attachmentIds=[file_id])
        request = (await submitter.post(f"{API}/commitments/{made['id']}/requests")).json()
        shown = (await approver.get(f"{API}/requests/{request['id']}")).json()
        assert shown["businessObject"]["attachments"] == made["attachments"]
        problem = refused(
            await approver.post(f"{API}/requests/{request['id']}/approvals", json={"contentHash": "v1:0"}), 409
        )
        (told,) = problem["content"]["attachments"]
        assert (told["id"], told["name"]) == (made["attachmentIds"][0], name)
        assert len(told["sha256"]) == 64
        hashes.add((shown["contentHash"], told["sha256"]))
        answer = await approver.post(
            f"{API}/requests/{request['id']}/approvals", json={"contentHash": shown["contentHash"]}
        )
        assert answer.status_code == 201
    assert len({digest for _, digest in hashes}) == 2
    assert len({content_hash for content_hash, _ in hashes}) == 3


# Repeats -----------------------------------------------------------------------------------------------------------


@TERMS
async def test_a_repeat_shows_what_hung_then(
    client: httpx2.AsyncClient, company: Company, terms: dict[str, Any]
) -> None:
    number, file_id = await attach(company, client), await keep_file(company, client, "second.pdf")
    purchase = await make_purchase(client)
    headers = {"Idempotency-Key": "once"}
    body = terms | {"attachmentIds": [number, file_id], "purchaseId": purchase["id"]}
    first = await client.post(f"{API}/commitments", json=body, headers=headers)
    assert (await client.put(f"{API}/commitments/{first.json()['id']}", json=terms)).json()["attachmentIds"] == []
    again = await client.post(f"{API}/commitments", json=body, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    for other in ([file_id, number], [number], [], first.json()["attachmentIds"]):
        answer = await client.post(f"{API}/commitments", json=body | {"attachmentIds": other}, headers=headers)
        refused(answer, 422, "idempotency.reused")


async def test_a_request_is_repeated_with_what_hangs(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], attachmentIds=await attach_some(company, client, 2))
    place, headers = f"{API}/commitments/{made['id']}/requests", {"Idempotency-Key": "once"}
    first = await client.post(place, headers=headers)
    assert first.json()["businessObject"]["attachments"] == made["attachments"]
    assert (await client.post(place, headers=headers)).json() == first.json()


async def test_a_request_of_another_purchase_shows_nothing_of_it(client: httpx2.AsyncClient, company: Company) -> None:
    await make_commitment(client, (await make_purchase(client))["id"], attachmentIds=[await attach(company, client)])
    assert (await make_request(client))["businessObject"]["attachmentIds"] == []
