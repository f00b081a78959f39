"""What several resources have in common; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Literal, Required, TypeAlias, TypedDict
from uuid import UUID

from emplette.client.wire import ABSENT, Answer, Versioned

PurchaseType: TypeAlias = Literal["OneTime", "Subscription"]
"""Bought once, or paid over a time."""

PaymentMethod: TypeAlias = Literal["BankTransfer", "Check", "DirectDebit", "PhysicalCard", "SingleUseCard"]
"""How the supplier will be paid."""

CommitmentState: TypeAlias = Literal["Cancelled", "Created", "Denied", "Provisioned", "UnderReview"]
"""Where a commitment stands; Provisioned means approved."""

TimeUnit: TypeAlias = Literal["Day", "Month", "Week", "Year"]
"""The units in which durations are given."""

BudgetKind: TypeAlias = Literal["Hard", "Soft"]
"""A hard budget refuses what goes beyond it; a soft one lets the policy decide."""

EntryState: TypeAlias = Literal["Committed", "Freed", "Reserved"]
"""What hangs on a budget waits for approval, is approved, or was given back."""


class UserReference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a user; there are no pictures, so none is linked."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    first_name: str = ABSENT
    last_name: str = ABSENT
    picture_href: str | None = None


class Reference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to something of the company's own words."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT


class Amount(Answer, frozen=True, kw_only=True, rename="camel"):
    """An amount of money."""

    value: Decimal = ABSENT
    currency: str = ABSENT


class PurchaseReference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a purchase."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    type: PurchaseType | str | None = None


class Tax(Answer, frozen=True, kw_only=True, rename="camel"):
    """The amount of one tax."""

    rate_type_id: int = ABSENT
    value: Decimal = ABSENT
    currency: str = ABSENT


class TaxedAmount(Answer, frozen=True, kw_only=True, rename="camel"):
    """An amount without taxes, the taxes on it, and what they add up to."""

    excluding_taxes: Amount = ABSENT
    taxes: list[Tax] = ABSENT
    including_taxes: Amount = ABSENT


class DualTaxedAmount(Answer, frozen=True, kw_only=True, rename="camel"):
    """A taxed amount in two currencies; flat, it is that of the base."""

    excluding_taxes: Amount = ABSENT
    taxes: list[Tax] = ABSENT
    including_taxes: Amount = ABSENT
    base: TaxedAmount = ABSENT
    counter: TaxedAmount = ABSENT
    rate: Decimal = ABSENT
    rate_date: dt.date | None = None


class File(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a file."""

    id: UUID = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    display_href: str = ABSENT


class Pages(Answer, frozen=True, kw_only=True, rename="camel"):
    """The pages of a file."""

    display_href_template: str = ABSENT
    """Where a page is seen: put its number, from 1 on, in the place of `{pageNumber}`."""
    count: int = ABSENT
    """How many pages can be seen; 0 for a file of a kind that has none."""


class Attachment(Answer, frozen=True, kw_only=True, rename="camel"):
    """A file that hangs on something."""

    id: int = ABSENT
    file: File = ABSENT
    created_at: dt.datetime = ABSENT
    pages: Pages = ABSENT


class DocumentReference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a request or an order, by its id."""

    id: int = ABSENT
    href: str = ABSENT
    state: str = ABSENT


class OrderReference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to an order."""

    id: int = ABSENT
    number: str = ABSENT
    href: str = ABSENT


class OneTimeCommitment(
    Versioned, frozen=True, kw_only=True, rename="camel", tag_field="type", tag="OneTimeCommitment"
):
    """A one-time commitment; `items` holds it again where it was just created."""

    type: ClassVar[Literal["OneTimeCommitment"]] = "OneTimeCommitment"
    id: int = ABSENT
    commitment_id: int = ABSENT
    owner: UserReference = ABSENT
    purchase: PurchaseReference = ABSENT
    attachment_ids: list[int] = ABSENT
    comment: str | None = None
    payment_method: PaymentMethod | str | None = None
    state: CommitmentState | str = ABSENT
    amount_including_taxes: DualTaxedAmount = ABSENT
    created_at: dt.datetime = ABSENT
    author: UserReference = ABSENT
    modified_at: dt.datetime = ABSENT
    modifier: UserReference = ABSENT
    version: int = ABSENT
    attachments: list[Attachment] | None = None
    request: DocumentReference | None = None
    amendment: DocumentReference | None = None
    order: OrderReference | None = None
    cost_date: dt.date = ABSENT
    invoice_date: dt.date = ABSENT
    items: "list[OneTimeCommitment] | None" = None


class Duration(Answer, frozen=True, kw_only=True, rename="camel"):
    """So many days, weeks, months or years."""

    value: int = ABSENT
    unit: TimeUnit | str = ABSENT


class SubscriptionCommitment(
    Versioned, frozen=True, kw_only=True, rename="camel", tag_field="type", tag="SubscriptionCommitment"
):
    """A subscription, with all that follows from its terms; `items` holds it again where it was just created."""

    type: ClassVar[Literal["SubscriptionCommitment"]] = "SubscriptionCommitment"
    id: int = ABSENT
    commitment_id: int = ABSENT
    owner: UserReference = ABSENT
    purchase: PurchaseReference = ABSENT
    attachment_ids: list[int] = ABSENT
    comment: str | None = None
    payment_method: PaymentMethod | str | None = None
    state: CommitmentState | str = ABSENT
    amount_including_taxes: DualTaxedAmount = ABSENT
    created_at: dt.datetime = ABSENT
    author: UserReference = ABSENT
    modified_at: dt.datetime = ABSENT
    modifier: UserReference = ABSENT
    version: int = ABSENT
    attachments: list[Attachment] | None = None
    request: DocumentReference | None = None
    amendment: DocumentReference | None = None
    order: OrderReference | None = None
    start_date: dt.date = ABSENT
    first_invoice_date: dt.date = ABSENT
    invoicing_frequency: Duration = ABSENT
    subscription_duration: Duration = ABSENT
    amount_including_taxes_per_period: DualTaxedAmount = ABSENT
    subscription_end_date: dt.date = ABSENT
    periods_count: int = ABSENT
    contractual_end_date: dt.date | None = None
    contractual_obligation: Duration | None = None
    termination_notice: Duration | None = None
    last_notice_date: dt.date | None = None
    items: "list[SubscriptionCommitment] | None" = None


