"""What a request says of a commitment: read as far as it can be, every fault by its field."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from emplette.domain import dates
from emplette.domain.attachments import MOST_ATTACHMENTS, Name
from emplette.domain.commitments import (
    CommitmentDraft,
    OneTime,
    RatesWanted,
    Subscription,
    Terms,
    note_faults_of_subscription,
)
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.money import TaxedAmount, fault_of_reach
from emplette.domain.suppliers import PaymentMethod
from emplette.http.api.amounts import MoneyIn, place_of, rates_of, read_money
from emplette.http.api.readable import readable
from emplette.http.contract import Body, Comment, Count, Id

_ATTACHMENTS = Meta(
    max_length=MOST_ATTACHMENTS,
    description="What hangs on it: numbers of attachments, or ids of uploaded files, which become attachments.",
)


_REFERENCES = Meta(
    max_length=MOST_ATTACHMENTS, description="The same in the form of answers; ignored beside `attachmentIds`."
)


class DurationIn(Body):
    """So many days, weeks, months or years."""

    value: Count
    unit: TimeUnit


class AttachmentReferenceIn(Body):
    """An attachment by its number, as answers tell it; all else about it is ignored."""

    id: Id


class CommitmentIn(Body, tag_field="type"):
    """What both kinds of commitment have in common."""

    attachment_ids: Annotated[list[Id | UUID], _ATTACHMENTS] | None = None
    comment: Comment | None = None
    payment_method: PaymentMethod | None = None
    state: Literal["Created"] | None = None

    def check(self, faults: Faults) -> None:
        """Find what joins several fields: dates, taxes, totals, periods."""
        self.read(faults)

    def read(self, faults: Faults) -> tuple[Terms | None, TaxedAmount | None]:
        """Read the terms and the amount, as far as they can be."""
        raise NotImplementedError

    def draft(self) -> CommitmentDraft:
        """Take what was sent, in which nothing is at fault."""
        faults = Faults()
        terms, amount = self.read(faults)
        faults.raise_if_any()
        if terms is None or amount is None:
            raise AssertionError
        return CommitmentDraft(
            terms, amount, self.comment, self.payment_method, self.place_of_amount(), self.attached()
        )

    def attached(self) -> dict[str, Name]:
        """List the attachments that are named, by the field that says it, as far as they could be read."""
        ids = readable(self.attachment_ids) or []
        return {f"attachmentIds[{index}]": name for index, name in enumerate(ids)}

    def place_of_amount(self) -> str:
        """Name the field in which the amount was written."""
        raise NotImplementedError

    def rates(self, faults: Faults) -> RatesWanted | None:
        """List the rates that the amount needs, as far as it could be read."""
        raise NotImplementedError


class OneTimeIn(CommitmentIn, tag="OneTimeCommitment"):
    """Something that is delivered and invoiced once."""

    cost_date: date
    amount_including_taxes: MoneyIn
    invoice_date: date | None = None

    def read(self, faults: Faults) -> tuple[Terms | None, TaxedAmount | None]:
        """Read the terms and the amount, as far as they can be."""
        on, money = readable(self.cost_date), readable(self.amount_including_taxes)
        amount = None if money is None else read_money(money, on=on, faults=faults, path="amountIncludingTaxes")
        return (None if on is None else OneTime(on, self.invoice_date or on)), amount

    def place_of_amount(self) -> str:
        """Name the field in which the amount was written."""
        return place_of(self.amount_including_taxes, "amountIncludingTaxes")

    def rates(self, faults: Faults) -> RatesWanted | None:
        """List the rates that the amount needs, as far as it could be read."""
        money, on = readable(self.amount_including_taxes), readable(self.cost_date)
        return None if money is None or on is None else rates_of(money, self.place_of_amount(), on, faults)

    def meant(self) -> "OneTimeIn":
        """Say the same with everything filled in that follows from other fields."""
        return replace(
            self,
            invoice_date=self.invoice_date or self.cost_date,
            amount_including_taxes=self.amount_including_taxes.flat(),
            state=None,
            attachment_ids=self.attachment_ids or None,
        )


class SubscriptionIn(CommitmentIn, tag="SubscriptionCommitment"):
    """Something that is paid every so often, for so long."""

    ignored_beside = {"attachmentIds": ("attachments",)}

    start_date: date
    invoicing_frequency: DurationIn
    subscription_duration: DurationIn
    amount_including_taxes_per_period: MoneyIn
    first_invoice_date: date | None = None
    contractual_obligation: DurationIn | None = None
    termination_notice: DurationIn | None = None
    attachments: Annotated[list[AttachmentReferenceIn], _REFERENCES] | None = None

    def attached(self) -> dict[str, Name]:
        """List the attachments that are named: in the one field or, as the schema of a subscription has it, the other.

        What counts is `attachmentIds`, where it is given.
        """
        if self.attachment_ids is not None:
            return super().attached()
        references = [readable(reference) for reference in readable(self.attachments) or []]
        ids = [None if reference is None else readable(reference.id) for reference in references]
        return {f"attachments[{index}].id": number for index, number in enumerate(ids) if number is not None}

    def read(self, faults: Faults) -> tuple[Terms | None, TaxedAmount | None]:
        """Read the terms and the amount, as far as they can be."""
        on, money = readable(self.start_date), readable(self.amount_including_taxes_per_period)
        path = "amountIncludingTaxesPerPeriod"
        amount = None if money is None else read_money(money, on=on, faults=faults, path=path)
        terms = self._terms(on, faults)
        if terms is not None and amount is not None:
            beyond = fault_of_reach(amount.times(terms.periods_count))
            if beyond is not None:
                faults.add(self.place_of_amount(), beyond)
        return terms, amount

    def _terms(self, start: date | None, faults: Faults) -> Subscription | None:
        frequency, duration = _duration(self.invoicing_frequency), _duration(self.subscription_duration)
        obligation, notice = _duration(self.contractual_obligation), _duration(self.termination_notice)
        if start is None or frequency is None or duration is None:
            alone = {
                "invoicingFrequency": frequency,
                "subscriptionDuration": duration,
                "contractualObligation": obligation,
                "terminationNotice": notice,
            }
            for path, known in alone.items():
                fault = None if known is None else dates.fault_of_duration(known)
                if fault is not None:
                    faults.add(path, fault)
            return None
        terms = Subscription(
            start_date=start,
            first_invoice_date=self.first_invoice_date or start,
            frequency=frequency,
            duration=duration,
            obligation=obligation,
            notice=notice,
        )
        note_faults_of_subscription(terms, faults)
        return terms

    def place_of_amount(self) -> str:
        """Name the field in which the amount was written."""
        return place_of(self.amount_including_taxes_per_period, "amountIncludingTaxesPerPeriod")

    def rates(self, faults: Faults) -> RatesWanted | None:
        """List the rates that the amount needs, as far as it could be read."""
        money, on = readable(self.amount_including_taxes_per_period), readable(self.start_date)
        return None if money is None or on is None else rates_of(money, self.place_of_amount(), on, faults)

    def meant(self) -> "SubscriptionIn":
        """Say the same with everything filled in that follows from other fields."""
        return replace(
            self,
            first_invoice_date=self.first_invoice_date or self.start_date,
            amount_including_taxes_per_period=self.amount_including_taxes_per_period.flat(),
            state=None,
            attachment_ids=list(self.attached().values()) or None,
            attachments=None,
        )


class OneTimeOfPurchaseIn(OneTimeIn, tag="OneTimeCommitment"):
    """A one-time commitment that names its purchase."""

    purchase_id: Id


class SubscriptionOfPurchaseIn(SubscriptionIn, tag="SubscriptionCommitment"):
    """A subscription that names its purchase."""

    purchase_id: Id


class OneTimeAtPurchaseIn(OneTimeIn, tag="OneTimeCommitment"):
    """A one-time commitment sent to its purchase."""

    purchase_id: Id | None = None

    def meant(self) -> OneTimeIn:
        """Say the same with everything filled in that follows from other fields."""
        return replace(super().meant(), purchase_id=None)


class SubscriptionAtPurchaseIn(SubscriptionIn, tag="SubscriptionCommitment"):
    """A subscription sent to its purchase."""

    purchase_id: Id | None = None

    def meant(self) -> SubscriptionIn:
        """Say the same with everything filled in that follows from other fields."""
        return replace(super().meant(), purchase_id=None)


def _duration(duration: DurationIn | None) -> Duration | None:
    value, unit = (None, None) if duration is None else (readable(duration.value), readable(duration.unit))
    return None if value is None or unit is None else Duration(value, unit)
