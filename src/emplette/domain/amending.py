"""Amending an approved commitment: proposing what it shall say, deciding on that, taking it back.

Each move takes a dossier and returns the dossier after it, with what happened. Until the amendment is approved, nothing
changes but that it waits.
"""

from collections.abc import Sequence
from dataclasses import replace

from emplette.domain import approvals, commitments, deciding, purchases, reviewing
from emplette.domain.amendments import Amendment, AmendmentOutdated, NothingAmended
from emplette.domain.approvals import Decision, RequestAction, RequestKind, RequestState, Verdict
from emplette.domain.attachments import Hanging, dropped
from emplette.domain.commitments import CommitmentAction, CommitmentDraft, Content
from emplette.domain.dossiers import (
    Dossier,
    Happening,
    Move,
    PurchaseClosed,
    commitment_of,
    content_hash,
    refuse_beside_amendment,
    request_of,
    touched,
)
from emplette.domain.drafting import check_type
from emplette.domain.money import DualAmount
from emplette.domain.orders import OrderEntry, OrderHappening
from emplette.domain.people import Principal, Stamp, User
from emplette.domain.purchases import PurchaseAction, PurchaseState
from emplette.domain.reviewing import RequestDecided, Ruling, Submission
from emplette.domain.workflow import ActionNotAllowed


def refuse_amendment(dossier: Dossier, draft: CommitmentDraft) -> None:
    """Check that an amendment of the commitment may be proposed.

    Raises:
        ActionNotAllowed, PurchaseClosed: the states of the commitment and the purchase.
        AmendmentPending: one waits for approval already.
        TypeContradicted: the purchase declared the other type.
    """
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    if purchase.state is PurchaseState.CLOSED:
        raise PurchaseClosed(kind="commitment", id=commitment.id, state=purchase.state)
    commitments.LIFE.after(commitment.state, CommitmentAction.AMEND, kind="commitment", id=commitment.id)
    purchases.LIFE.after(purchase.state, PurchaseAction.AMEND, kind="purchase", id=purchase.id)
    refuse_beside_amendment(dossier)
    check_type(purchase, draft)


def amendment_of(
    dossier: Dossier, draft: CommitmentDraft, amount: DualAmount, hung: Sequence[Hanging], *, request_id: int
) -> Amendment:
    """Say what the commitment shall say.

    Raises:
        NothingAmended: it says that already.
    """
    commitment = commitment_of(dossier)
    attachments = tuple(hanging.attachment for hanging in hung)
    proposed = Content(draft.terms, amount, draft.comment, draft.payment_method, attachments)
    amendment = Amendment(request_id, commitment.purchase_id, commitment.id, proposed, commitment.content)
    if not amendment.changes:
        raise NothingAmended(kind="commitment", id=commitment.id, state=commitment.state)
    return amendment


def as_amended(dossier: Dossier, amendment: Amendment) -> Dossier:
    """Show the purchase as it would be: what the policy is asked about."""
    return replace(dossier, commitment=commitment_of(dossier).saying(amendment.proposed))


def as_asked(dossier: Dossier) -> Dossier:
    """Show the purchase as its request asks for it: with an amendment, as that would make it."""
    return dossier if dossier.asks_for is None else as_amended(dossier, dossier.asks_for)


def propose(
    dossier: Dossier,
    amendment: Amendment,
    submission: Submission,
    *,
    who: Principal,
    by: Stamp,
    hung: Sequence[Hanging] = (),
) -> Move:
    """Ask for approval of an amendment; without steps the rule or the key that asks approves.

    What shall hang on the commitment is kept for it from now on; what hangs on it stays there.
    """
    commitment = commitment_of(dossier)
    request = reviewing.requested(dossier, submission, RequestKind.AMENDMENT, by=by)
    waiting = replace(
        dossier,
        commitment=replace(commitment, amendment_id=request.id),
        request=request,
        amendment=amendment,
    )
    request = replace(request, content_hash=content_hash(waiting))
    waiting = replace(waiting, request=request)
    happening = Happening("request.created", "request", request.id)
    hangings = tuple(hanging for hanging in hung if hanging.is_change)
    if submission.steps:
        return Move(replace(waiting, purchase=touched(dossier.purchase, by)), (happening,), hangings)
    if submission.rule is not None:
        passed = replace(request, state=approvals.LIFE.after(request.state, RequestAction.APPROVE))
        approved = _approved(replace(waiting, request=passed), last=by.by, by=by)
    else:
        approved = _decide(waiting, reviewing.by_itself(request, who, by), by=by)
    return Move(approved.after, (happening, *approved.happenings[1:]), (*hangings, *approved.hangings))


