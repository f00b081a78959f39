"""The guide, from an idea to an approved order, and what follows."""

from datetime import date
from decimal import Decimal

import pytest

from emplette.client import AsyncEmplette, NotFound
from emplette.client.models import Amount, SubscriptionCommitment
from tests.fixtures.companies import Company
from tests.stories.buying import DAY, KEYBOARD, ask, commit


async def test_three_calls_lead_to_an_approved_order(buyer: AsyncEmplette) -> None:
    purchase = await buyer.purchases.create(**KEYBOARD)
    commitment = await commit(buyer, purchase)
    request = await buyer.requests.create(commitment.id)
    assert request.state == "Approved"
    assert request.order is not None

    order = await buyer.orders.get(request.order.id)
    assert order.state == "Open"
    assert order.purchase.id == purchase.purchase_id
    assert order.amount_including_taxes.including_taxes == Amount(value=Decimal(120), currency="EUR")
    ordered = await buyer.purchases.get(purchase.id)
    assert ordered.state == "Ongoing"
    assert ordered.order is not None
    assert ordered.order.number == order.number
    assert ordered.committed_amount.base == Amount(value=Decimal(120), currency="EUR")


async def test_a_subscription_is_committed_at_its_purchase(buyer: AsyncEmplette) -> None:
    purchase = await buyer.purchases.create(**KEYBOARD)
    commitment = await buyer.purchases.commit(
        purchase.id,
        type="SubscriptionCommitment",
        start_date=DAY,
        invoicing_frequency={"value": 1, "unit": "Month"},
        subscription_duration={"value": 12, "unit": "Month"},
        amount_including_taxes_per_period={"excluding_taxes": {"value": 1000, "currency": "EUR"}},
    )
    assert isinstance(commitment, SubscriptionCommitment)
    assert commitment.subscription_end_date == date(2026, 4, 13)
    assert commitment.periods_count == 12
    assert commitment.amount_including_taxes.including_taxes == Amount(value=Decimal(12000), currency="EUR")
    assert commitment.items is not None
    assert commitment.items[0].id == commitment.id == commitment.commitment_id


async def test_people_approve_what_a_key_may_not_approve_by_itself(asker: AsyncEmplette, alma: AsyncEmplette) -> None:
    request = await ask(asker)
    assert request.state == "Pending"
    assert request.assignee.id == 36
    shown = await alma.requests.get(request.id)
    approved = await alma.requests.approve(request.id, content_hash=shown.content_hash, comment="Fine")
    assert approved.state == "Approved"
    (decision,) = approved.decisions
    assert (decision.by.id, decision.comment, decision.stated) == (36, "Fine", True)


async def test_a_repeat_with_the_same_key_is_answered_with_the_first_success(buyer: AsyncEmplette) -> None:
    first = await buyer.purchases.create(**KEYBOARD, idempotency_key="once")
    assert await buyer.purchases.create(**KEYBOARD, idempotency_key="once") == first
    assert await buyer.purchases.list().count() == 1


async def test_a_repeat_is_answered_as_it_was_then_also_when_much_has_happened_since(buyer: AsyncEmplette) -> None:
    first = await buyer.purchases.create(**KEYBOARD, idempotency_key="once")
    commitment = await commit(buyer, first)
    await buyer.requests.create(commitment.id)
    closed = await buyer.purchases.close(first.id, comment="done", date=date(2025, 4, 20))
    assert closed.state == "Closed"
    assert await buyer.purchases.create(**KEYBOARD, idempotency_key="once") == first


async def test_another_company_cannot_tell_that_a_purchase_exists(buyer: AsyncEmplette, rival: Company) -> None:
    purchase = await buyer.purchases.create(**KEYBOARD)
    async with await rival.emplette() as stranger:
        with pytest.raises(NotFound) as theirs:
            await stranger.purchases.get(purchase.id)
        with pytest.raises(NotFound) as nobodys:
            await stranger.purchases.get(2_147_483_647)
    assert theirs.value.code == nobodys.value.code
