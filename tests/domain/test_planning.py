"""From a purchase to what a policy looks at, and who may change it under review."""

from dataclasses import replace

import pytest

from emplette.domain import drafting
from emplette.domain.approvals import Step, Verdict
from emplette.domain.budgets import BudgetState
from emplette.domain.charts import Chart, Unit
from emplette.domain.conditions import Facts, Field, Requester
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier, request_of
from emplette.domain.money import Money
from emplette.domain.people import User
from emplette.domain.planning import (
    NOT_LOOKED_UP,
    LookedUp,
    NothingLeftToReview,
    OneByOne,
    facts_of,
    may_change,
    refuse_several,
    steps_anew,
    steps_if_others,
)
from emplette.domain.policies import Changer, Changes, Policy, Rule
from emplette.domain.purchases import Purchase
from emplette.domain.routing import Plan
from tests.fixtures.dossiers import (
    DRAFTED,
    HEAD,
    IN_FRANCS,
    KEY,
    ONCE,
    OWNER,
    PURCHASE,
    SECOND,
    STRANGER,
    YEARLY,
    approved,
    caller,
    draft,
    ruled,
    stamp,
    step,
    submitted,
)

CHART = Chart(
    people={OWNER.id: OWNER, HEAD.id: HEAD, KEY.id: KEY},
    departments={OWNER.id: 14},
    units={14: Unit("Marketing", HEAD.id, 10), 10: Unit("Company")},
    families={1: 7},
)
WROTE = (OWNER.id, HEAD.id, KEY.id)


def facts(purchase: Purchase = PURCHASE, looked_up: LookedUp = NOT_LOOKED_UP, chart: Chart = CHART) -> Facts:
    return facts_of(purchase, ONCE, Money(12000, EUR), chart, looked_up, WROTE)


def test_a_policy_sees_what_is_bought_where_it_is_charged_and_whose_it_is() -> None:
    seen = facts()
    assert (seen.amount, seen.owner_id, seen.cost_center_id, seen.department_id) == (Money(12000, EUR), 35, 3, 14)
    assert seen.own_to == set(WROTE)
    assert seen.values == {
        Field.TYPE: {"OneTime"},
        Field.NATURE: {1},
        Field.COST_FAMILY: {7},
        Field.COST_CENTER: {3},
        Field.DEPARTMENT: {14, 10},
        Field.ESTABLISHMENT: {1},
        Field.SUPPLIER: {"listed", 6},
        Field.AXIS_SECTION: {361, 362},
        Field.BUDGET: frozenset(),
    }


def test_the_terms_say_of_which_type_it_is() -> None:
    seen = facts_of(PURCHASE, YEARLY, Money(12000, EUR), CHART, NOT_LOOKED_UP, WROTE)
    assert seen.values[Field.TYPE] == {"Subscription"}


def test_people_who_wrote_it_request_it_with_their_departments_and_keys_do_not() -> None:
    assert facts().requesters == (Requester(OWNER.id, frozenset({14, 10})), Requester(HEAD.id))


def test_what_is_charged_nowhere_has_no_department_establishment_or_family() -> None:
    nowhere = replace(PURCHASE, department=None, establishment=None)
    values = facts(nowhere, chart=replace(CHART, families={})).values
    assert {values[each] for each in (Field.DEPARTMENT, Field.ESTABLISHMENT, Field.COST_FAMILY)} == {frozenset()}


@pytest.mark.parametrize(
    ("looked_up", "traits"),
    [
        (LookedUp(supplier_is_new=False, supplier_is_flagged=False), set[str]()),
        (LookedUp(supplier_is_new=True), {"new"}),
        (LookedUp(supplier_is_flagged=True), {"flagged"}),
    ],
)
def test_what_was_looked_up_of_the_supplier_is_seen(looked_up: LookedUp, traits: set[str]) -> None:
    assert facts(looked_up=looked_up).values[Field.SUPPLIER] == {"listed", 6} | traits


def test_a_supplier_that_is_only_written_down_is_unknown_and_new() -> None:
    assert facts(replace(PURCHASE, supplier=DRAFTED)).values[Field.SUPPLIER] == {"unknown", "new"}


@pytest.mark.parametrize("state", BudgetState)
def test_how_it_stands_to_the_budgets_is_seen(state: BudgetState) -> None:
    assert facts(looked_up=LookedUp(budget=state)).values[Field.BUDGET] == {str(state)}


# Changes under review ---------------------------------------------------------------------------------------


def letting(*by: Changer | int, begins_at: str | None = None) -> Policy:
    return Policy(1, (), Rule("All"), changes=Changes(frozenset(by), begins_at))


