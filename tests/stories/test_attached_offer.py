"""An offer goes with the purchase: uploaded, attached, looked at, approved, found again at the order."""

import hashlib

import httpx2
import pytest

from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_purchase
from tests.fixtures.made_files import pdf, picture
from tests.fixtures.problems import conflict, refused


async def upload(caller: httpx2.AsyncClient, name: str, content: bytes) -> str:
    """Upload a file, and answer its id."""
    answer = await caller.post("/lucca-files/api/uploads", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    file_id: str = answer.json()["id"]
    return file_id


async def test_an_offer_is_uploaded_attached_looked_at_and_approved(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    offer, photo = pdf(2), picture("JPEG")
    attached = await submitter.post(
        f"{API}/attachments", json={"fileId": await upload(submitter, "Offer 2025.pdf", offer)}
    )
    assert attached.status_code == 201
    purchase = await make_purchase(submitter)
    ids = [attached.json()["id"], await upload(submitter, "photo.jpg", photo)]
    body = SUBSCRIPTION | {"attachmentIds": ids}
    committed = await submitter.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert committed.status_code == 200, committed.text
    assert committed.json()["attachments"][0] == attached.json()
    requested = await submitter.post(f"{API}/commitments/{committed.json()['id']}/requests")

    # The approver looks at what hangs there, and approves exactly that.
    shown = (await approver.get(f"{API}/requests/{requested.json()['id']}")).json()
    hung = shown["businessObject"]["attachments"]
    assert [one["file"]["name"] for one in hung] == ["Offer 2025.pdf", "photo.jpg"]
    for one, content in zip(hung, (offer, photo), strict=True):
        read = await approver.get(one["file"]["href"])
        assert hashlib.sha256(read.content).digest() == hashlib.sha256(content).digest()
        assert (await approver.get(one["file"]["displayHref"])).status_code == 200
        for number in range(1, one["pages"]["count"] + 1):
            page = one["pages"]["displayHrefTemplate"].replace("{pageNumber}", str(number))
            assert (await approver.get(page)).headers["Content-Type"] == "image/jpeg"
    assert hung[0]["pages"]["count"] == 2
    decision = {"contentHash": shown["contentHash"]}
    approved = await approver.post(f"{API}/requests/{shown['id']}/approvals", json=decision)
    assert approved.status_code == 201, approved.text

    order = (await submitter.get(approved.json()["order"]["href"])).json()
    assert order["commitment"]["attachments"] == hung


async def test_what_was_denied_goes_with_the_next_attempt(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    file_id = await upload(submitter, "offer.pdf", pdf())
    purchase = await make_purchase(submitter)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    first = (await submitter.post(place, json=ONE_TIME | {"attachmentIds": [file_id]})).json()
    other = await make_purchase(submitter)
    in_use = await submitter.post(
        f"{API}/purchases/{other['id']}/commitment", json=ONE_TIME | {"attachmentIds": [file_id]}
    )
    conflict(in_use, "Created", "commitments", first["id"])
    request = (await submitter.post(f"{API}/commitments/{first['id']}/requests")).json()
    assert (await approver.post(f"{API}/requests/{request['id']}/denials", json={"comment": "Ask again"})).is_success

    second = (await submitter.post(place, json=ONE_TIME | {"attachmentIds": first["attachmentIds"]})).json()
    assert second["attachments"] == first["attachments"]
    # What was denied still shows what it was about; and the bytes are there for both.
    old = (await submitter.get(f"{API}/commitments/{first['id']}")).json()
    assert (old["state"], old["attachments"]) == ("Denied", first["attachments"])
    assert (await approver.get(first["attachments"][0]["file"]["href"])).status_code == 200
    put = await submitter.put(f"{API}/commitments/{second['id']}", json=ONE_TIME)
    assert put.json()["attachmentIds"] == []
    assert (
        await submitter.post(f"{API}/purchases/{other['id']}/commitment", json=ONE_TIME | {"attachmentIds": [file_id]})
    ).is_success


@pytest.mark.parametrize("path", ["", "/display", "/display/pages/1"])
async def test_nobody_else_reads_what_was_uploaded(
    submitter: httpx2.AsyncClient, client: httpx2.AsyncClient, path: str
) -> None:
    file_id = await upload(submitter, "offer.pdf", pdf())
    place = f"{API}/files/{file_id}{path}"
    assert (await submitter.get(place)).status_code == 200
    refused(await client.get(place), 404, "file.not_found")
    purchase = await make_purchase(submitter)
    body = ONE_TIME | {"attachmentIds": [file_id]}
    assert (await submitter.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)).is_success
    assert (await client.get(place)).status_code == 200
