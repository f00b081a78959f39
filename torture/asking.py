"""Who is asked, who may decide, and whose approval a step has: docs/policies.md and docs/absences.md once more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from torture.companies import Company
from torture.documents import Decision, Refused, Request, Step

_APPROVED = "Approved"


def asked_by(company: Company, own_to: frozenset[int]) -> tuple[Step, ...] | None:
    """List the steps of a request by those whose own it is; None when one of them has nobody left.

    Nobody leads anybody in these companies, so it goes up to those whom the policy names for that, and no further.
    """
    barred = own_to | company.left
    steps: list[Step] = []
    for number, rule in enumerate(company.steps, 1):
        people = tuple(person for person in rule.people if person not in barred)
        needed = max(len(people), 1) if rule.needed is None else rule.needed
        above = [person for person in company.goes_up_to if person not in {*barred, *people}]
        while _too_few(people, needed, steps if rule.distinct else []):
            if not above:
                return None
            people = (*people, above.pop(0))
        steps.append(Step(number, number, people, needed, rule.distinct))
    return tuple(steps)


def _too_few(people: tuple[int, ...], needed: int, earlier: Sequence[Step]) -> bool:
    """Tell whether a step has too few people, whoever of them decides the steps before and does not count then."""
    return len(people) - sum(min(one.needed, len({*people} & {*one.people})) for one in earlier) < needed


def asked_anew(request: Request, steps: tuple[Step, ...], requesters: frozenset[int]) -> Request:
    """Ask from the first of further steps on; what was approved before does not count."""
    last = request.steps[-1].number
    further = tuple(replace(step, number=last + number) for number, step in enumerate(steps, 1))
    before = (*request.before, (request.steps, request.counted))
    begun = replace(request, requesters=requesters, before=before, steps=further, since=len(request.decisions))
    return replace(begun, step=further[0].number)


def from_the_named_one_on(company: Company, planned: tuple[Step, ...], request: Request) -> tuple[Step, ...]:
    """List the steps of a request that begins anew, its requesters being those of what was changed.

    A step before the named one is asked as well, unless the same people approved it before; and so are all where a step
    that wants other people names one of those.
    """
    passed: set[object] = set()
    for steps, decisions in (*request.before, (request.steps, request.counted)):
        then = replace(request, steps=steps, decisions=decisions, since=0)
        passed |= {_who(step) for step in steps if len(approvers_of(then, step)) >= step.needed}
    begins = 0
    while begins < company.begins_again_at - 1 and _who(planned[begins]) in passed:
        begins += 1
    skipped = {person for step in planned[:begins] for person in step.people}
    anew = planned[begins:]
    return planned if any(step.distinct and not skipped.isdisjoint(step.people) for step in anew) else anew


def _who(step: Step) -> object:
    """Tell a step by who is asked in it; one whose place was given away is like no other."""
    return step.place, step.people, step.needed, step.once


def may_change(company: Company, request: Request, identities: frozenset[int]) -> bool:
    """Tell whether the policy lets somebody change what is under review."""
    named = company.changed_by
    return (
        not identities.isdisjoint(named)
        or ("requesters" in named and not identities.isdisjoint(request.requesters))
        or ("approvers" in named and not identities.isdisjoint(waited_for(request, request.current_step)))
    )


def is_as_planned(request: Request, steps: tuple[Step, ...]) -> bool:
    """Tell whether a request asks these people, and nobody's place was given away."""
    return [step.people for step in steps] == [() if step.once else step.people for step in request.steps]


def _seat(made: Decision, step: Step) -> int:
    """Tell for whom of a step's people a decision counts."""
    return made.person if made.in_place_of is None or made.person in step.people else made.in_place_of


def approvers_of(request: Request, step: Step) -> frozenset[int]:
    """Whose approval a step has: given in it or, unless it wants other people, before it; each person counts once."""
    seats: dict[int, int] = {}
    for made in request.counted:
        counts = made.step == step.number or (made.step < step.number and not step.distinct)
        if made.verdict != _APPROVED or made.person in request.requesters or not counts:
            continue
        seat = _seat(made, step)
        if seat in step.people and seat not in seats and made.person not in seats.values():
            seats[seat] = made.person
    return frozenset(seats)


def _have_acted(request: Request, step: Step) -> set[int]:
    """List who decided a step, or approved one before it."""
    return {
        made.person
        for made in request.counted
        if made.step == step.number or (made.step < step.number and made.verdict == _APPROVED)
    }


def waited_for(request: Request, step: Step) -> list[int]:
    """List who of a step's people can still decide it."""
    done = {_seat(made, step) for made in request.counted if made.step == step.number}
    done |= _have_acted(request, step) | approvers_of(request, step)
    return [person for person in step.people if person not in done]


