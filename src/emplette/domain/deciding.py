"""Deciding: who may, and what a request is after it; and what it is once what it is about has changed."""

from collections.abc import Sequence
from dataclasses import replace

from emplette.domain.approvals import (
    LIFE,
    Decision,
    NotAsked,
    OwnRequest,
    PersonNeeded,
    Request,
    RequestAction,
    Step,
    Verdict,
)
from emplette.domain.people import Principal, Stamp, User


def decider(who: Principal) -> User:
    """Return the person who decides through this key.

    Raises:
        PersonNeeded: the key is bound to nobody.
    """
    if who.person is None:
        detail = "A key decides only for a person: use one made with --person."
        raise PersonNeeded(detail)
    return who.person


def may_decide(request: Request, person_id: int) -> int | None:
    """Check that the person is asked now, and not about a purchase of their own unless the step says so.

    Returns:
        In whose place they decide; None when they are asked themselves.

    Raises:
        OwnRequest: the person is the owner or an author of what is to be approved.
        NotAsked: the current step does not ask the person, nor anybody for whom they stand in.
    """
    step = request.current_step
    if person_id in request.requesters and not (step is not None and step.own_too):
        detail = "You own or wrote what is to be approved; somebody else must decide."
        raise OwnRequest(detail)
    found = next((one for one in request.deciders if one.user.id == person_id), None)
    if found is not None:
        return None if step is not None and step.asks(person_id) else found.in_place_of
    if any(decision.by.id == person_id for decision in request.decisions_that_count):
        detail = "You have decided this step already; others are asked."
        raise NotAsked(detail)
    if step is not None and step.asks(person_id):
        detail = "You have approved a step before this one, or somebody has decided in your place; others are asked."
        raise NotAsked(detail)
    raise NotAsked


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
    return _waiting(after if step.number == after.step else replace(after, step=step.number, asked_at=by.at))


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
    return replace(request, content_hash=content_hash, step=first.number, assignee=first.people[0].user)


def begun_anew(request: Request, content_hash: str, steps: Sequence[Step]) -> Request:
    """Return the request after a change that its policy allows: with a further round of steps, numbered on."""
    last = max((step.number for step in request.steps), default=0)
    further = tuple(
        replace(step, number=last + position, round=request.round + 1) for position, step in enumerate(steps, start=1)
    )
    return asked_anew(replace(request, steps=(*request.steps, *further)), content_hash)


def _next_step(steps: Sequence[Step], number: int) -> Step | None:
    return next((step for step in steps if step.number > number), None)
