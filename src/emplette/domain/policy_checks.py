"""What is wrong with a policy, and what is odd: found before it is loaded, by trying it on everybody there is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from emplette.domain.approvals import NobodyLeftToAsk, Pick
from emplette.domain.charts import Chart
from emplette.domain.conditions import NAMES, AmountRange, AnyOf, Bound, Facts, Field, RequestedBy, Requester, covers
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.policies import Policy, PolicyStep, Rule
from emplette.domain.routing import plan_of

NOTHING_UNKNOWN: Final[Mapping[Field, Collection[int]]] = MappingProxyType({})
_NAMED_AT_MOST: Final = 5
_TRIED_AT_MOST: Final = 5_000
_TRIED_IN_ALL = 50_000
_FIRST_ID: Final = 1
_NOBODY_YET: Final = 0
_SOMEBODY_NEW: Final = "somebody new"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: where in the file, what, and whether it keeps the policy from being loaded."""

    path: str
    message: str
    is_error: bool


def findings_of(
    policy: Policy, chart: Chart, on: date, unknown: Mapping[Field, Collection[int]] = NOTHING_UNKNOWN
) -> list[Finding]:
    """Find what is wrong with a policy, errors first; ``unknown`` are the ids it names of what is not there.

    Errors: rules that no purchase reaches, people who are not there, amounts and requests that nobody could approve.
    Warnings: owners whose requests would be refused, rings of managers or departments, rules that let anything pass,
    kinds of expense, establishments, suppliers and sections that are not there.
    """
    found = [
        *_missing_people(policy, chart, on),
        *_missing_places(policy, chart),
        *_unknown_places(policy, unknown),
        *_doubled_names(policy),
        *_unreachable(policy),
        *_uncovered(policy),
        *_unanswerable(policy, chart, on),
        *_without_limit(policy),
        *_without_currency(policy, chart),
        *_rings(policy, chart),
    ]
    return sorted(dict.fromkeys(found), key=lambda finding: not finding.is_error)


def _missing_people(policy: Policy, chart: Chart, on: date) -> Iterator[Finding]:
    for step in policy.steps:
        for picked in (*step.asks, *step.goes_up_to):
            if picked.user_id is not None and not chart.is_there(picked.user_id, on):
                yield Finding(step.path, f"There is no active user {picked.user_id}.", is_error=True)
    for one in policy.changes.by:
        if isinstance(one, int) and not chart.is_there(one, on):
            yield Finding("changesUnderReview.by", f"There is no active user {one}.", is_error=True)


def _missing_places(policy: Policy, chart: Chart) -> Iterator[Finding]:
    known = {Field.DEPARTMENT: ("department", chart.units), Field.COST_CENTER: ("cost center", chart.cost_centers)}
    for rule in policy.rules:
        for condition in rule.conditions:
            wanted: list[tuple[str, object]] = []
            if isinstance(condition, AnyOf) and condition.looks_at in known:
                name, there = known[condition.looks_at]
                wanted = [(name, one) for one in condition.values if one not in there]
            elif isinstance(condition, RequestedBy):
                wanted = [("user", one) for one in condition.people if one not in chart.people]
                wanted += [("department", one) for one in condition.departments if one not in chart.units]
            for name, one in wanted:
                path = f"{rule.path}.when.{condition.looks_at}"
                yield Finding(path, f"There is no {name} {one}.", is_error=True)


def _unknown_places(policy: Policy, unknown: Mapping[Field, Collection[int]]) -> Iterator[Finding]:
    for rule in policy.rules:
        for condition in rule.conditions:
            if isinstance(condition, AnyOf):
                for one in sorted(condition.values.intersection(unknown.get(condition.looks_at, ())), key=str):
                    path = f"{rule.path}.when.{condition.looks_at}"
                    yield Finding(path, f"There is no {NAMES[condition.looks_at]} {one}.", is_error=False)


def _doubled_names(policy: Policy) -> Iterator[Finding]:
    """Find the rule that is called as what counts for everything else: a request keeps the name of its rule."""
    for rule in policy.rules:
        if policy.otherwise is not None and rule.name == policy.otherwise.name:
            message = f"What counts when no rule does is called {rule.name!r}: call the rule something else."
            yield Finding(f"{rule.path}.name", message, is_error=True)


def _unreachable(policy: Policy) -> Iterator[Finding]:
    """Find the rules whose purchases all go by rules above."""
    for number, rule in enumerate(policy.rules):
        above = [one for one in policy.rules[:number] if _is_wider_but_for_amounts(one, rule)]
        if not _gaps([], _amounts(rule)):
            message = f"Rule {rule.name!r} is never reached: no amount is below zero."
            yield Finding(rule.path, message, is_error=True)
        elif _joined(above, rule):
            names = ", ".join(repr(one.name) for one in above[:_NAMED_AT_MOST])
            message = f"Rule {rule.name!r} is never reached: what it is for goes by {names} above."
            yield Finding(rule.path, message, is_error=True)
    everything = [rule for rule in policy.rules if not _fields(rule) - {Field.AMOUNT}]
    if policy.otherwise is not None and policy.rules and _joined(everything, Rule("")):
        message = "Is never reached: the rules above are for everything."
        yield Finding(policy.otherwise.path, message, is_error=False)


