"""How an answer tells a request for approval."""

from dataclasses import replace

from msgspec import UNSET, UnsetType

from emplette.domain import amending
from emplette.domain.amendments import AmendedPart
from emplette.domain.approvals import (
    Approver,
    Decision,
    RequestAction,
    RequestKind,
    RequestNotFound,
    RequestState,
    Step,
    Verdict,
)
from emplette.domain.commitments import Content
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.http.api.amounts import DualAmountOut, dual_amount_out
from emplette.http.api.commitments_out import AnyCommitmentOut, commitment_out
from emplette.http.api.references import OrderReferenceOut, PurchaseReferenceOut, UserOut, user_out
from emplette.http.api.references import purchase_reference_out as purchase_out
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import href


class ApproverOut(Answer):
    """Somebody who is asked, and why; `inPlaceOf` is who is asked no more, or away, by their id."""

    user: UserOut
    reason: str
    in_place_of: int | None


class StepOut(Answer):
    """A step of a request: who is asked, and how many of them must approve."""

    id: int
    name: str
    needed: int
    approvers: list[ApproverOut]


class DecisionOut(Answer):
    """What somebody decided, on which content; `stated` when the caller said what was shown.

    `inPlaceOf` is who was asked, by their id, when another decided as their deputy.
    """

    step_id: int
    verdict: Verdict
    by: UserOut
    in_place_of: int | None
    comment: str | None
    content_hash: str
    stated: bool
    at: Instant


class AmendmentOut(Answer):
    """What an approved commitment shall say instead of what it said: both whole, what changes, what it costs more.

    `difference` is without taxes, of the whole commitment, in the currency that it had; below zero it costs less.
    """

    before: AnyCommitmentOut
    after: AnyCommitmentOut
    difference: DualAmountOut
    changes: list[AmendedPart]


class RequestOut(Answer):
    """A request for approval of a commitment, or of its amendment; `stepId` is 0 when a key approved by itself."""

    id: int
    href: str
    owner: UserOut
    assignee: UserOut
    business_object: AnyCommitmentOut
    step_id: int
    workflow_id: str
    template_id: int
    state: RequestState
    created_at: Instant
    modified_at: Instant
    author: UserOut
    modifier: UserOut
    kind: RequestKind
    content_hash: str
    purchase: PurchaseReferenceOut
    steps: list[StepOut]
    decisions: list[DecisionOut]
    waits_for: list[ApproverOut]
    cancellation_comment: str | None
    version: int
    actions: list[RequestAction]
    order: OrderReferenceOut | UnsetType = UNSET
    amendment: AmendmentOut | UnsetType = UNSET


def request_out(dossier: Dossier, base_url: str) -> RequestOut:
    """Tell a request."""
    request, order = dossier.request, dossier.order
    if request is None:
        raise RequestNotFound
    return RequestOut(
        id=request.id,
        href=href("request", request.id),
        owner=user_out(dossier.purchase.owner, base_url),
        assignee=user_out(request.first_there, base_url),
        business_object=commitment_out(dossier, base_url),
        step_id=request.step,
        workflow_id=request.workflow_id,
        template_id=request.policy_version or 0,
        state=request.state,
        created_at=instant(request.created.at),
        modified_at=instant(request.modified.at),
        author=user_out(request.created.by, base_url),
        modifier=user_out(request.modified.by, base_url),
        kind=request.kind,
        content_hash=request.content_hash,
        purchase=purchase_out(dossier.purchase),
        steps=[_step_out(step, base_url) for step in request.steps],
        decisions=[_decision_out(decision, base_url) for decision in request.decisions],
        waits_for=[_approver_out(approver, base_url) for approver in request.deciders],
        cancellation_comment=request.cancellation_comment,
        version=dossier.purchase.version,
        actions=amending.actions(dossier),
        order=(
            UNSET
            if order is None
            else OrderReferenceOut(id=order.id, number=order.number, href=href("order", order.id))
        ),
        amendment=_amendment_out(dossier, base_url),
    )


def _amendment_out(dossier: Dossier, base_url: str) -> AmendmentOut | UnsetType:
    amendment = dossier.asks_for
    if amendment is None:
        return UNSET
    return AmendmentOut(
        before=commitment_out(_saying(dossier, amendment.replaced), base_url),
        after=commitment_out(_saying(dossier, amendment.proposed), base_url),
        difference=dual_amount_out(amendment.difference),
        changes=list(amendment.changes),
    )


def _saying(dossier: Dossier, content: Content) -> Dossier:
    return replace(dossier, commitment=commitment_of(dossier).saying(content))


def _step_out(step: Step, base_url: str) -> StepOut:
    approvers = [_approver_out(approver, base_url) for approver in step.approvers]
    return StepOut(id=step.number, name=step.name, needed=step.needed, approvers=approvers)


def _approver_out(approver: Approver, base_url: str) -> ApproverOut:
    return ApproverOut(user=user_out(approver.user, base_url), reason=approver.reason, in_place_of=approver.in_place_of)


def _decision_out(decision: Decision, base_url: str) -> DecisionOut:
    return DecisionOut(
        step_id=decision.step,
        verdict=decision.verdict,
        by=user_out(decision.by, base_url),
        in_place_of=decision.in_place_of,
        comment=decision.comment,
        content_hash=decision.content_hash,
        stated=decision.stated,
        at=instant(decision.at),
    )