def decide(dossier: Dossier, ruling: Ruling, *, who: Principal, by: Stamp) -> Move:
    """Approve or deny an amendment.

    Raises:
        RequestDecided, OwnRequest, NotAsked, ContentHashNeeded, ContentChanged: see `reviewing.ruled`.
        AmendmentOutdated: what it would change is no longer what it was; it can be denied, by any of those asked, or
            taken back only.
    """
    asked, decision = reviewing.ruled(dossier, ruling, who=who, by=by)
    if not _is_outdated(dossier):
        return _decide(asked, decision, by=by)
    request = request_of(asked)
    if ruling.verdict is Verdict.APPROVED:
        detail = "What it would change has changed since it was proposed: deny it or take it back, and propose it anew."
        raise AmendmentOutdated(detail, kind="request", id=request.id, state=request.state)
    # Nobody can approve it any more: one denial denies, whatever its step says.
    state = approvals.LIFE.after(request.state, RequestAction.DENY)
    denied = replace(request, state=state, decisions=(*request.decisions, decision), modified=by)
    return _left(replace(asked, request=denied), "request.denied", by=by)


def cancel(dossier: Dossier, comment: str | None, *, by: Stamp) -> Move:
    """Take an amendment back while it waits.

    Raises:
        RequestDecided: it has been approved; what it changed is changed back by another amendment.
        ActionNotAllowed: it has ended already.
    """
    request = request_of(dossier)
    if request.state is RequestState.APPROVED:
        detail = "The amendment has been approved: propose another one to change the commitment again."
        raise RequestDecided(detail, kind="request", id=request.id, state=request.state)
    state = approvals.LIFE.after(request.state, RequestAction.CANCEL, kind="request", id=request.id)
    after = replace(dossier, request=replace(request, state=state, cancellation_comment=comment, modified=by))
    return _left(after, "request.cancelled", by=by)


def actions(dossier: Dossier) -> list[RequestAction]:
    """List what can be done with the request, from its table; an amendment that was approved is done."""
    request = request_of(dossier)
    is_done = dossier.asks_for is not None and request.state is not RequestState.PENDING
    if is_done or dossier.purchase.state is PurchaseState.CLOSED:
        return []
    possible = approvals.LIFE.actions(request.state)
    if dossier.asks_for is None and dossier.pending_amendment is not None:
        possible.remove(RequestAction.CANCEL)
    return possible


def _is_outdated(dossier: Dossier) -> bool:
    """Tell whether what the amendment would change, or from whom it is bought, is no longer what it was."""
    request, amendment = request_of(dossier), dossier.asks_for
    return (
        amendment is None
        or commitment_of(dossier).content != amendment.replaced
        or content_hash(dossier) != request.content_hash
    )


def _decide(dossier: Dossier, decision: Decision, *, by: Stamp) -> Move:
    request = deciding.decided(request_of(dossier), decision, by=by)
    decided = replace(dossier, request=request)
    if request.state is RequestState.PENDING:
        happened = "request.step_approved" if decision.verdict is Verdict.APPROVED else "request.step_objected"
        happening = Happening(happened, "request", request.id)
        return Move(replace(decided, purchase=touched(dossier.purchase, by)), (happening,))
    if request.state is RequestState.DENIED:
        return _left(decided, "request.denied", by=by)
    return _approved(decided, last=decision.by, by=by)


def _left(dossier: Dossier, happened: str, *, by: Stamp) -> Move:
    """Leave the commitment as it is: the amendment waits no longer, and what was kept for it is let go."""
    commitment, request, amendment = commitment_of(dossier), request_of(dossier), _asked_for(dossier)
    after = replace(dossier, purchase=touched(dossier.purchase, by), commitment=replace(commitment, amendment_id=None))
    let_go = dropped(amendment.proposed.attachments, commitment.attachments)
    return Move(after, (Happening(happened, "request", request.id),), let_go)


def _approved(dossier: Dossier, *, last: User, by: Stamp) -> Move:
    """Put what was proposed in the place of what the commitment said; ``last`` is who approved last."""
    purchase, commitment, order = dossier.purchase, commitment_of(dossier), dossier.order
    request, amendment = request_of(dossier), _asked_for(dossier)
    changed = replace(
        purchase,
        state=purchases.LIFE.after(purchase.state, PurchaseAction.AMEND),
        type=amendment.proposed.terms.purchase_type,
        writers=purchase.writers | request.created.by.identities,
    )
    happenings = [Happening("request.approved", "request", request.id)]
    if order is not None:
        order = replace(order, history=(*order.history, OrderEntry(by.at, OrderHappening.AMENDED, last)))
        happenings.append(Happening("order.amended", "order", order.id))
    after = replace(
        dossier,
        purchase=touched(changed, by),
        commitment=replace(commitment.saying(amendment.proposed), amendment_id=None, modified=by),
        order=order,
    )
    let_go = dropped(amendment.replaced.attachments, amendment.proposed.attachments)
    return Move(after, tuple(happenings), let_go)


def _asked_for(dossier: Dossier) -> Amendment:
    amendment = dossier.asks_for
    if amendment is None:
        request = request_of(dossier)
        detail = "The request is not for an amendment."
        raise ActionNotAllowed(detail, kind="request", id=request.id, state=request.state)
    return amendment
