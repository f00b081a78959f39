"""What is different between two policies, rule by rule, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from emplette.domain.policies import Policy, Rule


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was; None where there is nothing."""

    what: str
    before: str | None
    after: str | None


def differences_of(before: Policy, after: Policy) -> list[Difference]:
    """List what is different, in the order of the rules as they are after."""
    return [*_of_settings(before, after), *_of_rules(before, after)]


def _of_settings(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = _settings(before), _settings(after)
    for name, said in new.items():
        if old[name] != said:
            yield Difference(name, old[name], said)


def _settings(policy: Policy) -> dict[str, str | None]:
    changers = ", ".join(sorted(str(one) for one in policy.changes.by))
    return {
        "currency": policy.currency,
        "mustStateContentHash": "true" if policy.states_hash else "false",
        "changesUnderReview.by": changers or None,
        "changesUnderReview.beginsAgainAt": policy.changes.begins_at,
    }


def _of_rules(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = ({rule.name: rule for rule in policy.outcomes} for policy in (before, after))
    moved = _moved(list(old), list(new))
    for name, rule in new.items():
        what = f"rule {name!r}"
        if name not in old:
            yield Difference(what, None, _words(rule))
            continue
        if _for_what(old[name]) != _for_what(rule):
            yield Difference(f"{what}, for what", _for_what(old[name]), _for_what(rule))
        if (old[name].steps, _then(old[name])) != (rule.steps, _then(rule)):
            yield Difference(f"{what}, what then", _then(old[name]), _then(rule))
        if name in moved:
            places = [list(rules).index(name) + 1 for rules in (old, new)]
            yield Difference(f"{what}, place", str(places[0]), str(places[1]))
    for name, rule in old.items():
        if name not in new:
            yield Difference(f"rule {name!r}", _words(rule), None)


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Find the rules that stand elsewhere among those that are in both; the others stayed."""
    stayed = {
        old[block.a + at]
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        for at in range(block.size)
    }
    return (set(old) & set(new)) - stayed


def _for_what(rule: Rule) -> str:
    return " and ".join(condition.words() for condition in rule.conditions) or "everything"


def _then(rule: Rule) -> str:
    """Say what then, with what a step's words leave out."""
    notes: list[str] = []
    for step in rule.steps:
        said = {
            "distinct": step.distinct,
            "denied only when too few are left": not step.one_denial,
            "own requests too": step.own_too,
            f"goes up to {', '.join(one.words() for one in step.goes_up_to)}": bool(step.goes_up_to),
            f"reminded after {', '.join(map(str, step.waiting.remind_after))} working days": bool(
                step.waiting.remind_after
            ),
            f"escalated after {step.waiting.escalate_after} working days": step.waiting.escalate_after is not None,
        }
        notes += [f"{step.name} {note}" for note, counts in said.items() if counts]
    notes += ["several at once"] if rule.several_at_once else []
    return f"{rule.outcome()}{_in_brackets(notes)}"


def _words(rule: Rule) -> str:
    return f"{_for_what(rule)}: {_then(rule)}"


def _in_brackets(notes: list[str]) -> str:
    return f" ({'; '.join(notes)})" if notes else ""