def _stand_ins(company: Company, own_to: frozenset[int]) -> Iterator[tuple[int, int]]:
    """List deputies with those in whose place they may decide, then the deputies of deputies."""
    absences = [(away, deputy) for away, deputy in company.absences if away not in company.left]
    for away, deputy in absences:
        if away not in own_to:
            yield deputy, away
    for away, through in absences:
        for second, deputy in absences:
            if second == through and deputy != away and own_to.isdisjoint({away, through}):
                yield deputy, away


def deciders(company: Company, request: Request) -> dict[int, int | None]:
    """Tell who may decide now, and in whose place."""
    step = request.current_step
    waits = waited_for(request, step)
    barred = _have_acted(request, step) | {*step.people} | request.requesters | company.left
    for later in request.steps:
        if later.number > step.number and later.distinct:
            barred |= {*later.people}
    found: dict[int, int | None] = dict.fromkeys(person for person in waits if person not in company.left)
    for deputy, away in _stand_ins(company, request.requesters):
        if away in waits and deputy not in barred:
            found.setdefault(deputy, away)
    return found


def passed_on(request: Request) -> int | None:
    """Tell which step is asked after an approval; None when there is none left."""
    open_to = [step for step in request.steps if step.number >= request.step]
    return next((step.number for step in open_to if len(approvers_of(request, step)) < step.needed), None)


def given(company: Company, request: Request, away: int, to: int) -> Request | Refused:
    """Ask another one in somebody's place, from the step that is asked on."""
    if to in company.left:
        return Refused("request.invalid")
    steps = [one for one in request.steps if one.number >= request.step and away in waited_for(request, one)]
    if not steps:
        return Refused("approval.not_asked")
    for step in steps:
        if to in request.requesters:
            return Refused("approval.own_request")
        if not _may_join(request, step, to):
            return Refused("approval.asked_already")
    for step in steps:
        request = _asked_instead(request, step, away, to)
    return request


def _asked_instead(request: Request, step: Step, away: int, to: int) -> Request:
    """Ask one in the place of another in a step, who stays on record."""
    people = (*(one for one in step.people if one != away), to)
    changed = replace(step, people=people, once=(*step.once, away))
    return replace(request, steps=tuple(changed if one.number == step.number else one for one in request.steps))


def gone_up(company: Company, request: Request) -> Request:
    """Ask those above in the place of as many as are missing; where nobody can be asked, it goes on waiting."""
    step = request.current_step
    missing = step.needed - len(approvers_of(request, step))
    for slow in waited_for(request, step):
        if missing > 0:
            before, step = request, request.current_step
            barred = {*step.people, *step.once} | request.requesters | company.left
            above = [person for person in company.goes_up_to if person not in barred]
            request = _instead_of(request, step.number, slow, above)
            missing -= request is not before
    return request


def without_gone(company: Company, request: Request) -> Request:
    """Ask others in the place of those who have left, where too few would be left: whom the policy asks now."""
    barred = request.requesters | company.left
    planned = {step.place: step.people for step in asked_by(company, request.requesters) or ()}
    for number in [step.number for step in request.steps if step.number >= request.step]:
        step = next(one for one in request.steps if one.number == number)
        waits = waited_for(request, step)
        gone = [person for person in waits if person in company.left]
        missing = step.needed - (len(waits) - len(gone) + len(approvers_of(request, step)))
        for person in gone:
            if missing > 0:
                before = request
                others = [one for one in planned.get(step.place, ()) if one not in barred]
                request = _instead_of(request, number, person, others)
                missing -= request is not before
    return request


def _instead_of(request: Request, number: int, person: int, others: Iterable[int]) -> Request:
    """Ask the first of others that can be asked in the place of somebody."""
    step = next(one for one in request.steps if one.number == number)
    to = next((one for one in others if _may_join(request, step, one)), None)
    return request if to is None else _asked_instead(request, step, person, to)


def _may_join(request: Request, step: Step, person: int) -> bool:
    """Tell whether somebody can be asked beside the others: each person once, and nobody who has spoken."""
    answered_for = {
        made.in_place_of
        for made in request.counted
        if made.person not in step.people
        and (made.step == step.number or (made.verdict == _APPROVED and not step.distinct))
    }
    have_spoken = {made.person for made in request.counted}
    if person in {*step.people} | answered_for | have_spoken:
        return False
    return not any(
        person in one.people and (one.distinct if one.number > step.number else step.distinct)
        for one in request.steps
        if one.number != step.number
    )
