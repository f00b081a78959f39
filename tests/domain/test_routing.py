"""From a policy to people: who is asked, why, and to whom it goes up."""

from dataclasses import replace

import pytest

from emplette.domain.approvals import Because, Cause, LeftOut, NobodyLeftToAsk, Pick
from emplette.domain.charts import Holding
from emplette.domain.deciding import begun_anew
from emplette.domain.people import Permission
from emplette.domain.policies import Picked, PolicyStep, RefusedByPolicy, Rule
from tests.domain.policies import (
    ANN,
    BEN,
    BOSS,
    BUYER,
    CAT,
    CHART,
    LEFT,
    SALES,
    TEAM,
    asked,
    facts,
    leaving,
    plan,
    policy,
    steps,
)
from tests.fixtures.dossiers import submitted


@pytest.mark.parametrize(
    ("said", "who", "why"),
    [
        ("any: [3]", BEN, "named by step 1, Step 1"),
        ("any: [manager]", CAT, "manager of the purchase's owner"),
        ("any: [managersManager]", ANN, "manager of the manager of the purchase's owner"),
        ("any: [headOfDepartment]", CAT, "head of department Team"),
        ("any: [nextHead]", ANN, "head of department Sales, the next one up"),
        ("any: [costCenterOwner]", BEN, "owner of cost center MKT"),
        ("any: [{holdersOf: pay}]", BEN, "holds the permission pay"),
        ("any: [{holdersOf: manage}]", ANN, "holds the permission manage"),
    ],
)
def test_a_step_asks_by_name_or_by_what_somebody_is_to_the_purchase(said: str, who: int, why: str) -> None:
    (step,) = plan(steps(said)).steps
    assert [(one.user.id, one.reason) for one in step.approvers] == [(who, why)]


def test_why_somebody_is_asked_is_told_as_data_too() -> None:
    (step,) = plan(steps("any: [manager, 3, {holdersOf: pay}, nextHead]")).steps
    assert [one.because for one in step.approvers] == [
        Because(Pick.MANAGER, of=BUYER),
        Because(Pick.NAMED, of=BEN),
        Because(Pick.NEXT_HEAD, of=SALES),
    ]


@pytest.mark.parametrize(
    ("said", "needed"), [("any: [2, 3]", 1), ("all: [2, 3, 4]", 3), ("atLeast: 2, of: [2, 3, 4]", 2)]
)
def test_a_step_needs_any_all_or_so_many_of_its_people(said: str, needed: int) -> None:
    assert plan(steps(said)).steps[0].needed == needed


def test_nobody_is_asked_about_their_own() -> None:
    (step,) = plan(steps(f"any: [{BEN}, {BUYER}]"), facts(own=(CAT,))).steps
    assert [one.user.id for one in step.approvers] == [BEN]
    assert step.left_out == (LeftOut(Pick.NAMED, Cause.OWN_REQUEST, BUYER),)


def test_people_are_asked_about_their_own_where_the_policy_says_so() -> None:
    assert asked(steps(f"any: [{BUYER}], selfApproval: true")) == [[BUYER]]
    assert asked(policy(f"selfApproval: true\nsteps: [{{name: Own, any: [{BUYER}]}}]")) == [[BUYER]]


def test_a_step_whose_only_person_owns_the_purchase_goes_up_to_their_manager() -> None:
    (step,) = plan(steps(f"any: [{BUYER}]")).steps
    (one,) = step.approvers
    assert (one.user.id, one.reason) == (
        CAT,
        f"manager above, in place of user {BUYER}, who owns or wrote what is to be approved",
    )
    assert one.because == Because(Pick.NAMED, of=BUYER, instead_of=BUYER, cause=Cause.OWN_REQUEST)


def test_a_manager_who_wrote_the_purchase_is_passed_over_to_the_next_one_up() -> None:
    assert asked(steps("any: [manager]"), facts(own=(CAT,))) == [[ANN]]
    assert asked(steps("any: [manager]"), facts(own=(CAT, ANN))) == [[BOSS]]


def test_who_has_left_is_replaced_by_who_is_above() -> None:
    assert asked(steps("any: [manager]"), chart=leaving(CAT)) == [[ANN]]
    assert asked(steps(f"any: [{LEFT}]")) == [[ANN]]


def test_a_head_who_is_not_there_is_replaced_by_the_next_head_up() -> None:
    headless = replace(CHART, units={**CHART.units, TEAM: replace(CHART.units[TEAM], head_id=None)})
    (step,) = plan(steps("any: [headOfDepartment]"), chart=headless).steps
    assert [one.user.id for one in step.approvers] == [ANN]
    assert step.left_out == (LeftOut(Pick.HEAD, Cause.NOBODY),)


