"""What would have become of a request under another policy, beside what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.approvals import Request, RequestState, Step, Verdict
from emplette.domain.errors import Refusal
from emplette.domain.routing import Plan


class Ending(StrEnum):
    """What would have become of a request, had everybody decided what they did decide."""

    AT_ONCE = "passes at once"
    PASSES = "passes"
    WAITS = "waits"
    DENIED = "is denied"
    REFUSED = "is refused"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A request under another policy: by which rule, who would be asked, how it would end, and for whom it waits."""

    request: Request
    ending: Ending
    rule: str | None
    steps: tuple[Step, ...] = ()
    waits_for: tuple[int, ...] = ()
    refusal: str | None = None

    @property
    def is_different(self) -> bool:
        """Tell whether others would be asked, or it would end otherwise."""
        then = [step for step in self.request.steps if step.round == self.request.round]
        return asked_in(then) != asked_in(self.steps) or not self._ends_alike

    @property
    def _ends_alike(self) -> bool:
        ended = {
            RequestState.APPROVED: {Ending.AT_ONCE, Ending.PASSES},
            RequestState.DENIED: {Ending.DENIED},
            RequestState.PENDING: {Ending.WAITS},
            RequestState.CANCELLED: set(Ending) - {Ending.REFUSED},
        }
        return self.ending in ended[self.request.state]


def asked_in(steps: Sequence[Step]) -> list[tuple[int, frozenset[int]]]:
    """List how many of whom each step asks."""
    return [(step.needed, frozenset(asked.user.id for asked in step.approvers)) for step in steps]


def rehearsed(request: Request, plan: Plan | Refusal) -> Rehearsed:
    """Play a request through another plan, with the decisions that were made in it."""
    if isinstance(plan, Refusal):
        return Rehearsed(request, Ending.REFUSED, None, refusal=plan.detail)
    if plan.at_once:
        return Rehearsed(request, Ending.AT_ONCE, plan.rule.name)
    said = {made.by.id: made.verdict for made in request.decisions}
    counted: set[int] = set()
    for step in plan.steps:
        people = [asked.user.id for asked in step.approvers]
        ayes = [one for one in people if said.get(one) is Verdict.APPROVED and not (step.distinct and one in counted)]
        noes = [one for one in people if said.get(one) is Verdict.DENIED]
        if noes and (step.one_denial or len(people) - len(noes) < step.needed):
            return Rehearsed(request, Ending.DENIED, plan.rule.name, plan.steps)
        if len(ayes) < step.needed:
            left = tuple(one for one in people if one not in said)
            return Rehearsed(request, Ending.WAITS, plan.rule.name, plan.steps, waits_for=left)
        counted.update(ayes[: step.needed])
    return Rehearsed(request, Ending.PASSES, plan.rule.name, plan.steps)
