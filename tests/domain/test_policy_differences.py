"""What is different between two policies, in words."""

from dataclasses import replace

import pytest

from emplette.domain.approvals import Waiting
from emplette.domain.policies import Policy
from emplette.domain.policy_differences import Difference, differences_of
from tests.domain.policies import policy, steps

BOSS = "steps: [{name: Boss, any: [1]}]"
BEFORE = policy(
    f"""
rules:
  - {{name: Small, when: {{amount: {{atMost: 50}}}}, approve: at once}}
  - {{name: Machines, when: {{nature: 2}}, {BOSS}}}
otherwise: {{{BOSS}}}
"""
)


def test_a_policy_does_not_differ_from_itself() -> None:
    assert differences_of(BEFORE, replace(BEFORE, version=2)) == []


def test_what_counts_for_all_rules_is_compared() -> None:
    after = policy(
        f"""
currency: EUR
mustStateContentHash: true
changesUnderReview: {{by: [owner, 35], beginsAgainAt: Boss}}
{BOSS}
"""
    )
    assert differences_of(policy(BOSS), after) == [
        Difference("currency", None, "EUR"),
        Difference("mustStateContentHash", "false", "true"),
        Difference("changesUnderReview.by", None, "35, owner"),
        Difference("changesUnderReview.beginsAgainAt", None, "Boss"),
    ]


def test_rules_that_come_and_go_are_told_with_what_they_say() -> None:
    after = policy(
        f"rules:\n  - {{name: Machines, when: {{nature: 2}}, {BOSS}}}\n"
        f"  - {{name: Tools, when: {{nature: [3, 4]}}, refuse: No tools}}\notherwise: {{{BOSS}}}"
    )
    assert differences_of(BEFORE, after) == [
        Difference("rule 'Tools'", None, "nature 3 or 4: refused: No tools"),
        Difference("rule 'Small'", "amount at most 50: approved at once", None),
    ]


def test_what_a_rule_is_for_and_what_then_are_told_apart() -> None:
    after = policy(
        f"""
rules:
  - {{name: Small, approve: at once}}
  - {{name: Machines, when: {{nature: 2}}, steps: [{{name: Boss, all: [1, 2]}}]}}
otherwise: {{{BOSS}}}
"""
    )
    assert differences_of(BEFORE, after) == [
        Difference("rule 'Small', for what", "amount at most 50", "everything"),
        Difference("rule 'Machines', what then", "Boss: user 1", "Boss: all of user 1, user 2"),
    ]


def test_a_rule_that_stands_elsewhere_is_told_by_its_places_and_those_that_stayed_are_not() -> None:
    first, second = BEFORE.rules
    third = replace(first, name="Third")
    three = replace(BEFORE, rules=(first, second, third))
    assert differences_of(three, replace(three, rules=(third, first, second))) == [
        Difference("rule 'Third', place", "3", "1"),
    ]
    assert differences_of(three, replace(three, rules=(second, third, first))) == [
        Difference("rule 'Small', place", "1", "3"),
    ]


def waiting(remind_after: tuple[int, ...], escalate_after: int | None) -> Policy:
    before = steps("any: [1]")
    (rule,) = before.outcomes
    said = replace(rule.steps[0], waiting=Waiting(remind_after, escalate_after))
    return replace(before, otherwise=replace(rule, steps=(said,)))


@pytest.mark.parametrize(
    ("after", "note"),
    [
        (steps("any: [1], distinct: true"), "distinct"),
        (steps("any: [1], selfApproval: true"), "own requests too"),
        (steps("any: [1], goesUpTo: [2, manager]"), "goes up to user 2, manager"),
        (waiting((2, 5), None), "reminded after 2, 5 working days"),
        (waiting((), 7), "escalated after 7 working days"),
    ],
)
def test_what_the_words_of_a_step_leave_out_is_added(after: Policy, note: str) -> None:
    assert differences_of(steps("any: [1]"), after) == [
        Difference("rule 'Everything', what then", "Step 1: user 1", f"Step 1: user 1 (Step 1 {note})")
    ]


def test_several_things_about_a_step_are_all_told() -> None:
    before = steps("any: [1, 2]")
    (rule,) = before.outcomes
    step = replace(rule.steps[0], one_denial=False, own_too=True)
    (difference,) = differences_of(before, replace(before, otherwise=replace(rule, steps=(step,))))
    assert difference.after == (
        "Step 1: any of user 1, user 2 (Step 1 denied only when too few are left; Step 1 own requests too)"
    )


def test_whether_several_may_be_approved_at_once_is_compared() -> None:
    assert differences_of(policy(BOSS), policy(f"severalAtOnce: true\n{BOSS}")) == [
        Difference("rule 'Everything', what then", "Boss: user 1", "Boss: user 1 (several at once)"),
    ]
