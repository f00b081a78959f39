"""Who is asked about a request, who has decided what, and whom it waits for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emplette.domain.approvals import Decision, Request, Step, StepState, Verdict
from emplette.http.pages.layout import initials_of
from emplette.http.pages.telling import telling
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody in a step: why they are asked, as it is told, and what they decided, if they have."""

    name: str
    initials: str
    reason: str
    verdict: str
    color: str
    comment: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a request: where it stands, and its people."""

    name: str
    label: str
    color: str
    needed: int
    people: tuple[Asked, ...]


_VERDICTS = {
    Verdict.APPROVED: (marked("approved"), "green"),
    Verdict.DENIED: (marked("denied"), "red"),
}


_STANDINGS = {
    StepState.PASSED: (marked("done"), "green"),
    StepState.GIVEN_UP: (marked("not asked"), "secondary"),
    StepState.TO_COME: (marked("not asked"), "secondary"),
    StepState.DENIED: (marked("denied"), "red"),
    StepState.ASKED: (marked("waiting"), "yellow"),
}


async def steps_of(visit: Visit, request: Request) -> list[ShownStep]:
    """Show the steps of a request, in their order."""
    tell = await telling(visit, reasons_of(request))
    return [_shown(request, step, tell) for step in request.steps]


def reasons_of(request: Request) -> list[str]:
    """List why people are asked, in the words of the rules."""
    return [one.reason for one in (*(asked for step in request.steps for asked in step.approvers), *request.deciders)]


def _shown(request: Request, step: Step, tell: Callable[[str], str]) -> ShownStep:
    label, color = _standing(request, step)
    asked = [_asked(one.user.name, tell(one.reason), _decision(request, step, one.user.id)) for one in step.approvers]
    if step.number == request.step:
        asked += [_asked(one.user.name, tell(one.reason), None) for one in request.deciders if one in request.stand_ins]
    known = {one.user.id for one in step.approvers}
    for made in request.decisions:
        if made.step == step.number and made.in_place_of is not None and made.by.id not in known:
            asked.append(_asked(made.by.name, "", made))
    return ShownStep(step.name, label, color, step.needed, tuple(asked))


def _standing(request: Request, step: Step) -> tuple[str, str]:
    state = request.standing_of(step)
    if state is StepState.GIVEN_UP and step.round < request.round:
        return marked("before it was changed"), "secondary"
    return _STANDINGS[state]


def _decision(request: Request, step: Step, user_id: int) -> Decision | None:
    made = [each for each in request.decisions if each.step == step.number and each.by.id == user_id]
    return made[-1] if made else None


def _asked(name: str, reason: str, made: Decision | None) -> Asked:
    verdict, color = ("", "") if made is None else _VERDICTS[made.verdict]
    comment = "" if made is None else made.comment or ""
    return Asked(name, initials_of(name), reason, verdict, color, comment, None if made is None else made.at)
