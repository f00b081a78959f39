"""Writing a purchase down: the moves that need nobody's approval.

Each takes a dossier and returns the dossier after it, with what happened; it refuses what the tables of the
documents do not allow, and says what exists instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from emplette.domain import commitments, deciding, purchases
from emplette.domain.approvals import Step
from emplette.domain.attachments import Hanging, let_go
from emplette.domain.commitments import (
    Commitment,
    CommitmentAction,
    CommitmentDraft,
    CommitmentExists,
    CommitmentState,
)
from emplette.domain.dossiers import (
    Dossier,
    Happening,
    Move,
    PurchaseClosed,
    commitment_of,
    content_hash,
    ended,
    refuse_beside_amendment,
    refuse_closed,
    request_of,
    touched,
    written,
)
from emplette.domain.errors import Invalid
from emplette.domain.money import DualAmount
from emplette.domain.orders import OrderAction, OrderEntry, OrderHappening, OrderState
from emplette.domain.people import Stamp
from emplette.domain.purchases import (
    Closing,
    Purchase,
    PurchaseAction,
    PurchaseState,
    SupplierListedAlready,
    TypeContradicted,
)
from emplette.domain.suppliers import Supplier


def refuse_commitment(dossier: Dossier, draft: CommitmentDraft) -> PurchaseState:
    """Check that the purchase may get a commitment; answer the state that it leads to."""
    purchase = dossier.purchase
    if dossier.commitment is not None and dossier.commitment.is_live:
        live = dossier.commitment
        raise CommitmentExists(kind="commitment", id=live.id, state=live.state)
    refuse_closed(purchase)
    state = purchases.LIFE.after(purchase.state, PurchaseAction.COMMIT, kind="purchase", id=purchase.id)
    check_type(purchase, draft)
    return state


def commit(
    dossier: Dossier,
    draft: CommitmentDraft,
    amount: DualAmount,
    *,
    commitment_id: int,
    by: Stamp,
    hung: Sequence[Hanging] = (),
) -> Move:
    """Say what the purchase will cost, and what hangs on that.

    Raises:
        CommitmentExists: with the live commitment.
        TypeContradicted: the purchase declared the other type.
        ActionNotAllowed, PurchaseClosed: the purchase's state.
    """
    purchase, state = dossier.purchase, refuse_commitment(dossier, draft)
    commitment = Commitment(
        id=commitment_id,
        purchase_id=purchase.id,
        state=CommitmentState.CREATED,
        terms=draft.terms,
        amount=amount,
        comment=draft.comment,
        payment_method=draft.payment_method,
        request_id=None,
        order_id=None,
        created=by,
        modified=by,
        attachments=tuple(hanging.attachment for hanging in hung),
    )
    changed = replace(purchase, state=state, type=draft.terms.purchase_type, commitment_id=commitment_id)
    happening = Happening("commitment.created", "commitment", commitment_id)
    return Move(Dossier(written(changed, by), commitment), (happening,), tuple(hung))


def refuse_revision(dossier: Dossier, draft: CommitmentDraft) -> None:
    """Check that the commitment may be said anew."""
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    if purchase.state is PurchaseState.CLOSED:
        raise PurchaseClosed(kind="commitment", id=commitment.id, state=purchase.state)
    commitments.LIFE.after(commitment.state, CommitmentAction.REVISE, kind="commitment", id=commitment.id)
    check_type(purchase, draft)


def revise_commitment(
    dossier: Dossier, draft: CommitmentDraft, amount: DualAmount, *, by: Stamp, hung: Sequence[Hanging] = ()
) -> Move:
    """Say anew what the purchase will cost, while nobody has been asked to approve it; what hung on it is let go.

    Raises:
        ActionNotAllowed, PurchaseClosed: the states of the commitment and the purchase.
        TypeContradicted: the purchase declared the other type.
    """
    refuse_revision(dossier, draft)
    return revised(dossier, draft, amount, by=by, hung=hung)


def refuse_change(dossier: Dossier, draft: CommitmentDraft) -> None:
    """Check that the commitment may be said anew while it is under review, by somebody whom the policy lets.

    Raises:
        ActionNotAllowed: it is not under review.
        TypeContradicted: the purchase declared the other type.
    """
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    commitments.LIFE.after(commitment.state, CommitmentAction.CHANGE, kind="commitment", id=commitment.id)
    check_type(purchase, draft)


@dataclass(frozen=True, slots=True)
class AskedAnew:
    """By which rule of the policy a request begins anew, and who is asked."""

    rule: str
    steps: tuple[Step, ...]


def change_commitment(dossier: Dossier, revised: Move, asked: AskedAnew, *, by: Stamp) -> Move:
    """Take what has been said anew of a commitment under review: the request begins anew with further steps.

    Whoever changed it has written it, and may not approve it any more.
    """
    after = begun_anew(replace(revised.after, request=dossier.request, order=dossier.order), asked, by=by)
    happening = Happening("request.begun_anew", "request", request_of(dossier).id)
    return Move(after, (*revised.happenings, happening), revised.hangings)


def begun_anew(dossier: Dossier, asked: AskedAnew, *, by: Stamp) -> Dossier:
    """Ask anew about what has been changed by somebody, who may not decide on it any more."""
    request = request_of(dossier)
    requesters = request.requesters | by.by.identities
    started = replace(request, requesters=requesters, rule=asked.rule, modified=by, asked_at=by.at)
    return replace(dossier, request=deciding.begun_anew(started, content_hash(dossier), asked.steps))


def revised(
    dossier: Dossier, draft: CommitmentDraft, amount: DualAmount, *, by: Stamp, hung: Sequence[Hanging]
) -> Move:
    """Put what is said anew in the place of what was said of a commitment; what hung on it is let go."""
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    changed = replace(
        commitment,
        terms=draft.terms,
        amount=amount,
        comment=draft.comment,
        payment_method=draft.payment_method,
        modified=by,
        attachments=tuple(hanging.attachment for hanging in hung),
    )
    after = replace(purchase, type=draft.terms.purchase_type)
    happening = Happening("commitment.revised", "commitment", commitment.id)
    moved = [hanging for hanging in hung if hanging.is_change]
    return Move(Dossier(written(after, by), changed), (happening,), (*moved, *let_go(commitment.attachments, hung)))


def revise_purchase(dossier: Dossier, revised: Purchase, amount: DualAmount | None, *, by: Stamp) -> Move:
    """Say anew what is to be bought; a commitment that nobody was asked about is computed anew.

    Raises:
        ActionNotAllowed: the purchase's state.
    """
    purchase, commitment = dossier.purchase, dossier.commitment
    refuse_closed(purchase)
    state = purchases.LIFE.after(purchase.state, PurchaseAction.REVISE, kind="purchase", id=purchase.id)
    if amount is not None and commitment is not None:
        if revised.declared_type not in (None, commitment.terms.purchase_type):
            detail = f"The commitment is of type {commitment.terms.purchase_type}."
            raise TypeContradicted(detail, kind="commitment", id=commitment.id, state=commitment.state)
        commitment = replace(commitment, amount=amount)
    happening = Happening("purchase.revised", "purchase", purchase.id)
    kept = replace(
        revised,
        version=purchase.version,
        state=state,
        type=purchase.type,
        commitment_id=purchase.commitment_id,
        writers=purchase.writers,
        closing=purchase.closing,
    )
    after = replace(dossier, purchase=written(kept, by), commitment=commitment)
    return Move(after, (happening,))


def with_supplier(dossier: Dossier, supplier: Supplier, *, by: Stamp) -> Dossier:
    """Put a listed supplier in the place of the one that the buyer only wrote down."""
    return replace(dossier, purchase=written(replace(dossier.purchase, supplier=supplier), by))


def list_supplier(dossier: Dossier, supplier: Supplier, asked: AskedAnew | None = None, *, by: Stamp) -> Move:
    """Put a listed supplier in the place of the one that the buyer only wrote down.

    Under review it is asked for from the first step on, by further steps where others are ``asked`` then, and whoever
    chose the supplier may not approve it any more; an order tells that it was changed.

    Raises:
        SupplierListedAlready: the purchase has a listed one.
        PurchaseClosed: nothing of a closed purchase changes.
    """
    refuse_listing(dossier)
    after = with_supplier(dossier, supplier, by=by)
    request, order = after.pending_request, after.order
    if request is not None:
        if asked is not None:
            after = begun_anew(after, asked, by=by)
        else:
            requesters = request.requesters | by.by.identities
            asked_now = replace(request, requesters=requesters, asked_at=by.at)
            request = deciding.asked_anew(asked_now, content_hash(after))
            after = replace(after, request=request)
    if order is not None and order.state is OrderState.OPEN:
        entry = OrderEntry(by.at, OrderHappening.AMENDED, by.by)
        after = replace(after, order=replace(order, history=(*order.history, entry)))
    return Move(after, (Happening("purchase.supplier_listed", "purchase", dossier.purchase.id),))


def refuse_listing(dossier: Dossier) -> None:
    """Check that the purchase may get a listed supplier."""
    purchase = dossier.purchase
    refuse_closed(purchase)
    if not purchase.supplier.is_draft:
        raise SupplierListedAlready(kind="purchase", id=purchase.id, state=purchase.state)


def fault_of_closing_date(on: date, *, today: date) -> str | None:
    """Say why nothing can be closed on that day, if so; one before the purchase existed is fine."""
    return f"Must not be in the future: today is {today}." if on > today else None


def close(dossier: Dossier, *, on: date, comment: str | None, today: date, by: Stamp) -> Move:
    """Close a purchase: its order closes with it, its commitment stays as it is.

    Raises:
        Invalid: the date is in the future.
        PurchaseClosed: it is closed already.
        ActionNotAllowed, AmendmentPending: it, or an amendment, waits for approval; cancel the request first.
    """
    purchase = dossier.purchase
    fault = fault_of_closing_date(on, today=today)
    if fault is not None:
        raise Invalid.field("date", fault)
    refuse_closed(purchase)
    state = purchases.LIFE.after(purchase.state, PurchaseAction.CLOSE, kind="purchase", id=purchase.id)
    refuse_beside_amendment(dossier)
    closed = replace(purchase, state=state, closing=Closing(on, comment, by))
    order = ended(dossier.order, OrderAction.CLOSE, OrderHappening.CLOSED, by)
    happenings = [Happening("purchase.closed", "purchase", purchase.id)]
    if order is not None and order != dossier.order:
        happenings.append(Happening("order.closed", "order", order.id))
    return Move(replace(dossier, purchase=touched(closed, by), order=order), tuple(happenings))


def check_type(purchase: Purchase, draft: CommitmentDraft) -> None:
    """Check that a commitment is of the type that the purchase declared, if it did.

    Raises:
        TypeContradicted: it is not.
    """
    if purchase.declared_type not in (None, draft.terms.purchase_type):
        detail = f"The purchase was declared as {purchase.declared_type}."
        raise TypeContradicted(detail, kind="purchase", id=purchase.id, state=purchase.state)
