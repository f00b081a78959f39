"""How an answer tells a plan: by which rule, in which steps, who is asked and why, in words and as data."""

from enum import StrEnum

from msgspec import UNSET, UnsetType

from emplette.domain.approvals import (
    Approver,
    Because,
    Cause,
    LeftOut,
    Pick,
    Request,
    RequestState,
    Step,
    StepState,
    Verdict,
)
from emplette.domain.routing import CAUSES
from emplette.http.api.escalating_out import IfUndecidedOut, RemindersOut, if_undecided_out, reminders_out
from emplette.http.api.outlooks_out import BudgetsOut, budgets_out
from emplette.http.api.references import UserOut, user_out
from emplette.http.contract import Answer
from emplette.services.approval_plans import DraftPlan, RequestPlan
from emplette.services.prospects import Prospect


class Outcome(StrEnum):
    """How something is approved: by people in steps, at once by a rule, or by the key that asks."""

    STEPS = "Steps"
    AT_ONCE = "AtOnce"
    BY_KEY = "ByKey"


class RuleOut(Answer):
    """The rule of the policy, and what it is for: all of the conditions hold; without any, it is for everything."""

    name: str
    conditions: list[str]


class BecauseOut(Answer):
    """Why somebody is asked, as data; `of` is the user, department or cost center that the pick is about."""

    pick: Pick
    of: int | None
    permission: str | None
    instead_of: int | None
    cause: Cause | None


class PlannedApproverOut(Answer):
    """Somebody who is asked, why, and what they have decided."""

    user: UserOut
    reason: str
    because: BecauseOut | None
    in_place_of: int | None
    verdict: Verdict | None
    waits: bool


class LeftOutOut(Answer):
    """Somebody whom the step names and who is not asked; without an id, nobody was there to be named."""

    user_id: int | None
    pick: Pick
    cause: Cause
    reason: str


class PlannedStepOut(Answer):
    """A step: how many of whom must approve; `round` counts how often the request has begun."""

    id: int
    name: str
    round: int
    needed: int
    distinct: bool
    one_denial_denies: bool
    self_approval: bool
    approvers: list[PlannedApproverOut]
    left_out: list[LeftOutOut]
    state: StepState
    reminders: RemindersOut | None
    if_undecided: IfUndecidedOut | None


class PlanOut(Answer):
    """Who is asked to approve something, in which order, and why; `words` says all of it.

    `budgets` is what it leaves of the company's budgets; null where there are none, or when it is over.
    """

    outcome: Outcome
    words: str
    policy_version: int | None
    rule: RuleOut | None
    must_state_content_hash: bool
    steps: list[PlannedStepOut]
    budgets: BudgetsOut | None
    request_id: int | UnsetType = UNSET
    state: RequestState | UnsetType = UNSET
    step_id: int | UnsetType = UNSET


def draft_plan_out(draft: DraftPlan, key_name: str, base_url: str) -> PlanOut:
    """Tell who would be asked; without a plan, the key approves by itself."""
    plan, budgets = draft.plan, budgets_out(draft.outlooks)
    if plan is None:
        words = f"Key {key_name!r} approves what it submits by itself."
        return PlanOut(
            outcome=Outcome.BY_KEY,
            words=words,
            policy_version=None,
            rule=None,
            must_state_content_hash=False,
            steps=[],
            budgets=budgets,
        )
    rule = RuleOut(name=plan.rule.name, conditions=list(plan.conditions))
    steps = [_step_out(step, StepState.TO_COME, None, base_url) for step in plan.steps]
    return PlanOut(
        outcome=Outcome.AT_ONCE if plan.at_once else Outcome.STEPS,
        words=_words(rule, plan.steps),
        policy_version=plan.policy_version,
        rule=rule,
        must_state_content_hash=plan.states_hash,
        steps=steps,
        budgets=budgets,
    )


def request_plan_out(plan: RequestPlan, base_url: str) -> PlanOut:
    """Tell who is asked about a request."""
    request = plan.request
    rule = None if request.rule is None else RuleOut(name=request.rule, conditions=list(plan.conditions))
    outcome = Outcome.STEPS if request.steps else Outcome.BY_KEY if rule is None else Outcome.AT_ONCE
    words = "The key that asked approved it by itself."
    if outcome is not Outcome.BY_KEY:
        words = _words(rule, [step for step in request.steps if step.round == request.round])
    return PlanOut(
        outcome=outcome,
        words=words,
        policy_version=request.policy_version,
        rule=rule,
        must_state_content_hash=request.states_hash,
        steps=[_step_out(step, request.standing_of(step), request, base_url, plan.prospect) for step in request.steps],
        budgets=budgets_out(plan.outlooks),
        request_id=request.id,
        state=request.state,
        step_id=request.step,
    )


def _words(rule: RuleOut | None, steps: "list[Step] | tuple[Step, ...]") -> str:
    name = "" if rule is None else f"Rule {rule.name!r}{_for_what(rule)}: "
    if not steps:
        return f"{name}approved at once, nobody is asked."
    return f"{name}{', then '.join(_words_of(step) for step in steps)}."


def _for_what(rule: RuleOut) -> str:
    return f" ({', '.join(rule.conditions)})" if rule.conditions else ""


def _words_of(step: Step) -> str:
    people = ", ".join(f"{asked.user.name} ({asked.reason})" for asked in step.approvers)
    count = len(step.approvers)
    how = "" if count == 1 else f"{'all' if step.needed == count else step.needed} of "
    return f"{step.name}: {how}{people}"


def _step_out(
    step: Step, state: StepState, request: Request | None, base_url: str, prospect: Prospect | None = None
) -> PlannedStepOut:
    is_asked = request is not None and state is StepState.ASKED
    deputies = [one for one in request.deciders if one not in step.approvers] if request and is_asked else []
    return PlannedStepOut(
        id=step.number,
        name=step.name,
        round=step.round,
        needed=step.needed,
        distinct=step.distinct,
        one_denial_denies=step.one_denial,
        self_approval=step.own_too,
        approvers=[
            _approver_out(approver, step, state, request, base_url) for approver in (*step.approvers, *deputies)
        ],
        left_out=[_left_out_out(one) for one in step.left_out],
        state=state,
        reminders=reminders_out(step.waiting),
        if_undecided=if_undecided_out(prospect, base_url) if is_asked else None,
    )


def _approver_out(
    approver: Approver, step: Step, state: StepState, request: Request | None, base_url: str
) -> PlannedApproverOut:
    verdict, waits = None, False
    if request is not None:
        waits = state is StepState.ASKED and approver in request.deciders
        verdict = next(
            (
                made.verdict
                for made in reversed(request.decisions)
                if made.step == step.number and made.by.id == approver.user.id
            ),
            Verdict.APPROVED if approver.user.id in request.approvers_of(step) else None,
        )
    return PlannedApproverOut(
        user=user_out(approver.user, base_url),
        reason=approver.reason,
        because=None if approver.because is None else _because_out(approver.because),
        in_place_of=approver.in_place_of,
        verdict=verdict,
        waits=waits,
    )


def _because_out(because: Because) -> BecauseOut:
    return BecauseOut(
        pick=because.pick,
        of=because.of,
        permission=because.permission,
        instead_of=because.instead_of,
        cause=because.cause,
    )


def _left_out_out(one: LeftOut) -> LeftOutOut:
    who = "nobody" if one.user_id is None else f"user {one.user_id}, {CAUSES[one.cause]}"
    return LeftOutOut(user_id=one.user_id, pick=one.pick, cause=one.cause, reason=f"{one.pick}: {who}")
