"""Purchases and all under them as pages show them: everything worked out, so that a template only says it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.approvals import RequestState
from emplette.domain.commitments import Commitment, Content, OneTime, Subscription
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier
from emplette.domain.money import Money, TaxedAmount
from emplette.domain.purchases import PurchaseState
from emplette.domain.suppliers import PaymentMethod
from emplette.http.pages.translations import marked
from emplette.storage.lists import Slice

_S = PurchaseState


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words, and the colour that goes with it."""

    label: str
    color: str


STATES: Final = {
    _S.CREATED: Badge(marked("Draft"), "azure"),
    _S.PROCESSING: Badge(marked("Waiting for approval"), "yellow"),
    _S.ONGOING: Badge(marked("Approved"), "green"),
    _S.DENIED: Badge(marked("Denied"), "red"),
    _S.CANCELLED: Badge(marked("Withdrawn"), "secondary"),
    _S.CLOSED: Badge(marked("Closed"), "secondary"),
}
"""Where a purchase stands."""

REQUESTS: Final = {
    RequestState.PENDING: STATES[_S.PROCESSING],
    RequestState.APPROVED: STATES[_S.ONGOING],
    RequestState.DENIED: STATES[_S.DENIED],
    RequestState.CANCELLED: STATES[_S.CANCELLED],
}
"""Where a request stands: that for an amendment leaves the purchase where it is."""

METHODS: Final = {
    PaymentMethod.BANK_TRANSFER: marked("Bank transfer"),
    PaymentMethod.PHYSICAL_CARD: marked("Card"),
    PaymentMethod.CHECK: marked("Cheque"),
    PaymentMethod.DIRECT_DEBIT: marked("Direct debit"),
    PaymentMethod.SINGLE_USE_CARD: marked("Single-use card"),
}
"""How is paid."""

UNITS: Final = {
    TimeUnit.DAY: (marked("%(count)s day"), marked("%(count)s days")),
    TimeUnit.WEEK: (marked("%(count)s week"), marked("%(count)s weeks")),
    TimeUnit.MONTH: (marked("%(count)s month"), marked("%(count)s months")),
    TimeUnit.YEAR: (marked("%(count)s year"), marked("%(count)s years")),
}
"""So many of them."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A duration in words: what is said, and how many."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Brief:
    """A purchase in one line."""

    id: int
    title: str
    href: str
    supplier: str
    owner: str
    amount: TaxedAmount | None
    counter: Money | None
    repeats: bool
    badge: Badge
    nature: str
    cost_center: str
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told of a commitment, by its name: a day, a duration, our words, an amount, what somebody said."""

    name: str
    day: date | None = None
    spell: Spell | None = None
    text: str = ""
    money: Money | None = None
    told: str = ""


def brief(dossier: Dossier, *, as_request: bool = False) -> Brief:
    """Show a purchase in one line, which leads to it, or to the request about it and says what that asks for."""
    shown = as_asked(dossier) if as_request else dossier
    purchase, commitment = shown.purchase, shown.commitment
    total = None if commitment is None else commitment.total
    href, badge = f"/purchases/{purchase.id}", STATES[purchase.state]
    if as_request and dossier.request is not None:
        href = f"/approvals/{dossier.request.id}"
        badge = badge if dossier.asks_for is None else REQUESTS[dossier.request.state]
    return Brief(
        id=purchase.id,
        title=purchase.title,
        href=href,
        supplier=purchase.supplier.name,
        owner=purchase.owner.name,
        amount=None if total is None else total.base,
        counter=None if total is None else counter_of(total.base.excluding, total.counter.excluding),
        repeats=commitment is not None and isinstance(commitment.terms, Subscription),
        badge=badge,
        nature=purchase.nature.name,
        cost_center=purchase.cost_center.name,
        created_at=purchase.created.at,
        modified_at=purchase.modified.at,
    )


def counter_of(base: Money, counter: Money) -> Money | None:
    """Show an amount in the company's currency as well, when that is another one."""
    return None if base.currency == counter.currency else counter


def lines_of(said: Commitment | Content) -> list[Line]:
    """List when and how long something is bought for."""
    terms = said.terms
    if isinstance(terms, OneTime):
        lines = [Line(marked("Delivered on"), day=terms.cost_date)]
        if terms.invoice_date != terms.cost_date:
            lines.append(Line(marked("Invoiced on"), day=terms.invoice_date))
    else:
        lines = _lines_of_subscription(terms)
    if said.payment_method is not None:
        lines.append(Line(marked("Paid by"), text=METHODS[said.payment_method]))
    return lines


def _lines_of_subscription(terms: Subscription) -> list[Line]:
    lines = [
        Line(marked("Starts on"), day=terms.start_date),
        Line(marked("Ends on"), day=terms.end_date),
        Line(marked("Invoiced every"), spell=spell_of(terms.frequency)),
        Line(marked("Lasts"), spell=spell_of(terms.duration)),
    ]
    if terms.contractual_end_date is not None:
        lines.append(Line(marked("Bound until"), day=terms.contractual_end_date))
    if terms.last_notice_date is not None:
        lines.append(Line(marked("Last safe day to give notice"), day=terms.last_notice_date))
    return lines


def spell_of(duration: Duration) -> Spell:
    """Say a duration in words."""
    one, many = UNITS[duration.unit]
    return Spell(one if duration.value == 1 else many, duration.value)


def newest(limit: int) -> Slice:
    """Cut the end of a list, where the newest are."""
    return Slice(limit, before=(datetime.max.replace(tzinfo=UTC), 2**31 - 1))
