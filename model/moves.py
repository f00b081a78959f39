"""What can happen to a request: the product's own rules, put together as its services do, without a database.

Decisions are tried by everybody. What disturbs them (somebody leaves, is away or comes back, an administrator asks
another one, the purchase is changed) happens as often as a state has ``disturbances`` left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from emplette.domain import amending, drafting, reviewing
from emplette.domain.absences import Absence, refuse_loop
from emplette.domain.approvals import Request, RequestState, Verdict
from emplette.domain.charts import Chart
from emplette.domain.conditions import Facts
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.errors import Refusal
from emplette.domain.escalating import escalated
from emplette.domain.people import Stamp
from emplette.domain.planning import NOT_LOOKED_UP, facts_of, may_change, steps_anew, steps_if_others
from emplette.domain.replacing import reassigned, without_gone
from emplette.domain.reviewing import Ruling, Submission
from emplette.domain.routing import Plan, goes_up_from, plan_of
from emplette.domain.standing_in import as_kept, as_of, place_of
from model.purchases import (
    AMENDMENT,
    LISTED,
    LITTLE,
    MUCH,
    NOW,
    ORDER,
    REQUEST,
    TODAY,
    bought_by,
    caller,
    draft_of,
    dual,
    ordered_by,
    stamp,
)
from model.worlds import World

_TOMORROW: Final = TODAY + timedelta(days=1)
_LONGEST_LINE: Final = 2
Move = tuple[str, "State"]
"""What happened, in words, and what came of it."""


@dataclass(frozen=True, slots=True)
class State:
    """A request, the company as it is now, and ``own_to``: all who own, wrote or asked, as this walk has seen it.

    ``outdated`` tells of an amendment that what it would change has changed: nobody may approve it any more.
    """

    dossier: Dossier
    chart: Chart
    own_to: frozenset[int]
    disturbances: int
    outdated: bool = False

    @property
    def request(self) -> Request:
        """The request."""
        return request_of(self.dossier)

    @property
    def shown(self) -> Dossier:
        """The purchase as it is read today: with deputies, and without those who may decide no more."""
        return as_of(self.dossier, self.chart, TODAY)

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a decision."""
        return self.request.state is RequestState.PENDING

    def is_there(self, person: int) -> bool:
        """Whether somebody has not left."""
        return self.chart.is_there(person, TODAY)


def asked(world: World, disturbances: int) -> State:
    """Ask for approval, as the owner: of a purchase, or of an amendment of one that a key has approved by itself.

    Raises:
        RefusedByPolicy, NobodyLeftToAsk: the policy does not say who decides.
    """
    dossier, by = bought_by(world.owner, world.writers), stamp(world.owner)
    own_to = world.writers | {world.owner}
    if world.amends:
        return State(_amended(world, by), world.chart, own_to, disturbances)
    plan = _plan(world, dossier, world.chart, reviewing.requesters_of(dossier.purchase, by))
    submission = Submission(REQUEST, ORDER, "abcdefghij", 1, plan.steps, rule=plan.rule.name)
    after = reviewing.submit(dossier, submission, who=caller(world.owner), by=by).after
    return State(after, world.chart, own_to, disturbances)


def _amended(world: World, by: Stamp) -> Dossier:
    dossier = ordered_by(world.owner, world.writers)
    amendment = amending.amendment_of(dossier, draft_of(MUCH), dual(MUCH), (), request_id=AMENDMENT)
    said, own_to = amending.as_amended(dossier, amendment), reviewing.requesters_of(dossier.purchase, by)
    plan = _plan(world, said, world.chart, own_to)
    submission = Submission(AMENDMENT, ORDER, "abcdefghij", 1, plan.steps, rule=plan.rule.name)
    return amending.propose(dossier, amendment, submission, who=caller(world.owner), by=by).after


