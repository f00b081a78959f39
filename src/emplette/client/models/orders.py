"""What is sent and answered: orders; written by scripts/write_client.py, never by hand."""

import datetime as dt
from typing import Literal, TypeAlias

from emplette.client.models.shared import (
    Commitment,
    DualTaxedAmount,
    PurchaseReference,
    PurchaseSupplier,
    UserReference,
)
from emplette.client.wire import ABSENT, Answer, Versioned

OrderState: TypeAlias = Literal["Cancelled", "Closed", "Open"]
"""Where an order stands."""

OrderHappening: TypeAlias = Literal["Amended", "Cancelled", "Closed", "Created"]
"""What the history of an order tells."""


class OrderEntry(Answer, frozen=True, kw_only=True, rename="camel"):
    """One line of an order's history."""

    at: dt.datetime = ABSENT
    what: OrderHappening | str = ABSENT
    by: UserReference = ABSENT


class Order(Versioned, frozen=True, kw_only=True, rename="camel"):
    """An order: what is bought, for how much, who approved it and when, and what happened to it."""

    id: int = ABSENT
    href: str = ABSENT
    number: str = ABSENT
    state: OrderState | str = ABSENT
    purchase: PurchaseReference = ABSENT
    commitment: Commitment = ABSENT
    owner: UserReference = ABSENT
    supplier: PurchaseSupplier = ABSENT
    amount_including_taxes: DualTaxedAmount = ABSENT
    approved_at: dt.datetime = ABSENT
    approved_by: list[UserReference] = ABSENT
    created_at: dt.datetime = ABSENT
    history: list[OrderEntry] = ABSENT
    version: int = ABSENT
