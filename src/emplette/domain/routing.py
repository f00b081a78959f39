"""From a policy and a purchase to the people who are asked: which rule, which steps, who, and why.

Who cannot decide (it is their own, they have left) is left out on record, and a step that has too few people left goes
up: to whom the policy says, else to the next head or manager. It is never passed over.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from emplette.domain.approvals import Approver, Because, Cause, LeftOut, NobodyLeftToAsk, Pick, Request, Step
from emplette.domain.charts import Chart
from emplette.domain.conditions import Facts
from emplette.domain.policies import HowMany, Picked, Policy, PolicyStep, RefusedByPolicy, Rule

CAUSES: Final = {
    Cause.OWN_REQUEST: "who owns or wrote what is to be approved",
    Cause.LEFT: "who has left",
    Cause.UNKNOWN: "who is not there",
    Cause.SHORT: "beside whom too few are left",
    Cause.SLOW: "who kept it waiting",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy says of a purchase: by which rule, and who is asked; nobody when it passes ``at_once``."""

    policy_version: int
    rule: Rule
    steps: tuple[Step, ...]
    states_hash: bool

    @property
    def at_once(self) -> bool:
        """Tell whether it is approved without asking anybody."""
        return self.rule.at_once

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the rule is for, in words; nothing when it is for everything."""
        return tuple(condition.words() for condition in self.rule.conditions)

    def asks_as(self, request: Request) -> bool:
        """Tell whether it asks the same people as the steps that the request goes through now."""
        current = [step for step in request.steps if step.round == request.round]
        return [_asked_in(step) for step in self.steps] == [_asked_in(step) for step in current]

    def passed_in(self, request: Request) -> int:
        """Count the first steps that a request has passed already, the same people having been asked."""
        passed = [_asked_in(step) for step in request.steps if request.has_passed(step)]
        places = (place for place, step in enumerate(self.steps) if _asked_in(step) not in passed)
        return next(places, len(self.steps))


def _asked_in(step: Step) -> tuple[object, ...]:
    people = tuple(approver.user.id for approver in step.approvers)
    return step.name, step.needed, step.distinct, step.one_denial, step.own_too, people


def plan_of(policy: Policy, facts: Facts, chart: Chart, on: date) -> Plan:
    """Work out by which rule a purchase goes, and who is asked in which order.

    Raises:
        RefusedByPolicy: a rule refuses it, or there is none for it.
        NobodyLeftToAsk: a step has nobody who could decide, nor anybody above them.
    """
    rule = policy.rule_for(facts)
    if rule.refusal is not None:
        detail = f"{rule.refusal} (rule {rule.name!r} of the company's policy)"
        raise RefusedByPolicy(detail)
    steps: list[Step] = []
    for number, step in enumerate(rule.steps, start=1):
        steps.append(_Asking(step, number, facts, chart, on).step(steps))
    return Plan(policy.version, rule, tuple(steps), policy.states_hash)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Somebody who may be asked, and why; without a user, nobody was there to be found."""

    user_id: int | None
    because: Because
    words: str


