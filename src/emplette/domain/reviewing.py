"""Approval of a purchase: asking for it, deciding, taking it back.

Each move takes a dossier and returns the dossier after it, with what happened; it refuses what the tables of
the documents do not allow, and says what exists instead.
"""

from dataclasses import dataclass, replace

from emplette.domain import approvals, commitments, deciding, orders, purchases
from emplette.domain.approvals import (
    ContentChanged,
    ContentHashNeeded,
    Decision,
    Request,
    RequestAction,
    RequestKind,
    RequestState,
    Step,
    Verdict,
)
from emplette.domain.commitments import CommitmentAction
from emplette.domain.dossiers import (
    Dossier,
    Happening,
    Move,
    PurchaseClosed,
    commitment_of,
    content,
    content_hash,
    ended,
    refuse_beside_amendment,
    refuse_closed,
    request_of,
    touched,
)
from emplette.domain.errors import Conflict
from emplette.domain.orders import Order, OrderAction, OrderEntry, OrderHappening, OrderState
from emplette.domain.people import Principal, Stamp, User
from emplette.domain.purchases import Purchase, PurchaseAction, PurchaseState


class RequestExists(Conflict):
    """Approval of the commitment has been asked for already."""

    code = "request.exists"


class RequestDecided(Conflict):
    """The request is no longer waiting for a decision."""

    code = "request.decided"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody says to a request; ``content_hash`` is what they were shown, if they say it."""

    verdict: Verdict
    comment: str | None
    content_hash: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a new request is made of: its ids, by which rule of the policy, and who is asked.

    Nobody is, when a key approves by itself (no rule), or when the rule lets it pass at once.
    """

    request_id: int
    order_id: int
    workflow_id: str
    policy_version: int | None
    steps: tuple[Step, ...]
    rule: str | None = None
    states_hash: bool = False


def submit(dossier: Dossier, submission: Submission, *, who: Principal, by: Stamp) -> Move:
    """Ask for approval; without steps the rule or the key that asks approves, and the order exists.

    Raises:
        RequestExists: with the request there is.
        ActionNotAllowed, PurchaseClosed: the states of the commitment and the purchase.
    """
    refuse_second_request(dossier)
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    steps = submission.steps
    request = requested(dossier, submission, RequestKind.COMMITMENT, by=by)
    waiting = Dossier(
        replace(purchase, state=purchases.LIFE.after(purchase.state, PurchaseAction.SUBMIT)),
        replace(
            commitment,
            state=commitments.LIFE.after(commitment.state, CommitmentAction.SUBMIT),
            request_id=request.id,
            modified=by,
        ),
        request,
    )
    happening = Happening("request.created", "request", request.id)
    if steps:
        return Move(replace(waiting, purchase=touched(waiting.purchase, by)), (happening,))
    if submission.rule is not None:
        passed = replace(request, state=approvals.LIFE.after(request.state, RequestAction.APPROVE))
        approved = _approved(replace(waiting, request=passed), order_id=submission.order_id, last=by.by, by=by)
        return Move(approved.after, (happening, *approved.happenings[1:]))
    approved = _decide(waiting, by_itself(request, who, by), order_id=submission.order_id, by=by)
    return Move(approved.after, (happening, *approved.happenings[1:]))


def requested(dossier: Dossier, submission: Submission, kind: RequestKind, *, by: Stamp) -> Request:
    """Make the request that asks for what the dossier holds."""
    purchase, steps = dossier.purchase, submission.steps
    return Request(
        id=submission.request_id,
        purchase_id=purchase.id,
        commitment_id=commitment_of(dossier).id,
        kind=kind,
        state=RequestState.PENDING,
        policy_version=submission.policy_version,
        workflow_id=submission.workflow_id,
        step=steps[0].number if steps else 0,
        assignee=steps[0].approvers[0].user if steps else purchase.owner,
        content_hash=content_hash(dossier),
        requesters=requesters_of(purchase, by),
        cancellation_comment=None,
        steps=steps,
        decisions=(),
        created=by,
        modified=by,
        rule=submission.rule,
        states_hash=submission.states_hash,
        asked_at=by.at if steps else None,
    )


def by_itself(request: Request, who: Principal, by: Stamp) -> Decision:
    """Approve as a key that approves what it asks for."""
    ruling = Ruling(Verdict.APPROVED, comment=None, content_hash=None)
    return _decision(request, ruling, who=who, by=who.user, at=by)


def requesters_of(purchase: Purchase, by: Stamp) -> frozenset[int]:
    """List whose request it is: the owner, whoever wrote any part of it, and who asks."""
    return purchase.people | purchase.writers | by.by.identities


def refuse_second_request(dossier: Dossier) -> None:
    """Check that approval may be asked for: a commitment just created, of a purchase not closed."""
    purchase, commitment, request = dossier.purchase, commitment_of(dossier), dossier.request
    if request is not None:
        raise RequestExists(kind="request", id=request.id, state=request.state)
    refuse_closed(purchase)
    commitments.LIFE.after(commitment.state, CommitmentAction.SUBMIT, kind="commitment", id=commitment.id)


