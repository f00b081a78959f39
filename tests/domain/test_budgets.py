"""Budgets: what falls into which, what would burst, and how their numbers follow their amounts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from emplette.domain.budgets import (
    Book,
    Budget,
    BudgetKind,
    BudgetState,
    Charge,
    Claim,
    Correction,
    Coverage,
    EntryState,
    Line,
    NothingToCarryOver,
    Numbers,
    Place,
    Share,
    carried_over,
    note_faults,
)
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import UNREACHED
from emplette.domain.registers import Reference

NOON = datetime(2025, 4, 14, 12, tzinfo=UTC)
SPRING, SUMMER, WINTER = date(2025, 4, 14), date(2025, 7, 1), date(2026, 1, 10)
YEAR = Budget(
    id=1,
    name="Year",
    starts_on=date(2025, 1, 1),
    ends_on=date(2025, 12, 31),
    currency="EUR",
    initial_minor=100_00,
    numbers=Numbers(free_minor=100_00),
)
HERE = Place(cost_center_id=3, nature_id=1, department_id=12, establishment_id=1, axis_section_ids=frozenset({361}))


def charge(each_minor: int = 40_00, *days: date, place: Place = HERE, currency: str = "EUR") -> Charge:
    return Charge(place, currency, each_minor, days or (SPRING,))


def book(*lines: tuple[Budget, int]) -> Book:
    """Keep these budgets, each with what is free of it; department 12 is below 11, nature 1 of family 7."""
    return Book(1, tuple(Line(*line) for line in lines), parents={12: 11}, families={1: 7})


def raised(budget: Budget, minor: int, reason: str = "Growth") -> Budget:
    return budget.corrected(Correction(minor, NOON, by=35), reason)


# Their amounts ----------------------------------------------------------------------------------------------


def test_a_correction_by_nothing_is_none() -> None:
    with pytest.raises(Invalid) as refused:
        raised(YEAR, 0)
    assert refused.value.faults == {"amount.value": ["Must not be zero: nothing would change."]}


def test_a_budget_allows_what_it_began_with_and_all_corrections() -> None:
    corrected = raised(raised(YEAR, 50_00), -30_00, "Savings")
    assert corrected.amount_minor == 120_00
    assert corrected.reasons == ("Growth", "Savings")
    assert corrected.version == YEAR.version + 2
    assert corrected.numbers == Numbers(free_minor=120_00)


@pytest.mark.parametrize("minor", [-100_01, UNREACHED - 100_00])
def test_a_budget_is_never_less_than_nothing_nor_more_than_can_be_kept(minor: int) -> None:
    with pytest.raises(Invalid) as refused:
        raised(YEAR, minor)
    assert list(refused.value.faults) == ["amount.value"]


def test_a_budget_may_be_lowered_to_nothing() -> None:
    assert raised(YEAR, -100_00).amount_minor == 0


def test_what_was_read_without_its_numbers_is_corrected_without_them() -> None:
    assert raised(replace(YEAR, numbers=None), 1).numbers is None


@pytest.mark.parametrize(("amount", "free", "overrun"), [(100, 10, 0), (90, 0, 0), (60, 0, 30)])
def test_amount_and_overrun_are_what_is_free_reserved_committed_and_spent(amount: int, free: int, overrun: int) -> None:
    numbers = Numbers(free_minor=0, reserved_minor=50, committed_minor=30, spent_minor=10).of(amount)
    assert (numbers.free_minor, numbers.overrun_minor) == (free, overrun)
    used = numbers.reserved_minor + numbers.committed_minor + numbers.spent_minor
    assert amount + numbers.overrun_minor == numbers.free_minor + used


# What they are about ----------------------------------------------------------------------------------------


def test_a_budget_that_names_nothing_refers_to_nothing() -> None:
    assert YEAR.references() == []


def test_a_budget_refers_to_all_that_it_names() -> None:
    named = replace(
        YEAR, cost_center_id=3, nature_id=1, cost_family_id=7, department_id=12, axis_section_id=361, establishment_id=2
    )
    assert named.references() == [
        Reference("costCenterId", "cost_centers", 3),
        Reference("natureId", "natures", 1),
        Reference("costFamilyId", "cost_families", 7),
        Reference("departmentId", "departments", 12),
        Reference("axisSectionId", "axis_sections", 361),
        Reference("establishmentId", "establishments", 2),
    ]


def test_a_budget_ends_after_it_starts_and_names_a_nature_or_a_family() -> None:
    faults = Faults()
    note_faults(YEAR, faults)
    assert not faults
    note_faults(replace(YEAR, ends_on=date(2024, 12, 31), nature_id=1, cost_family_id=7), faults)
    assert set(faults.as_dict()) == {"endDate", "costFamilyId"}


@pytest.mark.parametrize(
    "about",
    [
        replace(YEAR, cost_center_id=3),
        replace(YEAR, nature_id=1),
        replace(YEAR, cost_family_id=7),
        replace(YEAR, department_id=12),
        replace(YEAR, department_id=11),
        replace(YEAR, axis_section_id=361),
        replace(YEAR, establishment_id=1),
    ],
)
def test_a_budget_counts_what_meets_everything_that_it_names(about: Budget) -> None:
    assert book((about, 100_00)).coverage(charge()).state is BudgetState.WITHIN


@pytest.mark.parametrize(
    "about",
    [
        replace(YEAR, currency="CHF"),
        replace(YEAR, cost_center_id=4),
        replace(YEAR, nature_id=2),
        replace(YEAR, cost_family_id=8),
        replace(YEAR, department_id=13),
        replace(YEAR, axis_section_id=362),
        replace(YEAR, establishment_id=2),
        replace(YEAR, nature_id=1, cost_center_id=4),
    ],
)
def test_a_budget_leaves_alone_what_it_is_not_about(about: Budget) -> None:
    assert book((about, 100_00)).coverage(charge()) == Coverage(uncovered=(SPRING,))


def test_what_has_no_department_meets_no_budget_of_one() -> None:
    nowhere = replace(HERE, department_id=None)
    assert book((replace(YEAR, department_id=11), 100_00)).coverage(charge(place=nowhere)).claims == ()


def test_a_ring_of_departments_ends() -> None:
    ring = replace(book((replace(YEAR, department_id=13), 100_00)), parents={12: 11, 11: 12})
    assert ring.coverage(charge()).state is BudgetState.UNCOVERED


# What falls into them ---------------------------------------------------------------------------------------


def test_each_period_falls_into_the_budget_of_its_day() -> None:
    next_year = replace(YEAR, id=2, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    found = book((YEAR, 100_00), (next_year, 100_00)).coverage(charge(40_00, SPRING, SUMMER, WINTER))
    assert found.claims == (
        Claim(1, 80_00, is_over=False, periods=2, first_date=SPRING, last_date=SUMMER),
        Claim(2, 40_00, is_over=False, periods=1, first_date=WINTER, last_date=WINTER),
    )
    assert (found.uncovered, found.state) == ((), BudgetState.WITHIN)


def test_days_that_no_budget_counts_are_told() -> None:
    found = book((YEAR, 100_00)).coverage(charge(40_00, SPRING, WINTER))
    assert (found.uncovered, found.state) == ((WINTER,), BudgetState.UNCOVERED)


def test_a_budget_of_another_time_does_not_count() -> None:
    assert book((YEAR, 100_00)).coverage(charge(40_00, WINTER)).claims == ()


def test_all_budgets_that_count_count_and_none_takes_from_another() -> None:
    both = book((YEAR, 40_00), (replace(YEAR, id=2, nature_id=1), 40_00)).coverage(charge(40_00))
    assert [(claim.budget_id, claim.amount_minor) for claim in both.claims] == [(1, 40_00), (2, 40_00)]
    assert both.bursting == ()


@pytest.mark.parametrize(("kind", "bursts"), [(BudgetKind.HARD, [1]), (BudgetKind.SOFT, [])])
def test_beyond_what_is_free_a_hard_budget_bursts_and_a_soft_one_is_over(kind: BudgetKind, bursts: list[int]) -> None:
    found = book((replace(YEAR, kind=kind), 39_99)).coverage(charge(40_00, SPRING))
    assert found.state is BudgetState.OVER
    assert [line.budget.id for line, _ in found.bursting] == bursts


def test_being_beyond_a_budget_says_more_than_not_being_covered() -> None:
    assert book((YEAR, 0)).coverage(charge(40_00, SPRING, WINTER)).state is BudgetState.OVER


def test_what_something_holds_itself_counts_as_free_for_it() -> None:
    kept = book((YEAR, 10_00), (replace(YEAR, id=2), 10_00))
    assert [line.free_minor for line in kept.given_back({1: 30_00}).lines] == [40_00, 10_00]
    assert [one.budget_id for one in kept.given_back({1: 30_00}).coverage(charge()).claims if one.is_over] == [2]


def test_all_of_a_tax_is_got_back_unless_a_rule_says_otherwise() -> None:
    kept = replace(book(), recovery={(45, 7): Decimal("0.8"), (45, 0): Decimal(0)})
    assert kept.recovered(45, nature_id=1) == Decimal("0.8")
    assert kept.recovered(45, nature_id=2) == 0
    assert kept.recovered(46, nature_id=1) == 1


# Changes ----------------------------------------------------------------------------------------------------


def test_of_a_change_only_what_is_more_falls_into_budgets() -> None:
    kept = book((YEAR, 10_00), (replace(YEAR, id=2, nature_id=1), 50_00))
    before, after = kept.coverage(charge(40_00)), kept.coverage(charge(60_00))
    added = kept.difference(before, after)
    assert [(claim.budget_id, claim.amount_minor, claim.is_over) for claim in added.claims] == [
        (1, 20_00, True),
        (2, 20_00, False),
    ]
    assert [line.budget.id for line, _ in added.bursting] == [1]


def test_a_soft_budget_does_not_burst_by_a_change_either() -> None:
    kept = book((replace(YEAR, kind=BudgetKind.SOFT), 10_00))
    added = kept.difference(Coverage(), kept.coverage(charge()))
    assert ([claim.is_over for claim in added.claims], added.bursting) == ([True], ())


def test_what_costs_less_or_the_same_takes_nothing_more() -> None:
    kept = book((YEAR, 0))
    for before in (40_00, 60_00):
        assert kept.difference(kept.coverage(charge(before)), kept.coverage(charge(40_00))).claims == ()


# Carrying over ----------------------------------------------------------------------------------------------

NEXT = replace(YEAR, id=2, name="Next", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))


def carry(minor: int | None, into: Budget = NEXT, source: Budget = YEAR) -> tuple[Budget, Budget]:
    return carried_over(into, source, minor, "Left over", at=NOON, by=35)


@pytest.mark.parametrize(("minor", "carried"), [(None, 100_00), (30_00, 30_00), (100_00, 100_00)])
def test_what_is_free_is_carried_over_whole_or_so_much_and_nothing_is_lost(minor: int | None, carried: int) -> None:
    into, source = carry(minor)
    assert (into.amount_minor, source.amount_minor) == (100_00 + carried, 100_00 - carried)
    assert into.corrections == (Correction(carried, NOON, 35, other_id=1),)
    assert source.corrections == (Correction(-carried, NOON, 35, other_id=2),)
    assert into.reasons == source.reasons == ("Left over",)


@pytest.mark.parametrize("minor", [0, -1, 100_01])
def test_nothing_is_carried_over_that_is_not_free(minor: int) -> None:
    with pytest.raises(NothingToCarryOver, match=r"Year has 100\.00 EUR free") as refused:
        carry(minor)
    assert refused.value.facts == {"kind": "budget", "id": 1}


def test_of_a_budget_without_numbers_nothing_is_known_to_be_free() -> None:
    with pytest.raises(NothingToCarryOver):
        carry(None, source=replace(YEAR, numbers=None))


@pytest.mark.parametrize("into", [replace(NEXT, currency="CHF"), replace(NEXT, starts_on=YEAR.ends_on)])
def test_only_an_earlier_budget_of_the_same_currency_is_carried_over(into: Budget) -> None:
    with pytest.raises(NothingToCarryOver, match="another currency"):
        carry(1, into)


# What is given back -----------------------------------------------------------------------------------------

QUARTER = Share(1, 31, 30_00, 3, date(2025, 4, 14), date(2025, 6, 14), EntryState.COMMITTED)
DAYS = (date(2025, 3, 14), date(2025, 4, 14), date(2025, 5, 14), date(2025, 6, 14), date(2025, 7, 14))


def test_of_what_is_committed_the_periods_that_stay_are_kept() -> None:
    assert QUARTER.kept(DAYS) is None
    assert QUARTER.kept(DAYS[:3]) == replace(QUARTER, amount_minor=20_00, periods=2, last_date=date(2025, 5, 14))


def test_what_keeps_no_period_is_given_back_whole() -> None:
    assert QUARTER.kept(DAYS[:1]) == replace(QUARTER, state=EntryState.FREED)


def test_a_department_has_all_those_under_it_and_not_those_above_or_beside() -> None:
    book = Book(1, parents={12: 11, 13: 12, 14: 11, 21: 20})
    assert sorted(book.departments_of(12)) == [12, 13]
    assert sorted(book.departments_of(11)) == [11, 12, 13, 14]
    assert book.departments_of(99) == [99]


def test_departments_that_lie_under_each_other_are_each_named_once() -> None:
    assert sorted(set(Book(1, parents={1: 2, 2: 1}).departments_of(1))) == [1, 2]
