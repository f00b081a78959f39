"""Asking somebody else: an administrator says so, or somebody who is asked has left or may decide no more.

Nobody is taken off the record: the new one is asked in the place of the other, and needed are as many as before.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from emplette.domain.approvals import (
    Approver,
    Because,
    Cause,
    Decision,
    NotAsked,
    OwnRequest,
    Pick,
    Request,
    Step,
    Verdict,
)
from emplette.domain.charts import Chart
from emplette.domain.errors import Conflict
from emplette.domain.people import Permission, User
from emplette.domain.routing import Plan


class AskedAlready(Conflict):
    """Whom it would be given to decides already, in the same step or in another one that wants other people."""

    code = "approval.asked_already"


def reassigned(request: Request, absent_id: int, to: User, reason: str) -> Request:
    """Return the request when another one is asked in somebody's place, from the step that is being asked on.

    Raises:
        NotAsked: it waits for that one in no step.
        OwnRequest: the other owns or wrote what is to be approved.
        AskedAlready: the other is asked already, or must not decide twice.
    """
    steps = [step for step in _open_steps(request) if _waits_for(request, step, absent_id)]
    if not steps:
        detail = f"It does not wait for user {absent_id}: who is asked stands in its steps."
        raise NotAsked(detail)
    for step in steps:
        if to.id in request.requesters and not step.own_too:
            detail = f"User {to.id} owns or wrote what is to be approved; somebody else must decide."
            raise OwnRequest(detail)
        if not may_join(request, step, to.id):
            detail = f"User {to.id} is asked already, or has decided: one person counts once."
            raise AskedAlready(detail)
    because = Because(Pick.NAMED, of=to.id, instead_of=absent_id, cause=Cause.REASSIGNED)
    words = f"in place of user {absent_id}, as an administrator said: {reason}"
    return with_approvers(request, {step.number: Approver(to, words, absent_id, because) for step in steps})


def without_gone(
    request: Request, plan: Plan | None, chart: Chart, on: date, *, place: tuple[int | None, int]
) -> Request:
    """Return the request when those who have left, or may decide no more, are replaced by whom the policy asks now.

    Where it asks nobody else, those above are asked: the step is passed by nobody's leaving. ``place`` is the
    department and the cost center that the purchase is charged to.
    """
    for number in [step.number for step in _open_steps(request)]:
        missed, missing = _gone_from(request, _numbered(request, number), chart, on, place)
        for gone, cause in missed:
            # Over one of them there may be nobody: then those over the others are asked.
            if not missing:
                break
            step = _numbered(request, number)
            for person, because, words in _instead_of(gone, cause, step, plan, chart, place[0]):
                is_own = person in request.requesters and not step.own_too
                if chart.is_there(person, on) and not is_own and may_join(request, step, person):
                    approver = Approver(chart.people[person], words, gone.user.id, because)
                    request = with_approvers(request, {number: approver})
                    missing -= 1
                    break
    return request


def _open_steps(request: Request) -> list[Step]:
    return [step for step in request.steps if step.round == request.round and step.number >= request.step]


def _numbered(request: Request, number: int) -> Step:
    return next(step for step in request.steps if step.number == number)


def _waits_for(request: Request, step: Step, person_id: int) -> bool:
    at_step = replace(request, step=step.number)
    return any(approver.user.id == person_id for approver in at_step.waits_for)


def may_join(request: Request, step: Step, person_id: int) -> bool:
    """Tell whether somebody can be asked in a step beside the others: one person counts once."""
    beside = [one for one in request.steps if one.round == step.round and one.number != step.number]
    asked_beside = [one for one in beside if one.asks(person_id)]
    wants_others = any((one if one.number > step.number else step).distinct for one in asked_beside)
    numbers = {step.number, *(one.number for one in beside)}
    now = [made for made in request.decisions if made.content_hash == request.content_hash and made.step in numbers]
    has_answered = any(made.by.id == person_id or _settles_for(made, step, person_id) for made in now)
    return not (step.asks(person_id) or wants_others or has_answered)


def _settles_for(made: Decision, step: Step, person_id: int) -> bool:
    """Tell whether a deputy has answered for somebody what a step would ask them.

    They have nothing left to decide then: asked, they would keep everybody waiting. A deputy who is asked in the step
    too has spoken for themselves there.
    """
    if made.in_place_of != person_id or step.asks(made.by.id):
        return False
    return made.step == step.number or (made.verdict is Verdict.APPROVED and not step.distinct)


def lost_the_right(request: Request, chart: Chart, on: date, place: tuple[int | None, int]) -> frozenset[int]:
    """Tell who of those for whom it waits may decide no more."""
    return frozenset(one.user.id for one in request.waits_for if _why_gone(one, chart, on, place) is not None)


def _gone_from(
    request: Request, step: Step, chart: Chart, on: date, place: tuple[int | None, int]
) -> tuple[list[tuple[Approver, Cause]], int]:
    """List who of a step's people can't decide any more, and tell how many of them are missed: too few are left."""
    waiting = replace(request, step=step.number).waits_for
    gone = [(approver, cause) for approver in waiting if (cause := _why_gone(approver, chart, on, place)) is not None]
    left = len(waiting) - len(gone) + len(request.approvers_of(step))
    return gone, max(step.needed - left, 0)


def _why_gone(approver: Approver, chart: Chart, on: date, place: tuple[int | None, int]) -> Cause | None:
    if not chart.is_there(approver.user.id, on):
        return Cause.LEFT
    because = approver.because
    if because is not None and because.pick is Pick.HOLDERS and because.permission and because.instead_of is None:
        holders = chart.holders(Permission(because.permission), *place)
        return None if approver.user.id in holders else Cause.LOST
    return None


def _instead_of(
    gone: Approver, cause: Cause, step: Step, plan: Plan | None, chart: Chart, department_id: int | None
) -> Iterator[tuple[int, Because, str]]:
    """Go through those who could be asked instead: whom the policy asks now, then those above."""
    why = "who has left" if cause is Cause.LEFT else "who may decide no more"
    words = f"in place of user {gone.user.id}, {why}"
    for planned in () if plan is None else plan.steps:
        if planned.name == step.name:
            for approver in planned.approvers:
                because = approver.because or Because(Pick.NAMED, of=approver.user.id)
                # Where the policy names whoever is gone, those above are planned in their place already, and say so.
                says_it = because.instead_of == gone.user.id
                because = replace(because, instead_of=gone.user.id, cause=cause)
                yield approver.user.id, because, approver.reason if says_it else f"{approver.reason}, {words}"
    for manager in chart.above(gone.user.id):
        because = Because(Pick.MANAGER, of=gone.user.id, instead_of=gone.user.id, cause=cause)
        yield manager, because, f"manager above, {words}"
    for head, unit_id in chart.heads(department_id):
        because = Because(Pick.HEAD, of=unit_id, instead_of=gone.user.id, cause=cause)
        yield head, because, f"head of department {chart.units[unit_id].name}, {words}"


def with_approvers(request: Request, added: dict[int, Approver]) -> Request:
    """Return the request with somebody more in some of its steps, by their numbers; the first is its assignee."""
    steps = tuple(
        replace(step, approvers=(*step.approvers, added[step.number])) if step.number in added else step
        for step in request.steps
    )
    after = replace(request, steps=steps)
    first = next(iter(after.waits_for), None)
    return after if first is None else replace(after, assignee=first.user)
