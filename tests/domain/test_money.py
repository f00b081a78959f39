"""Money is exact to the cent: what is kept, what is refused, what is rounded and where."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.currencies import CURRENCIES, EUR, Currency
from emplette.domain.money import (
    UNREACHED,
    Conversion,
    DualAmount,
    Money,
    TaxedAmount,
    TaxLine,
    cross_rate,
    fault_of_amount,
    fault_of_limit,
    fault_of_reach,
    percent_more,
)

USD, JPY, KWD = CURRENCIES["USD"], CURRENCIES["JPY"], CURRENCIES["KWD"]
MONEY = [known for known in CURRENCIES.values() if not known.is_refused]

currencies = st.sampled_from(MONEY)
minors = st.integers(-UNREACHED + 1, UNREACHED - 1)
rates = st.decimals(Decimal("1E-6"), Decimal("1E6"), places=6).filter(lambda rate: rate > 0)


@st.composite
def taxed_amounts(draw: st.DrawFn) -> TaxedAmount:
    currency = draw(currencies)
    parts = st.integers(0, 10**12).map(lambda minor: Money(minor, currency))
    lines = st.builds(TaxLine, st.integers(1, 99), parts)
    return TaxedAmount(draw(parts), tuple(draw(st.lists(lines, max_size=5))))


# Kept as written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("120", EUR, 12000),
        ("120.00", EUR, 12000),
        ("120.000", EUR, 12000),
        ("1.2E2", EUR, 12000),
        ("0.01", EUR, 1),
        ("9999999999999.99", EUR, UNREACHED - 1),
        ("0", EUR, 0),
        ("0E-50", EUR, 0),
        ("500", JPY, 500),
        ("500.0", JPY, 500),
        ("999999999999999", JPY, UNREACHED - 1),
        ("1.234", KWD, 1234),
    ],
)
def test_an_amount_is_kept_as_it_was_written(written: str, currency: Currency, minor: int) -> None:
    assert fault_of_amount(Decimal(written), currency) is None
    assert Money.exact(Decimal(written), currency) == Money(minor, currency)


def test_minus_nothing_is_nothing() -> None:
    nothing = Money.exact(Decimal("-0.00"), EUR)
    assert nothing == Money.zero(EUR)
    assert str(nothing) == "0.00 EUR"


@given(minors, currencies)
def test_an_amount_survives_being_written_and_read(minor: int, currency: Currency) -> None:
    money = Money(minor, currency)
    assert Money.exact(money.decimal, currency) == money


# Refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "currency", "fault"),
    [
        ("120.125", EUR, "EUR has 2 decimals, and this amount has 3."),
        ("0.001", EUR, "EUR has 2 decimals, and this amount has 3."),
        ("1E-50", EUR, "EUR has 2 decimals, and this amount has 50."),
        ("0.5", JPY, "JPY has no decimals, and this amount has 1."),
        ("1.0001", KWD, "KWD has 3 decimals, and this amount has 4."),
        ("10000000000000", EUR, "Is too large: send a number below 10,000,000,000,000 EUR."),
        ("1E13", EUR, "Is too large: send a number below 10,000,000,000,000 EUR."),
        ("1E15", JPY, "Is too large: send a number below 1,000,000,000,000,000 JPY."),
        ("1E12", KWD, "Is too large: send a number below 1,000,000,000,000 KWD."),
        ("1.000000000000001", EUR, "Has more than 15 significant digits, of which no more are kept exactly."),
        ("1E999999999", EUR, "Is beyond every amount: send a number below 10,000,000,000,000 EUR."),
        ("1E-999999999", EUR, "Is beyond every amount: send a number below 10,000,000,000,000 EUR."),
        ("0E999999999", EUR, "Is beyond every amount: send a number below 10,000,000,000,000 EUR."),
        ("NaN", EUR, "Is beyond every amount: send a number below 10,000,000,000,000 EUR."),
        ("-Infinity", EUR, "Is beyond every amount: send a number below 10,000,000,000,000 EUR."),
    ],
)
def test_an_amount_that_is_not_exact_is_refused(written: str, currency: Currency, fault: str) -> None:
    assert fault_of_amount(Decimal(written), currency) == fault
    with pytest.raises(ValueError, match="^" + fault.split(":", maxsplit=1)[0]):
        Money.exact(Decimal(written), currency)


def test_a_million_digits_are_refused_like_sixteen() -> None:
    assert "15 significant digits" in (fault_of_amount(Decimal("0." + "1" * 1_000_000), EUR) or "")


def test_a_million_trailing_zeros_are_no_decimals() -> None:
    assert fault_of_amount(Decimal("120." + "0" * 1_000_000), EUR) is None


@given(st.decimals(allow_nan=False, allow_infinity=False), currencies)
def test_an_amount_is_either_refused_or_kept_to_the_last_digit(amount: Decimal, currency: Currency) -> None:
    if fault_of_amount(amount, currency) is None:
        assert Money.exact(amount, currency).decimal == amount


# The one rounding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("2.675", 268), ("2.665", 267), ("2.664999", 266), ("-2.675", -268), ("-2.674", -267), ("0.005", 1), ("0", 0)],
)
def test_halves_are_rounded_away_from_zero(amount: str, minor: int) -> None:
    assert Money.rounded(Decimal(amount), EUR) == Money(minor, EUR)


@given(st.decimals(-(10**12), 10**12, places=9), currencies)
def test_what_is_rounded_is_never_further_away_than_half_a_coin(amount: Decimal, currency: Currency) -> None:
    rounded = Fraction(Money.rounded(amount, currency).decimal)
    off = rounded - Fraction(amount)
    half = Fraction(1, 2 * 10**currency.decimals)
    assert abs(off) <= half
    if abs(off) == half:
        assert abs(rounded) > abs(Fraction(amount))


@given(st.decimals(-(10**9), 10**9, places=6), currencies)
def test_rounding_is_the_same_on_both_sides_of_zero(amount: Decimal, currency: Currency) -> None:
    assert Money.rounded(-amount, currency) == Money.zero(currency) - Money.rounded(amount, currency)


@given(minors, currencies)
def test_what_is_round_is_not_rounded_again(minor: int, currency: Currency) -> None:
    money = Money(minor, currency)
    assert Money.rounded(money.decimal, currency) == money


# Sums and shares --------------------------------------------------------------------------------------------


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="EUR and USD do not add up"):
        Money(1, EUR) + Money(1, USD)
    with pytest.raises(ValueError, match="EUR and USD do not add up"):
        Money(1, EUR) - Money(1, USD)


@given(minors, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_shares_add_up_to_exactly_what_was_shared(minor: int, weights: list[int]) -> None:
    shares = Money(minor, EUR).split(weights)
    assert len(shares) == len(weights)
    assert sum(shares, Money.zero(EUR)) == Money(minor, EUR)


@given(minors, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_no_share_is_a_coin_away_from_what_is_fair(minor: int, weights: list[int]) -> None:
    for share, weight in zip(Money(minor, EUR).split(weights), weights, strict=True):
        assert abs(share.minor - Fraction(minor * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [3, -1]])
def test_nothing_is_shared_out_by_weights_that_are_none(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="Weights are zero or more, and one is more"):
        Money(100, EUR).split(weights)


# Taxes ------------------------------------------------------------------------------------------------------


@given(taxed_amounts())
def test_the_amount_with_taxes_is_the_sum_of_its_parts(amount: TaxedAmount) -> None:
    assert amount.including.minor == amount.excluding.minor + sum(line.tax.minor for line in amount.taxes)


@given(taxed_amounts(), st.integers(1, 2000))
def test_periods_multiply_every_part_without_drift(amount: TaxedAmount, periods: int) -> None:
    total = amount.times(periods)
    assert total.including == amount.including.times(periods)
    assert total.excluding == amount.excluding.times(periods)
    assert [line.rate_type_id for line in total.taxes] == [line.rate_type_id for line in amount.taxes]


def test_a_total_stays_within_reach() -> None:
    largest = TaxedAmount(Money(UNREACHED - 1, EUR))
    assert fault_of_reach(largest) is None
    taxed = TaxedAmount(largest.excluding, (TaxLine(45, Money(1, EUR)),))
    assert fault_of_reach(taxed) == "The total, taxes included, must stay below 10,000,000,000,000 EUR."


# Conversion -------------------------------------------------------------------------------------------------


def test_each_part_is_rounded_once_and_the_counter_is_their_sum() -> None:
    base = TaxedAmount(Money(1050, USD), (TaxLine(45, Money(205, USD)), TaxLine(2, Money(5, USD))))
    dual = DualAmount.of(base, Conversion(Decimal("0.9"), None, EUR))
    assert dual.counter.excluding == Money(945, EUR)
    assert [line.tax for line in dual.counter.taxes] == [Money(185, EUR), Money(5, EUR)]
    assert dual.counter.including == Money(1135, EUR)
    # 12.60 x 0.9 is 11.34: the parts say 11.35, and the parts are what counts.
    assert Money.rounded(base.including.decimal * dual.conversion.rate, EUR) == Money(1134, EUR)


@given(taxed_amounts(), rates, currencies, st.integers(1, 2000))
def test_the_total_counter_is_the_counter_of_a_period_times_the_periods(
    amount: TaxedAmount, rate: Decimal, counter: Currency, periods: int
) -> None:
    period = DualAmount.of(amount, Conversion(rate, None, counter))
    total = period.times(periods)
    assert total.counter == period.counter.times(periods)
    assert total.base == amount.times(periods)
    assert total.conversion == period.conversion


@given(st.integers(0, UNREACHED - 1), rates, currencies, currencies)
def test_a_conversion_is_the_exact_product_rounded_once(
    minor: int, rate: Decimal, base: Currency, counter: Currency
) -> None:
    money = Money(minor, base)
    exact = Fraction(money.decimal) * Fraction(rate) * 10**counter.decimals
    assert Conversion(rate, None, counter).of(money).minor == int(exact + Fraction(1, 2))


@given(taxed_amounts())
def test_a_currency_is_converted_into_itself_unchanged(amount: TaxedAmount) -> None:
    conversion = Conversion.none(amount.excluding.currency)
    assert amount.converted(conversion) == amount
    assert (conversion.rate, conversion.rate_date) == (Decimal(1), None)


@given(rates, rates)
def test_a_cross_rate_has_twelve_significant_digits_rounded_once(base: Decimal, counter: Decimal) -> None:
    rate = cross_rate(base, counter)
    exact = Fraction(counter) / Fraction(base)
    step = Fraction(10) ** (rate.adjusted() - 11)
    assert len(rate.as_tuple().digits) <= 12
    assert abs(Fraction(rate) - exact) <= step / 2


def test_a_cross_rate_leads_through_the_euro() -> None:
    # 1 EUR = 1.1377 USD = 0.9252 CHF, so 1 USD = 0.9252 / 1.1377 CHF.
    assert cross_rate(Decimal("1.1377"), Decimal("0.9252")) == Decimal("0.813219653687")
    assert cross_rate(Decimal(1), Decimal("1.1377")) == Decimal("1.1377")
    assert cross_rate(Decimal(3), Decimal(2)) == (Decimal(2) / 3).quantize(Decimal("1E-12"), ROUND_HALF_UP)


@pytest.mark.parametrize("minor", [0, 1, UNREACHED - 1])
def test_a_limit_may_be_nothing_and_up_to_what_nobody_reaches(minor: int) -> None:
    assert fault_of_limit(Money(minor, EUR)) is None


@pytest.mark.parametrize("minor", [-1, UNREACHED])
def test_a_limit_is_neither_below_nothing_nor_beyond_reach(minor: int) -> None:
    assert fault_of_limit(Money(minor, EUR)) == "Must be zero or more, and below 10,000,000,000,000 EUR."


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (1_000_00, 1_000_00, "0"),
        (1_000_00, 1_000_01, "0.1"),
        (1_000_00, 999_99, "-0.1"),
        (1_000_00, 1_009_60, "1"),
        (1_000_00, 1_014_99, "1"),
        (1_000_00, 1_015_00, "2"),
        (1_000_00, 985_00, "-2"),
        (1_000_00, 0, "-100"),
        (1, UNREACHED - 1, "99999999999999800"),
    ],
)
def test_only_the_same_is_no_percent_more(before: int, after: int, percent: str) -> None:
    assert percent_more(Money(before, EUR), Money(after, EUR)) == Decimal(percent)


def test_what_cost_nothing_or_is_of_another_currency_is_no_measure() -> None:
    assert percent_more(Money(0, EUR), Money(5, EUR)) is None
    assert percent_more(Money(5, EUR), Money(5, CURRENCIES["USD"])) is None