def _plan(world: World, dossier: Dossier, chart: Chart, own_to: frozenset[int]) -> Plan:
    return plan_of(world.policy, _facts(amending.as_asked(dossier), chart, own_to), chart, TODAY)


def _facts(dossier: Dossier, chart: Chart, own_to: frozenset[int]) -> Facts:
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    amount = commitment.total.counter.excluding
    return facts_of(purchase, commitment.terms, amount, chart, NOT_LOOKED_UP, own_to)


def decided(state: State, shown: Dossier, person: int, verdict: Verdict, content_hash: str | None) -> State:
    """Have somebody decide on what they were shown, if they say what that was.

    Raises:
        Refusal: they may not.
    """
    ruling, who = Ruling(verdict, None, content_hash), caller(person)
    if shown.asks_for is not None:
        move = amending.decide(shown, ruling, who=who, by=stamp(person))
    else:
        move = reviewing.decide(shown, ruling, who=who, order_id=ORDER, by=stamp(person))
    return replace(state, dossier=as_kept(move.after))


def changed(world: World, state: State, person: int) -> State:
    """Have somebody say the other amount.

    Raises:
        Refusal: they may not.
    """
    dossier, who, by = state.dossier, caller(person), stamp(person)
    request, commitment = request_of(dossier), commitment_of(dossier)
    amount = MUCH if commitment.amount.base.excluding == LITTLE else LITTLE
    draft = draft_of(amount)
    if not may_change(world.policy, dossier.purchase, request, who):
        drafting.refuse_revision(dossier, draft)
    drafting.refuse_change(dossier, draft)
    said = drafting.revised(dossier, draft, dual(amount), by=by, hung=())
    plan = _plan(world, said.after, state.chart, request.requesters | who.user.identities)
    anew = drafting.AskedAnew(plan.rule.name, steps_anew(plan, world.policy, request))
    after = drafting.change_commitment(dossier, said, anew, by=by).after
    return replace(state, dossier=after, own_to=state.own_to | {person})


def listed(world: World, state: State, person: int) -> State:
    """Have somebody put a listed supplier in the place of the one that is only written down.

    Raises:
        Refusal: it can't be, or by nobody who is asked.
    """
    dossier, who, by = state.dossier, caller(person), stamp(person)
    drafting.refuse_listing(dossier)
    if dossier.asks_for is not None:
        # Its own request was approved long ago; the one for the amendment stays as it is, of something that was.
        beside = drafting.list_supplier(replace(dossier, request=None), LISTED, by=by).after
        return replace(state, dossier=replace(beside, request=dossier.request), outdated=True)
    request, then = request_of(dossier), drafting.with_supplier(dossier, LISTED, by=by)
    plan = _plan(world, then, state.chart, request.requesters | who.user.identities)
    steps = steps_if_others(plan, request, who)
    anew = None if steps is None else drafting.AskedAnew(plan.rule.name, steps)
    after = drafting.list_supplier(dossier, LISTED, anew, by=by).after
    return replace(state, dossier=after, own_to=state.own_to | {person})


def replaced(world: World, state: State) -> State:
    """Replace those who have left, or may decide no more, as the server does within seconds."""
    request = state.request
    try:
        plan = _plan(world, state.dossier, state.chart, request.requesters)
    except Refusal:
        plan = None
    after = without_gone(request, plan, state.chart, TODAY, place=place_of(state.dossier))
    return state if after == request else replace(state, dossier=replace(state.dossier, request=after))


def given(state: State, person: int, to: int) -> State:
    """Have an administrator ask another one in somebody's place.

    Raises:
        Refusal: the other can't be asked.
    """
    after = reassigned(request_of(state.shown), person, state.chart.people[to], "On leave")
    return replace(state, dossier=as_kept(replace(state.dossier, request=after)))


