"""Conditions of rules: which purchases each is for."""

import pytest

from emplette.domain.conditions import covers
from emplette.domain.policies import Policy
from tests.domain.policies import ANN, BUYER, CAT, SALES, TEAM, facts, policy


def rule(when: str, *, then: str = "steps: [{name: Boss, any: [1]}]") -> Policy:
    return policy(f"rules:\n  - name: Rule\n    when: {when}\n    {then}\notherwise: {{refuse: No}}")


def is_for(of: Policy, amount: str = "100", fact: str = "", value: int | str = 0) -> bool:
    return of.rule_for(facts(amount, {fact: value} if fact else {})).name == "Rule"


@pytest.mark.parametrize(
    ("when", "inside", "outside"),
    [
        ("{amount: {over: 100}}", ["100.01", "5000"], ["100", "0"]),
        ("{amount: {atLeast: 100}}", ["100", "100.01"], ["99.99"]),
        ("{amount: {below: 100}}", ["99.99", "0"], ["100"]),
        ("{amount: {atMost: 100}}", ["100", "0"], ["100.01"]),
        ("{amount: {over: 99.99, atMost: 21000}}", ["100", "21000"], ["99.99", "21000.01"]),
        ("{amount: {atLeast: 0.1, below: 0.3}}", ["0.1", "0.29"], ["0.3", "0.09"]),
    ],
)
def test_amounts_are_compared_to_the_cent_with_their_ends(when: str, inside: list[str], outside: list[str]) -> None:
    of = rule(when)
    assert [amount for amount in inside if not is_for(of, amount)] == []
    assert [amount for amount in outside if is_for(of, amount)] == []


@pytest.mark.parametrize(
    ("when", "fact", "inside", "outside"),
    [
        ("{type: Subscription}", "type", "Subscription", "OneTime"),
        ("{nature: [1, 3]}", "nature", 3, 2),
        ("{costFamily: 7}", "costFamily", 7, 8),
        ("{costCenter: {not: [3]}}", "costCenter", 4, 3),
        ("{establishment: 2}", "establishment", 2, 1),
        ("{supplier: [new, unknown]}", "supplier", "new", "listed"),
        ("{supplier: flagged}", "supplier", "flagged", "listed"),
        ("{supplier: 6}", "supplier", 6, 7),
        ("{axisSection: 361}", "axisSection", 361, 360),
        ("{budget: over}", "budget", "over", "within"),
    ],
)
def test_a_rule_can_look_at_every_fact(when: str, fact: str, inside: int | str, outside: int | str) -> None:
    assert is_for(rule(when), "100", fact, inside)
    assert not is_for(rule(when), "100", fact, outside)


def test_a_department_stands_for_all_below_it() -> None:
    assert rule(f"{{department: {SALES}}}").rule_for(facts(owner=BUYER)).name == "Rule"
    assert rule(f"{{department: {TEAM}}}").rule_for(facts(owner=ANN)).name == "Otherwise"


def test_what_is_not_known_is_none_of_the_values() -> None:
    assert not is_for(rule("{budget: over}"))
    assert is_for(rule("{budget: {not: over}}"))


def test_all_conditions_of_a_rule_must_hold() -> None:
    of = rule("{amount: {over: 50}, nature: 1}")
    assert is_for(of)
    assert not is_for(of, "50")
    assert not is_for(of, "100", "nature", 2)


def test_the_first_rule_that_holds_counts() -> None:
    of = policy(
        """
rules:
  - {name: Large, when: {amount: {over: 1000}}, refuse: Too much}
  - {name: Middle, when: {amount: {over: 100}}, refuse: Much}
  - {name: Any, refuse: No}
otherwise: {refuse: Never}
"""
    )
    assert [of.rule_for(facts(amount)).name for amount in ("1001", "1000", "100")] == ["Large", "Middle", "Any"]


def test_a_rule_with_steps_is_for_whoever_is_among_those_who_ask() -> None:
    of = rule(f"{{requester: {{users: [{CAT}]}}}}")
    assert of.rule_for(facts(owner=BUYER, own=(CAT,))).name == "Rule"
    assert of.rule_for(facts(owner=BUYER)).name == "Otherwise"


def test_a_rule_that_approves_at_once_wants_everybody_who_asks() -> None:
    of = rule(f"{{requester: {{users: [{CAT}], departments: [{SALES}]}}}}", then="approve: at once")
    assert of.rule_for(facts(owner=BUYER, own=(CAT, ANN))).name == "Rule"
    assert of.rule_for(facts(owner=BUYER, own=(1,))).name == "Otherwise"


@pytest.mark.parametrize(
    ("wider", "narrower", "expected"),
    [
        ("{amount: {over: 10}}", "{amount: {over: 20, below: 30}}", "yes"),
        ("{amount: {over: 10}}", "{amount: {atLeast: 10}}", "no"),
        ("{amount: {over: 10}}", "{amount: {below: 30}}", "no"),
        ("{amount: {below: 30}}", "{amount: {over: 10}}", "no"),
        ("{amount: {atMost: 30}}", "{amount: {over: 10, below: 30}}", "yes"),
        ("{nature: [1, 2]}", "{nature: 1}", "yes"),
        ("{nature: {not: 1}}", "{nature: 2}", "yes"),
        ("{nature: {not: 1}}", "{nature: {not: [1, 2]}}", "yes"),
        ("{nature: {not: [1, 2]}}", "{nature: {not: 1}}", "no"),
        ("{nature: 1}", "{nature: {not: 2}}", "no"),
        ("{axisSection: {not: 1}}", "{axisSection: 2}", "no"),
        ("{nature: 1}", "{costCenter: 1}", "no"),
        ("{requester: {users: [1, 2]}}", "{requester: {users: [1]}}", "yes"),
    ],
)
def test_a_condition_covers_another_where_it_holds_wherever_that_does(wider: str, narrower: str, expected: str) -> None:
    one, other = (rule(when).rules[0].conditions[0] for when in (wider, narrower))
    assert covers(one, other) is (expected == "yes")
    assert covers(None, other)
    assert covers(one, one)
