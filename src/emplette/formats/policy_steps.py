"""The steps of a rule of a policy, as its file says them: whom each asks, and how many must approve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from emplette.domain.approvals import Pick, Waiting
from emplette.domain.people import Permission
from emplette.domain.policies import HowMany, Picked, PolicyStep
from emplette.formats.policy_reading import BEYOND, Place

MOST_STEPS: Final = 50
MOST_PEOPLE: Final = 500
_LONGEST_WAIT: Final = 250
_STEP: Final = (
    "name",
    "any",
    "all",
    "atLeast",
    "of",
    "anyOf",
    "distinct",
    "oneDenialDenies",
    "selfApproval",
    "goesUpTo",
    "reminders",
)
_PEOPLE: Final = ("anyOf", "any", "all", "of")
_PICKS: Final = {str(pick): pick for pick in Pick if pick not in {Pick.NAMED, Pick.HOLDERS}}


@dataclass(frozen=True, slots=True)
class Usual:
    """What counts for every step, or rule, that does not say otherwise."""

    own_too: bool = False
    goes_up_to: tuple[Picked, ...] = ()
    waiting: Waiting = field(default_factory=Waiting)
    several_at_once: bool = False


def read_usual(top: Place) -> Usual:
    """Read what the policy says for all of its steps and rules."""
    own_too, several = top.switch("selfApproval"), top.switch("severalAtOnce")
    return Usual(own_too, _goes_up_to(top, ()), _waiting(top, Waiting()), several)


def read_steps(place: Place, usual: Usual) -> tuple[PolicyStep, ...]:
    """Read steps, in order."""
    if place.said.get("steps") == []:
        place.fault("steps", "Must be a list of steps, each with a name and its people: at least one.")
    steps = tuple(_step(one, usual) for one in place.listed("steps", "steps, each with a name and its people"))
    if len(steps) > MOST_STEPS:
        place.fault("steps", f"Must have {MOST_STEPS} steps at most.")
    return steps


def _step(place: Place, usual: Usual) -> PolicyStep:
    place.knows(*_STEP)
    name = place.text("name", "Must say what the step is called.")
    how_many, picks, needed = _asked(place)
    return PolicyStep(
        name,
        picks,
        how_many,
        needed,
        distinct=place.switch("distinct"),
        one_denial=place.switch("oneDenialDenies", usual=True),
        own_too=place.switch("selfApproval", usual=usual.own_too),
        goes_up_to=_goes_up_to(place, usual.goes_up_to),
        waiting=_waiting(place, usual.waiting),
        path=f"{place.path}.{next((name for name in _PEOPLE if name in place.said), '')}",
    )


def _asked(place: Place) -> tuple[HowMany, tuple[Picked, ...], int]:
    ways = [way for way in ("anyOf", "any", "all", "atLeast") if way in place.said]
    if len(ways) != 1:
        place.fault("", "Must say one of any, all, and atLeast (how many) with of (whom).")
        return HowMany.ANY, (), 1
    if ways[0] == "anyOf":
        return HowMany.ANY, _ids(place), 1
    if ways[0] != "atLeast":
        if "of" in place.said:
            place.fault("of", "Goes with atLeast only.")
        return HowMany(ways[0]), _picks(place, ways[0]), 1
    needed, picks = place.said["atLeast"], _picks(place, "of")
    if type(needed) is not int or needed < 1:
        place.fault("atLeast", "Must be how many must approve: 1 or more.")
        needed = 1
    elif all(one.pick is not Pick.HOLDERS for one in picks) and needed > len(picks):
        place.fault("atLeast", f"Must be {len(picks)} at most: so many are named.")
    return HowMany.AT_LEAST, picks, needed


def _ids(place: Place) -> tuple[Picked, ...]:
    """Read whom the first form of a policy names: users by their ids."""
    said = place.said["anyOf"]
    if not isinstance(said, list) or not said or not all(type(one) is int and 0 < one < BEYOND for one in said):
        place.fault("anyOf", "Must list the ids of one or more users.")
        return ()
    if len(set(said)) < len(said):
        place.fault("anyOf", "Names somebody twice.")
    return tuple(Picked(Pick.NAMED, one) for one in said)


def _goes_up_to(place: Place, usual: tuple[Picked, ...]) -> tuple[Picked, ...]:
    return _picks(place, "goesUpTo") if "goesUpTo" in place.said else usual


def _picks(place: Place, name: str) -> tuple[Picked, ...]:
    found = place.several(name)
    if len(found) > MOST_PEOPLE:
        place.fault(name, f"Must list {MOST_PEOPLE} at most.")
        found = found[:MOST_PEOPLE]
    picks: list[Picked] = []
    for number, said in enumerate(found):
        path = f"{name}[{number}]" if isinstance(place.said.get(name), list) else name
        one = _pick(place, path, said)
        if one in picks:
            place.fault(path, "Is named twice.")
        elif one is not None:
            picks.append(one)
    return tuple(picks)


def _pick(place: Place, path: str, said: Any) -> Picked | None:  # noqa: ANN401  whatever the file says
    if isinstance(said, str) and said in _PICKS:
        return Picked(_PICKS[said])
    if isinstance(said, Mapping) and set(said) == {"user"}:
        said = said["user"]
    if type(said) is int and 0 < said < BEYOND:
        return Picked(Pick.NAMED, said)
    if isinstance(said, Mapping) and set(said) == {"holdersOf"}:
        if said["holdersOf"] in list(Permission):
            return Picked(Pick.HOLDERS, permission=Permission(said["holdersOf"]))
        place.fault(f"{path}.holdersOf", f"Must be one of {', '.join(Permission)}.")
        return None
    place.fault(path, f"Must be the id of a user, {{holdersOf: PERMISSION}}, or one of {', '.join(_PICKS)}.")
    return None


def _waiting(place: Place, usual: Waiting) -> Waiting:
    if "reminders" not in place.said:
        return usual
    here = place.mapping("reminders", "{after: [2, 4], escalateAfter: 6}, in working days")
    if here is None:
        return usual
    here.knows("after", "escalateAfter")
    after = [one for one in here.several("after") if _days(here, "after", one)] if "after" in here.said else []
    if sorted(set(after)) != after:
        here.fault("after", "Must go up.")
    escalate = here.said.get("escalateAfter")
    if escalate is not None and not _days(here, "escalateAfter", escalate):
        escalate = None
    return Waiting(tuple(after), escalate)


def _days(place: Place, name: str, said: Any) -> bool:  # noqa: ANN401  whatever the file says
    right = type(said) is int and 0 < said <= _LONGEST_WAIT
    if not right:
        place.fault(name, f"Must be in working days, 1 to {_LONGEST_WAIT}.")
    return right
