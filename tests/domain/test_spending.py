"""What purchases cost in which month, and what that comes to."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.commitments import CommitmentState, OneTime, Subscription
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Invalid
from emplette.domain.purchases import PurchaseState
from emplette.domain.spending import (
    LONGEST_SPAN,
    Cost,
    Facet,
    Line,
    Months,
    SpendingStage,
    Split,
    Sum,
    Wanted,
    lines_of,
    month_numbered,
    month_written,
    number_of,
    summed,
)

ASKED, APPROVED, CLOSED = SpendingStage
APRIL: Final = date(2025, 4, 1)
ONCE: Final = Cost(
    purchase_id=7,
    purchase_state=PurchaseState.ONGOING,
    commitment_state=CommitmentState.PROVISIONED,
    nature_id=1,
    cost_center_id=3,
    supplier_id=None,
    currency="EUR",
    minor=12_000,
    terms=OneTime(date(2025, 4, 14), date(2025, 5, 14)),
)
MONTHLY: Final = Subscription(
    date(2025, 11, 30), date(2025, 11, 30), Duration(1, TimeUnit.MONTH), Duration(4, TimeUnit.MONTH), None, None
)
LINE: Final = Line(7, APRIL, APPROVED, "EUR", 1, 3, None, 12_000)


@pytest.mark.parametrize(
    ("commitment", "purchase", "state"),
    [
        (CommitmentState.CREATED, PurchaseState.CREATED, None),
        (CommitmentState.UNDER_REVIEW, PurchaseState.PROCESSING, ASKED),
        (CommitmentState.PROVISIONED, PurchaseState.ONGOING, APPROVED),
        (CommitmentState.PROVISIONED, PurchaseState.CLOSED, CLOSED),
        (CommitmentState.DENIED, PurchaseState.DENIED, None),
        (CommitmentState.CANCELLED, PurchaseState.CANCELLED, None),
    ],
)
def test_what_waits_or_was_approved_counts_and_nothing_else(
    commitment: CommitmentState, purchase: PurchaseState, state: SpendingStage | None
) -> None:
    cost = replace(ONCE, commitment_state=commitment, purchase_state=purchase)
    assert cost.state is state
    assert [line.state for line in lines_of(cost)] == ([] if state is None else [state])


def test_what_is_bought_once_counts_in_the_month_in_which_it_costs_something_whenever_it_is_invoiced() -> None:
    assert lines_of(ONCE) == (LINE,)


def test_what_costs_nothing_has_no_line() -> None:
    assert lines_of(replace(ONCE, minor=0)) == ()


def test_each_period_of_a_subscription_counts_in_its_own_month() -> None:
    lines = lines_of(replace(ONCE, terms=MONTHLY))
    assert [(line.month, line.minor) for line in lines] == [
        (date(2025, 11, 1), 12_000),
        (date(2025, 12, 1), 12_000),
        (date(2026, 1, 1), 12_000),
        (date(2026, 2, 1), 12_000),
    ]


def test_periods_that_begin_in_one_month_are_one_line() -> None:
    weekly = replace(
        MONTHLY, start_date=APRIL, frequency=Duration(1, TimeUnit.WEEK), duration=Duration(5, TimeUnit.WEEK)
    )
    assert [(line.month, line.minor) for line in lines_of(replace(ONCE, terms=weekly))] == [(APRIL, 60_000)]


def test_a_subscription_that_was_stopped_costs_nothing_after_its_end() -> None:
    bound = replace(MONTHLY, obligation=Duration(2, TimeUnit.MONTH))
    stopped = replace(ONCE, terms=bound, stopped_on=date(2025, 12, 1))
    assert [line.month for line in lines_of(stopped)] == [date(2025, 11, 1), date(2025, 12, 1)]


def test_sums_are_by_month_nature_cost_center_and_supplier_and_by_currency_and_state() -> None:
    other = replace(LINE, supplier_id=6, minor=1)
    asked, francs = replace(LINE, state=ASKED, minor=10), replace(LINE, currency="CHF", minor=100)
    assert dict(summed([LINE, other, asked, francs])) == {
        Sum(Facet.MONTH, 202504, "EUR", APPROVED): 12_001,
        Sum(Facet.NATURE, 1, "EUR", APPROVED): 12_001,
        Sum(Facet.COST_CENTER, 3, "EUR", APPROVED): 12_001,
        Sum(Facet.SUPPLIER, 0, "EUR", APPROVED): 12_000,
        Sum(Facet.SUPPLIER, 6, "EUR", APPROVED): 1,
        **{Sum(facet, of, "EUR", ASKED): 10 for facet, of in _PLACES.items()},
        **{Sum(facet, of, "CHF", APPROVED): 100 for facet, of in _PLACES.items()},
    }


_PLACES: Final = {Facet.MONTH: 202504, Facet.NATURE: 1, Facet.COST_CENTER: 3, Facet.SUPPLIER: 0}


def test_an_amount_is_split_by_its_states() -> None:
    split = Split().and_more(ASKED, 1).and_more(APPROVED, 10).and_more(CLOSED, 100)
    assert (split.asked, split.approved, split.closed, split.decided, split.whole) == (1, 10, 100, 110, 111)


@pytest.mark.parametrize(
    ("changes", "meets"),
    [
        ({}, True),
        ({"month": date(2025, 3, 1)}, False),
        ({"month": date(2026, 1, 1)}, False),
        ({"currency": "CHF"}, False),
        ({"state": ASKED}, False),
        ({"nature_id": 2}, False),
        ({"cost_center_id": 4}, False),
        ({"supplier_id": 6}, False),
    ],
)
def test_a_line_is_wanted_when_it_meets_all_that_is_said(changes: dict[str, object], *, meets: bool) -> None:
    months = Months.between(APRIL, date(2025, 12, 31))
    wanted = Wanted(months, "EUR", frozenset({APPROVED}), nature_id=1, cost_center_id=3, supplier_id=0)
    assert wanted.meets(replace(LINE, **changes)) is meets  # type: ignore[arg-type]
    assert Wanted(months, "EUR", frozenset({APPROVED})).meets(replace(LINE, nature_id=99, supplier_id=6))


def test_months_are_named_by_their_first_days_across_the_years() -> None:
    months = Months.between(date(2025, 11, 30), date(2026, 2, 1))
    assert months.each == (date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
    assert (len(months), months.last, months.end) == (4, date(2026, 2, 1), date(2026, 3, 1))
    assert Months.of_year(date(2025, 4, 14)) == Months.between(date(2025, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 5, 1), date(2025, 4, 30)),
        (date(2025, 1, 1), date(2025 + LONGEST_SPAN // 12, 1, 1)),
        (date(9999, 1, 1), date(9999, 12, 1)),
    ],
)
def test_months_that_are_none_or_too_many_or_too_far_are_refused(first: date, last: date) -> None:
    with pytest.raises(Invalid) as refused:
        Months.between(first, last)
    assert list(refused.value.faults) == ["to"]


@given(st.dates())
def test_a_month_is_read_from_its_number(day: date) -> None:
    assert month_numbered(number_of(day)) == day.replace(day=1)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (None, None, (date(2026, 1, 1), date(2026, 12, 1))),
        (date(2025, 4, 1), None, (date(2025, 4, 1), date(2026, 12, 1))),
        (date(2027, 4, 1), None, (date(2027, 4, 1), date(2027, 4, 1))),
        (None, date(2025, 4, 1), (date(2025, 4, 1), date(2025, 4, 1))),
        (None, date(2026, 4, 1), (date(2026, 1, 1), date(2026, 4, 1))),
        (date(2025, 4, 1), date(2025, 5, 1), (date(2025, 4, 1), date(2025, 5, 1))),
    ],
)
def test_months_that_are_not_named_are_those_of_the_year_that_it_is(
    first: date | None, last: date | None, months: tuple[date, date]
) -> None:
    named = Months.named(first, last, date(2026, 11, 22))
    assert (named.first, named.last) == months


@pytest.mark.parametrize(("text", "month"), [("2026-04", date(2026, 4, 1)), ("0001-12", date(1, 12, 1))])
def test_a_month_is_read_as_it_is_written(text: str, month: date) -> None:
    assert month_written(text) == month


@pytest.mark.parametrize("text", ["", "2026-4", "2026-13", "0000-01", "2026-04-01", "٢٠٢٦-04"])
def test_what_is_no_month_is_none(text: str) -> None:
    assert month_written(text) is None
