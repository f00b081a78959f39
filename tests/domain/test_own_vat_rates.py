"""What a company says of VAT rates for itself, laid over what the law says."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.taxes import (
    OwnRate,
    RateType,
    Span,
    VatRate,
    day_after,
    days_changed,
    fault_of_coefficient,
    fault_of_new_type,
    faults_of_own_rate,
    find_type,
    rates_in_force,
)

NORMAL = RateType(45, "Normal", "FR")
REDUCED = RateType(2, "Reduced", "FR")
OVERSEAS = RateType(4, "Normal", "GP")
NOW = VatRate(1, NORMAL, Decimal("0.2"), date(2014, 1, 1), None)
EARLIER = VatRate(2, NORMAL, Decimal("0.196"), date(2000, 4, 1), date(2014, 1, 1))
LAW = [EARLIER, NOW, VatRate(5, REDUCED, Decimal("0.055"), date(2000, 4, 1), None)]
OWN = 1_500_000_000


def said(percentage: str | None, first: date, beyond: date | None = None, kind: RateType = NORMAL) -> OwnRate:
    return OwnRate(OWN, kind, None if percentage is None else Decimal(percentage), first, beyond)


def test_a_companys_rate_takes_the_place_of_the_laws_from_its_first_day_on() -> None:
    rates = rates_in_force(LAW, [said("0.21", date(2027, 1, 1))])
    normal = sorted((rate for rate in rates if rate.rate_type == NORMAL), key=lambda rate: rate.valid_from)
    assert [(rate.id, rate.percentage, rate.valid_to) for rate in normal] == [
        (2, Decimal("0.196"), date(2014, 1, 1)),
        (1, Decimal("0.2"), date(2027, 1, 1)),
        (OWN, Decimal("0.21"), None),
    ]
    assert LAW[2] in rates


def test_after_its_last_day_the_laws_counts_again() -> None:
    rates = rates_in_force([NOW], [said("0.1", date(2026, 7, 1), date(2026, 10, 1))])
    spans = {(rate.percentage, rate.valid_from, rate.valid_to) for rate in rates}
    assert spans == {
        (Decimal("0.2"), date(2014, 1, 1), date(2026, 7, 1)),
        (Decimal("0.1"), date(2026, 7, 1), date(2026, 10, 1)),
        (Decimal("0.2"), date(2026, 10, 1), None),
    }


def test_what_was_said_last_counts() -> None:
    twice = [said("0.21", date(2027, 1, 1)), said("0.22", date(2027, 1, 1))]
    assert [rate.percentage for rate in rates_in_force([NOW], twice) if rate.is_valid_on(date(2027, 1, 1))] == [
        Decimal("0.22")
    ]


def test_an_ended_rate_is_none_until_another_begins() -> None:
    rates = rates_in_force(LAW, [said(None, date(2010, 1, 1), date(2014, 1, 1))])
    assert not [rate for rate in rates if rate.rate_type == NORMAL and rate.is_valid_on(date(2013, 12, 31))]
    assert NOW in rates


DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 9))
PERCENTAGES = st.sampled_from([None, Decimal("0.1"), Decimal("0.2")])


@st.composite
def sayings(draw: st.DrawFn) -> list[OwnRate]:
    """Draw what a company said, one thing after another."""
    spans = draw(st.lists(st.tuples(PERCENTAGES, DAYS, st.none() | st.integers(1, 20)), max_size=6))
    return [
        OwnRate(OWN + number, NORMAL, percentage, first, None if days is None else first + timedelta(days=days))
        for number, (percentage, first, days) in enumerate(spans)
    ]


@given(sayings(), DAYS)
def test_on_each_day_a_type_has_the_rate_that_was_said_last_or_else_the_laws(own: list[OwnRate], day: date) -> None:
    covering = [one for one in own if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)]
    expected = covering[-1].percentage if covering else NOW.percentage
    found = [rate.percentage for rate in rates_in_force([NOW], own) if rate.is_valid_on(day)]
    assert found == ([] if expected is None else [expected])


@given(sayings(), PERCENTAGES, DAYS, st.none() | st.integers(1, 20))
def test_exactly_the_days_are_named_on_which_a_rate_would_become_another(
    own: list[OwnRate], percentage: Decimal | None, first: date, days: int | None
) -> None:
    during = Span(first, None if days is None else first + timedelta(days=days))
    before = rates_in_force([NOW], own)
    after = rates_in_force([NOW], [*own, OwnRate(OWN + 99, NORMAL, percentage, during.first, during.beyond)])
    spans = days_changed(before, NORMAL, percentage, during)
    for day in (date(2020, 1, 1) + timedelta(days=number) for number in range(70)):
        old, new = ({rate.percentage for rate in rates if rate.is_valid_on(day)} for rates in (before, after))
        named = any(span.first <= day and (span.beyond is None or day < span.beyond) for span in spans)
        assert named == (bool(old) and old != new)


def test_a_type_is_called_by_its_id_or_its_name_at_its_place() -> None:
    types = [NORMAL, REDUCED, OVERSEAS]
    assert find_type("45", types, territory_id="FR") == NORMAL
    assert find_type("NORMAL ", types, territory_id="GP") == OVERSEAS
    assert find_type("45", types, territory_id="GP") is None
    assert find_type("Special", types, territory_id="FR") is None


@pytest.mark.parametrize(("name", "good"), [("Special", True), ("99", False), ("", False), ("a\0", False)])
def test_a_new_type_has_a_name_that_is_no_number(name: str, good: bool) -> None:  # noqa: FBT001
    assert (fault_of_new_type(name) is None) is good


@pytest.mark.parametrize("percentage", ["0", "0.2", "0.000001", "0.9999990", "0E-20"])
def test_a_rate_is_a_fraction(percentage: str) -> None:
    assert not faults_of_own_rate(Decimal(percentage), first_day=date(2026, 1, 1), last_day=date(2026, 1, 1))


@pytest.mark.parametrize("percentage", ["1", "20", "-0.1", "NaN", "Infinity", "0.1234567", "1E-99"])
def test_what_is_no_fraction_is_refused(percentage: str) -> None:
    faults = faults_of_own_rate(Decimal(percentage), first_day=date(2026, 1, 1), last_day=None)
    assert list(faults.as_dict()) == ["percentage"]


def test_a_last_day_is_not_before_the_first() -> None:
    faults = faults_of_own_rate(Decimal("0.2"), first_day=date(2026, 1, 2), last_day=date(2026, 1, 1))
    assert list(faults.as_dict()) == ["lastDay"]


def test_the_day_after_the_last_one_is_the_first_on_which_it_no_longer_counts() -> None:
    assert day_after(date(2026, 12, 31)) == date(2027, 1, 1)
    assert day_after(None) is None
    assert day_after(date.max) is None


@pytest.mark.parametrize(("coefficient", "good"), [("0", True), ("1", True), ("0.8", True), ("1.1", False)])
def test_at_most_all_of_a_tax_is_got_back(coefficient: str, good: bool) -> None:  # noqa: FBT001
    assert (fault_of_coefficient(Decimal(coefficient)) is None) is good
    assert fault_of_coefficient(Decimal("NaN")) == fault_of_coefficient(Decimal(2))
    assert fault_of_coefficient(Decimal("0.1234567")) is not None
