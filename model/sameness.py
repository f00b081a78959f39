"""By what two states are the same: everything that can come of them is, but for what people are called."""

from collections.abc import Hashable, Sequence
from typing import Final

from emplette.domain.approvals import Decision, Pick, Step, Verdict
from model.laws import round_of
from model.moves import State
from model.worlds import World

# What can be said of a person, each with a number that tells in which step, decision, absence, ...
_DECIDED, _REPRESENTED, _ASKED, _CAME, _WENT, _OWNS, _GONE, _AWAY, _DEPUTY, _LEADS, _LED, _NAMED = (
    number << 8 for number in range(12)
)

Said = dict[int, list[int]]
"""What is said of each person."""


def key_of(world: World, state: State) -> Hashable:
    """Tell by what a state is the same as others, also as one in which other people do the same.

    What a change has given up counts no more, but for what was said about what it says again. Of the policy counts what
    can still be asked of it.
    """
    request = state.request
    steps = round_of(request)
    first = steps[0].number
    made_now = [one for one in request.decisions if one.step >= first or one.content_hash == request.content_hash]
    said: Said = {one: [] for one in state.chart.people}
    _say_decisions(said, made_now)
    _say_steps(said, steps)
    _say_company(said, state)
    if state.disturbances or len(said) > sum(map(state.is_there, said)):
        for place, rule in enumerate(world.policy.steps):
            for picked in rule.asks:
                if picked.user_id is not None:
                    said[picked.user_id].append(_NAMED + place)
    people = [tuple(one) for one in said.values()]
    return (
        request.state,
        request.step - first,
        state.disturbances,
        # Without disturbances left, nobody looks at the supplier any more.
        state.disturbances > 0 and state.dossier.purchase.supplier.is_draft,
        (world.amends, state.outdated),
        tuple((one.needed, one.distinct, one.one_denial, one.own_too) for one in steps),
        tuple(
            (one.step - first, one.verdict is Verdict.APPROVED, one.content_hash == request.content_hash)
            for one in made_now
        ),
        *(sorted(people) if _is_free(world) else (world.name, *people)),
    )


def _say_decisions(said: Said, made_now: Sequence[Decision]) -> None:
    for place, made in enumerate(made_now):
        said[made.by.id].append(_DECIDED + place)
        if made.in_place_of is not None:
            said[made.in_place_of].append(_REPRESENTED + place)


def _say_steps(said: Said, steps: Sequence[Step]) -> None:
    for step in steps:
        for place, approver in enumerate(step.approvers):
            number = (step.number - steps[0].number) << 4
            if approver.in_place_of is None:
                said[approver.user.id].append(_ASKED + number)
            else:
                said[approver.user.id].append(_CAME + number + place)
                said[approver.in_place_of].append(_WENT + number + place)


def _say_company(said: Said, state: State) -> None:
    for one in state.own_to:
        said[one].append(_OWNS)
    for one, about in said.items():
        if not state.is_there(one):
            about.append(_GONE)
    for place, absence in enumerate(state.chart.absences):
        said[absence.user_id].append(_AWAY + place)
        said[absence.deputy_id].append(_DEPUTY + place)
    for place, (one, manager) in enumerate(state.chart.managers.items()):
        said[manager].append(_LEADS + place)
        said[one].append(_LED + place)


def _is_free(world: World) -> bool:
    """Tell whether people are known by nothing but what they do: the policy names them, and nobody leads them."""
    picks = {picked.pick for step in world.policy.steps for picked in (*step.asks, *step.goes_up_to)}
    return picks == _BY_NAME and not world.chart.units and not world.policy.rules


_BY_NAME: Final = {Pick.NAMED}
