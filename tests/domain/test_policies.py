"""Policies as data: what they say in words, whom they name, what must be looked up for them."""

import pytest

from emplette.domain.budgets import BudgetState
from emplette.domain.conditions import Field, SupplierTrait
from emplette.domain.policies import Policy
from tests.domain.policies import policy, steps


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("any: [3]", "Step 1: user 3"),
        ("any: [3, manager]", "Step 1: any of user 3, manager"),
        ("all: [headOfDepartment, {holdersOf: pay}]", "Step 1: all of headOfDepartment, holdersOf pay"),
        ("atLeast: 2, of: [1, 2, 3]", "Step 1: 2 of user 1, user 2, user 3"),
    ],
)
def test_a_step_says_how_many_of_whom_it_asks(said: str, words: str) -> None:
    assert steps(said).outcomes[0].outcome() == words


RULES = """
rules:
  - {name: Small, when: {amount: {atMost: 50}}, approve: at once}
  - {name: Flagged, when: {supplier: flagged, nature: {not: [1, 2]}}, refuse: Look at it first}
  - {name: Two, when: {requester: {users: [5]}}, steps: [{name: A, any: [1]}, {name: B, any: [manager], goesUpTo: [2]}]}
"""


def test_a_rule_says_what_becomes_of_what_it_is_for() -> None:
    outcomes = [rule.outcome() for rule in policy(RULES).rules]
    assert outcomes == ["approved at once", "refused: Look at it first", "A: user 1; B: manager"]


def test_a_rule_knows_what_it_asks_of_a_fact() -> None:
    rule = policy(RULES).rules[1]
    nature = rule.condition_on(Field.NATURE)
    assert nature is not None
    assert nature.words() == "nature not 1 or 2"
    assert rule.condition_on(Field.AMOUNT) is None


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("{amount: {over: 1000}}", "amount over 1,000"),
        ("{amount: {atLeast: 10, below: 20.5}}", "amount at least 10 and below 20.5"),
        ("{amount: {atMost: 20}}", "amount at most 20"),
        ("{department: [12, 11]}", "department (or one below) 11 or 12"),
        (
            "{requester: {users: [5, 4], departments: [11]}}",
            "requested by user 4 or user 5 or somebody of department 11",
        ),
    ],
)
def test_a_condition_says_what_it_looks_at(when: str, words: str) -> None:
    (condition,) = policy(f"rules: [{{name: R, when: {when}, refuse: No}}]").rules[0].conditions
    assert condition.words() == words


@pytest.mark.parametrize(
    ("otherwise", "names"),
    [("", ["Small", "Flagged", "Two"]), ("otherwise: {refuse: No}", ["Small", "Flagged", "Two", "Otherwise"])],
)
def test_what_counts_otherwise_comes_last(otherwise: str, names: list[str]) -> None:
    assert [rule.name for rule in policy(RULES + otherwise).outcomes] == names


def test_everybody_whom_it_names_is_known_to_whom_it_goes_up_as_well() -> None:
    of = policy(RULES)
    assert of.people == {1, 2}
    assert [step.name for step in of.steps] == ["A", "B"]


@pytest.mark.parametrize(
    ("of", "is_looked_at"),
    [
        (policy(RULES), True),
        (policy("rules: [{name: R, when: {supplier: 6}, refuse: No}]"), False),
        (steps("any: [1]"), False),
    ],
)
def test_what_must_be_looked_up_is_known(of: Policy, is_looked_at: bool) -> None:  # noqa: FBT001
    assert of.looks_at(SupplierTrait.FLAGGED, SupplierTrait.NEW) is is_looked_at
    assert not of.looks_at(*BudgetState)
