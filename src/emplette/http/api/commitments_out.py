"""How an answer tells a commitment."""

from datetime import date
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from emplette.domain.approvals import RequestState
from emplette.domain.commitments import CommitmentNotFound, CommitmentState, OneTime
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier
from emplette.domain.suppliers import PaymentMethod
from emplette.http.api.amounts import DualTaxedAmountOut, dual_taxed_amount_out
from emplette.http.api.attachments_out import AttachmentOut, attachment_out
from emplette.http.api.references import (
    DocumentOut,
    OrderReferenceOut,
    PurchaseReferenceOut,
    UserOut,
    purchase_reference_out,
    user_out,
)
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import href


class DurationOut(Answer):
    """So many days, weeks, months or years."""

    value: int
    unit: TimeUnit


class CommitmentOut(Answer, tag_field="type"):
    """What both kinds of commitment have in common; `amendment` is the request for one that waits for approval."""

    id: int
    commitment_id: int
    owner: UserOut
    purchase: PurchaseReferenceOut
    attachment_ids: list[int]
    comment: str | None
    payment_method: PaymentMethod | None
    state: CommitmentState
    amount_including_taxes: DualTaxedAmountOut
    created_at: Instant
    author: UserOut
    modified_at: Instant
    modifier: UserOut
    version: int
    attachments: list[AttachmentOut] | UnsetType = UNSET
    request: DocumentOut | UnsetType = UNSET
    amendment: DocumentOut | UnsetType = UNSET
    order: OrderReferenceOut | UnsetType = UNSET


class OneTimeCommitmentOut(CommitmentOut, tag="OneTimeCommitment"):
    """A one-time commitment; `items` holds it again where it was just created."""

    cost_date: date
    invoice_date: date
    items: "list[OneTimeCommitmentOut] | UnsetType" = UNSET


class SubscriptionCommitmentOut(CommitmentOut, tag="SubscriptionCommitment"):
    """A subscription, with all that follows from its terms; `items` holds it again where it was just created."""

    start_date: date
    first_invoice_date: date
    invoicing_frequency: DurationOut
    subscription_duration: DurationOut
    amount_including_taxes_per_period: DualTaxedAmountOut
    subscription_end_date: date
    periods_count: int
    contractual_end_date: date | None
    contractual_obligation: DurationOut | UnsetType = UNSET
    termination_notice: DurationOut | UnsetType = UNSET
    last_notice_date: date | UnsetType = UNSET
    items: "list[SubscriptionCommitmentOut] | UnsetType" = UNSET


AnyCommitmentOut = OneTimeCommitmentOut | SubscriptionCommitmentOut


def commitment_out(dossier: Dossier, base_url: str) -> AnyCommitmentOut:
    """Tell a commitment."""
    commitment = dossier.commitment
    if commitment is None:
        raise CommitmentNotFound
    terms = commitment.terms
    common: dict[str, Any] = {
        "id": commitment.id,
        "commitment_id": commitment.id,
        "owner": user_out(dossier.purchase.owner, base_url),
        "purchase": purchase_reference_out(dossier.purchase),
        "attachment_ids": [attachment.id for attachment in commitment.attachments],
        "comment": commitment.comment,
        "payment_method": commitment.payment_method,
        "state": commitment.state,
        "amount_including_taxes": dual_taxed_amount_out(commitment.total),
        "created_at": instant(commitment.created.at),
        "author": user_out(commitment.created.by, base_url),
        "modified_at": instant(commitment.modified.at),
        "modifier": user_out(commitment.modified.by, base_url),
        "version": dossier.purchase.version,
    }
    if commitment.attachments:
        common["attachments"] = [attachment_out(attachment) for attachment in commitment.attachments]
    if commitment.request_id is not None:
        common["request"] = _request_out(commitment.request_id, _state_of_request(dossier))
    if commitment.amendment_id is not None:
        common["amendment"] = _request_out(commitment.amendment_id, RequestState.PENDING)
    if dossier.order is not None:
        order = dossier.order
        common["order"] = OrderReferenceOut(id=order.id, number=order.number, href=href("order", order.id))
    if isinstance(terms, OneTime):
        return OneTimeCommitmentOut(cost_date=terms.cost_date, invoice_date=terms.invoice_date, **common)
    return SubscriptionCommitmentOut(
        start_date=terms.start_date,
        first_invoice_date=terms.first_invoice_date,
        invoicing_frequency=DurationOut(value=terms.frequency.value, unit=terms.frequency.unit),
        subscription_duration=DurationOut(value=terms.duration.value, unit=terms.duration.unit),
        contractual_obligation=_duration_out(terms.obligation),
        termination_notice=_duration_out(terms.notice),
        amount_including_taxes_per_period=dual_taxed_amount_out(commitment.amount),
        subscription_end_date=terms.end_date,
        periods_count=terms.periods_count,
        contractual_end_date=terms.contractual_end_date,
        last_notice_date=UNSET if terms.last_notice_date is None else terms.last_notice_date,
        **common,
    )


def created_out(dossier: Dossier, base_url: str) -> AnyCommitmentOut:
    """Tell a commitment that was just created: itself, and itself again as the one item of a list."""
    created = commitment_out(dossier, base_url)
    if isinstance(created, OneTimeCommitmentOut):
        return replace(created, items=[created])
    return replace(created, items=[created])


def _request_out(request_id: int, state: RequestState) -> DocumentOut:
    return DocumentOut(id=request_id, href=href("request", request_id), state=state)


def _state_of_request(dossier: Dossier) -> RequestState:
    """Tell where the commitment's own request stands, also while one for an amendment is looked at."""
    if dossier.request is not None and dossier.asks_for is None:
        return dossier.request.state
    is_cancelled = dossier.commitment is not None and dossier.commitment.state is CommitmentState.CANCELLED
    return RequestState.CANCELLED if is_cancelled else RequestState.APPROVED


def _duration_out(duration: Duration | None) -> DurationOut | UnsetType:
    return UNSET if duration is None else DurationOut(value=duration.value, unit=duration.unit)
