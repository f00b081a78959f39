"""Approval: a request, who is asked and why, and who decided what.

A step passes when ``needed`` of its people have approved; the last step's passing approves the request. Whoever is
asked in several steps is asked once. One denial denies, unless the step says otherwise. A decision stores the hash of
the content that it was made on.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from emplette.domain.errors import Conflict, Forbidden, NotFound
from emplette.domain.people import Stamp, User
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
    """Why somebody whom a step names is not asked, or is asked no more."""

    OWN_REQUEST = "ownRequest"
    LEFT = "left"
    UNKNOWN = "unknown"
    NOBODY = "nobody"
    SHORT = "tooFew"
    LOST = "lostTheRight"
    SLOW = "tooSlow"
    REASSIGNED = "reassigned"


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
    """Somebody who is asked, and why.

    As part of a step, ``in_place_of`` is who is asked no more, since this one is. Of those who stand in for a request,
    it is who is away: they are asked as well, and may decide first.
    """

    user: User
    reason: str
    in_place_of: int | None = None
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What happens while somebody keeps a request waiting: working days until each reminder, and until it goes up."""

    remind_after: tuple[int, ...] = ()
    escalate_after: int | None = None

    def __bool__(self) -> bool:
        return bool(self.remind_after) or self.escalate_after is not None


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
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def people(self) -> tuple[Approver, ...]:
        """Who is asked now: not those in whose place another one has been asked since."""
        asked: dict[int, Approver] = {}
        for approver in self.approvers:
            if approver.in_place_of is not None:
                asked.pop(approver.in_place_of, None)
            asked.setdefault(approver.user.id, approver)
        return tuple(asked.values())

    def asks(self, person_id: int) -> bool:
        """Tell whether the person is asked in this step."""
        return any(approver.user.id == person_id for approver in self.people)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided, on which content; ``stated`` when the caller said the hash.

    ``in_place_of`` is who was asked and away, when a deputy decided.
    """

    step: int
    by: User
    verdict: Verdict
    comment: str | None
    content_hash: str
    stated: bool
    at: datetime
    api_key_id: int | None
    in_place_of: int | None = None


class StepState(StrEnum):
    """Where a step stands: to come, asked now, passed, denied, or given up when the request began anew or ended."""

    TO_COME = "ToCome"
    ASKED = "Asked"
    PASSED = "Passed"
    DENIED = "Denied"
    GIVEN_UP = "GivenUp"


@dataclass(frozen=True, slots=True)
class Request:
    """A request for approval of a commitment.

    ``step`` is the step being asked, 0 when a key approves by itself. ``requesters`` are the owner, whoever asked, and
    everybody who wrote any part of what is to be approved: none of them may decide, unless a step says so. ``rule`` is
    that of the policy; with ``states_hash`` each decision must say on which content it is made. ``asked_at`` is since
    when the people of the step are asked, None when nobody is. ``stand_ins`` are the deputies of today for those who
    are asked and away, ``gone`` those asked who may decide no more: both are found when it is read, and kept nowhere.
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
    asked_at: datetime | None = None
    stand_ins: tuple[Approver, ...] = ()
    gone: frozenset[int] = frozenset()

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
        """Who of those asked can decide the step that is being asked."""
        step = self.current_step
        if step is None:
            return ()
        done = {_seat(made, step) for made in self.decisions_that_count} | self._acted(step) | self.approvers_of(step)
        return tuple(approver for approver in step.people if approver.user.id not in done)

    @property
    def deciders(self) -> tuple[Approver, ...]:
        """Who can decide now: those for whom it waits, and whoever stands in for one of them.

        Whoever is asked in their own right does not stand in besides, nor do those whose own it is, those who have
        acted, or those who are asked further on in a step that wants other people. Nobody stands in for who may decide
        no more.
        """
        step, asked = self.current_step, self.waits_for
        if step is None or self.state is not RequestState.PENDING:
            return ()
        away = {approver.user.id for approver in asked} - self.gone
        barred = self._acted(step) | {approver.user.id for approver in step.people}
        barred |= frozenset() if step.own_too else self.requesters
        for later in self.steps:
            if later.number > step.number and later.distinct:
                barred |= {approver.user.id for approver in later.people}
        found = {approver.user.id: approver for approver in asked if approver.user.id not in self.gone}
        for deputy in self.stand_ins:
            if deputy.in_place_of in away and deputy.user.id not in barred:
                found.setdefault(deputy.user.id, deputy)
        return tuple(found.values())

    @property
    def first_there(self) -> User:
        """For whom it waits first: the assignee, or the deputy of today where that one is away."""
        for decider in self.deciders:
            if decider in self.stand_ins and decider.in_place_of == self.assignee.id:
                return decider.user
        return self.assignee

    def approvers_of(self, step: Step) -> frozenset[int]:
        """Whose approval a step has: given in it or, unless its people are distinct, in one before it.

        Whoever decided counts once: for themselves where they are asked, else for the one in whose place they decided.
        What people said of their own counts in no step but those that let them.
        """
        seats: dict[int, int] = {}
        for made in self.decisions:
            is_own = made.by.id in self.requesters and not step.own_too
            if made.verdict is not Verdict.APPROVED or made.content_hash != self.content_hash or is_own:
                continue
            counts = made.step == step.number or (not step.distinct and made.step in self._earlier(step))
            seat = _seat(made, step)
            if counts and step.asks(seat) and seat not in seats and made.by.id not in seats.values():
                seats[seat] = made.by.id
        return frozenset(seats)

    def has_passed(self, step: Step) -> bool:
        """Tell whether enough people have approved a step, on what was to be approved when they were asked."""
        said = {made.content_hash for made in self.decisions}
        return any(len(replace(self, content_hash=one).approvers_of(step)) >= step.needed for one in said)

    def standing_of(self, step: Step) -> StepState:
        """Tell where a step stands."""
        if step.round < self.round:
            return StepState.GIVEN_UP
        was_asked = step.number < self.step or self.state is RequestState.APPROVED
        if was_asked and len(self.approvers_of(step)) >= step.needed:
            return StepState.PASSED
        is_current = step.number == self.step
        if self.state is RequestState.PENDING:
            return StepState.ASKED if is_current else StepState.TO_COME
        denials = [made for made in self.decisions if made.step == step.number and made.verdict is Verdict.DENIED]
        is_denied = self.state is RequestState.DENIED and is_current and denials
        return StepState.DENIED if is_denied else StepState.GIVEN_UP

    def _acted(self, step: Step) -> frozenset[int]:
        """Who has decided the step, or approved one before it, in whosever place."""
        earlier = self._earlier(step)
        here = {made.by.id for made in self.decisions_that_count}
        return frozenset(here) | {
            made.by.id
            for made in self.decisions
            if made.verdict is Verdict.APPROVED and made.content_hash == self.content_hash and made.step in earlier
        }

    def _earlier(self, step: Step) -> frozenset[int]:
        return frozenset(one.number for one in self.steps if one.round == step.round and one.number < step.number)

    @property
    def asked(self) -> frozenset[int]:
        """Everybody who is asked in any step."""
        return frozenset(approver.user.id for step in self.steps for approver in step.approvers)


def _seat(made: Decision, step: Step) -> int:
    """Tell for whom of a step's people a decision counts."""
    return made.by.id if made.in_place_of is None or step.asks(made.by.id) else made.in_place_of
