"""Approval: a request, who is asked and why, and who decided what.

A step passes when ``needed`` of its people have approved; the last step's passing approves the request. Whoever is
asked in several steps is asked once. One denial denies, unless the step says otherwise. A decision stores the hash of
the content that it was made on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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


class ContentHashNeeded(Conflict):
    """The policy wants every decision to state the content hash that it is made on."""

    code = "approval.content_hash_needed"


class Pick(StrEnum):
    """By what somebody is asked."""

    NAMED = "named"
    MANAGER = "manager"
    MANAGERS_MANAGER = "managersManager"
    HEAD = "headOfDepartment"
    NEXT_HEAD = "nextHead"
    COST_CENTER_OWNER = "costCenterOwner"
    HOLDERS = "holdersOf"


class Cause(StrEnum):
    """Why somebody whom a step names is not asked."""

    OWN_REQUEST = "ownRequest"
    LEFT = "left"
    UNKNOWN = "unknown"
    NOBODY = "nobody"
    SHORT = "tooFew"


@dataclass(frozen=True, slots=True)
class Because:
    """Why somebody is asked, as data.

    ``of`` is the user, the department or the cost center that the pick is about; ``instead_of`` is the user in whose
    place the question went up, and ``cause`` why it did.
    """

    pick: Pick
    of: int | None = None
    permission: str | None = None
    instead_of: int | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom a step names and who is not asked; without a user, nobody was there to be named."""

    pick: Pick
    cause: Cause
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who is asked, and why."""

    user: User
    reason: str
    in_place_of: int | None = None
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request: how many of these people must approve.

    ``round`` counts how often the request began. In a ``distinct`` step, who approved an earlier one does not count;
    without ``one_denial``, a step is denied once too few are left to approve it; ``own_too`` lets people decide on what
    they own or wrote.
    """

    number: int
    name: str
    needed: int
    approvers: tuple[Approver, ...]
    round: int = 1
    distinct: bool = False
    one_denial: bool = True
    own_too: bool = False
    left_out: tuple[LeftOut, ...] = ()

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
    everybody who wrote any part of what is to be approved: none of them may decide, unless a step says so. ``rule`` is
    that of the policy; with ``states_hash`` each decision must say on which content it is made.
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
    rule: str | None = None
    states_hash: bool = False

    @property
    def current_step(self) -> Step | None:
        """The step that is being asked, if there is one."""
        return next((step for step in self.steps if step.number == self.step), None)

    @property
    def round(self) -> int:
        """How often it has begun; 0 when nobody was asked."""
        return max((step.round for step in self.steps), default=0)

    @property
    def decisions_that_count(self) -> tuple[Decision, ...]:
        """What was decided in the step that is being asked, about what is to be approved now."""
        return tuple(
            made for made in self.decisions if (made.step, made.content_hash) == (self.step, self.content_hash)
        )

    @property
    def waits_for(self) -> tuple[Approver, ...]:
        """Who can decide the step that is being asked."""
        step = self.current_step
        if step is None:
            return ()
        done = {made.by.id for made in self.decisions_that_count} | self._approvers_before(step)
        return tuple(approver for approver in step.approvers if approver.user.id not in done)

    def approvers_of(self, step: Step) -> frozenset[int]:
        """Who has approved a step: in it or, unless its people are distinct, in one before it."""
        here = {
            made.by.id
            for made in self.decisions
            if made.verdict is Verdict.APPROVED and (made.step, made.content_hash) == (step.number, self.content_hash)
        }
        before = frozenset() if step.distinct else self._approvers_before(step)
        return frozenset(person for person in here | before if step.asks(person))

    def _approvers_before(self, step: Step) -> frozenset[int]:
        earlier = {one.number for one in self.steps if one.round == step.round and one.number < step.number}
        return frozenset(
            made.by.id
            for made in self.decisions
            if made.verdict is Verdict.APPROVED and made.content_hash == self.content_hash and made.step in earlier
        )

    @property
    def asked(self) -> frozenset[int]:
        """Everybody who is asked in any step."""
        return frozenset(approver.user.id for step in self.steps for approver in step.approvers)


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
    """Check that the person is asked now, and not about a purchase of their own unless the step says so.

    Raises:
        OwnRequest: the person is the owner or an author of what is to be approved.
        NotAsked: the current step does not name the person, or they have decided already.
    """
    step = request.current_step
    if person_id in request.requesters and not (step is not None and step.own_too):
        detail = "You own or wrote what is to be approved; somebody else must decide."
        raise OwnRequest(detail)
    if step is None or not step.asks(person_id):
        raise NotAsked
    if any(decision.by.id == person_id for decision in request.decisions_that_count):
        detail = "You have decided this step already; others are asked."
        raise NotAsked(detail)
    if all(approver.user.id != person_id for approver in request.waits_for):
        detail = "You have approved a step before this one; others are asked."
        raise NotAsked(detail)


def decided(request: Request, decision: Decision, *, by: Stamp) -> Request:
    """Return the request after a decision: denied, approved, at its next step, or still waiting in this one."""
    after = replace(request, decisions=(*request.decisions, decision), modified=by)
    step = request.current_step
    if decision.verdict is Verdict.DENIED:
        state = LIFE.after(request.state, RequestAction.DENY)
        if step is not None and not step.one_denial and _can_pass(after, step):
            return _waiting(after)
        return replace(after, state=state)
    state = LIFE.after(request.state, RequestAction.APPROVE)
    while step is not None and len(after.approvers_of(step)) >= step.needed:
        step = _next_step(request.steps, step.number)
    if step is None:
        return replace(after, state=state)
    return _waiting(replace(after, step=step.number))


def _can_pass(request: Request, step: Step) -> bool:
    """Tell whether enough people are left to approve the step that is being asked."""
    return len(request.approvers_of(step)) + len(request.waits_for) >= step.needed


def _waiting(request: Request) -> Request:
    """Return the request with the first of those for whom it waits as its assignee."""
    first = next(iter(request.waits_for), None)
    return request if first is None else replace(request, assignee=first.user)


def asked_anew(request: Request, content_hash: str) -> Request:
    """Return the request after a change of what is to be approved: asked from the first step of its round on.

    Who approved before approved something else.
    """
    first = next((step for step in request.steps if step.round == request.round), None)
    if first is None:
        return replace(request, content_hash=content_hash)
    return replace(request, content_hash=content_hash, step=first.number, assignee=first.approvers[0].user)


def begun_anew(request: Request, content_hash: str, steps: Sequence[Step]) -> Request:
    """Return the request after a change that its policy allows: with a further round of steps, numbered on."""
    last = max((step.number for step in request.steps), default=0)
    further = tuple(
        replace(step, number=last + position, round=request.round + 1) for position, step in enumerate(steps, start=1)
    )
    return asked_anew(replace(request, steps=(*request.steps, *further)), content_hash)


def _next_step(steps: Sequence[Step], number: int) -> Step | None:
    return next((step for step in steps if step.number > number), None)
