"""C6, C7, U1 and "Attachments": what hangs on a commitment, by which name, for how long, and who may use it."""

import uuid
from typing import Any

import httpx2
import pytest

from tests.fixtures.attachments import attach, attach_some, hangs, keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.lives import Live
from tests.fixtures.problems import conflict, faults, refused

TERMS = pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
NOBODYS = str(uuid.UUID(int=0))


# U1: from a file to a number ----------------------------------------------------------------------------------


async def test_u1_a_file_becomes_an_attachment_with_a_number(client: httpx2.AsyncClient, company: Company) -> None:
    file_id = await keep_file(company, client, "Offer (final).pdf")
    answer = await client.post(f"{API}/attachments", json={"fileId": file_id})
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"id", "file", "createdAt", "pages"}
    place = f"/cleemy-procurement/api/files/{file_id}"
    assert made["file"] == {
        "id": file_id,
        "href": place,
        "name": "Offer (final).pdf",
        "displayHref": f"{place}/display",
    }
    assert made["pages"] == {"displayHrefTemplate": f"{place}/display/pages/{{pageNumber}}", "count": 2}
    assert answer.headers["Location"] == f"/cleemy-procurement/api/attachments/{made['id']}"
    assert (await client.get(answer.headers["Location"])).json() == made


async def test_u1_a_file_without_pages_has_none(client: httpx2.AsyncClient, company: Company) -> None:
    file_id = await keep_file(company, client, "table.csv", pages=None)
    made = (await client.post(f"{API}/attachments", json={"fileId": file_id})).json()
    assert made["pages"]["count"] == 0


async def test_u1_a_file_is_an_attachment_once(client: httpx2.AsyncClient, company: Company) -> None:
    file_id = await keep_file(company, client)
    made = (await client.post(f"{API}/attachments", json={"fileId": file_id})).json()
    problem = refused(await client.post(f"{API}/attachments", json={"fileId": file_id}), 409, "attachment.exists")
    assert (problem["id"], problem["href"]) == (made["id"], f"/cleemy-procurement/api/attachments/{made['id']}")


async def test_u1_the_same_bytes_uploaded_twice_are_two_files(client: httpx2.AsyncClient, company: Company) -> None:
    ids = {
        (await client.post(f"{API}/attachments", json={"fileId": file_id})).json()["id"]
        for file_id in [await keep_file(company, client, content="same") for _ in range(2)]
    }
    assert len(ids) == 2


@pytest.mark.parametrize("permissions", [("view:own",), ("pay",), ("configure",), ("approve",)])
async def test_u1_any_key_may_make_an_attachment(company: Company, permissions: tuple[str, ...]) -> None:
    async with await company.caller(permissions=permissions) as caller:
        assert await attach(company, caller)