class _Asking:
    """One step while its people are looked for."""

    def __init__(self, rule: PolicyStep, number: int, facts: Facts, chart: Chart, on: date) -> None:
        self._rule = rule
        self._number = number
        self._facts = facts
        self._chart = chart
        self._on = on
        self._asked: dict[int, Approver] = {}
        self._left_out: list[tuple[_Candidate, Cause]] = []

    def step(self, earlier: Sequence[Step]) -> Step:
        """Find the people of the step.

        Raises:
            NobodyLeftToAsk: there are too few, and nobody above them.
        """
        rule = self._rule
        for candidate in self._picked(rule.asks):
            self._admit(candidate)
        needed = {HowMany.ANY: 1, HowMany.ALL: max(len(self._asked), 1), HowMany.AT_LEAST: rule.needed}[rule.how_many]
        step = Step(
            self._number,
            rule.name,
            needed,
            tuple(self._asked.values()),
            distinct=rule.distinct,
            one_denial=rule.one_denial,
            own_too=rule.own_too,
            left_out=tuple(LeftOut(one.because.pick, cause, one.user_id) for one, cause in self._left_out),
            waiting=rule.waiting,
        )
        goes_up = self._above()
        while _short_of(step, earlier):
            higher = next(goes_up, None)
            if higher is None:
                raise NobodyLeftToAsk(self._why_nobody())
            if self._admit(higher, record=False):
                step = replace(step, approvers=tuple(self._asked.values()))
        return step

    def _admit(self, candidate: _Candidate, *, record: bool = True) -> bool:
        """Ask somebody, unless they cannot decide: then it goes on record."""
        cause = self._hindrance(candidate.user_id)
        if cause is None and candidate.user_id is not None:
            if candidate.user_id in self._asked:
                return False
            user = self._chart.people[candidate.user_id]
            self._asked[user.id] = Approver(user, candidate.words, because=candidate.because)
            return True
        if record and cause is not None:
            self._left_out.append((candidate, cause))
        return False

    def _hindrance(self, user_id: int | None) -> Cause | None:
        if user_id is None:
            return Cause.NOBODY
        if user_id not in self._chart.people:
            return Cause.UNKNOWN
        if not self._chart.is_there(user_id, self._on):
            return Cause.LEFT
        if user_id in self._facts.own_to and not self._rule.own_too:
            return Cause.OWN_REQUEST
        return None

    def _picked(self, picks: Iterable[Picked]) -> Iterator[_Candidate]:
        for one in picks:
            yield from self._of(one)

    def _of(self, one: Picked) -> Iterator[_Candidate]:
        facts, chart, pick = self._facts, self._chart, one.pick
        if pick is Pick.NAMED:
            words = f"named by step {self._number}, {self._rule.name}"
            yield _Candidate(one.user_id, Because(pick, of=one.user_id), words)
        elif pick in {Pick.MANAGER, Pick.MANAGERS_MANAGER}:
            above = list(chart.above(facts.owner_id))
            place, words = (0, "manager of") if pick is Pick.MANAGER else (1, "manager of the manager of")
            found = above[place] if len(above) > place else None
            yield _Candidate(found, Because(pick, of=facts.owner_id), f"{words} the purchase's owner")
        elif pick in {Pick.HEAD, Pick.NEXT_HEAD}:
            yield self._head(pick)
        elif pick is Pick.COST_CENTER_OWNER:
            charge = chart.cost_centers.get(facts.cost_center_id)
            words = f"owner of cost center {facts.cost_center_id if charge is None else charge.code}"
            owner = None if charge is None else charge.owner_id
            yield _Candidate(owner, Because(pick, of=facts.cost_center_id), words)
        elif one.permission is not None:
            because = Because(pick, permission=one.permission)
            words = f"holds the permission {one.permission}"
            holders = chart.holders(one.permission, facts.department_id, facts.cost_center_id)
            for user_id in holders or (None,):
                yield _Candidate(user_id, because, words)

    def _head(self, pick: Pick) -> _Candidate:
        """Find the head of the purchase's own department, or the first one above it."""
        line = self._chart.line(self._facts.department_id)
        own, above = line[:1], line[1:]
        wanted = own if pick is Pick.HEAD else above
        for head, unit_id in self._chart.heads(self._facts.department_id):
            if unit_id in wanted:
                next_up = ", the next one up" if pick is Pick.NEXT_HEAD else ""
                words = f"head of department {self._chart.units[unit_id].name}{next_up}"
                return _Candidate(head, Because(pick, of=unit_id), words)
        of = self._facts.department_id
        return _Candidate(None, Because(pick, of=of), "head of the purchase's department")

    def _above(self) -> Iterator[_Candidate]:
        """Go up: to whom the policy says, then over those left out, then over those who are too few."""
        for one in self._picked(self._rule.goes_up_to):
            yield replace(one, words=f"{one.words}, whom the policy asks when too few are left")
        short = [
            (_Candidate(asked.user.id, asked.because or Because(Pick.NAMED), asked.reason), Cause.SHORT)
            for asked in self._asked.values()
        ]
        for candidate, cause in [*self._left_out, *short]:
            yield from self._up_from(candidate, cause)

    def _up_from(self, candidate: _Candidate, cause: Cause) -> Iterator[_Candidate]:
        facts, chart, pick = self._facts, self._chart, candidate.because.pick
        because = replace(candidate.because, instead_of=candidate.user_id, cause=cause)
        place = f"in place of user {candidate.user_id}, {CAUSES.get(cause, '')}"
        if candidate.user_id is None:
            place = f"there being no {candidate.words}"
        if pick in _HEADS or (candidate.user_id is None and pick in _LED):
            for head, unit_id in chart.heads(facts.department_id):
                words = f"head of department {chart.units[unit_id].name}, {place}"
                yield _Candidate(head, replace(because, of=unit_id), words)
        if candidate.user_id is not None:
            for manager in chart.above(candidate.user_id):
                yield _Candidate(manager, because, f"manager above, {place}")

    def above_slow(self, slow: Approver) -> Iterator[tuple[Approver, ...]]:
        """Go up from somebody who keeps a request waiting: those who are as near together, the nearest first."""
        because, chart = slow.because or Because(Pick.NAMED, of=slow.user.id), self._chart
        yield tuple(self._in_place_of(slow, self._picked(self._rule.goes_up_to)))
        if because.pick in _HEADS and because.of is not None and because.of in chart.units:
            for head, unit_id in chart.heads(chart.units[because.of].parent_id):
                words = f"head of department {chart.units[unit_id].name}"
                yield tuple(self._in_place_of(slow, [_Candidate(head, Because(Pick.HEAD, of=unit_id), words)]))
        for manager in chart.above(slow.user.id):
            above = Because(Pick.MANAGER, of=slow.user.id)
            yield tuple(self._in_place_of(slow, [_Candidate(manager, above, "manager above")]))

    def _in_place_of(self, slow: Approver, candidates: Iterable[_Candidate]) -> Iterator[Approver]:
        for one in candidates:
            if one.user_id is not None and one.user_id in self._chart.people:
                because = replace(one.because, instead_of=slow.user.id, cause=Cause.SLOW)
                words = f"{one.words}, in place of user {slow.user.id}, {CAUSES[Cause.SLOW]}"
                yield Approver(self._chart.people[one.user_id], words, because=because)

    def _why_nobody(self) -> str:
        named = f"Step {self._number}, {self._rule.name}"
        out = "; ".join(
            f"{one.words}: nobody" if one.user_id is None else f"{one.words}: user {one.user_id}, {CAUSES[cause]}"
            for one, cause in self._left_out
        )
        if not out:
            return (
                f"{named}, has nobody left who could decide, nor anybody above them: "
                "load a policy that names others, or says to whom it goes up."
            )
        return (
            f"{named}, has nobody left who could decide, nor anybody above them ({out}): "
            "load a policy that names others, or says to whom it goes up."
        )


def goes_up_from(
    rule: PolicyStep, number: int, facts: Facts, chart: Chart, on: date
) -> Callable[[Approver], Iterator[tuple[Approver, ...]]]:
    """Tell to whom a step goes up whose people let it wait: to whom the policy says, else over each of them."""
    return _Asking(rule, number, facts, chart, on).above_slow


_LED: Final = frozenset({Pick.MANAGER, Pick.MANAGERS_MANAGER})
_HEADS: Final = frozenset({Pick.HEAD, Pick.NEXT_HEAD})


def _short_of(step: Step, earlier: Sequence[Step]) -> bool:
    """Tell whether too few people are left, whoever decides the steps before: in a distinct step they don't count."""
    here = {approver.user.id for approver in step.approvers}
    taken = 0
    if step.distinct:
        taken = sum(min(one.needed, len(here & {asked.user.id for asked in one.approvers})) for one in earlier)
    return len(here) - taken < step.needed
