"""What is found wrong with a policy before it is loaded."""

from dataclasses import replace

import pytest

from emplette.domain import policy_checks
from emplette.domain.charts import Chart
from emplette.domain.conditions import Field
from emplette.domain.people import Permission
from emplette.domain.policy_checks import findings_of
from tests.domain.policies import ANN, BOSS, BUYER, CAT, CHART, TODAY, leaving, policy, steps

BOSS_ALONE = "steps: [{name: Boss, any: [1]}]"
BOSS_DECIDES = "steps: [{name: Boss, any: [1], goesUpTo: [2]}]"


def found(text: str, chart: Chart = CHART) -> list[tuple[str, str]]:
    """List what is found, errors marked, by its place."""
    return [
        (f"{'!' if one.is_error else ''}{one.path}", one.message) for one in findings_of(policy(text), chart, TODAY)
    ]


def test_nothing_is_found_in_a_policy_that_asks_somebody_about_everything() -> None:
    text = f"rules: [{{name: Small, when: {{amount: {{below: 9}}}}, {BOSS_DECIDES}}}]\notherwise: {{{BOSS_DECIDES}}}"
    assert found(text) == []


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["amount: {over: 5}"], "amount: {over: 10, atMost: 20}"),
        (["nature: [1, 2]"], "nature: 1"),
        (["nature: 1"], "{nature: 1, amount: {over: 7}}"),
        (["amount: {atMost: 10}", "amount: {over: 10}"], "nature: 1"),
        (["amount: {below: 10}", "{amount: {atLeast: 10}, nature: 1}"], "nature: 1"),
    ],
)
def test_a_rule_that_nothing_reaches_is_an_error(above: list[str], below: str) -> None:
    rules = "".join(
        f"  - {{name: Rule {number}, when: {when if when.startswith('{') else f'{{{when}}}'}, {BOSS_DECIDES}}}\n"
        for number, when in enumerate([*above, below])
    )
    errors = [(path, said) for path, said in found(f"rules:\n{rules}otherwise: {{{BOSS_DECIDES}}}") if path[0] == "!"]
    assert [path for path, _ in errors] == [f"!rules[{len(above)}]"]
    assert "is never reached" in errors[0][1]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("amount: {over: 10}", "amount: {atLeast: 10}"),
        ("nature: 1", "costCenter: 3"),
        ("amount: {below: 10}", "nature: 1"),
        ("amount: {over: 10, below: 20}", "amount: {over: 5}"),
        ("amount: {over: 30}", "amount: {atMost: 20}"),
    ],
)
def test_a_rule_that_something_reaches_is_none(above: str, below: str) -> None:
    rules = "".join(
        f"  - {{name: Rule {number}, when: {{{when}}}, {BOSS_DECIDES}}}\n" for number, when in enumerate([above, below])
    )
    assert found(f"rules:\n{rules}otherwise: {{{BOSS_DECIDES}}}") == []


def test_people_who_have_left_or_never_came_are_errors_where_they_are_named() -> None:
    text = (
        "rules: [{name: R, when: {nature: 1}, steps: [{name: S, atLeast: 1, of: [6, 1]}]}]\n"
        "otherwise: {steps: [{name: S, any: [99]}, {name: T, any: [1], goesUpTo: [98]}]}"
    )
    assert [one for one in found(text) if "active" in one[1]] == [
        ("!rules[0].steps[0].of", "There is no active user 6."),
        ("!otherwise.steps[0].any", "There is no active user 99."),
        ("!otherwise.steps[1].any", "There is no active user 98."),
    ]
    assert found("steps: [{name: S, anyOf: [1, 99]}]")[0] == ("!steps[0].anyOf", "There is no active user 99.")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("[{name: R, when: {amount: {atMost: 10}}, %s}]", "Amount over 10: such amounts have no approver"),
        ("[{name: R, when: {amount: {over: 10}}, %s}]", "Amount at least 0 and at most 10: such amounts have"),
        (
            "[{name: R, when: {amount: {below: 10}}, %s}, {name: S, when: {amount: {over: 10}}, %s}]",
            "Amount at least 10 and at most 10: such amounts have no approver",
        ),
        ("[{name: R, when: {nature: 1}, %s}]", "What no rule is for has no approver"),
    ],
)
def test_amounts_without_an_approver_are_errors(rules: str, said: str) -> None:
    (error,) = [message for path, message in found(f"rules: {rules.replace('%s', BOSS_DECIDES)}") if path[0] == "!"]
    assert said in error