async def test_u1_a_repeat_finds_the_attachment_that_was_made(client: httpx2.AsyncClient, company: Company) -> None:
    body, headers = {"fileId": await keep_file(company, client)}, {"Idempotency-Key": "once"}
    first = await client.post(f"{API}/attachments", json=body, headers=headers)
    purchase = await make_purchase(client)
    await make_commitment(client, purchase["id"], attachmentIds=[first.json()["id"]])
    again = await client.post(f"{API}/attachments", json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = {"fileId": await keep_file(company, client)}
    refused(await client.post(f"{API}/attachments", json=other, headers=headers), 422, "idempotency.reused")
    assert (await client.post(f"{API}/attachments", json=other, headers={"Idempotency-Key": "new"})).status_code == 201


async def test_u1_a_refusal_keeps_no_key(client: httpx2.AsyncClient, company: Company) -> None:
    headers = {"Idempotency-Key": "once"}
    assert faults(await client.post(f"{API}/attachments", json={"fileId": NOBODYS}, headers=headers))
    body = {"fileId": await keep_file(company, client)}
    assert (await client.post(f"{API}/attachments", json=body, headers=headers)).status_code == 201


async def test_u1_nothing_that_is_created_has_a_version(client: httpx2.AsyncClient, company: Company) -> None:
    body = {"fileId": await keep_file(company, client)}
    refused(await client.post(f"{API}/attachments", json=body, headers={"If-Match": '"1.1"'}), 412, "version.stale")


async def test_u1_what_is_not_there_is_named(client: httpx2.AsyncClient, company: Company, rival: Company) -> None:
    async with await rival.caller() as stranger:
        theirs = await keep_file(rival, stranger)
    async with await company.caller() as colleague:
        colleagues = await keep_file(company, colleague)
    told = [
        faults(await client.post(f"{API}/attachments", json={"fileId": file_id}))
        for file_id in (NOBODYS, theirs, colleagues)
    ]
    assert [set(errors) for errors in told] == [{"fileId"}] * 3
    assert [message.startswith("There is no file") for errors in told for message in errors["fileId"]] == [True] * 3


@pytest.mark.parametrize("value", [None, 5, "", "x", [], {}, True, "offer.pdf", f"{NOBODYS}0"])
async def test_u1_what_is_no_file_is_refused(client: httpx2.AsyncClient, value: object) -> None:
    assert set(faults(await client.post(f"{API}/attachments", json={"fileId": value}))) == {"fileId"}
    assert set(faults(await client.post(f"{API}/attachments", json={}))) == {"fileId"}


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


# Who may use a file -----------------------------------------------------------------------------------------------


async def test_only_what_the_caller_may_read_can_be_used(
    client: httpx2.AsyncClient, company: Company, rival: Company
) -> None:
    async with await company.caller() as colleague, await rival.caller() as stranger:
        free = await attach(company, colleague)
        file_id = await keep_file(company, colleague)
        theirs = await keep_file(rival, stranger)
    purchase = await make_purchase(client)
    for name in (free, file_id, theirs):
        body = ONE_TIME | {"attachmentIds": [name]}
        errors = faults(await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))
        assert set(errors) == {"attachmentIds[0]"}
        assert errors["attachmentIds[0]"][0].startswith("There is no ")
    refused(await client.get(f"{API}/attachments/{free}"), 404, "attachment.not_found")


async def test_whoever_sees_what_it_hangs_on_may_read_it(company: Company, submitter: httpx2.AsyncClient) -> None:
    free, hung = await attach_some(company, submitter, 2)
    purchase = await make_purchase(submitter, ownerId=37)
    made = await make_commitment(submitter, purchase["id"], attachmentIds=[hung])
    own = ("purchases:own", "view:own", "approve")
    async with (
        await company.caller(permissions=("view:all",)) as viewer,
        await company.caller(permissions=own, person=37) as owner,
        await company.caller(permissions=own, person=36) as approver,
        await company.caller(permissions=own, person=39) as other,
    ):
        for caller in (viewer, owner):
            assert (await caller.get(f"{API}/attachments/{hung}")).status_code == 200
            refused(await caller.get(f"{API}/attachments/{free}"), 404, "attachment.not_found")
        refused(await approver.get(f"{API}/attachments/{hung}"), 404, "attachment.not_found")
        await submitter.post(f"{API}/commitments/{made['id']}/requests")
        assert (await approver.get(f"{API}/attachments/{hung}")).status_code == 200
        refused(await other.get(f"{API}/attachments/{hung}"), 404, "attachment.not_found")


async def test_one_person_may_use_with_one_key_what_they_uploaded_with_another(company: Company) -> None:
    own = ("purchases:own", "view:own")
    async with (
        await company.caller(permissions=own, person=35) as first,
        await company.caller(permissions=own, person=35) as second,
        await company.caller(permissions=own, person=37) as other,
    ):
        file_id = await keep_file(company, first)
        purchase = await make_purchase(second)
        assert faults(await other.post(f"{API}/attachments", json={"fileId": file_id}))
        made = await make_commitment(second, purchase["id"], attachmentIds=[file_id])
        assert len(made["attachmentIds"]) == 1


async def test_whoever_sees_the_commitment_that_had_it_may_read_it_still(
    live: Live, submitter: httpx2.AsyncClient, company: Company
) -> None:
    (number,) = await attach_some(company, submitter, 1)
    life = await live("denied", ONE_TIME | {"attachmentIds": [number]}, ownerId=37)
    await make_commitment(submitter, (await make_purchase(submitter))["id"], attachmentIds=[number])
    assert await hangs(submitter, life.commitment_id) == [number]
    async with await company.caller(permissions=("view:own",), person=37) as owner:
        assert (await owner.get(f"{API}/attachments/{number}")).status_code == 200
    async with await company.caller(permissions=("view:own",), person=39) as other:
        refused(await other.get(f"{API}/attachments/{number}"), 404, "attachment.not_found")


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
