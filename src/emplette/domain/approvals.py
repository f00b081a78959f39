"""Approval: the policy of a company, the request it leads to, who was asked, and who decided what.

One denial denies. A step passes when ``needed`` of its people have approved; the last step's passing approves
the request. A decision stores the hash of the content that it was made on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from emplette.domain.errors import Conflict, Forbidden, NotFound
from emplette.domain.people import Principal, Stamp, User
from emplette.domain.workflow import Workflow


class RequestState(StrEnum):
    """Where a request for approval stands."""

    PENDING = "Pending"
    APPROVED = "Approved"
    DENIED = "Denied"
    CANCELLED = "Cancelled"


class RequestAction(StrEnum):
    """What can happen to a request."""

    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"


class RequestKind(StrEnum):
    """What approval is asked for: a commitment, or the change of an approved one."""

    COMMITMENT = "Commitment"
    AMENDMENT = "Amendment"


class Verdict(StrEnum):
    """What somebody decided."""

    APPROVED = "Approved"
    DENIED = "Denied"


LIFE: Final = Workflow(
    "request",
    {
        (RequestState.PENDING, RequestAction.APPROVE): RequestState.APPROVED,
        (RequestState.PENDING, RequestAction.DENY): RequestState.DENIED,
        (RequestState.PENDING, RequestAction.CANCEL): RequestState.CANCELLED,
        (RequestState.APPROVED, RequestAction.CANCEL): RequestState.CANCELLED,
    },
)


class RequestNotFound(NotFound):
    """There is no such request."""

    code = "request.not_found"


class PolicyMissing(Conflict):
    """The company has no approval policy."""

    code = "policy.missing"


class NobodyLeftToAsk(Conflict):
    """A step of the policy has nobody left who could decide."""

    code = "approval.nobody_left"


class PersonNeeded(Forbidden):
    """Only a key that is bound to a person may decide."""

    code = "approval.person_needed"


class NotAsked(Forbidden):
    """The person is not asked to decide this request now."""

    code = "approval.not_asked"


class OwnRequest(Forbidden):
    """Nobody decides on a purchase of their own."""

    code = "approval.own_request"


class ContentChanged(Conflict):
    """What is to be approved is not what was shown."""

    code = "approval.content_changed"


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step of a policy: one of these people is enough."""

    name: str
    any_of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who approves, in which order; a request stays bound to the version it started with."""

    version: int
    steps: tuple[PolicyStep, ...]


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who is asked, and why."""

    user: User
    reason: str
    in_place_of: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request: how many of these people must approve."""

    number: int
    name: str
    needed: int
    approvers: tuple[Approver, ...]

    def asks(self, person_id: int) -> bool:
        """Tell whether the person is asked in this step."""
        return any(approver.user.id == person_id for approver in self.approvers)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided, on which content; ``stated`` when the caller said the hash."""

    step: int
    by: User
    verdict: Verdict
    comment: str | None
    content_hash: str
    stated: bool
    at: datetime
    api_key_id: int | None
    in_place_of: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request for approval of a commitment.

    ``step`` is the step being asked, 0 when a key approves by itself. ``requesters`` are the owner, whoever asked, and
    everybody who wrote any part of what is to be approved: none of them may decide.
    """

    id: int
    purchase_id: int
    commitment_id: int
    kind: RequestKind
    state: RequestState
    policy_version: int | None
    workflow_id: str
    step: int
    assignee: User
    content_hash: str
    requesters: frozenset[int]
    cancellation_comment: str | None
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    created: Stamp
    modified: Stamp

    @property
    def current_step(self) -> Step | None:
        """The step that is being asked, if there is one."""
        return next((step for step in self.steps if step.number == self.step), None)

    @property
    def decisions_that_count(self) -> tuple[Decision, ...]:
        """What was decided in the step that is being asked, about what is to be approved now."""
        return tuple(
            made for made in self.decisions if (made.step, made.content_hash) == (self.step, self.content_hash)
        )

    @property
    def asked(self) -> frozenset[int]:
        """Everybody who is asked in any step."""
        return frozenset(approver.user.id for step in self.steps for approver in step.approvers)


def steps_of(policy: Policy, people: Mapping[int, User], *, on: date, **facts: object) -> tuple[Step, ...]:
    """Work out who is asked: the policy's steps with the people who are still there.

    Raises:
        NobodyLeftToAsk: a step has only people who left; its facts are what the caller adds.
    """
    return tuple(_step(number, rule, people, on, facts) for number, rule in enumerate(policy.steps, start=1))


def _step(number: int, rule: PolicyStep, people: Mapping[int, User], on: date, facts: Mapping[str, object]) -> Step:
    reason = f"named by step {number}, {rule.name}"
    here = [people[user_id] for user_id in rule.any_of if user_id in people and people[user_id].is_active(on)]
    if not here:
        detail = f"Everybody named by step {number}, {rule.name}, has left: load a policy that names others."
        raise NobodyLeftToAsk(detail, **facts)
    return Step(number, rule.name, needed=1, approvers=tuple(Approver(user, reason) for user in here))


def decider(who: Principal) -> User:
    """Return the person who decides through this key.

    Raises:
        PersonNeeded: the key is bound to nobody.
    """
    if who.person is None:
        detail = "A key decides only for a person: use one made with --person."
        raise PersonNeeded(detail)
    return who.person


def may_decide(request: Request, person_id: int) -> None:
    """Check that the person is asked now, and not about a purchase of their own.

    Raises:
        OwnRequest: the person is the owner or an author of what is to be approved.
        NotAsked: the current step does not name the person, or they have approved it already.
    """
    if person_id in request.requesters:
        detail = "You own or wrote what is to be approved; somebody else must decide."
        raise OwnRequest(detail)
    step = request.current_step
    if step is None or not step.asks(person_id):
        raise NotAsked
    if any(decision.by.id == person_id for decision in request.decisions_that_count):
        detail = "You have approved this step already; others are asked."
        raise NotAsked(detail)


def decided(request: Request, decision: Decision, *, by: Stamp) -> Request:
    """Return the request after a decision: denied, approved, at its next step, or still waiting in this one."""
    after = replace(request, decisions=(*request.decisions, decision), modified=by)
    if decision.verdict is Verdict.DENIED:
        return replace(after, state=LIFE.after(request.state, RequestAction.DENY))
    state = LIFE.after(request.state, RequestAction.APPROVE)
    step = request.current_step
    if step is not None and len(after.decisions_that_count) < step.needed:
        return after
    following = _next_step(request.steps, request.step)
    if following is None:
        return replace(after, state=state)
    return replace(after, step=following.number, assignee=following.approvers[0].user)


def asked_anew(request: Request, content_hash: str) -> Request:
    """Return the request after a change of what is to be approved: asked from its first step on.

    Who approved before approved something else.
    """
    first = _next_step(request.steps, 0)
    if first is None:
        return replace(request, content_hash=content_hash)
    return replace(request, content_hash=content_hash, step=first.number, assignee=first.approvers[0].user)


def _next_step(steps: Sequence[Step], number: int) -> Step | None:
    return next((step for step in steps if step.number > number), None)
