"""What must hold of a request at every moment, written down a second time: from the documentation, not from the rules.

Absences, policies and what they promise stand in docs/policies.md and docs/absences.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from emplette.domain.approvals import Decision, Request, RequestState, Step, Verdict
from emplette.domain.dossiers import commitment_of, content_hash
from emplette.domain.orders import OrderState
from model.moves import State


class Wrong(StrEnum):
    """How a request can go wrong."""

    STUCK = "stuck"
    SELF_APPROVED = "self-approved"
    UNSHOWN = "unshown"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a state, or with a decision that was let through."""

    wrong: Wrong
    text: str


_NOBODY: Final[frozenset[int]] = frozenset()


def asked_in(step: Step) -> list[int]:
    """List who is asked in a step now: each of its people but those in whose place another one was asked since."""
    people: list[int] = []
    for approver in step.approvers:
        if approver.in_place_of in people:
            people.remove(approver.in_place_of)
        if approver.user.id not in people:
            people.append(approver.user.id)
    return people


def round_of(request: Request) -> list[Step]:
    """List the steps that it goes through now: what was asked before a change is given up."""
    last = max((step.round for step in request.steps), default=0)
    return [step for step in request.steps if step.round == last]


def approvals(state: State, step: Step) -> int:
    """Count how many of a step's people have approved: each decision counts for one of them, and each person once."""
    return _most(_seats(state, step))


def _seats(state: State, step: Step) -> dict[int, set[int]]:
    """List who has approved a step, each with those of its people for whom that can count."""
    request, here = state.request, asked_in(step)
    numbers = [one.number for one in round_of(request) if one.number < step.number]
    before = {made.by.id for made in _approvals(request) if made.step in numbers}
    seats: dict[int, set[int]] = {}
    for made in _approvals(request):
        counts = made.step == step.number or (made.step in numbers and not step.distinct)
        if made.by.id in state.own_to and not step.own_too:
            counts = False
        if step.distinct and made.by.id in before:
            counts = False
        if counts:
            own = {made.by.id} & set(here)
            seats.setdefault(made.by.id, set()).update(own or {made.in_place_of or 0} & set(here))
    return seats


def _approvals(request: Request) -> Iterator[Decision]:
    """Walk the approvals of what it is about now."""
    for made in request.decisions:
        if made.verdict is Verdict.APPROVED and made.content_hash == request.content_hash:
            yield made


def _most(seats: Mapping[int, Collection[int]], taken: frozenset[int] = _NOBODY) -> int:
    """Find how many persons can have a seat each."""
    if not seats:
        return 0
    person, *others = seats
    rest = {one: seats[one] for one in others}
    best = _most(rest, taken)
    for seat in seats[person]:
        if seat not in taken:
            best = max(best, 1 + _most(rest, taken | {seat}))
    return best


def represents(state: State, person: int) -> frozenset[int]:
    """List for whom somebody stands in: directly, or for a deputy who is away; nobody whose own it is, nor by them."""
    pairs = [(one.user_id, one.deputy_id) for one in state.chart.absences]
    found = {absent for absent, deputy in pairs if deputy == person}
    found |= {
        absent
        for absent, through in pairs
        if (through, person) in pairs and absent != person and through not in state.own_to
    }
    return frozenset(found) - state.own_to


def faults_of_decision(before: State, person: int) -> Iterator[Fault]:
    """Look at a decision that was let through: whether it was theirs to make."""
    request = before.request
    step = next((one for one in request.steps if one.number == request.step), None)
    if step is None or not before.is_pending:
        yield Fault(Wrong.BROKEN, "a decision on what waits for none")
        return
    if person in before.own_to and not step.own_too:
        yield Fault(Wrong.SELF_APPROVED, f"user {person} owns or wrote it, and decided in step {step.number}")
    if not before.is_there(person):
        yield Fault(Wrong.BROKEN, f"user {person} has left, and decided")
    here = asked_in(step)
    if person not in here and represents(before, person).isdisjoint(here):
        yield Fault(Wrong.BROKEN, f"user {person} is not asked in step {step.number}, and decided")
    numbers = {one.number for one in round_of(request)}
    if any(
        made.by.id == person
        and made.content_hash == request.content_hash
        and (made.step == step.number or (made.step in numbers and made.verdict is Verdict.APPROVED))
        for made in request.decisions
    ):
        yield Fault(Wrong.BROKEN, f"user {person} decided twice")


