"""What is sent and answered: purchases; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Required, TypeAlias, TypedDict
from uuid import UUID

from emplette.client.models.shared import (
    AttachmentReferenceInput,
    Commitment,
    CostCenterReference,
    DualAmount,
    DurationInput,
    MoneyInput,
    OrderReference,
    PaymentMethod,
    PurchaseSupplier,
    PurchaseType,
    Reference,
    UserReference,
)
from emplette.client.wire import ABSENT, Answer, Versioned

PurchaseState: TypeAlias = Literal["Cancelled", "Closed", "Created", "Denied", "Ongoing", "Processing"]
"""Where a purchase stands; that of its commitment and its request follow it (Closed is its own alone)."""

PurchaseAction: TypeAlias = Literal[
    "amend", "approve", "cancel", "close", "commit", "deny", "listSupplier", "revise", "submit"
]
"""What can happen to a purchase."""


class Closing(Answer, frozen=True, kw_only=True, rename="camel"):
    """When and why a purchase was closed."""

    date: dt.date = ABSENT
    comment: str | None = None
    at: dt.datetime = ABSENT
    by: UserReference = ABSENT


class Purchase(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A purchase; the five amounts are without taxes, in its commitment's currency and the establishment's own."""

    id: int = ABSENT
    purchase_id: int = ABSENT
    title: str = ABSENT
    state: PurchaseState | str = ABSENT
    owner: UserReference = ABSENT
    nature: Reference = ABSENT
    cost_center: CostCenterReference = ABSENT
    supplier: PurchaseSupplier = ABSENT
    axis_sections: list[Reference] = ABSENT
    requested_amount: DualAmount = ABSENT
    committed_amount: DualAmount = ABSENT
    billed_amount: DualAmount = ABSENT
    confirmed_amount: DualAmount = ABSENT
    available_amount: DualAmount = ABSENT
    created_at: dt.datetime = ABSENT
    author: UserReference = ABSENT
    modified_at: dt.datetime = ABSENT
    modifier: UserReference = ABSENT
    version: int = ABSENT
    actions: list[PurchaseAction | str] = ABSENT
    type: PurchaseType | str | None = None
    commitment: Commitment | None = None
    establishment: Reference | None = None
    department: Reference | None = None
    order: OrderReference | None = None
    closing: Closing | None = None


class Comment(Answer, frozen=True, kw_only=True, rename="camel"):
    """What somebody said about a purchase."""

    id: int = ABSENT
    purchase_id: int = ABSENT
    author: UserReference = ABSENT
    written_at: dt.datetime = ABSENT
    text: str = ABSENT
    mentioned: list[UserReference] = ABSENT


class SupplierChoiceInput(TypedDict, total=False):
    """The listed supplier that a purchase shall have."""

    id: Required[int]


class ClosingInput(TypedDict, total=False):
    """How a purchase is closed; without a date, today."""

    date: dt.date | None
    comment: str | None


class CommentInput(TypedDict, total=False):
    """What is said about a purchase, and whom it mentions: people who may see the purchase, and who get a mail."""

    text: Required[str]
    mentioned_ids: Sequence[int] | None


class SubscriptionOfPurchaseInput(TypedDict, total=False):
    """A subscription that names its purchase."""

    type: Required[Literal["SubscriptionCommitment"]]
    attachment_ids: Sequence[int | UUID | str] | None
    comment: str | None
    payment_method: PaymentMethod | None
    state: Literal["Created"] | None
    start_date: Required[dt.date]
    invoicing_frequency: Required[DurationInput]
    subscription_duration: Required[DurationInput]
    amount_including_taxes_per_period: Required[MoneyInput]
    first_invoice_date: dt.date | None
    contractual_obligation: DurationInput | None
    termination_notice: DurationInput | None
    attachments: Sequence[AttachmentReferenceInput] | None
    purchase_id: Required[int]


class OneTimeOfPurchaseInput(TypedDict, total=False):
    """A one-time commitment that names its purchase."""

    type: Required[Literal["OneTimeCommitment"]]
    attachment_ids: Sequence[int | UUID | str] | None
    comment: str | None
    payment_method: PaymentMethod | None
    state: Literal["Created"] | None
    cost_date: Required[dt.date]
    amount_including_taxes: Required[MoneyInput]
    invoice_date: dt.date | None
    purchase_id: Required[int]


class SubscriptionAtPurchaseInput(TypedDict, total=False):
    """A subscription sent to its purchase."""

    type: Required[Literal["SubscriptionCommitment"]]
    attachment_ids: Sequence[int | UUID | str] | None
    comment: str | None
    payment_method: PaymentMethod | None
    state: Literal["Created"] | None
    start_date: Required[dt.date]
    invoicing_frequency: Required[DurationInput]
    subscription_duration: Required[DurationInput]
    amount_including_taxes_per_period: Required[MoneyInput]
    first_invoice_date: dt.date | None
    contractual_obligation: DurationInput | None
    termination_notice: DurationInput | None
    attachments: Sequence[AttachmentReferenceInput] | None
    purchase_id: int | None


class OneTimeAtPurchaseInput(TypedDict, total=False):
    """A one-time commitment sent to its purchase."""

    type: Required[Literal["OneTimeCommitment"]]
    attachment_ids: Sequence[int | UUID | str] | None
    comment: str | None
    payment_method: PaymentMethod | None
    state: Literal["Created"] | None
    cost_date: Required[dt.date]
    amount_including_taxes: Required[MoneyInput]
    invoice_date: dt.date | None
    purchase_id: int | None