def disturbed(world: World, state: State) -> Iterator[Move]:
    """List what can come in between."""
    if not state.disturbances or not state.is_pending:
        return
    before = replace(state, disturbances=state.disturbances - 1)
    open_to = [step for step in state.request.steps if step.number >= state.request.step]
    asked_now = {one.user.id for step in open_to for one in step.people}
    involved = asked_now | {absence.deputy_id for absence in state.chart.absences}
    for person in sorted(involved):
        if state.is_there(person):
            yield f"user {person} leaves", _leaves(before, person)
    yield from _is_away(before, sorted(involved))
    for person in sorted(state.chart.people):
        if state.is_there(person):
            yield from _tried(f"user {person} changes it", partial(changed, world, before, person))
            yield from _tried(f"user {person} lists the supplier", partial(listed, world, before, person))
    above = gone_up(world, before)
    if above is not before:
        yield "it goes up, having waited too long", above
    for person in sorted(asked_now):
        for to in sorted(state.chart.people.keys() - {person}):
            if state.is_there(to):
                words = f"an administrator asks user {to} in the place of user {person}"
                yield from _tried(words, partial(given, before, person, to))


def _tried(words: str, do: Callable[[], State]) -> Iterator[Move]:
    try:
        yield words, do()
    except Refusal:
        return


def gone_up(world: World, state: State) -> State:
    """Let the step that is asked go up, as after the working days that its policy gives it."""
    request, step = state.request, state.request.current_step
    rules = [rule for rule in world.policy.outcomes if rule.name == request.rule]
    found = [one for rule in rules for one in rule.steps if step is not None and one.name == step.name]
    if not found or step is None:
        return state
    facts = _facts(amending.as_asked(state.dossier), state.chart, request.requesters)
    above = goes_up_from(found[0], step.number, facts, state.chart, TODAY)
    after = escalated(request, above, state.chart, TODAY)
    return state if after == request else replace(state, dossier=replace(state.dossier, request=after))


def _leaves(state: State, person: int) -> State:
    chart = state.chart
    gone = {**chart.people, person: replace(chart.people[person], left_on=TODAY)}
    return replace(state, chart=replace(chart, people=gone))


def replacements(world: World, state: State) -> Iterator[tuple[State, State]]:
    """Replace those who are gone, whoever leads them: each company that could be, and what comes of it there.

    Where nobody has looked yet who leads them, it may be nobody, one, or one above another who can't be asked.
    """
    chart = state.chart
    gone = [one for one in sorted(chart.people) if not state.is_there(one)]
    others = [one for one in sorted(chart.people) if state.is_there(one)]
    if not gone or chart.managers or chart.units:
        yield state, replaced(world, state)
        return
    for person in gone:
        lines: list[tuple[int, ...]] = [()]
        while lines:
            line = lines.pop()
            managers = dict(zip((person, *line), line, strict=False))
            known = replace(state, chart=replace(chart, managers=managers))
            after = replaced(world, known)
            yield known, after
            if after is known and len(line) < _LONGEST_LINE:
                lines += [(*line, other) for other in others if other not in line]


def _is_away(state: State, involved: list[int]) -> Iterator[Move]:
    chart = state.chart
    for person in involved:
        for deputy in sorted(chart.people.keys() - {person}):
            absence = Absence(
                id=len(chart.absences) + 1,
                user_id=person,
                deputy_id=deputy,
                starts_on=TODAY,
                ends_on=_TOMORROW,
                entered_at=NOW,
            )
            if any((one.user_id, one.deputy_id) == (person, deputy) for one in chart.absences):
                continue
            try:
                refuse_loop(absence, chart.absences)
            except Refusal:
                continue
            away = replace(chart, absences=(*chart.absences, absence))
            yield f"user {person} is away, and user {deputy} the deputy", replace(state, chart=away)
    for absence in chart.absences:
        back = replace(chart, absences=tuple(one for one in chart.absences if one != absence))
        yield f"user {absence.user_id} comes back from user {absence.deputy_id}", replace(state, chart=back)
