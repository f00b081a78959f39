"""Orders as documents: what a supplier is sent of an order, and what is kept of what was sent.

A document is made once, from what is known at that moment; it never changes after. What is only for the house stays
out of it: comments, cost centers, budgets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from emplette.domain.approvals import Verdict
from emplette.domain.commitments import Commitment, OneTime, Subscription
from emplette.domain.dates import Duration
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.errors import Unavailable
from emplette.domain.money import TaxedAmount
from emplette.domain.orders import Order, OrderHappening, OrderNotFound
from emplette.domain.organisation import LegalUnit, OwnEstablishment
from emplette.domain.parties import Conditions, Language, Letterhead, PostalAddress, language_of
from emplette.domain.people import Tenant, UserKind
from emplette.domain.suppliers import ListedSupplier, PaymentMethod, Supplier
from emplette.domain.taxes import VatRate


class TemplateBroken(Unavailable):
    """The template of orders can't be used."""

    code = "order.template_broken"


class DocumentUnmade(Unavailable):
    """The order's document could not be made."""

    code = "order.document_unmade"


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """A document that was made: where its bytes are, which they are, and of what.

    ``content_hash`` is that of what was approved, and printed; ``template`` says which template it was made with.
    """

    order_id: int
    edition: int
    place: str
    sha256: bytes
    size: int
    language: Language
    content_hash: str
    template: str
    template_sha256: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Edition:
    """Which document of an order holds: the first, or one that says what holds since an amendment was approved.

    ``request_id`` is the request for the last amendment, approved at ``amended_at``; None while there was none.
    """

    number: int = 1
    request_id: int | None = None
    amended_at: datetime | None = None


FIRST_EDITION: Final = Edition()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an order's document says that the order itself does not know, as it is today.

    ``supplier`` is None when the purchase only has a draft; ``host`` is the company's first.
    """

    host: str
    letterhead: Letterhead
    establishment: OwnEstablishment | None = None
    legal_unit: LegalUnit | None = None
    supplier: ListedSupplier | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an order. ``site`` is the part of it that buys; ``territory_id`` belongs to the address."""

    name: str
    site: str | None
    address: PostalAddress | None
    territory_id: str
    registration_id: str | None
    vat_number: str | None


@dataclass(frozen=True, slots=True)
class Tax:
    """A line of taxes: which type of rate, how much of the amount it was on the day that counts, and what is due."""

    name: str
    percentage: Decimal | None
    territory_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """An amount with its taxes, in units of the currency, with all of its decimals."""

    excluding: Decimal
    taxes: tuple[Tax, ...]
    including: Decimal


@dataclass(frozen=True, slots=True)
class Periods:
    """When a subscription runs, and how it ends."""

    start_date: date
    end_date: date
    first_invoice_date: date
    frequency: Duration
    duration: Duration
    count: int
    contractual_end_date: date | None
    notice: Duration | None
    last_notice_date: date | None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, and when; a key approves by itself."""

    by: str
    is_key: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that the document of an order says, before it is put into words.

    ``amount`` is that of one period, and ``total`` that of all; a one-time order has no total. Instants are in the
    company's time zone.
    """

    language: Language
    number: str
    title: str
    buyer: Party
    supplier: Party
    contact: str
    ordered_on: date
    cancelled_on: date | None
    delivery_date: date | None
    invoice_date: date | None
    periods: Periods | None
    currency: str
    decimals: int
    amount: Sums
    total: Sums | None
    payment_method: PaymentMethod | None
    payment_term: Duration | None
    conditions: str | None
    approvals: tuple[Approval, ...]
    content_hash: str
    verify_url: str
    edition: int = 1
    amended_on: date | None = None