def _is_wider_but_for_amounts(one: Rule, other: Rule) -> bool:
    return all(
        covers(condition, other.condition_on(condition.looks_at))
        for condition in one.conditions
        if condition.looks_at is not Field.AMOUNT
    )


def _joined(rules: Iterable[Rule], rule: Rule) -> bool:
    """Tell whether the amounts of the first, taken together, are all those of the other."""
    wanted = _amounts(rule)
    return not _gaps([_amounts(one) for one in rules], wanted)


def _amounts(rule: Rule) -> AmountRange:
    condition = rule.condition_on(Field.AMOUNT)
    return condition if isinstance(condition, AmountRange) else AmountRange()


def _fields(rule: Rule) -> set[Field]:
    return {condition.looks_at for condition in rule.conditions}


def _gaps(ranges: Sequence[AmountRange], within: AmountRange) -> list[AmountRange]:
    """List what of a range of amounts none of the others has; the smallest amount there is, is zero."""
    zero = Bound(Decimal(0), included=True)
    gaps, at = [], within.low or zero
    for one in sorted(ranges, key=lambda one: _start(one.low or zero)):
        low = one.low or zero
        if _start(low) > _start(at):
            gap = AmountRange(at, Bound(low.value, not low.included))
            if within.high is not None and _end(gap.high) >= _end(within.high):
                break
            gaps.append(gap)
        if one.high is None:
            return gaps
        at = max(at, Bound(one.high.value, not one.high.included), key=_start)
    if within.high is None or _start(at) <= (within.high.value, 0 if within.high.included else -1):
        gaps.append(AmountRange(at, within.high))
    return gaps


def _start(bound: Bound) -> tuple[Decimal, int]:
    return bound.value, 0 if bound.included else 1


def _end(bound: Bound | None) -> tuple[Decimal, int]:
    return (Decimal("Infinity"), 0) if bound is None else (bound.value, 0 if bound.included else -1)


def _uncovered(policy: Policy) -> Iterator[Finding]:
    """Find the amounts for which the policy names nobody, when it does not say what else counts."""
    if policy.otherwise is not None:
        return
    everything = [_amounts(rule) for rule in policy.rules if not _fields(rule) - {Field.AMOUNT}]
    for gap in _gaps(everything, AmountRange()):
        whole = gap.high is None and gap.low == Bound(Decimal(0), included=True)
        what = "What no rule is for has" if whole else f"{gap.words().capitalize()}: such amounts have"
        yield Finding("otherwise", f"{what} no approver: say otherwise, or refuse it there.", is_error=True)


