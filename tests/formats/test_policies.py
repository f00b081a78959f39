"""The file of a policy: what it says, and every place in it that is at fault."""

from decimal import Decimal

import pytest

from emplette.domain.approvals import Pick, Waiting
from emplette.domain.conditions import AmountRange, Bound
from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.policies import Changer, Changes, HowMany, Picked
from emplette.formats.policies import read_document, read_policy
from emplette.formats.policy_templates import TEMPLATES, template

WHOLE = """
currency: EUR
mustStateContentHash: true
selfApproval: true
goesUpTo: [{holdersOf: configure}]
reminders: {after: [2, 4], escalateAfter: 6}
changesUnderReview: {by: [owner, 36], beginsAgainAt: Finance}
rules:
  - name: Large
    when: {amount: {over: 5000.05}}
    steps:
      - name: Manager
        any: [manager, {user: 37}]
        selfApproval: false
        oneDenialDenies: false
      - name: Finance
        atLeast: 2
        of: [36, 37, {holdersOf: pay}]
        distinct: true
        goesUpTo: [nextHead]
        reminders: {after: 1}
otherwise: {approve: at once}
"""


def faults(text: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        read_policy(read_document(text))
    return refused.value.faults


def test_everything_that_can_be_said_is_read() -> None:
    policy = read_policy(read_document(WHOLE), version=4)
    (large,) = policy.rules
    manager, finance = large.steps
    assert (policy.version, policy.currency, policy.states_hash) == (4, "EUR", True)
    assert policy.changes == Changes(frozenset({Changer.OWNER, 36}), "Finance")
    assert large.conditions == (AmountRange(low=Bound(Decimal("5000.05"), included=False)),)
    assert manager.asks == (Picked(Pick.MANAGER), Picked(Pick.NAMED, 37))
    assert (manager.how_many, manager.own_too, manager.one_denial) == (HowMany.ANY, False, False)
    assert manager.goes_up_to == (Picked(Pick.HOLDERS, permission=Permission.CONFIGURE),)
    assert manager.waiting == Waiting((2, 4), 6)
    assert (finance.how_many, finance.needed, finance.distinct, finance.own_too) == (HowMany.AT_LEAST, 2, True, True)
    assert finance.goes_up_to == (Picked(Pick.NEXT_HEAD),)
    assert finance.waiting == Waiting((1,), None)
    assert policy.otherwise is not None
    assert policy.otherwise.at_once


def test_the_first_form_is_one_rule_for_everything() -> None:
    policy = read_policy(read_document("steps: [{name: Head, anyOf: [36]}, {name: Finance, anyOf: [41, 42]}]"))
    assert policy.rules == ()
    assert policy.otherwise is not None
    assert [(step.name, [one.user_id for one in step.asks]) for step in policy.otherwise.steps] == [
        ("Head", [36]),
        ("Finance", [41, 42]),
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_can_be_read(name: str) -> None:
    assert read_policy(read_document(template(name))).outcomes
    with pytest.raises(KeyError):
        template("../secret")


def test_one_that_sends_everything_the_same_way_needs_no_rules() -> None:
    same = "otherwise: {steps: [{name: Manager, any: [manager]}]}"
    assert read_policy(read_document(same)) == read_policy(read_document(f"rules: []\n{same}"))


def test_every_fault_is_named_by_its_place() -> None:
    text = """
currency: XYZ
colour: blue
reminders: {after: [4, 2]}
changesUnderReview: {by: [anybody], beginsAgainAt: Nowhere}
rules:
  - when: {amount: {over: 10, atLeast: 5}, colour: red}
    steps: [{name: A, any: [manager], all: [1]}]
  - name: R
    when: {amount: {}, type: Sometimes, nature: [0, one], requester: {}, supplier: {not: old}}
    approve: maybe
  - {name: R, steps: [{any: [boss, {holdersOf: dance}, 1, 1]}, {name: B, atLeast: 3, of: [1, 2]}], refuse: No}
otherwise: {steps: []}
"""
    assert set(faults(text)) == {
        "currency",
        "colour",
        "reminders.after",
        "changesUnderReview.by[0]",
        "changesUnderReview.beginsAgainAt",
        "rules[0].name",
        "rules[0].when.colour",
        "rules[0].when.amount",
        "rules[0].steps[0]",
        "rules[1].when.amount",
        "rules[1].when.type",
        "rules[1].when.nature[0]",
        "rules[1].when.nature[1]",
        "rules[1].when.requester",
        "rules[1].when.supplier.not",
        "rules[1].approve",
        "rules[2].name",
        "rules[2]",
        "otherwise.steps",
    }


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("rules: [", "policy"),
        ("rules: null\notherwise: {approve: at once}", "rules"),
        ("just text", "steps"),
        ("{}", "steps"),
        ("steps: []", "steps"),
        ("steps: [{name: A, any: [1]}]\nsteps: []", "policy"),
        ("steps: [{name: A, any: [1], any: [2]}]", "policy"),
        ("? [1, 2]\n: x\nsteps: []", "policy"),
        ("steps: !!python/object/apply:os.system [ls]", "policy"),
        ("rules: [{name: R, when: {amount: {over: .inf}}, approve: at once}]", "rules[0].when.amount.over"),
        ("steps: [{name: A, any: [010]}]", "steps[0].any[0]"),
        ("rules: [{name: R, when: {amount: {over: 20, below: 20}}, approve: at once}]", "rules[0].when.amount"),
        ("rules: [{name: R, when: {amount: {over: -1}}, approve: at once}]", "rules[0].when.amount.over"),
        ("rules: [{name: R, when: {}, approve: at once}]", "rules[0].when"),
        ("steps: [{name: A, any: []}]", "steps[0].any"),
        ("steps: [{name: A, any: [1], of: [2]}]", "steps[0].of"),
        ("steps: [{name: A, any: [1], distinct: sometimes}]", "steps[0].distinct"),
        ("rules: []\nsteps: [{name: A, any: [1]}]", "rules"),
        ("steps: [{name: A, any: [1], reminders: {after: 0}}]", "steps[0].reminders.after"),
        ("steps: [*x]", "policy"),
        ("steps: &x [*x]", "policy"),
        ("rules: [{name: R, when: {amount: {over: !!float .nan}}, approve: at once}]", "policy"),
        ("steps: [{name: A, any: [{holdersOf: [pay]}]}]", "steps[0].any[0].holdersOf"),
        ('steps: [{name: "A\\0", any: [1]}]', "steps[0].name"),
        ('steps: [{name: "A\\ud800", any: [1]}]', "policy"),
        ('steps: [{name: "A\ud800", any: [1]}]', "policy"),
    ],
)
def test_what_cannot_be_said_is_refused(text: str, path: str) -> None:
    assert path in faults(text)


