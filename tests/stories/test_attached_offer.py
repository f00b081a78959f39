"""An offer goes with the purchase: uploaded, attached, looked at, approved, found again at the order."""

import io
from uuid import UUID

import pytest

from emplette.client import AsyncEmplette, Conflict, NotFound
from emplette.client.models import Commitment
from tests.fixtures.companies import Company
from tests.fixtures.made_files import pdf, picture
from tests.stories.buying import DAY, KEYBOARD, PRICE


async def upload(client: AsyncEmplette, name: str, content: bytes) -> UUID:
    """Upload a file, and answer its id."""
    return (await client.files.upload(io.BytesIO(content), name=name)).id


async def commit_with(client: AsyncEmplette, purchase_id: int, *attached: int | UUID) -> Commitment:
    """Say what a purchase will cost, with what hangs on that."""
    return await client.purchases.commit(
        purchase_id, type="OneTimeCommitment", cost_date=DAY, amount_including_taxes=PRICE, attachment_ids=attached
    )


async def test_an_offer_is_uploaded_attached_looked_at_and_approved(asker: AsyncEmplette, alma: AsyncEmplette) -> None:
    offer, photo = pdf(2), picture("JPEG")
    attached = await asker.attachments.create(file_id=await upload(asker, "Offer 2025.pdf", offer))
    purchase = await asker.purchases.create(**KEYBOARD)
    commitment = await asker.purchases.commit(
        purchase.id,
        type="SubscriptionCommitment",
        start_date=DAY,
        invoicing_frequency={"value": 1, "unit": "Month"},
        subscription_duration={"value": 12, "unit": "Month"},
        amount_including_taxes_per_period=PRICE,
        attachment_ids=[attached.id, await upload(asker, "photo.jpg", photo)],
    )
    assert commitment.attachments is not None
    assert commitment.attachments[0] == attached
    request = await asker.requests.create(commitment.id)

    # The approver looks at what hangs there, and approves exactly that.
    shown = await alma.requests.get(request.id)
    hung = shown.business_object.attachments
    assert hung is not None
    assert [one.file.name for one in hung] == ["Offer 2025.pdf", "photo.jpg"]
    for one, content in zip(hung, (offer, photo), strict=True):
        assert await alma.files.get(one.file.id) == content
        assert await alma.files.display(one.file.id) == content
        for number in range(1, one.pages.count + 1):
            assert (await alma.files.page(one.file.id, number)).startswith(b"\xff\xd8")
    assert hung[0].pages.count == 2
    approved = await alma.requests.approve(shown.id, content_hash=shown.content_hash)
    assert approved.order is not None
    order = await asker.orders.get(approved.order.id)
    assert order.commitment.attachments == hung


async def test_what_was_denied_goes_with_the_next_attempt(asker: AsyncEmplette, alma: AsyncEmplette) -> None:
    file_id = await upload(asker, "offer.pdf", pdf())
    purchase, other = [await asker.purchases.create(**KEYBOARD) for _ in range(2)]
    first = await commit_with(asker, purchase.id, file_id)
    with pytest.raises(Conflict) as in_use:
        await commit_with(asker, other.id, file_id)
    assert (in_use.value.state, in_use.value.id) == ("Created", first.id)
    request = await asker.requests.create(first.id)
    await alma.requests.deny(request.id, comment="Ask again")

    second = await commit_with(asker, purchase.id, *first.attachment_ids)
    assert first.attachments is not None
    assert second.attachments == first.attachments
    # What was denied still shows what it was about; and the bytes are there for both.
    old = await asker.commitments.get(first.id)
    assert (old.state, old.attachments) == ("Denied", first.attachments)
    assert await alma.files.get(first.attachments[0].file.id)
    changed = await asker.commitments.update(
        second.id, type="OneTimeCommitment", cost_date=DAY, amount_including_taxes=PRICE
    )
    assert changed.attachment_ids == []
    assert (await commit_with(asker, other.id, file_id)).attachments


@pytest.mark.parametrize("look", ["get", "display", "page"])
async def test_who_is_asked_to_approve_reads_the_offer_and_not_before(
    company: Company, asker: AsyncEmplette, look: str
) -> None:
    async def looked_at(client: AsyncEmplette) -> bytes:
        if look == "page":
            return await client.files.page(file_id, 1)
        return await (client.files.get(file_id) if look == "get" else client.files.display(file_id))

    file_id = await upload(asker, "offer.pdf", pdf())
    assert await looked_at(asker)
    async with await company.emplette(permissions=("view:own", "approve"), person=36) as approver:
        purchase = await asker.purchases.create(**KEYBOARD)
        commitment = await commit_with(asker, purchase.id, file_id)
        with pytest.raises(NotFound) as refused:
            await looked_at(approver)
        assert refused.value.code == "file.not_found"
        await asker.requests.create(commitment.id)
        assert await looked_at(approver)
