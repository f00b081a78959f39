"""A purchase and all under it: what one version covers, and what is approved in it."""

import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from emplette.domain import orders, purchases
from emplette.domain.amendments import Amendment, AmendmentPending
from emplette.domain.approvals import Request, RequestKind, RequestNotFound, RequestState
from emplette.domain.attachments import Attachment, Hanging
from emplette.domain.commitments import Commitment, CommitmentNotFound, CommitmentState, Content, OneTime
from emplette.domain.currencies import Currency
from emplette.domain.dates import Duration
from emplette.domain.errors import Conflict
from emplette.domain.money import DualMoney, Money
from emplette.domain.orders import Order, OrderAction, OrderEntry, OrderHappening
from emplette.domain.people import Stamp
from emplette.domain.purchases import Purchase, PurchaseAction, PurchaseState

HASH_VERSION: Final = "v1"
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class PurchaseClosed(Conflict):
    """The purchase is closed: nothing of it changes any more."""

    code = "purchase.closed"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, to which object."""

    type: str
    object_type: str
    object_id: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """A purchase with one of its commitments (the live one, or the last), the request and the order of that.

    ``amendment`` is what the request asks for, if it is one for an amendment; beside the commitment's own request, it
    is the one that waits, if one does. ``asked_beside`` are those who are, or were, asked about an amendment.
    """

    purchase: Purchase
    commitment: Commitment | None = None
    request: Request | None = None
    order: Order | None = None
    amendment: Amendment | None = None
    asked_beside: frozenset[int] = frozenset()

    @property
    def asks_for(self) -> Amendment | None:
        """The amendment that the request is about; None when it is about the commitment itself."""
        is_amendment = self.request is not None and self.request.kind is RequestKind.AMENDMENT
        return self.amendment if is_amendment else None

    @property
    def pending_amendment(self) -> Amendment | None:
        """The amendment of the commitment that waits for approval."""
        amendment, commitment = self.amendment, self.commitment
        if amendment is None or commitment is None or commitment.amendment_id != amendment.request_id:
            return None
        return amendment

    @property
    def pending_request(self) -> Request | None:
        """The request, while it waits for people."""
        waits = self.request is not None and self.request.state is RequestState.PENDING
        return self.request if waits else None

    @property
    def asked(self) -> frozenset[int]:
        """Who is asked to approve it, and may therefore see it."""
        return self.asked_beside if self.request is None else self.asked_beside | self.request.asked


@dataclass(frozen=True, slots=True)
class Move:
    """What a command makes of a dossier, and which attachments change hands."""

    after: Dossier
    happenings: tuple[Happening, ...]
    hangings: tuple[Hanging, ...] = ()


def content(dossier: Dossier) -> dict[str, object]:
    """List what an approval is about: what is bought, from whom, for how much, when."""
    purchase, commitment = dossier.purchase, dossier.commitment
    supplier = purchase.supplier
    shown: dict[str, object] = {
        "purchaseId": purchase.id,
        "title": purchase.title,
        "ownerId": purchase.owner.id,
        "natureId": purchase.nature.id,
        "costCenterId": purchase.cost_center.id,
        "establishmentId": None if purchase.establishment is None else purchase.establishment.id,
        "departmentId": None if purchase.department is None else purchase.department.id,
        "axisSectionIds": [section.id for section in purchase.axis_sections],
        "supplier": {
            "id": supplier.id,
            "name": supplier.name if supplier.is_draft else None,
            "territoryId": supplier.territory_id,
        },
    }
    if commitment is None:
        return shown
    shown["commitmentId"] = commitment.id
    amendment = dossier.asks_for
    if amendment is None:
        return shown | _content_of(commitment.content)
    return shown | _content_of(amendment.proposed) | {"replaces": _content_of(amendment.replaced)}


def _content_of(said: Content) -> dict[str, object]:
    amount, terms = said.amount, said.terms
    shown: dict[str, object] = {
        "type": str(terms.type),
        "currency": amount.base.excluding.currency.code,
        "excludingTaxesMinor": amount.base.excluding.minor,
        "taxes": [[line.rate_type_id, line.tax.minor] for line in amount.base.taxes],
        "counterCurrency": amount.counter.excluding.currency.code,
        "counterExcludingTaxesMinor": amount.counter.excluding.minor,
        "comment": said.comment,
        "paymentMethod": None if said.payment_method is None else str(said.payment_method),
        "attachments": [_content_of_attachment(attachment) for attachment in said.attachments],
    }
    if isinstance(terms, OneTime):
        return shown | {"costDate": terms.cost_date.isoformat(), "invoiceDate": terms.invoice_date.isoformat()}
    return shown | {
        "startDate": terms.start_date.isoformat(),
        "firstInvoiceDate": terms.first_invoice_date.isoformat(),
        "invoicingFrequency": _content_of_duration(terms.frequency),
        "subscriptionDuration": _content_of_duration(terms.duration),
        "contractualObligation": None if terms.obligation is None else _content_of_duration(terms.obligation),
        "terminationNotice": None if terms.notice is None else _content_of_duration(terms.notice),
    }


def _content_of_attachment(attachment: Attachment) -> dict[str, object]:
    return {"id": attachment.id, "name": attachment.file.name, "sha256": attachment.file.sha256.hex()}


def _content_of_duration(duration: Duration) -> dict[str, object]:
    return {"value": duration.value, "unit": str(duration.unit)}


def content_hash(dossier: Dossier) -> str:
    """Hash what an approval is about: SHA-256 of its canonical JSON, behind the version of this recipe."""
    return f"{HASH_VERSION}:{hashlib.sha256(_canonical(content(dossier)).encode()).hexdigest()}"


def as_it_stands(dossier: Dossier) -> Dossier:
    """Show a request that waits with the hash of what is to be approved now, on which it can be decided.

    It is another one than the request was made with when words have given way since: a name in a title was erased.
    """
    request = dossier.pending_request
    if request is None:
        return dossier
    current = content_hash(dossier)
    return (
        dossier if current == request.content_hash else replace(dossier, request=replace(request, content_hash=current))
    )


@dataclass(frozen=True, slots=True)
class Amounts:
    """What is asked for, approved, invoiced and confirmed of a purchase, all excluding taxes."""

    requested: DualMoney
    committed: DualMoney
    billed: DualMoney
    confirmed: DualMoney
    available: DualMoney


def amounts(dossier: Dossier, reference: Currency) -> Amounts:
    """Sum up the money of a purchase, in its commitment's currency and at that commitment's rate.

    Args:
        dossier: the purchase; it has no invoices yet, so nothing of it is billed.
        reference: the currency of the zeros of a purchase without a commitment.
    """
    commitment = dossier.commitment
    if commitment is None:
        nothing = DualMoney(Money.zero(reference), Money.zero(reference), Decimal(1))
        return Amounts(nothing, nothing, nothing, nothing, nothing)
    total = commitment.total
    base, counter = total.base.excluding, total.counter.excluding
    rate = total.conversion.rate
    whole = DualMoney(base, counter, rate)
    nothing = DualMoney(Money.zero(base.currency), Money.zero(counter.currency), rate)
    requested = whole if commitment.state is CommitmentState.UNDER_REVIEW else nothing
    pending = dossier.pending_amendment
    if pending is not None and pending.difference.counter.minor > 0:
        requested = pending.difference
    committed = whole if commitment.state is CommitmentState.PROVISIONED else nothing
    return Amounts(requested, committed, billed=nothing, confirmed=nothing, available=committed)


def actions(dossier: Dossier) -> list[PurchaseAction]:
    """List what can be done next with the purchase, from its table."""
    possible = purchases.LIFE.actions(dossier.purchase.state)
    live = dossier.commitment is not None and dossier.commitment.is_live
    hidden = {PurchaseAction.COMMIT} if live else {PurchaseAction.SUBMIT}
    if dossier.pending_amendment is not None:
        hidden |= {PurchaseAction.AMEND, PurchaseAction.CLOSE, PurchaseAction.CANCEL}
    if not dossier.purchase.supplier.is_draft:
        hidden.add(PurchaseAction.LIST_SUPPLIER)
    return [action for action in possible if action not in hidden]


def touched(purchase: Purchase, by: Stamp, *, state: PurchaseState | None = None) -> Purchase:
    """Raise the one version that a purchase and all under it share, and move it to a state if it is to move."""
    return replace(purchase, version=purchase.version + 1, modified=by, state=state or purchase.state)


def written(purchase: Purchase, by: Stamp) -> Purchase:
    """Raise the version, and remember who wrote: none of them may approve what they wrote."""
    writers = purchase.writers | by.by.identities
    return replace(purchase, version=purchase.version + 1, modified=by, writers=writers)


def ended(order: Order | None, action: OrderAction, what: OrderHappening, by: Stamp) -> Order | None:
    """End the order, if there is one that is open."""
    if order is None or action not in orders.LIFE.actions(order.state):
        return order
    entry = OrderEntry(by.at, what, by.by)
    return replace(order, state=orders.LIFE.after(order.state, action), history=(*order.history, entry))


def refuse_closed(purchase: Purchase) -> None:
    """Check that the purchase may still change."""
    if purchase.state is PurchaseState.CLOSED:
        raise PurchaseClosed(kind="purchase", id=purchase.id, state=purchase.state)


def refuse_beside_amendment(dossier: Dossier) -> None:
    """Check that no amendment waits for approval: it is decided, or taken back, before anything else is.

    Raises:
        AmendmentPending: with its request.
    """
    commitment = dossier.commitment
    if commitment is not None and commitment.amendment_id is not None:
        detail = f"Request {commitment.amendment_id} for an amendment waits for approval: it is to be decided first."
        raise AmendmentPending(detail, kind="request", id=commitment.amendment_id, state=RequestState.PENDING)


def commitment_of(dossier: Dossier) -> Commitment:
    """Return the commitment, which must be there."""
    if dossier.commitment is None:
        raise CommitmentNotFound
    return dossier.commitment


def request_of(dossier: Dossier) -> Request:
    """Return the request, which must be there."""
    if dossier.request is None:
        raise RequestNotFound
    return dossier.request
