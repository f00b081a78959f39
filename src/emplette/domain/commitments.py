"""Commitments: what a purchase will cost, once or as a subscription.

The amounts of a subscription are of one period; its total is an amount times the number of periods.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from emplette.domain import dates
from emplette.domain.attachments import Attachment, Names
from emplette.domain.currencies import Currency
from emplette.domain.dates import Duration
from emplette.domain.errors import Conflict, Faults, NotFound
from emplette.domain.money import DualAmount, Money, TaxedAmount, fault_of_reach
from emplette.domain.people import Stamp
from emplette.domain.purchases import PurchaseType
from emplette.domain.suppliers import PaymentMethod
from emplette.domain.workflow import Workflow


class CommitmentState(StrEnum):
    """Where a commitment stands; Provisioned means approved."""

    CREATED = "Created"
    UNDER_REVIEW = "UnderReview"
    PROVISIONED = "Provisioned"
    DENIED = "Denied"
    CANCELLED = "Cancelled"


class CommitmentAction(StrEnum):
    """What can happen to a commitment."""

    REVISE = "revise"
    CHANGE = "change"
    SUBMIT = "submit"
    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    AMEND = "amend"


class CommitmentType(StrEnum):
    """The two kinds, as the wire names them."""

    ONE_TIME = "OneTimeCommitment"
    SUBSCRIPTION = "SubscriptionCommitment"


_S, _A = CommitmentState, CommitmentAction
LIFE: Final = Workflow(
    "commitment",
    {
        (_S.CREATED, _A.REVISE): _S.CREATED,
        (_S.CREATED, _A.SUBMIT): _S.UNDER_REVIEW,
        (_S.UNDER_REVIEW, _A.CHANGE): _S.UNDER_REVIEW,
        (_S.UNDER_REVIEW, _A.APPROVE): _S.PROVISIONED,
        (_S.UNDER_REVIEW, _A.DENY): _S.DENIED,
        (_S.UNDER_REVIEW, _A.CANCEL): _S.CANCELLED,
        (_S.PROVISIONED, _A.CANCEL): _S.CANCELLED,
        (_S.PROVISIONED, _A.AMEND): _S.PROVISIONED,
    },
)
LIVE: Final = frozenset({_S.CREATED, _S.UNDER_REVIEW, _S.PROVISIONED})


class CommitmentNotFound(NotFound):
    """There is no such commitment."""

    code = "commitment.not_found"


class CommitmentExists(Conflict):
    """The purchase has a live commitment already."""

    code = "commitment.exists"


@dataclass(frozen=True, slots=True)
class OneTime:
    """Delivered on one day, invoiced on one day."""

    cost_date: date
    invoice_date: date

    amount_field = "amountIncludingTaxes"
    type = CommitmentType.ONE_TIME
    purchase_type = PurchaseType.ONE_TIME
    periods_count = 1

    @property
    def starts_on(self) -> date:
        """The day whose rates count."""
        return self.cost_date


@dataclass(frozen=True, slots=True)
class Subscription:
    """Invoiced every so often, for so long, from a first day on."""

    start_date: date
    first_invoice_date: date
    frequency: Duration
    duration: Duration
    obligation: Duration | None
    notice: Duration | None

    amount_field = "amountIncludingTaxesPerPeriod"
    type = CommitmentType.SUBSCRIPTION
    purchase_type = PurchaseType.SUBSCRIPTION

    @property
    def starts_on(self) -> date:
        """The day whose rates count."""
        return self.start_date

    @property
    def periods_count(self) -> int:
        """How many periods begin before the subscription ends."""
        return dates.periods_count(self.start_date, self.frequency, self.duration)

    @property
    def end_date(self) -> date:
        """The last day of the subscription."""
        return dates.end_after(self.start_date, self.duration)

    @property
    def contractual_end_date(self) -> date | None:
        """The last day on which the buyer is bound, if there is an obligation."""
        return dates.contractual_end(self.start_date, self.obligation)

    @property
    def last_notice_date(self) -> date | None:
        """The last safe day to give notice, if notice has to be given."""
        if self.notice is None:
            return None
        return dates.last_notice_date(self.contractual_end_date or self.end_date, self.notice)


Terms = OneTime | Subscription


@dataclass(frozen=True, slots=True)
class RatesWanted:
    """The rates that an amount needs on a day: types of tax by the field that names each, and that of its currency."""

    on: date
    rate_types: Mapping[str, int]
    currency: Currency | None
    currency_path: str


@dataclass(frozen=True, slots=True)
class CommitmentDraft:
    """What a buyer says of a commitment; the amount of a subscription is that of one period.

    ``amount_path`` is the field in which the amount was written, None for the one that has its name; ``attachments``
    are to hang on the commitment, in this order.
    """

    terms: Terms
    amount: TaxedAmount
    comment: str | None
    payment_method: PaymentMethod | None
    amount_path: str | None = None
    attachments: Names = field(default_factory=dict)

    @property
    def rates(self) -> RatesWanted:
        """The rates that its amount needs."""
        path, lines = self.amount_path or self.terms.amount_field, self.amount.taxes
        return RatesWanted(
            on=self.terms.starts_on,
            rate_types={f"{path}.taxes[{number}].rateTypeId": line.rate_type_id for number, line in enumerate(lines)},
            currency=self.amount.excluding.currency,
            currency_path=f"{path}.excludingTaxes.currency",
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What a commitment says: what is asked for, and what another content can take the place of.

    ``amount`` is of one period, ``total`` of all; both in two currencies.
    """

    terms: Terms
    amount: DualAmount
    comment: str | None
    payment_method: PaymentMethod | None
    attachments: tuple[Attachment, ...] = ()

    @property
    def total(self) -> DualAmount:
        """What the whole of it costs."""
        return self.amount.times(self.terms.periods_count)


