"""U1: how an uploaded file becomes an attachment, and who may read or use it."""

import uuid

import httpx2
import pytest

from tests.fixtures.attachments import attach, attach_some, hangs, keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults, refused

NOBODYS = str(uuid.UUID(int=0))
OWN = ("purchases:own", "view:own")


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
    colleagues = await keep_file(company, client)
    async with await company.caller(permissions=OWN) as caller:
        told = [
            faults(await caller.post(f"{API}/attachments", json={"fileId": file_id}))
            for file_id in (NOBODYS, theirs, colleagues)
        ]
    assert [set(errors) for errors in told] == [{"fileId"}] * 3
    assert [message.startswith("There is no file") for errors in told for message in errors["fileId"]] == [True] * 3


@pytest.mark.parametrize("value", [None, 5, "", "x", [], {}, True, "offer.pdf", f"{NOBODYS}0"])
async def test_u1_what_is_no_file_is_refused(client: httpx2.AsyncClient, value: object) -> None:
    assert set(faults(await client.post(f"{API}/attachments", json={"fileId": value}))) == {"fileId"}
    assert set(faults(await client.post(f"{API}/attachments", json={}))) == {"fileId"}


# Who may use a file -----------------------------------------------------------------------------------------------


async def test_only_what_the_caller_may_read_can_be_used(
    client: httpx2.AsyncClient, company: Company, rival: Company
) -> None:
    free, file_id = await attach(company, client), await keep_file(company, client)
    async with await rival.caller() as stranger, await company.caller(permissions=OWN) as caller:
        theirs = await keep_file(rival, stranger)
        purchase = await make_purchase(caller)
        for name in (free, file_id, theirs):
            body = ONE_TIME | {"attachmentIds": [name]}
            errors = faults(await caller.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))
            assert set(errors) == {"attachmentIds[0]"}
            assert errors["attachmentIds[0]"][0].startswith("There is no ")
        refused(await caller.get(f"{API}/attachments/{free}"), 404, "attachment.not_found")


@pytest.mark.parametrize("permission", ["purchases:all", "view:all"])
async def test_who_may_act_on_all_purchases_or_see_them_uses_what_another_key_uploaded(
    company: Company, rival: Company, permission: str
) -> None:
    async with (
        await company.caller(permissions=OWN, person=35) as uploader,
        await company.caller(permissions=("purchases:own", permission)) as colleague,
        await rival.caller(permissions=(permission,)) as stranger,
    ):
        file_id, other = await keep_file(company, uploader), await keep_file(company, uploader)
        assert set(faults(await stranger.post(f"{API}/attachments", json={"fileId": file_id}))) == {"fileId"}
        made = await colleague.post(f"{API}/attachments", json={"fileId": file_id})
        assert made.status_code == 201
        refused(await stranger.get(made.headers["Location"]), 404, "attachment.not_found")
        purchase = await make_purchase(colleague)
        taken = await make_commitment(colleague, purchase["id"], attachmentIds=[made.json()["id"], other])
    assert len(taken["attachmentIds"]) == 2


@pytest.mark.parametrize("permissions", [("view:own",), ("view:supervised",), ("approve",), ("manage", "configure")])
async def test_who_does_not_see_all_purchases_has_only_what_they_uploaded(
    client: httpx2.AsyncClient, company: Company, permissions: tuple[str, ...]
) -> None:
    file_id, free = await keep_file(company, client), await attach(company, client)
    async with await company.caller(permissions=permissions, person=36) as caller:
        assert set(faults(await caller.post(f"{API}/attachments", json={"fileId": file_id}))) == {"fileId"}
        refused(await caller.get(f"{API}/attachments/{free}"), 404, "attachment.not_found")


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
        assert (await viewer.get(f"{API}/attachments/{free}")).status_code == 200
        refused(await owner.get(f"{API}/attachments/{free}"), 404, "attachment.not_found")
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
