"""Nobody approves what they wrote, in whatever order things were written."""

import pytest
import pytest_asyncio

from emplette.client import AsyncEmplette, BadRequest, Forbidden, NotFound
from emplette.client.models import PurchaseInput
from tests.fixtures.companies import Company
from tests.fixtures.policies import put_in_force
from tests.stories.buying import DAY, DRAFT, KEYBOARD, PRICE, ask, commit

RENAMED: PurchaseInput = {**KEYBOARD, "title": "Mine now"}


@pytest_asyncio.fixture
async def two_may(company: Company) -> None:
    """Let the policy ask a second person as well, so that the first can be passed over."""
    await put_in_force(company, "steps: [{name: Head, any: [36, 37]}]")


async def _may_not_approve(alma: AsyncEmplette, request_id: int) -> None:
    with pytest.raises(Forbidden) as refused:
        await alma.requests.approve(request_id)
    assert refused.value.code == "approval.own_request"


@pytest.mark.usefixtures("two_may")
async def test_who_changed_a_purchase_before_its_commitment_may_not_approve_it(
    asker: AsyncEmplette, alma: AsyncEmplette
) -> None:
    purchase = await asker.purchases.create(**KEYBOARD)
    await alma.purchases.update(purchase.id, **RENAMED)
    request = await asker.requests.create((await commit(asker, purchase)).id)
    await _may_not_approve(alma, request.id)


@pytest.mark.usefixtures("two_may")
async def test_who_changed_a_purchase_before_somebody_changed_its_commitment_may_not_approve_it(
    asker: AsyncEmplette, alma: AsyncEmplette
) -> None:
    purchase = await asker.purchases.create(**KEYBOARD)
    commitment = await commit(asker, purchase)
    await alma.purchases.update(purchase.id, **RENAMED)
    await asker.commitments.update(
        commitment.id, type="OneTimeCommitment", cost_date=DAY, amount_including_taxes=PRICE, comment="later"
    )
    request = await asker.requests.create(commitment.id)
    await _may_not_approve(alma, request.id)


@pytest.mark.usefixtures("two_may")
async def test_who_chose_the_supplier_during_the_review_may_not_approve_it(
    asker: AsyncEmplette, alma: AsyncEmplette
) -> None:
    request = await ask(asker, DRAFT)
    listed = await alma.purchases.list_supplier(request.purchase.id, id=6)
    assert listed.supplier.id == 6
    await _may_not_approve(alma, request.id)


@pytest.mark.usefixtures("two_may")
async def test_who_asked_for_the_approval_may_not_give_it(asker: AsyncEmplette, alma: AsyncEmplette) -> None:
    commitment = await commit(asker, await asker.purchases.create(**KEYBOARD))
    request = await alma.requests.create(commitment.id)
    await _may_not_approve(alma, request.id)


async def test_a_supplier_who_cannot_charge_the_taxes_is_not_put_in_the_place_of_one_who_can(
    buyer: AsyncEmplette,
) -> None:
    abroad: PurchaseInput = {**KEYBOARD, "supplier": {"name": "Edelweiss", "territory_id": "GP"}, "establishment_id": 2}
    purchase = await buyer.purchases.create(**abroad)
    rates = await buyer.vat_rates.list(date=DAY, territory_id="GP")
    await buyer.commitments.create(
        purchase_id=purchase.id,
        type="OneTimeCommitment",
        cost_date=DAY,
        amount_including_taxes={
            "excluding_taxes": {"value": 120, "currency": "EUR"},
            "taxes": [{"rate_type_id": rates[0].rate_type.id, "value": 10, "currency": "EUR"}],
        },
    )
    with pytest.raises(BadRequest) as refused:
        await buyer.purchases.list_supplier(purchase.id, id=6)
    assert "rate type" in refused.value.errors["id"][0]


async def test_an_order_tells_that_its_supplier_was_listed_after_the_approval(buyer: AsyncEmplette) -> None:
    request = await ask(buyer, DRAFT)
    await buyer.purchases.list_supplier(request.purchase.id, id=6)
    assert request.order is not None
    order = await buyer.orders.get(request.order.id)
    assert [entry.what for entry in order.history] == ["Created", "Amended"]
    assert order.supplier.id == 6


async def test_a_repeat_is_answered_also_when_the_purchase_has_moved_out_of_sight(company: Company) -> None:
    camille = await company.emplette(permissions=("purchases:own",), person=35)
    admin = await company.emplette()
    async with camille, admin:
        purchase = await admin.purchases.create(**KEYBOARD)

        async def commit_once() -> object:
            return await camille.commitments.create(
                purchase_id=purchase.id,
                type="OneTimeCommitment",
                cost_date=DAY,
                amount_including_taxes=PRICE,
                idempotency_key="once",
            )

        first = await commit_once()
        elsewhere: PurchaseInput = {**KEYBOARD, "owner_id": 37}
        await admin.purchases.update(purchase.id, **elsewhere)
        with pytest.raises(NotFound):
            await camille.purchases.get(purchase.id)
        assert await commit_once() == first