def decide(dossier: Dossier, ruling: Ruling, *, who: Principal, order_id: int, by: Stamp) -> Move:
    """Approve or deny.

    Raises:
        RequestDecided, OwnRequest, NotAsked, ContentHashNeeded, ContentChanged: see `ruled`.
    """
    asked, decision = ruled(dossier, ruling, who=who, by=by)
    return _decide(asked, decision, order_id=order_id, by=by)


def ruled(dossier: Dossier, ruling: Ruling, *, who: Principal, by: Stamp) -> tuple[Dossier, Decision]:
    """Check that somebody may decide, on what they were shown; answer what is decided on, and the decision.

    Raises:
        RequestDecided: it waits for nobody any more.
        OwnRequest, NotAsked: this person may not decide it.
        ContentHashNeeded: the policy wants the decision to say what was shown.
        ContentChanged: what is to be approved is not what was shown; its facts are what is to be approved now.
    """
    request = request_of(dossier)
    person = deciding.decider(who)
    if request.state is not RequestState.PENDING:
        raise RequestDecided(kind="request", id=request.id, state=request.state)
    in_place_of = deciding.may_decide(request, person.id)
    current = content_hash(dossier)
    if ruling.content_hash is None and request.states_hash:
        detail = "Say as contentHash what was shown when it was decided: the company's policy wants it."
        raise ContentHashNeeded(detail, kind="request", id=request.id, state=request.state, contentHash=current)
    if ruling.content_hash is not None and ruling.content_hash != current:
        raise ContentChanged(
            kind="request", id=request.id, state=request.state, contentHash=current, content=content(dossier)
        )
    asked = replace(request, content_hash=current)
    decision = replace(_decision(asked, ruling, who=who, by=person, at=by), in_place_of=in_place_of)
    return replace(dossier, request=asked), decision


def cancel(dossier: Dossier, comment: str | None, *, by: Stamp) -> Move:
    """Take a request back, and with it the commitment, the purchase and the order.

    Raises:
        ActionNotAllowed, PurchaseClosed: the request or the purchase has ended already.
        AmendmentPending: an amendment waits for approval.
    """
    purchase, commitment, request = dossier.purchase, commitment_of(dossier), request_of(dossier)
    state = approvals.LIFE.after(request.state, RequestAction.CANCEL, kind="request", id=request.id)
    if purchase.state is PurchaseState.CLOSED:
        raise PurchaseClosed(kind="request", id=request.id, state=purchase.state)
    refuse_beside_amendment(dossier)
    after = Dossier(
        touched(purchase, by, state=purchases.LIFE.after(purchase.state, PurchaseAction.CANCEL)),
        replace(commitment, state=commitments.LIFE.after(commitment.state, CommitmentAction.CANCEL), modified=by),
        replace(request, state=state, cancellation_comment=comment, modified=by),
        ended(dossier.order, OrderAction.CANCEL, OrderHappening.CANCELLED, by),
    )
    happenings = [Happening("request.cancelled", "request", request.id)]
    if after.order is not None:
        happenings.append(Happening("order.cancelled", "order", after.order.id))
    return Move(after, tuple(happenings))


def _decide(dossier: Dossier, decision: Decision, *, order_id: int, by: Stamp) -> Move:
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    request = deciding.decided(request_of(dossier), decision, by=by)
    if request.state is RequestState.PENDING:
        after = replace(dossier, purchase=touched(purchase, by), request=request)
        happened = "request.step_approved" if decision.verdict is Verdict.APPROVED else "request.step_objected"
        return Move(after, (Happening(happened, "request", request.id),))
    if request.state is RequestState.DENIED:
        denied = Dossier(
            touched(purchase, by, state=purchases.LIFE.after(purchase.state, PurchaseAction.DENY)),
            replace(commitment, state=commitments.LIFE.after(commitment.state, CommitmentAction.DENY), modified=by),
            request,
        )
        return Move(denied, (Happening("request.denied", "request", request.id),))
    return _approved(replace(dossier, request=request), order_id=order_id, last=decision.by, by=by)


def _approved(dossier: Dossier, *, order_id: int, last: User, by: Stamp) -> Move:
    """Make the order of what has just been approved; ``last`` is who did so last."""
    purchase, commitment, request = dossier.purchase, commitment_of(dossier), request_of(dossier)
    order = Order(
        id=order_id,
        number=orders.number_of(order_id),
        state=OrderState.OPEN,
        purchase_id=purchase.id,
        commitment_id=commitment.id,
        approved_at=by.at,
        created=by,
        history=(OrderEntry(by.at, OrderHappening.CREATED, last),),
    )
    approved = Dossier(
        touched(purchase, by, state=purchases.LIFE.after(purchase.state, PurchaseAction.APPROVE)),
        replace(
            commitment,
            state=commitments.LIFE.after(commitment.state, CommitmentAction.APPROVE),
            order_id=order.id,
            modified=by,
        ),
        request,
        order,
    )
    happenings = (
        Happening("request.approved", "request", request.id),
        Happening("order.created", "order", order.id),
    )
    return Move(approved, happenings)


def _decision(request: Request, ruling: Ruling, *, who: Principal, by: User, at: Stamp) -> Decision:
    return Decision(
        step=request.step,
        by=by,
        verdict=ruling.verdict,
        comment=ruling.comment,
        content_hash=request.content_hash,
        stated=ruling.content_hash is not None,
        at=at.at,
        api_key_id=who.api_key_id,
    )