def test_rules_that_are_for_all_amounts_together_need_no_otherwise() -> None:
    rules = f"[{{name: R, when: {{amount: {{below: 10}}}}, {BOSS_DECIDES}}}, {{name: S, {BOSS_DECIDES}}}]"
    assert found(f"rules: {rules}") == []


@pytest.mark.parametrize("within", ["{over: 5, atMost: 10}", "{over: 5, below: 20}", "{over: 5, atMost: 20}"])
def test_a_rule_within_another_one_leaves_no_gap_behind_it(within: str) -> None:
    ranges = ("{atMost: 20}", within, "{over: 20}")
    rules = [f"{{name: R{number}, when: {{amount: {one}}}, {BOSS_DECIDES}}}" for number, one in enumerate(ranges)]
    assert found(f"rules: [{', '.join((rules[0], rules[2]))}]") == []
    assert {path for path, _ in found(f"rules: [{', '.join(rules)}]")} == {"!rules[1]"}


def test_people_who_may_change_what_waits_are_there() -> None:
    text = "changesUnderReview: {by: [owner, 2, 99]}\nsteps: [{name: S, any: [1], goesUpTo: [2]}]"
    assert found(text) == [("!changesUnderReview.by", "There is no active user 99.")]


def test_requests_that_nobody_could_approve_are_an_error() -> None:
    alone = replace(CHART, people={BOSS: CHART.people[BOSS]}, managers={}, units={})
    errors = [said for path, said in found("steps: [{name: S, any: [manager]}]", alone) if path == "!steps"]
    assert len(errors) == 1
    assert errors[0].startswith("Nobody could approve what rule 'Everything' is for: Step 1, S, has nobody left")


def test_one_person_alone_may_load_a_policy_that_names_them() -> None:
    alone = replace(CHART, people={BOSS: CHART.people[BOSS]}, managers={}, units={})
    assert [path for path, _ in found("steps: [{name: S, any: [1]}]", alone)] == ["steps"]


def test_owners_whose_requests_would_be_refused_are_a_warning() -> None:
    (warning,) = found(f"steps: [{{name: S, any: [{BOSS}]}}]")
    assert warning[0] == "steps"
    assert warning[1].startswith("Rule 'Everything' would refuse the requests of user 1: Step 1, S, has nobody left")


def test_cost_centers_without_an_owner_are_found() -> None:
    (warning,) = found("steps: [{name: S, any: [costCenterOwner]}]")
    assert "would refuse the requests of cost center 4" in warning[1]


def test_a_permission_that_nobody_holds_is_an_error() -> None:
    nobody = replace(CHART, holdings=tuple(one for one in CHART.holdings if one.permission is not Permission.PAY))
    assert found("steps: [{name: S, any: [{holdersOf: pay}]}]", nobody)[0][0] == "!steps"


def test_rings_are_found_where_the_policy_goes_up() -> None:
    ring = replace(CHART, managers={**CHART.managers, BOSS: CAT})
    said = [message for _, message in findings_and(ring, "any: [manager]")]
    assert f"Going up never ends: user {BOSS} -> user {CAT} -> user {ANN} -> user {BOSS}." in said
    assert not any("never ends" in message for _, message in findings_and(ring, "any: [2]"))


def findings_and(chart: Chart, step: str) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in findings_of(steps(step), chart, TODAY)]