def _unanswerable(policy: Policy, chart: Chart, on: date) -> Iterator[Finding]:
    """Try each rule on every owner, department and cost center, and find those for which nobody could decide."""
    rules = [rule for rule in policy.outcomes if rule.steps and not _names_missing(rule, chart, on)]
    kinds = {_kind(rule) for rule in rules}
    most = max(min(_TRIED_AT_MOST, _TRIED_IN_ALL // max(len(kinds), 1)), 1)
    tried = {kind: _Trial(kind, chart, on, most) for kind in kinds}
    for rule in rules:
        trial = tried[_kind(rule)]
        if not trial.refused:
            continue
        path, (_, why) = rule.path or "steps", trial.refused[0]
        if not trial.answerable:
            yield Finding(path, f"Nobody could approve what rule {rule.name!r} is for: {why}", is_error=True)
        else:
            whose = ", ".join(one for one, _ in trial.refused[:_NAMED_AT_MOST])
            left = len(trial.refused) - _NAMED_AT_MOST
            more = f" and {left:,} more" if left > 0 else ""
            message = f"Rule {rule.name!r} would refuse the requests of {whose}{more}: {why}"
            yield Finding(path, message, is_error=False)


def _kind(rule: Rule) -> Rule:
    """Say of a rule what matters to whether somebody can decide; rules that are alike in it are tried once."""
    conditions = tuple(one for one in rule.conditions if one.looks_at in _TRIED)
    return Rule("", conditions, rule.steps)


_TRIED: Final = frozenset({Field.REQUESTER, Field.COST_CENTER, Field.DEPARTMENT})


class _Trial:
    """A rule that was tried on what it could be for: whether anybody's would be answered, and whose would not, why.

    Where there is more to try than ``most``, it is tried on so many, spread over all of them.
    """

    def __init__(self, rule: Rule, chart: Chart, on: date, most: int) -> None:
        self.answerable = False
        refused: list[tuple[str, str]] = []
        asking = Policy(0, (), replace(rule, conditions=()))
        tries = list(_tries(rule, chart, on))
        for one in tries[:: -(-len(tries) // most)]:
            try:
                plan_of(asking, _facts(one.owner_id, one.department_id, one.cost_center_id), chart, on)
                self.answerable = True
            except NobodyLeftToAsk as nobody:
                refused.append((one.told_as, nobody.detail))
        self.refused = [each for each in refused if each[0] != _SOMEBODY_NEW or not self.answerable]


def _names_missing(rule: Rule, chart: Chart, on: date) -> bool:
    """Tell whether a rule names people who are not there, which is an error of its own."""
    named = (picked.user_id for step in rule.steps for picked in step.asks if picked.user_id is not None)
    return any(not chart.is_there(one, on) for one in named)


@dataclass(frozen=True, slots=True)
class _Try:
    """A purchase that a rule could be for: by what it is told of, whose it is, and where it is charged."""

    told_as: str
    owner_id: int
    department_id: int | None
    cost_center_id: int


def _tries(rule: Rule, chart: Chart, on: date) -> Iterator[_Try]:
    """List purchases that a rule could be for: of somebody new and of each owner, and one charged to each place."""
    owners = [one for one in sorted(chart.people) if chart.is_there(one, on) and _may_own(rule, chart, one)]
    centers = [one for one in sorted(chart.cost_centers) if _is_one(rule, Field.COST_CENTER, {one})]
    units = [one for one in sorted(chart.units) if _is_one(rule, Field.DEPARTMENT, set(chart.line(one)))]
    center = centers[0] if centers else _FIRST_ID
    yield _Try(_SOMEBODY_NEW, _NOBODY_YET, units[0] if units else None, center)
    for owner in owners:
        own = chart.departments.get(owner)
        yield _Try(f"user {owner}", owner, own if own in units or not units else units[0], center)
    if not owners:
        return
    owner, picks = owners[0], {picked.pick for step in rule.steps for picked in (*step.asks, *step.goes_up_to)}
    if picks & _BY_DEPARTMENT:
        for unit in units:
            yield _Try(f"department {unit}", owner, unit, center)
    if picks & _BY_COST_CENTER:
        for one in centers:
            yield _Try(f"cost center {one}", owner, chart.departments.get(owner), one)


_BY_DEPARTMENT: Final = frozenset({Pick.HEAD, Pick.NEXT_HEAD, Pick.HOLDERS})
_BY_COST_CENTER: Final = frozenset({Pick.COST_CENTER_OWNER, Pick.HOLDERS})
"""What names other people in another department, and for another cost center."""


def _may_own(rule: Rule, chart: Chart, owner: int) -> bool:
    condition = rule.condition_on(Field.REQUESTER)
    facts = replace(_facts(owner, None, _FIRST_ID), requesters=(Requester(owner, chart.line_of(owner)),))
    return condition is None or condition.holds(facts)


def _is_one(rule: Rule, looked_at: Field, values: set[int]) -> bool:
    condition = rule.condition_on(looked_at)
    return not isinstance(condition, AnyOf) or condition.values.isdisjoint(values) is condition.negated


def _facts(owner: int, department: int | None, cost_center: int) -> Facts:
    nothing = Money.zero(CURRENCIES["EUR"])
    return Facts(nothing, owner, cost_center, department, requesters=(), own_to=frozenset({owner}))


def _without_limit(policy: Policy) -> Iterator[Finding]:
    for rule in policy.outcomes:
        if rule.at_once and _amounts(rule).high is None:
            message = f"Rule {rule.name!r} lets pass at once whatever it is for, at any amount."
            yield Finding(rule.path, message, is_error=False)


def _without_currency(policy: Policy, chart: Chart) -> Iterator[Finding]:
    compares = any(Field.AMOUNT in _fields(rule) for rule in policy.rules)
    if policy.currency is None and compares and len(chart.currencies) > 1:
        several = ", ".join(sorted(chart.currencies))
        message = f"The establishments reckon in {several}: say in which of them the amounts are."
        yield Finding("currency", message, is_error=False)


def _rings(policy: Policy, chart: Chart) -> Iterator[Finding]:
    """Find people who are above themselves, and departments, where the policy goes up there."""
    if not any(_goes_up(step) for step in policy.steps):
        return
    managed = {one: manager for one, manager in chart.managers.items() if one in chart.people}
    parents = {one: unit.parent_id for one, unit in chart.units.items() if unit.parent_id is not None}
    for what, above in (("user", managed), ("department", parents)):
        for ring in _rings_of(above):
            names = " -> ".join(f"{what} {one}" for one in (*ring, ring[0]))
            yield Finding("", f"Going up never ends: {names}.", is_error=False)


def _goes_up(step: PolicyStep) -> bool:
    return any(picked.pick is not Pick.NAMED for picked in (*step.asks, *step.goes_up_to))


def _rings_of(above: dict[int, int]) -> Iterator[tuple[int, ...]]:
    done: set[int] = set()
    for start in sorted(above):
        path: list[int] = []
        one: int | None = start
        while one is not None and one not in done and one not in path:
            path.append(one)
            one = above.get(one)
        if one in path:
            yield tuple(path[path.index(one) :])
        done.update(path)