def letter_of(
    dossier: Dossier,
    around: Surroundings,
    tenant: Tenant,
    rates: Mapping[int, VatRate],
    edition: Edition = FIRST_EDITION,
) -> Letter:
    """Gather what the document of an order says.

    Args:
        dossier: the purchase, its approved commitment, the request on which that was approved, and the order.
        around: the two sides.
        tenant: whose order it is.
        rates: the rates of the day that counts, by the type that lines of taxes name; a line without one has no
            percentage.
        edition: which document of the order it is.

    Raises:
        OrderNotFound: there is no order in the dossier.
    """
    order, commitment, request = dossier.order, commitment_of(dossier), request_of(dossier)
    if order is None:
        raise OrderNotFound
    zone, terms, supplier = tenant.time_zone, commitment.terms, dossier.purchase.supplier
    language = language_of(supplier.territory_id)
    currency = commitment.amount.base.excluding.currency
    return Letter(
        language=language,
        number=order.number,
        title=dossier.purchase.title,
        buyer=_buyer(around, tenant),
        supplier=_supplier(supplier, around.supplier),
        contact=dossier.purchase.owner.name,
        ordered_on=order.approved_at.astimezone(zone).date(),
        cancelled_on=_cancelled_on(order, zone),
        delivery_date=terms.cost_date if isinstance(terms, OneTime) else None,
        invoice_date=terms.invoice_date if isinstance(terms, OneTime) else None,
        periods=_periods(terms) if isinstance(terms, Subscription) else None,
        currency=currency.code,
        decimals=currency.decimals,
        amount=_sums(commitment.amount.base, rates),
        total=_sums(commitment.total.base, rates) if isinstance(terms, Subscription) else None,
        payment_method=_payment_method(commitment, around.supplier),
        payment_term=None if around.supplier is None else around.supplier.payment_term,
        conditions=_conditions(around, language),
        approvals=tuple(
            Approval(made.by.name, made.by.kind is UserKind.KEY, made.at.astimezone(zone))
            for made in request.decisions
            if made.verdict is Verdict.APPROVED and made.content_hash == request.content_hash
        ),
        content_hash=request.content_hash,
        verify_url=f"https://{around.host}/verify/{order.number}",
        edition=edition.number,
        amended_on=None if edition.amended_at is None else edition.amended_at.astimezone(zone).date(),
    )


def same_hash(told: str, content_hash: str) -> bool:
    """Tell whether somebody means this hash, however they typed it off: case, spaces and the recipe do not count."""
    plain = "".join(told.split()).lower()
    return plain != "" and plain in {content_hash, content_hash.partition(":")[2]}


def _buyer(around: Surroundings, tenant: Tenant) -> Party:
    """The establishment that buys; of what it does not say, what its company says."""
    own, house = around.establishment, around.letterhead
    name = tenant.name if around.legal_unit is None else around.legal_unit.name
    if own is None:
        return Party(name, None, house.address, tenant.country, house.registration_id, house.vat_number)
    return Party(
        name=name,
        site=None if own.name == name else own.name,
        address=own.address or house.address,
        territory_id=tenant.country if own.address is None and house.address is not None else own.territory_id,
        registration_id=own.registration_id or house.registration_id,
        vat_number=own.vat_number or house.vat_number,
    )


def _supplier(said: Supplier, listed: ListedSupplier | None) -> Party:
    if listed is None:
        return Party(said.name, None, None, said.territory_id, None, None)
    return Party(listed.name, None, listed.address, listed.territory_id, listed.registration_id, listed.vat_number)


def _periods(terms: Subscription) -> Periods:
    return Periods(
        start_date=terms.start_date,
        end_date=terms.end_date,
        first_invoice_date=terms.first_invoice_date,
        frequency=terms.frequency,
        duration=terms.duration,
        count=terms.periods_count,
        contractual_end_date=terms.contractual_end_date,
        notice=terms.notice,
        last_notice_date=terms.last_notice_date,
    )


def _sums(amount: TaxedAmount, rates: Mapping[int, VatRate]) -> Sums:
    taxes = []
    for line in amount.taxes:
        rate = rates.get(line.rate_type_id)
        name, place = ("", "") if rate is None else (rate.rate_type.name, rate.rate_type.territory_id)
        taxes.append(Tax(name, None if rate is None else rate.percentage, place, line.tax.decimal))
    return Sums(amount.excluding.decimal, tuple(taxes), amount.including.decimal)


def _payment_method(commitment: Commitment, supplier: ListedSupplier | None) -> PaymentMethod | None:
    preferred = None if supplier is None else supplier.preferred_payment_method
    return commitment.payment_method or preferred


def _conditions(around: Surroundings, language: Language) -> str | None:
    """The conditions that are the most particular: those with the supplier, of the establishment, of the company."""
    own = None if around.establishment is None else around.establishment.conditions
    theirs = None if around.supplier is None else around.supplier.conditions
    agreed: Conditions | None = theirs or own or around.letterhead.conditions
    return None if agreed is None else agreed.text_in(language)


def _cancelled_on(order: Order, zone: ZoneInfo) -> date | None:
    """The day on which the order was cancelled, if it was."""
    days = [entry.at.astimezone(zone).date() for entry in order.history if entry.what is OrderHappening.CANCELLED]
    return days[-1] if days else None
