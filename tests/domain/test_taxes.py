"""Which types of VAT rate a line of taxes may name."""

from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.currencies import EUR
from emplette.domain.money import Money, TaxLine
from emplette.domain.taxes import RateType, VatRate, fault_of_rate_type, rate_types_valid, taxed_amount

NORMAL = RateType(45, "Normal", "FR")
INTERMEDIATE = RateType(1, "Intermediate", "FR")
OVERSEAS = RateType(4, "Normal", "GP")
RATES = [
    VatRate(2, NORMAL, Decimal("0.196"), date(2000, 4, 1), date(2014, 1, 1)),
    VatRate(1, NORMAL, Decimal("0.2"), date(2014, 1, 1), None),
    VatRate(3, INTERMEDIATE, Decimal("0.07"), date(2012, 1, 1), date(2014, 1, 1)),
    VatRate(4, INTERMEDIATE, Decimal("0.1"), date(2014, 1, 1), None),
    VatRate(7, OVERSEAS, Decimal("0.085"), date(2000, 4, 1), None),
]


def test_a_rate_ends_the_day_its_successor_begins() -> None:
    old, new = RATES[:2]
    assert [rate.is_valid_on(date(2013, 12, 31)) for rate in (old, new)] == [True, False]
    assert [rate.is_valid_on(date(2014, 1, 1)) for rate in (old, new)] == [False, True]
    assert not old.is_valid_on(date(2000, 3, 31))


def test_a_type_counts_when_it_has_a_rate_on_the_day() -> None:
    valid = rate_types_valid(RATES, days=[date(2011, 12, 31)], territory_ids=["FR"])
    assert valid == {45: NORMAL}
    later = rate_types_valid(RATES, days=[date(2025, 4, 14)], territory_ids=["FR"])
    assert later == {45: NORMAL, 1: INTERMEDIATE}


def test_the_suppliers_and_the_establishments_territories_both_count() -> None:
    valid = rate_types_valid(RATES, days=[date(2025, 4, 14)], territory_ids={"US", "GP"})
    assert valid == {4: OVERSEAS}


def test_any_of_several_days_is_enough() -> None:
    valid = rate_types_valid(RATES, days=[date(1999, 1, 1), date(2012, 1, 1)], territory_ids={"FR"})
    assert set(valid) == {45, 1}
    assert rate_types_valid(RATES, days=[date(1999, 1, 1)], territory_ids={"FR"}) == {}


def test_a_type_of_another_place_is_refused_with_those_of_this_one() -> None:
    valid = [NORMAL, INTERMEDIATE]
    assert fault_of_rate_type(45, valid, on=date(2025, 4, 14), territory_ids=["FR"]) is None
    assert fault_of_rate_type(4, valid, on=date(2025, 4, 14), territory_ids=["FR", "MC", "FR"]) == (
        "Is no type of rate of FR or MC on 2025-04-14. There are 45 (Normal, FR), 1 (Intermediate, FR)."
    )


def test_where_there_is_no_tax_its_line_is_refused() -> None:
    assert fault_of_rate_type(45, [], on=date(2025, 4, 14), territory_ids=["GF"]) == (
        "Is no type of rate of GF on 2025-04-14. There are none: leave taxes empty."
    )


@pytest.mark.parametrize(
    ("typed", "is_including", "excluding", "tax"),
    [
        (10_000, False, 10_000, 2_000),
        (12_000, True, 10_000, 2_000),
        (1, True, 1, 0),
        (99, True, 83, 16),
        (3, False, 3, 1),
    ],
)
def test_an_amount_is_typed_with_its_tax_or_without_and_stays_what_was_typed(
    typed: int,
    is_including: bool,  # noqa: FBT001
    excluding: int,
    tax: int,
) -> None:
    amount = taxed_amount(Money(typed, EUR), RATES[1], including=is_including)
    assert (amount.excluding, amount.taxes) == (Money(excluding, EUR), (TaxLine(45, Money(tax, EUR)),))
    assert typed == (amount.including.minor if is_including else amount.excluding.minor)
