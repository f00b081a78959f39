"""What a purchase costs the budgets, and what its moves do to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.approvals import RequestState
from emplette.domain.budgeting import (
    Effect,
    charge_of_dossier,
    cost_of,
    coverage_of_dossier,
    days_of,
    effect_of,
    refuse_bursting,
)
from emplette.domain.budgets import Book, Budget, BudgetExceeded, Coverage, EntryState, Line
from emplette.domain.commitments import OneTime, Subscription
from emplette.domain.currencies import EUR
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.drafting import list_supplier
from emplette.domain.money import Money
from emplette.domain.purchases import Named
from tests.domain.amendments import amended, dearer, proposed
from tests.fixtures.dossiers import (
    AMAZON,
    CREATED,
    DRAFTED,
    IN_FRANCS,
    TAXED,
    YEARLY,
    approved,
    cancelled,
    closed,
    committed,
    denied,
    stamp,
    submitted,
)

RESERVED, COMMITTED, FREED = EntryState
FRANCS = Budget(id=1, name="Fairs", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), currency="CHF")


def book(free_minor: int) -> Book:
    return Book(1, (Line(FRANCS, free_minor),))


# Moves ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (CREATED, committed(), None),
        (committed(), submitted(), Effect(RESERVED, 21, 31, claims=True)),
        (committed(), approved(), Effect(COMMITTED, 21, 31, claims=True)),
        (submitted(), approved(), Effect(COMMITTED, 21, 31)),
        (submitted(), denied(), Effect(FREED, 21, 31)),
        (submitted(), cancelled(), Effect(FREED, 21, None)),
        (approved(), cancelled(approved()), Effect(FREED, 21, None)),
        (approved(), closed(approved()), Effect(FREED, 21, None)),
        (denied(), closed(denied()), None),
        (submitted(), submitted(), None),
    ],
    ids=[
        "saying what it costs",
        "asking",
        "approving by itself",
        "approving",
        "denying",
        "taking back",
        "cancelling",
        "closing",
        "closing what was denied",
        "nothing",
    ],
)
def test_a_move_reserves_commits_or_frees(before: Dossier, after: Dossier, effect: Effect | None) -> None:
    assert effect_of(before, after) == effect


def other_cost(dossier: Dossier) -> Dossier:
    return replace(dossier, commitment=replace(commitment_of(dossier), amount=IN_FRANCS.times(2)))


def other_dates(dossier: Dossier) -> Dossier:
    return replace(dossier, commitment=replace(commitment_of(dossier), terms=YEARLY))


def other_place(dossier: Dossier) -> Dossier:
    return replace(dossier, purchase=replace(dossier.purchase, nature=Named(2, "Machines")))


@pytest.mark.parametrize("change", [other_cost, other_dates, other_place])
def test_what_changes_under_review_is_reserved_anew(change: Callable[[Dossier], Dossier]) -> None:
    assert effect_of(submitted(), change(submitted())) == Effect(RESERVED, 21, 31, claims=True)


def test_what_the_budgets_do_not_see_is_not_reserved_anew() -> None:
    before = submitted(committed(replace(CREATED, purchase=replace(CREATED.purchase, supplier=DRAFTED))))
    assert effect_of(before, list_supplier(before, AMAZON, by=stamp()).after) is None


def test_an_amendment_reserves_what_it_adds_and_is_committed_whole() -> None:
    waiting = proposed()
    assert effect_of(approved(), waiting) == Effect(RESERVED, 21, 32, claims=True)
    assert effect_of(waiting, amended()) == Effect(COMMITTED, 21, 32, claims=True, replaces=True)
    assert effect_of(waiting, waiting) is None


@pytest.mark.parametrize("state", [RequestState.DENIED, RequestState.CANCELLED])
def test_an_amendment_that_is_not_made_frees_what_it_reserved_and_nothing_else(state: RequestState) -> None:
    waiting = proposed()
    assert waiting.request is not None
    over = replace(waiting, request=replace(waiting.request, state=state))
    assert effect_of(waiting, over) == Effect(FREED, 21, 32)


# Costs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("recovered", "cost"), [("1", 120_00), ("0", 144_55), ("0.8", 124_91)])
def test_what_of_a_tax_is_not_got_back_costs_too(recovered: str, cost: int) -> None:
    assert cost_of(TAXED, lambda _: Decimal(recovered)) == Money(cost, EUR)


def test_each_line_of_taxes_is_got_back_by_its_own_type() -> None:
    assert cost_of(TAXED, lambda rate_type: Decimal(rate_type == 45)) == Money(120_55, EUR)


def test_what_is_bought_once_costs_on_its_cost_date_and_a_subscription_on_the_first_day_of_each_period() -> None:
    assert days_of(OneTime(date(2025, 4, 14), date(2025, 5, 14))) == (date(2025, 4, 14),)
    terms = over_months(3, start=date(2025, 1, 31))
    assert days_of(terms) == (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31))


def over_months(count: int, *, start: date, bound: int | None = None, notice: int | None = None) -> Subscription:
    month = Duration(1, TimeUnit.MONTH)
    obligation = None if bound is None else Duration(bound, TimeUnit.MONTH)
    before = None if notice is None else Duration(notice, TimeUnit.MONTH)
    return Subscription(start, start, month, Duration(count, TimeUnit.MONTH), obligation, before)


@pytest.mark.parametrize(
    ("bound", "notice", "stopped_on", "periods"),
    [
        (3, None, date(2025, 2, 1), 3),
        (3, 1, date(2025, 2, 28), 3),
        (3, 1, date(2025, 3, 1), 12),
        (None, None, date(2025, 2, 1), 12),
        (24, None, date(2025, 2, 1), 12),
    ],
    ids=["bound", "in time for the notice", "too late for it", "not bound", "bound for longer"],
)
def test_what_was_stopped_costs_nothing_after_the_end_that_this_led_to(
    bound: int | None, notice: int | None, stopped_on: date, periods: int
) -> None:
    terms = over_months(12, start=date(2025, 1, 1), bound=bound, notice=notice)
    assert len(days_of(terms, stopped_on)) == periods


def test_a_purchase_is_charged_in_the_counter_currency_where_it_says() -> None:
    charge = charge_of_dossier(committed(), book(0))
    assert (charge.currency, charge.each_minor, charge.days) == (
        "CHF",
        IN_FRANCS.counter.excluding.minor,
        (date(2025, 4, 14),),
    )
    place = charge.place
    assert (place.cost_center_id, place.nature_id, place.department_id, place.establishment_id) == (3, 1, 14, 1)
    assert place.axis_section_ids == {361, 362}


def test_a_purchase_of_no_department_and_no_establishment_is_charged_to_none() -> None:
    nowhere = replace(CREATED.purchase, department=None, establishment=None)
    place = charge_of_dossier(committed(replace(CREATED, purchase=nowhere)), book(0)).place
    assert (place.department_id, place.establishment_id) == (None, None)


def test_a_subscription_costs_each_period_on_its_day() -> None:
    assert len(charge_of_dossier(committed(terms=YEARLY), book(0)).days) == 12


def test_of_an_amendment_that_waits_only_what_it_adds_is_covered() -> None:
    each = IN_FRANCS.counter.excluding.minor
    assert [claim.amount_minor for claim in coverage_of_dossier(approved(), book(0)).claims] == [each]
    assert [claim.amount_minor for claim in coverage_of_dossier(proposed(), book(0)).claims] == [
        dearer().counter.excluding.minor - each
    ]
    assert [claim.amount_minor for claim in coverage_of_dossier(amended(), book(0)).claims] == [
        dearer().counter.excluding.minor
    ]


# Refusals ---------------------------------------------------------------------------------------------------


def test_what_fits_is_not_refused() -> None:
    fits = coverage_of_dossier(committed(), book(IN_FRANCS.counter.excluding.minor))
    refuse_bursting(fits, commitment_of(committed()))
    refuse_bursting(Coverage(), commitment_of(committed()))


def test_a_refusal_names_each_budget_that_would_burst_with_what_is_free_and_asked() -> None:
    asked = IN_FRANCS.counter.excluding
    lines = (Line(FRANCS, asked.minor - 1), Line(replace(FRANCS, id=2, name="Paris"), 0))
    with pytest.raises(BudgetExceeded) as refused:
        refuse_bursting(coverage_of_dossier(committed(), Book(1, lines)), commitment_of(committed()))
    assert refused.value.detail == (
        f"Fairs has {Money(asked.minor - 1, asked.currency)} free, and {asked} was asked for; "
        f"Paris has 0.00 CHF free, and {asked} was asked for."
    )
    budgets = refused.value.facts["budgets"]
    assert isinstance(budgets, tuple)
    assert budgets[1] == {
        "id": 2,
        "name": "Paris",
        "startDate": FRANCS.starts_on,
        "endDate": FRANCS.ends_on,
        "free": Decimal(0),
        "asked": asked.decimal,
        "currency": "CHF",
    }
    assert (refused.value.facts["kind"], refused.value.facts["id"]) == ("commitment", 21)
