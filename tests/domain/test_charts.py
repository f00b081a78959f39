"""The organisation chart: who is there, who is above whom, who may do what."""

from dataclasses import replace

import pytest

from emplette.domain.charts import Chart, Holding, Unit
from emplette.domain.people import Permission
from tests.domain.policies import ANN, BEN, BOSS, BUYER, CAT, CHART, COMPANY, LEFT, SALES, TEAM, TODAY
from tests.fixtures.dossiers import KEY


def test_who_has_left_never_came_or_is_a_key_is_not_there() -> None:
    chart = replace(CHART, people={**CHART.people, KEY.id: KEY})
    assert chart.is_there(ANN, TODAY)
    assert [one for one in (LEFT, 99, KEY.id) if chart.is_there(one, TODAY)] == []


def test_going_up_from_somebody_each_manager_comes_once() -> None:
    assert list(CHART.above(BUYER)) == [CAT, ANN, BOSS]
    assert list(CHART.above(BOSS)) == []
    ring = replace(CHART, managers={**CHART.managers, BOSS: CAT})
    assert list(ring.above(CAT)) == [ANN, BOSS]


def test_the_line_of_a_department_goes_up_and_ends_in_a_ring_too() -> None:
    assert CHART.line(TEAM) == (TEAM, SALES, COMPANY)
    assert CHART.line(None) == ()
    ring = replace(CHART, units={**CHART.units, COMPANY: Unit("Company", BOSS, TEAM)})
    assert ring.line(TEAM) == (TEAM, SALES, COMPANY)


def test_a_department_that_is_not_kept_has_nothing_above_it_and_no_head() -> None:
    assert CHART.line(99) == (99,)
    assert list(CHART.heads(99)) == []


def test_people_are_in_their_department_and_all_above_it() -> None:
    assert CHART.line_of(BUYER) == {TEAM, SALES, COMPANY}
    assert CHART.line_of(LEFT) == frozenset()


def test_going_up_from_a_department_those_without_a_head_are_passed_over() -> None:
    assert list(CHART.heads(TEAM)) == [(CAT, TEAM), (ANN, SALES), (BOSS, COMPANY)]
    headless = replace(CHART, units={**CHART.units, SALES: Unit("Sales", None, COMPANY)})
    assert list(headless.heads(TEAM)) == [(CAT, TEAM), (BOSS, COMPANY)]


@pytest.mark.parametrize(
    ("holding", "department", "cost_center", "holds"),
    [
        (Holding(BEN, Permission.PAY), None, 3, True),
        (Holding(BEN, Permission.VIEW), None, 3, False),
        (Holding(BEN, Permission.PAY, department_id=SALES), TEAM, 3, True),
        (Holding(BEN, Permission.PAY, department_id=SALES), COMPANY, 3, False),
        (Holding(BEN, Permission.PAY, department_id=SALES), None, 3, False),
        (Holding(BEN, Permission.PAY, cost_center_id=3), None, 3, True),
        (Holding(BEN, Permission.PAY, cost_center_id=3), None, 4, False),
    ],
)
def test_a_permission_holds_for_what_it_was_given_for(
    holding: Holding,
    department: int | None,
    cost_center: int,
    holds: bool,  # noqa: FBT001
) -> None:
    chart = replace(CHART, holdings=(holding,))
    assert chart.holders(Permission.PAY, department, cost_center) == ((BEN,) if holds else ())


def test_whoever_holds_a_permission_twice_is_listed_once() -> None:
    twice = (Holding(BEN, Permission.PAY), Holding(ANN, Permission.PAY), Holding(BEN, Permission.PAY, cost_center_id=3))
    assert replace(CHART, holdings=twice).holders(Permission.PAY, None, 3) == (ANN, BEN)


def test_a_company_of_nobody_has_nobody() -> None:
    assert not Chart().is_there(1, TODAY)
    assert Chart().holders(Permission.PAY, None, 3) == ()