@pytest.mark.parametrize(
    ("policy", "person", "may"),
    [
        (letting(), OWNER, False),
        (letting(Changer.OWNER), OWNER, True),
        (letting(Changer.OWNER), HEAD, False),
        (letting(Changer.REQUESTERS), OWNER, True),
        (letting(Changer.REQUESTERS), STRANGER, False),
        (letting(Changer.APPROVERS), HEAD, True),
        (letting(Changer.APPROVERS), SECOND, False),
        (letting(STRANGER.id), STRANGER, True),
        (letting(STRANGER.id), OWNER, False),
    ],
)
def test_whom_the_policy_lets_may_change_what_waits(policy: Policy, person: User, may: bool) -> None:  # noqa: FBT001
    dossier = submitted(None, step(1, HEAD), step(2, SECOND))
    assert dossier.request is not None
    assert may_change(policy, dossier.purchase, dossier.request, caller(person)) is may


def test_what_was_decided_is_changed_by_nobody() -> None:
    dossier = approved()
    assert dossier.request is not None
    everybody = letting(*Changer, OWNER.id)
    assert not may_change(everybody, dossier.purchase, dossier.request, caller(OWNER))


def plan(*steps: Step) -> Plan:
    return Plan(1, Rule("All"), steps, states_hash=False)


STEPS = (step(1, HEAD), step(2, SECOND))
WAITING = submitted(None, *STEPS)
HALF_WAY = ruled(WAITING, Verdict.APPROVED)


def numbers_anew(of: Plan, begins_at: str | None, dossier: Dossier = HALF_WAY) -> list[int]:
    return [one.number for one in steps_anew(of, letting(begins_at=begins_at), request_of(dossier))]


@pytest.mark.parametrize(("begins_at", "numbers"), [(None, [1, 2]), ("Step 2", [2]), ("Gone", [1, 2])])
def test_a_request_begins_anew_at_the_step_that_the_policy_names(begins_at: str | None, numbers: list[int]) -> None:
    assert numbers_anew(plan(*STEPS), begins_at) == numbers


def test_no_change_leads_past_a_step_that_nobody_has_approved() -> None:
    assert numbers_anew(plan(*STEPS), "Step 2", WAITING) == [1, 2]
    others = replace(STEPS[0], approvers=STEPS[1].approvers)
    assert numbers_anew(plan(others, STEPS[1]), "Step 2") == [1, 2]
    assert numbers_anew(plan(STEPS[0], step(2, STRANGER), replace(STEPS[1], number=3)), "Step 2") == [2, 3]


def test_what_was_approved_before_a_change_is_asked_again_where_another_step_wants_other_people() -> None:
    distinct = replace(step(2, HEAD, SECOND), distinct=True)
    assert numbers_anew(plan(STEPS[0], distinct), "Step 2") == [1, 2]
    assert numbers_anew(plan(STEPS[0], replace(STEPS[1], distinct=True)), "Step 2") == [2]


def test_a_step_that_a_request_left_out_when_it_began_anew_is_left_out_again() -> None:
    anew = drafting.AskedAnew("All", (STEPS[1],))
    revised = drafting.revised(HALF_WAY, draft(comment="More"), IN_FRANCS, by=stamp(OWNER, minutes=9), hung=())
    again = drafting.change_commitment(HALF_WAY, revised, anew, by=stamp(OWNER, minutes=9)).after
    assert numbers_anew(plan(*STEPS), "Step 2", again) == [2]


def test_what_nobody_would_be_asked_about_does_not_begin_anew() -> None:
    with pytest.raises(NothingLeftToReview, match="ask for it anew"):
        steps_anew(plan(), letting(), request_of(WAITING))


def test_several_are_approved_at_once_where_their_rule_says_so_and_nowhere_else() -> None:
    request = replace(request_of(submitted(None, step(1, HEAD))), rule="Small")
    small, large = Rule("Small", several_at_once=True), Rule("Large")
    refuse_several(Policy(1, (small, large)), request)
    for policy in (None, Policy(1, (large,), otherwise=small), Policy(1, (small, large))):
        with pytest.raises(OneByOne):
            refuse_several(policy, replace(request, rule="Large"))


def test_others_are_asked_about_another_supplier_only_where_the_policy_asks_others_then() -> None:
    request = request_of(submitted())
    assert steps_if_others(plan(step(1, HEAD)), request, caller(STRANGER)) is None
    assert steps_if_others(plan(step(1, SECOND)), request, caller(STRANGER)) == (step(1, SECOND),)
    assert steps_if_others(plan(), request, caller(STRANGER)) is None


def test_whoever_is_asked_does_not_list_a_supplier_whom_nobody_would_have_to_approve() -> None:
    with pytest.raises(NothingLeftToReview, match="decide it first"):
        steps_if_others(plan(), request_of(submitted()), caller(HEAD))