@pytest.mark.parametrize("text", [f"rules: {'[' * 5_000}", f"rules: {'{a: ' * 5_000}1{'}' * 5_000}"])
def test_what_is_nested_without_end_is_refused_by_what_is_wrong_with_it(text: str) -> None:
    (said,) = faults(text)["policy"]
    assert "more than 20 lists and names stand in each other" in said


def test_aliases_stand_for_what_they_name_and_cannot_blow_up_a_policy() -> None:
    policy = read_policy(
        read_document(
            "rules: [{name: R, approve: at once}]\notherwise: {steps: [{name: A, any: &who [1]}, {name: B, any: *who}]}"
        )
    )
    assert [one.user_id for step in policy.steps for one in step.asks] == [1, 1]
    tenfold = "".join(f"- &x{number} [{', '.join([f'*x{number - 1}'] * 10)}]\n" for number in range(1, 9))
    (said,) = faults(f"rules:\n- &x0 {{name: R, refuse: No}}\n{tenfold}")["policy"]
    assert "more than 500,000 values" in said


def test_a_number_keeps_its_digits() -> None:
    document = read_document("rules: [{name: R, when: {amount: {over: 0.1}}, approve: at once}]")
    assert document["rules"][0]["when"]["amount"]["over"] == Decimal("0.1")


def test_words_stay_words() -> None:
    said = read_document("rules: [{name: No, when: {amount: {over: 1}}, refuse: 2025-01-01}]\notherwise: {refuse: on}")
    assert (said["rules"][0]["name"], said["rules"][0]["refuse"], said["otherwise"]["refuse"]) == (
        "No",
        "2025-01-01",
        "on",
    )


def test_a_file_without_end_is_refused() -> None:
    assert faults("steps: " + " " * 1_000_001) == {"policy": ["Is longer than 1,000,000 characters."]}


def test_several_at_once_counts_for_all_rules_or_for_one() -> None:
    step = "steps: [{name: Boss, any: [36]}]"
    rules = f"rules: [{{name: Small, {step}}}, {{name: Large, severalAtOnce: false, {step}}}]\notherwise: {{{step}}}"
    policy = read_policy(read_document(f"severalAtOnce: true\n{rules}"))
    assert [rule.several_at_once for rule in policy.outcomes] == [True, False, True]
    assert read_policy(read_document(f"severalAtOnce: true\n{step}")).lets_several("Everything")
    assert not read_policy(read_document(step)).lets_several("Everything")