def faults_of(state: State) -> Iterator[Fault]:
    """Look at a request: whether it stands where its decisions lead."""
    request = state.request
    steps = round_of(request)
    yield from _faults_of_amendment(state)
    if not state.outdated and request.content_hash != content_hash(state.dossier):
        yield Fault(Wrong.UNSHOWN, "what it is about is not what its decisions are about")
    if request.state is RequestState.APPROVED:
        yield from _not_passed(state, steps)
    elif request.state is RequestState.DENIED:
        # What nobody may approve any more is denied by whoever is asked.
        yield from () if state.outdated else _wrongly_denied(state)
    elif request.state is RequestState.PENDING:
        yield from _not_passed(state, [step for step in steps if step.number < request.step])
        here = next(step for step in steps if step.number == request.step)
        if approvals(state, here) >= here.needed:
            yield Fault(Wrong.BROKEN, f"step {here.number} has what it needs, and still waits")


def _faults_of_amendment(state: State) -> Iterator[Fault]:
    """Look at what an amendment would change: it says so when that was approved, and never before."""
    dossier, request, amendment = state.dossier, state.request, state.dossier.asks_for
    if amendment is None:
        return
    is_approved, commitment = request.state is RequestState.APPROVED, commitment_of(dossier)
    if is_approved and state.outdated:
        yield Fault(Wrong.UNSHOWN, "an amendment was approved, and what it would change had changed")
    if commitment.content != (amendment.proposed if is_approved else amendment.replaced):
        yield Fault(Wrong.UNSHOWN, "the commitment says what was not approved, or not what was")
    if (commitment.amendment_id == request.id) is not state.is_pending:
        yield Fault(Wrong.BROKEN, "the commitment waits for an amendment that is decided, or not for one that is not")
    if dossier.order is None or dossier.order.state is not OrderState.OPEN:
        yield Fault(Wrong.BROKEN, "an amendment ended the order")


def _not_passed(state: State, steps: Sequence[Step]) -> Iterator[Fault]:
    for step in steps:
        if (found := approvals(state, step)) >= step.needed:
            continue
        text = f"step {step.number} was passed with {found} of {step.needed} approvals that count"
        own = any(made.by.id in state.own_to for made in _approvals(state.request))
        yield Fault(Wrong.SELF_APPROVED if own else Wrong.BROKEN, text)


def _wrongly_denied(state: State) -> Iterator[Fault]:
    request = state.request
    step = next(one for one in request.steps if one.number == request.step)
    last = request.decisions[-1]
    if last.verdict is not Verdict.DENIED:
        yield Fault(Wrong.BROKEN, "it is denied, and nobody said so last")
    elif not step.one_denial:
        said = {made.by.id for made in request.decisions if made.step == step.number}
        said |= {made.in_place_of or 0 for made in request.decisions if made.step == step.number}
        open_to = set(asked_in(step)) - said - {made.by.id for made in _approvals(request)}
        if _most(_seats(state, step) | {person: {person} for person in open_to}) >= step.needed:
            yield Fault(Wrong.BROKEN, f"step {step.number} is denied, and enough people are left to approve it")


def must_be_heard(state: State, person: int) -> bool:
    """Tell whether somebody is asked now, is there, and has nothing against them: then their decision must count."""
    request = state.request
    step = next(one for one in request.steps if one.number == request.step)
    if person not in asked_in(step) or not state.is_there(person) or (person in state.own_to and not step.own_too):
        return False
    numbers = {one.number for one in round_of(request)}
    return not any(
        person in {made.by.id, made.in_place_of}
        and made.content_hash == request.content_hash
        and (made.step == step.number or (made.step in numbers and made.verdict is Verdict.APPROVED))
        for made in request.decisions
    )


def who_could_help(state: State) -> list[int]:
    """List who is there above those who are gone, and could be asked in their place, when a step waits for nobody."""
    request, chart = state.request, state.chart
    steps = [one for one in round_of(request) if one.number >= request.step]
    here = steps[0]
    above = [one for person in asked_in(here) if not state.is_there(person) for one in chart.above(person)]
    above += [head for head, _ in chart.heads(_department(state))]
    spoken = {made.by.id for made in request.decisions}
    later = {person for step in steps[1:] if step.distinct for person in asked_in(step)}
    earlier = {
        one for step in round_of(request) if step.number < here.number and here.distinct for one in asked_in(step)
    }
    barred = spoken | later | earlier | set(asked_in(here)) | (frozenset() if here.own_too else state.own_to)
    return sorted({one for one in above if state.is_there(one)} - barred)


def _department(state: State) -> int | None:
    department = state.dossier.purchase.department
    return None if department is None else department.id