def test_an_owner_without_a_manager_asks_the_head_above() -> None:
    assert asked(steps("any: [manager]"), facts(owner=ANN), replace(CHART, managers={})) == [[BOSS]]


def test_a_step_goes_up_to_whom_the_policy_says_first() -> None:
    assert asked(steps(f"any: [{BUYER}], goesUpTo: [{BEN}]")) == [[BEN]]
    assert asked(policy(f"goesUpTo: [{BEN}]\nsteps: [{{name: Own, any: [{BUYER}]}}]")) == [[BEN]]


def test_some_who_cannot_decide_are_left_out_and_the_others_are_enough() -> None:
    (step,) = plan(steps(f"all: [{BEN}, {LEFT}, 99]")).steps
    assert ([one.user.id for one in step.approvers], step.needed) == ([BEN], 1)
    assert [(one.user_id, one.cause) for one in step.left_out] == [(LEFT, Cause.LEFT), (99, Cause.UNKNOWN)]


def test_so_many_of_them_are_filled_up_from_above_when_too_few_are_left() -> None:
    assert asked(steps(f"atLeast: 2, of: [{BEN}, {BUYER}]")) == [[BEN, CAT]]


def test_a_step_that_nobody_at_all_could_decide_is_refused_and_says_who_was_meant() -> None:
    with pytest.raises(NobodyLeftToAsk, match=r"Step 2, Step 2, has nobody left .*user 1, who owns or wrote"):
        plan(steps(f"any: [{BEN}]", f"any: [{BOSS}]"), facts(owner=BOSS))


def test_a_ring_of_managers_ends() -> None:
    ring = replace(CHART, managers={BUYER: CAT, CAT: BUYER})
    with pytest.raises(NobodyLeftToAsk):
        plan(steps(f"any: [{BUYER}]"), facts(own=(CAT,)), ring)


def test_a_permission_held_for_a_part_of_the_company_counts_there_only() -> None:
    holder = replace(CHART, holdings=(Holding(ANN, Permission.PAY, cost_center_id=4),))
    with pytest.raises(NobodyLeftToAsk, match="holds the permission pay: nobody"):
        plan(steps("any: [{holdersOf: pay}]"), chart=holder)
    assert CHART.holders(Permission.MANAGE, 10, 3) == ()


def test_what_names_nobody_passes_nobody() -> None:
    of = replace(steps("any: [manager]"), otherwise=Rule("All", steps=(PolicyStep("S", (Picked(Pick.HOLDERS),)),)))
    with pytest.raises(NobodyLeftToAsk):
        plan(of)


def test_a_distinct_step_has_somebody_left_whoever_decided_before() -> None:
    pair = f"[{ANN}, {BEN}]"
    assert asked(steps(f"any: {pair}", f"any: {pair}, distinct: true")) == [[ANN, BEN], [ANN, BEN]]
    assert asked(steps(f"all: {pair}", f"any: {pair}, distinct: true")) == [[ANN, BEN], [ANN, BEN, BOSS]]


def test_a_rule_may_pass_at_once_or_refuse() -> None:
    of = policy(
        """
rules:
  - {name: Small, when: {amount: {atMost: 50}}, approve: at once}
  - {name: Flagged, when: {supplier: flagged}, refuse: Look at the supplier first}
otherwise: {steps: [{name: Boss, any: [1]}]}
"""
    )
    small = plan(of, facts("50"))
    assert (small.at_once, small.steps, small.conditions) == (True, (), ("amount at most 50",))
    with pytest.raises(RefusedByPolicy, match="Look at the supplier first"):
        plan(of, facts(values={"supplier": "flagged"}))
    assert plan(of).rule.name == "Otherwise"


def test_what_no_rule_is_for_is_refused_without_an_otherwise() -> None:
    of = policy("rules: [{name: Small, when: {amount: {below: 5}}, approve: at once}]")
    with pytest.raises(RefusedByPolicy, match="No rule"):
        plan(of)


@pytest.mark.parametrize(
    ("said", "same"), [("any: [3]", True), ("any: [2]", False), ("any: [3], selfApproval: true", False)]
)
def test_a_plan_asks_as_a_request_where_its_last_round_has_the_same_steps(said: str, same: bool) -> None:  # noqa: FBT001
    request = submitted(None, *plan(steps("any: [3]")).steps).request
    assert request is not None
    assert plan(steps(said)).asks_as(request) is same
    begun = begun_anew(request, request.content_hash, plan(steps("any: [2]")).steps)
    assert plan(steps("any: [2]")).asks_as(begun)
    assert not plan(steps("any: [3]")).asks_as(begun)