def test_a_rule_that_lets_anything_pass_and_amounts_without_a_currency_are_warnings() -> None:
    text = f"rules: [{{name: R, when: {{requester: {{users: [5]}}}}, approve: at once}}, {{name: S, when: {{amount: {{below: 5}}}}, {BOSS_DECIDES}}}]\notherwise: {{{BOSS_DECIDES}}}"  # noqa: E501
    chart = replace(CHART, currencies=frozenset({"EUR", "CHF"}))
    assert [path for path, _ in found(text, chart)] == ["rules[0]", "currency"]
    assert [path for path, _ in found(f"currency: EUR\n{text}", chart)] == ["rules[0]"]


def test_departments_and_cost_centers_that_are_not_there_are_errors() -> None:
    when = "{department: 99, costCenter: {not: 98}, requester: {users: [97], departments: [96]}}"
    text = f"rules: [{{name: R, when: {when}, {BOSS_DECIDES}}}]\notherwise: {{{BOSS_DECIDES}}}"
    said = {message for path, message in found(text) if path[0] == "!"}
    assert {f"There is no {name}." for name in ("department 99", "cost center 98", "user 97", "department 96")} <= said


def test_whoever_has_left_owns_nothing_that_is_tried() -> None:
    assert findings_of(steps(f"any: [{ANN}, {BOSS}]"), leaving(BUYER), TODAY) == []


def test_what_else_is_not_there_is_a_warning() -> None:
    text = f"rules: [{{name: R, when: {{amount: {{over: 5}}, nature: [1, 99], supplier: {{not: [new, 98]}}}}, {BOSS_DECIDES}}}]\notherwise: {{{BOSS_DECIDES}}}"  # noqa: E501
    of = policy(text)
    assert of.places == {Field.NATURE: {1, 99}, Field.SUPPLIER: {98}}
    unknown = {Field.NATURE: {99}, Field.SUPPLIER: {98}}
    assert [(one.path, one.message, one.is_error) for one in findings_of(of, CHART, TODAY, unknown)] == [
        ("rules[0].when.nature", "There is no nature 99.", False),
        ("rules[0].when.supplier", "There is no supplier 98.", False),
    ]


def test_a_rule_is_not_called_as_what_counts_otherwise() -> None:
    rule = f"rules: [{{name: Otherwise, when: {{nature: 1}}, severalAtOnce: true, {BOSS_DECIDES}}}]"
    text = f"{rule}\notherwise: {{{BOSS_DECIDES}}}"
    assert [path for path, _ in found(text)] == ["!rules[0].name"]
    assert not policy(text).lets_several("Otherwise")


def test_a_rule_for_amounts_below_zero_is_never_reached() -> None:
    text = f"rules: [{{name: R, when: {{amount: {{below: 0}}}}, {BOSS_DECIDES}}}]\notherwise: {{{BOSS_DECIDES}}}"
    assert found(text) == [("!rules[0]", "Rule 'R' is never reached: no amount is below zero.")]


def test_where_there_is_too_much_to_try_some_of_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_checks, "_TRIED_IN_ALL", 6)
    crowd = {number: replace(CHART.people[BUYER], id=number) for number in range(1_000, 1_010)}
    chart = replace(CHART, people={**CHART.people, **crowd}, managers={}, departments={}, units={})
    (refused,) = findings_of(steps("any: [manager]", "any: [1]"), chart, TODAY)
    assert refused.is_error
    (warning,) = findings_of(steps(f"any: [{', '.join(map(str, crowd))}]", "any: [1000]"), chart, TODAY)
    assert not warning.is_error


def test_rules_that_ask_alike_are_tried_once_and_told_of_each() -> None:
    rules = f"rules: [{{name: R, when: {{amount: {{below: 9}}}}, {BOSS_ALONE}}}]\notherwise: {{{BOSS_ALONE}}}"
    assert [path for path, _ in found(rules)] == ["rules[0]", "otherwise"]