@dataclass(frozen=True, slots=True)
class Commitment:
    """The money of a purchase. ``amount`` is of one period, ``total`` of all; both in two currencies.

    ``amendment_id`` is the request for the amendment of it that waits for approval, if one does.
    """

    id: int
    purchase_id: int
    state: CommitmentState
    terms: Terms
    amount: DualAmount
    comment: str | None
    payment_method: PaymentMethod | None
    request_id: int | None
    order_id: int | None
    created: Stamp
    modified: Stamp
    attachments: tuple[Attachment, ...] = ()
    amendment_id: int | None = None

    @property
    def content(self) -> Content:
        """What it says."""
        return Content(self.terms, self.amount, self.comment, self.payment_method, self.attachments)

    def saying(self, content: Content) -> "Commitment":
        """Return the commitment with that content in the place of its own."""
        return replace(
            self,
            terms=content.terms,
            amount=content.amount,
            comment=content.comment,
            payment_method=content.payment_method,
            attachments=content.attachments,
        )

    @property
    def total(self) -> DualAmount:
        """What the whole commitment costs."""
        return self.amount.times(self.terms.periods_count)

    def total_in(self, currency: str | None) -> Money | None:
        """What the whole commitment costs without taxes in one of its two currencies, the counter one if none is said.

        None for any other: that has to be converted.
        """
        total = self.total
        known = {amount.excluding.currency.code: amount.excluding for amount in (total.base, total.counter)}
        return total.counter.excluding if currency is None else known.get(currency)

    @property
    def is_live(self) -> bool:
        """Tell whether it stands in the way of another one."""
        return self.state in LIVE


def note_faults_of_subscription(terms: Subscription, faults: Faults) -> None:
    """Note what can't be of a subscription's terms, by field."""
    checks = {
        "subscriptionDuration": dates.fault_of_duration(terms.duration, start=terms.start_date),
        "invoicingFrequency": dates.fault_of_duration(terms.frequency, start=terms.start_date),
        "contractualObligation": (
            None if terms.obligation is None else dates.fault_of_duration(terms.obligation, start=terms.start_date)
        ),
        "terminationNotice": None if terms.notice is None else dates.fault_of_notice(terms.notice),
    }
    sound = {path for path, fault in checks.items() if fault is None}
    if {"subscriptionDuration", "invoicingFrequency"} <= sound:
        checks["invoicingFrequency"] = dates.fault_of_periods(terms.start_date, terms.frequency, terms.duration)
    if terms.notice is not None and {"subscriptionDuration", "contractualObligation", "terminationNotice"} <= sound:
        end = terms.contractual_end_date or terms.end_date
        checks["terminationNotice"] = dates.fault_of_notice(terms.notice, end=end)
    for path, fault in checks.items():
        if fault is not None:
            faults.add(path, fault)


def note_faults_of_total(amount: DualAmount, terms: Terms, faults: Faults, *, path: str | None = None) -> None:
    """Note a total, or its counter value, that is too large to be kept; ``path`` is where the amount was written."""
    total = amount.times(terms.periods_count)
    fault = fault_of_reach(total.base) or fault_of_reach(total.counter)
    if fault is not None:
        faults.add(path or terms.amount_field, fault)