Commitment: TypeAlias = OneTimeCommitment | SubscriptionCommitment


class DualAmount(Answer, frozen=True, kw_only=True, rename="camel"):
    """An amount in two currencies."""

    base: Amount = ABSENT
    counter: Amount = ABSENT
    rate: Decimal = ABSENT


class CostCenterReference(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a cost center."""

    id: int = ABSENT
    name: str = ABSENT
    code: str = ABSENT
    href: str = ABSENT


class PurchaseSupplier(Answer, frozen=True, kw_only=True, rename="camel"):
    """The supplier of a purchase; one that is only written down on it has no id."""

    name: str = ABSENT
    territory_id: str = ABSENT
    id: int | None = None
    href: str | None = None


class ItemProblem(Answer, frozen=True, kw_only=True, rename="camel"):
    """What is wrong with an item of a call; `errors` names its fields at fault, if it is about fields. A conflict carries the `state` of what refused, and `id` and `href` of what exists."""

    type: str = ABSENT
    title: str = ABSENT
    status: int = ABSENT
    detail: str = ABSENT
    instance: str = ABSENT
    code: str = ABSENT
    errors: dict[str, list[str]] = ABSENT
    id: int | None = None
    href: str | None = None
    state: str | None = None


class Territory(Answer, frozen=True, kw_only=True, rename="camel"):
    """A territory, by its code."""

    id: str = ABSENT
    name: str = ABSENT
    href: str = ABSENT


class LegalRegistration(Answer, frozen=True, kw_only=True, rename="camel"):
    """How the law and the tax office know a company."""

    identifier: str | None = None
    vat_number: str | None = None


class Address(Answer, frozen=True, kw_only=True, rename="camel"):
    """Where orders are addressed to, less the country, which is the territory."""

    street: str | None = None
    additional: str | None = None
    postal_code: str | None = None
    city: str | None = None


class Conditions(Answer, frozen=True, kw_only=True, rename="camel"):
    """On which conditions is bought, in the languages of orders."""

    fr: str | None = None
    en: str | None = None


class AmountInput(TypedDict, total=False):
    """An amount of money."""

    value: Required[Decimal | int]
    """An exact decimal number of at most 15 significant digits."""
    currency: Required[str]
    """A currency by its ISO 4217 code."""


class SupplierInput(TypedDict, total=False):
    """A listed supplier by its id, beside which all else is ignored; or a draft: a name and a territory."""

    id: int | None
    name: str | None
    """Mandatory for a supplier without an id, ignored beside one."""
    territory_id: str | None
    """Mandatory for a supplier without an id, ignored beside one."""


class OwnerInput(TypedDict, total=False):
    """The buyer, by id."""

    id: Required[int]


class PurchaseInput(TypedDict, total=False):
    """What somebody wants to buy, for whom, from whom, charged where."""

    title: Required[str]
    nature_id: Required[int]
    cost_center_id: Required[int]
    supplier: Required[SupplierInput]
    owner_id: int | None
    owner: OwnerInput | None
    establishment_id: int | None
    department_id: int | None
    axis_section_ids: Sequence[int] | None
    type: PurchaseType | None


class DurationInput(TypedDict, total=False):
    """So many days, weeks, months or years."""

    value: Required[int]
    unit: Required[TimeUnit]


class TaxInput(TypedDict, total=False):
    """The amount of one tax, as the sender computed it; without a currency it is in that of the amount."""

    rate_type_id: Required[int]
    value: Required[Decimal | int]
    """An exact decimal number of at most 15 significant digits."""
    currency: str | None


class TaxedAmountInput(TypedDict, total=False):
    """An amount without taxes, the taxes on it, and what they add up to."""

    excluding_taxes: Required[AmountInput]
    taxes: Sequence[TaxInput] | None
    including_taxes: AmountInput | None


class MoneyInput(TypedDict, total=False):
    """A taxed amount, flat; or in two currencies, of which the base counts (the rate is ours to find)."""

    excluding_taxes: AmountInput | None
    taxes: Sequence[TaxInput] | None
    including_taxes: AmountInput | None
    base: TaxedAmountInput | None


class AttachmentReferenceInput(TypedDict, total=False):
    """An attachment by its number, as answers tell it; all else about it is ignored."""

    id: Required[int]


class SubscriptionInput(TypedDict, total=False):
    """Something that is paid every so often, for so long."""

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


class OneTimeInput(TypedDict, total=False):
    """Something that is delivered and invoiced once."""

    type: Required[Literal["OneTimeCommitment"]]
    attachment_ids: Sequence[int | UUID | str] | None
    comment: str | None
    payment_method: PaymentMethod | None
    state: Literal["Created"] | None
    cost_date: Required[dt.date]
    amount_including_taxes: Required[MoneyInput]
    invoice_date: dt.date | None
