"""What is bought in the stories: the guide's purchase, for 120 euros."""

from datetime import date
from typing import Final

from emplette.client import AsyncEmplette
from emplette.client.models import Commitment, MoneyInput, Purchase, PurchaseInput, Request

DAY: Final = date(2025, 4, 14)
PRICE: Final[MoneyInput] = {"excluding_taxes": {"value": 120, "currency": "EUR"}}
KEYBOARD: Final[PurchaseInput] = {
    "title": "Keyboard",
    "owner_id": 35,
    "nature_id": 1,
    "cost_center_id": 3,
    "supplier": {"id": 6},
}
DRAFT: Final[PurchaseInput] = {**KEYBOARD, "supplier": {"name": "Amazon", "territory_id": "FR"}}
"""The same, from a supplier who is only written down."""


async def commit(client: AsyncEmplette, purchase: Purchase) -> Commitment:
    """Say what a purchase will cost."""
    return await client.commitments.create(
        purchase_id=purchase.id, type="OneTimeCommitment", cost_date=DAY, amount_including_taxes=PRICE
    )


async def ask(client: AsyncEmplette, what: PurchaseInput = KEYBOARD) -> Request:
    """Make a purchase and its commitment, and ask for approval."""
    commitment = await commit(client, await client.purchases.create(**what))
    return await client.requests.create(commitment.id)
