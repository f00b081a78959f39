"""The YAML file of an approval policy: what it says, or every place in it that is at fault.

The first form, ``steps: [{name: ..., anyOf: [USER_ID, ...]}]``, is a policy with one rule for everything.
"""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from emplette.domain.conditions import Condition
from emplette.domain.currencies import fault_of_currency
from emplette.domain.errors import Faults, Invalid
from emplette.domain.policies import Changer, Changes, Policy, Rule
from emplette.formats.policy_conditions import read_conditions
from emplette.formats.policy_loading import PolicyLoader
from emplette.formats.policy_reading import BEYOND, Place
from emplette.formats.policy_steps import Usual, read_steps, read_usual

LONGEST: Final = 1_000_000
"""Characters of a policy's text."""

_SEVERAL: Final = "severalAtOnce"
_TOP: Final = (
    "currency",
    "selfApproval",
    "mustStateContentHash",
    "goesUpTo",
    "reminders",
    "changesUnderReview",
    _SEVERAL,
    "rules",
    "otherwise",
    "steps",
)
_OUTCOMES: Final = ("steps", "approve", "refuse")
_AT_ONCE: Final = "at once"
_EVERYTHING: Final = "Everything"
_OTHERWISE: Final = "Otherwise"


def read_document(text: str) -> dict[str, Any]:
    """Read the text of a policy as YAML: what stands in it, its numbers to the last digit.

    Raises:
        Invalid: it is no YAML, says something twice, or is no policy by far.
    """
    if len(text) > LONGEST:
        raise Invalid.field("policy", f"Is longer than {LONGEST:,} characters.")
    try:
        document = yaml.load(text, Loader=PolicyLoader)  # noqa: S506  made from the safe one
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise Invalid.field("policy", f"Is not YAML that can be read: {error}") from None
    if not isinstance(document, dict) or not ({"steps", "rules", "otherwise"} & document.keys()):
        raise Invalid.field("steps", "Must be a list of steps, each with a name and its people; or say rules instead.")
    return document


def read_written(text: str) -> Policy:
    """Read a policy from its YAML; a long one takes a second.

    Raises:
        Invalid: it can't be read; names every place at fault.
    """
    return read_policy(read_document(text))


def read_policy(document: Mapping[str, Any], *, version: int = 0) -> Policy:
    """Read a policy from what its file says.

    Raises:
        Invalid: names every place at fault.
    """
    faults = Faults()
    top = Place(document, "", faults).knows(*_TOP)
    currency = document.get("currency")
    if currency is not None:
        fault = fault_of_currency(str(currency), on=None) if isinstance(currency, str) else "Must be a code like EUR."
        if fault is not None:
            top.fault("currency", fault)
    usual = read_usual(top)
    rules, otherwise = _rules(top, usual)
    policy = Policy(
        version,
        rules,
        otherwise,
        currency=currency if isinstance(currency, str) else None,
        states_hash=top.switch("mustStateContentHash"),
        changes=_changes(top),
    )
    if policy.changes.begins_at is not None and policy.changes.begins_at not in {step.name for step in policy.steps}:
        top.fault("changesUnderReview.beginsAgainAt", "There is no step of this name.")
    faults.raise_if_any()
    return policy


def _rules(top: Place, usual: Usual) -> tuple[tuple[Rule, ...], Rule | None]:
    if "steps" in top.said:
        for other in ("rules", "otherwise"):
            if other in top.said:
                top.fault(other, "Is for a policy with rules: put these steps under a rule, or under otherwise.")
        steps = read_steps(top, usual)
        return (), Rule(_EVERYTHING, steps=steps, several_at_once=usual.several_at_once, path="steps")
    # One that sends everything the same way needs no rule beside `otherwise`.
    listed = top.listed("rules", "rules, each with a name and its steps") if {"rules"} & top.said.keys() else []
    rules = tuple(_rule(place, usual) for place in listed)
    names = [rule.name for rule in rules]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            top.fault(f"rules[{number}].name", "Is the name of a rule above.")
    if "otherwise" not in top.said:
        return rules, None
    place = top.mapping("otherwise", "what counts when no rule does: {steps: [...]}")
    return rules, None if place is None else _outcome(place.knows(*_OUTCOMES, _SEVERAL), _OTHERWISE, (), usual)


def _rule(place: Place, usual: Usual) -> Rule:
    place.knows("name", "when", *_OUTCOMES, _SEVERAL)
    at_once = place.said.get("approve") is not None
    when = place.mapping("when", "what the rule is for: {amount: {over: 1000}}") if "when" in place.said else None
    conditions = () if when is None else read_conditions(when, at_once=at_once)
    return _outcome(place, place.text("name", "Must say what the rule is called."), conditions, usual)


def _outcome(place: Place, name: str, conditions: tuple[Condition, ...], usual: Usual) -> Rule:
    said = [outcome for outcome in _OUTCOMES if outcome in place.said]
    if len(said) != 1:
        place.fault("", "Must say one of steps, approve (at once) and refuse (with a reason).")
        return Rule(name, conditions, path=place.path)
    if said[0] == "steps":
        several = place.switch(_SEVERAL, usual=usual.several_at_once)
        return Rule(name, conditions, read_steps(place, usual), several_at_once=several, path=place.path)
    if said[0] == "refuse":
        return Rule(name, conditions, refusal=place.text("refuse", "Must say why."), path=place.path)
    if place.said["approve"] != _AT_ONCE:
        place.fault("approve", f"Can be `{_AT_ONCE}` only.")
    return Rule(name, conditions, at_once=True, path=place.path)


def _changes(top: Place) -> Changes:
    if "changesUnderReview" not in top.said:
        return Changes()
    place = top.mapping("changesUnderReview", "who may change a commitment under review: {by: [owner]}")
    if place is None:
        return Changes()
    place.knows("by", "beginsAgainAt")
    by: set[Changer | int] = set()
    for number, one in enumerate(place.several("by")):
        if type(one) is int and 0 < one < BEYOND:
            by.add(one)
        elif isinstance(one, str) and one in set(Changer):
            by.add(Changer(one))
        else:
            place.fault(f"by[{number}]", f"Must be the id of a user, or one of {', '.join(Changer)}.")
    begins = place.said.get("beginsAgainAt")
    if begins is not None and not isinstance(begins, str):
        place.fault("beginsAgainAt", "Must be the name of a step.")
        begins = None
    return Changes(frozenset(by), begins)
