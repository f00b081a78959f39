"""How an answer tells a request for approval."""

from msgspec import UNSET, UnsetType

from emplette.domain import approvals
from emplette.domain.approvals import (
    Decision,
    Request,
    RequestAction,
    RequestKind,
    RequestNotFound,
    RequestState,
    Step,
    Verdict,
)
from emplette.domain.dossiers import Dossier
from emplette.domain.purchases import PurchaseState
from emplette.http.api.commitments_out import AnyCommitmentOut, commitment_out
from emplette.http.api.references import OrderReferenceOut, PurchaseReferenceOut, UserOut, user_out
from emplette.http.api.references import purchase_reference_out as purchase_out
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import href


class ApproverOut(Answer):
    """Somebody who is asked, and why."""

    user: UserOut
    reason: str


class StepOut(Answer):
    """A step of a request: who is asked, and how many of them must approve."""

    id: int
    name: str
    needed: int
    approvers: list[ApproverOut]


class DecisionOut(Answer):
    """What somebody decided, on which content; `stated` when the caller said what was shown."""

    step_id: int
    verdict: Verdict
    by: UserOut
    comment: str | None
    content_hash: str
    stated: bool
    at: Instant


class RequestOut(Answer):
    """A request for approval of a commitment; its `stepId` is 0 when a key approved by itself."""

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
    cancellation_comment: str | None
    version: int
    actions: list[RequestAction]
    order: OrderReferenceOut | UnsetType = UNSET


def request_out(dossier: Dossier, base_url: str) -> RequestOut:
    """Tell a request."""
    request, order = dossier.request, dossier.order
    if request is None:
        raise RequestNotFound
    return RequestOut(
        id=request.id,
        href=href("request", request.id),
        owner=user_out(dossier.purchase.owner, base_url),
        assignee=user_out(request.assignee, base_url),
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
        cancellation_comment=request.cancellation_comment,
        version=dossier.purchase.version,
        actions=_actions(dossier, request),
        order=(
            UNSET
            if order is None
            else OrderReferenceOut(id=order.id, number=order.number, href=href("order", order.id))
        ),
    )


def _actions(dossier: Dossier, request: Request) -> list[RequestAction]:
    return [] if dossier.purchase.state is PurchaseState.CLOSED else approvals.LIFE.actions(request.state)


def _step_out(step: Step, base_url: str) -> StepOut:
    approvers = [
        ApproverOut(user=user_out(approver.user, base_url), reason=approver.reason) for approver in step.approvers
    ]
    return StepOut(id=step.number, name=step.name, needed=step.needed, approvers=approvers)


def _decision_out(decision: Decision, base_url: str) -> DecisionOut:
    return DecisionOut(
        step_id=decision.step,
        verdict=decision.verdict,
        by=user_out(decision.by, base_url),
        comment=decision.comment,
        content_hash=decision.content_hash,
        stated=decision.stated,
        at=instant(decision.at),
    )
