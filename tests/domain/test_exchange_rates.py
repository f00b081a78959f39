"""Which exchange rate counts, and when none does."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from emplette.domain.currencies import CURRENCIES, EUR, Currency
from emplette.domain.exchange_rates import (
    ExchangeRateMissing,
    PublishedRate,
    RatesKnown,
    conversion,
    day_of_rate,
    fault_of_published,
    faults_of_own_rate,
    is_behind,
)

USD, CHF, HRK, MAD = (CURRENCIES[code] for code in ("USD", "CHF", "HRK", "MAD"))
DAY = date(2025, 4, 14)
FIELD = "amountIncludingTaxes.excludingTaxes.currency"
KNOWN = RatesKnown(
    {
        "USD": PublishedRate(date(2025, 4, 11), Decimal("1.1377")),
        "CHF": PublishedRate(date(2025, 4, 10), Decimal("0.9252")),
        "HRK": PublishedRate(date(2022, 12, 30), Decimal("7.5365")),
    },
    newest_day=date(2026, 10, 30),
)


def test_nobody_knows_the_rates_of_the_future() -> None:
    assert day_of_rate(date(2030, 1, 1), today=DAY) == DAY
    assert day_of_rate(date(2020, 1, 1), today=DAY) == date(2020, 1, 1)


def test_a_currency_needs_no_rate_into_itself() -> None:
    found = conversion(MAD, MAD, day=DAY, known=RatesKnown({}, None), path=FIELD)
    assert (found.rate, found.rate_date, found.currency) == (Decimal(1), None, MAD)


@pytest.mark.parametrize(
    ("base", "counter", "rate", "of"),
    [
        (USD, EUR, "0.878966335589", date(2025, 4, 11)),
        (EUR, USD, "1.1377", date(2025, 4, 11)),
        (USD, CHF, "0.813219653687", date(2025, 4, 10)),
        (CHF, USD, "1.22968006917", date(2025, 4, 10)),
    ],
)
def test_the_way_leads_through_the_euro_and_is_as_old_as_its_older_half(
    base: Currency, counter: Currency, rate: str, of: date
) -> None:
    found = conversion(base, counter, day=DAY, known=KNOWN, path=FIELD)
    assert (found.rate, found.rate_date, found.currency) == (Decimal(rate), of, counter)


def test_a_rate_that_was_never_published_is_refused_with_how_to_load_one() -> None:
    with pytest.raises(ExchangeRateMissing) as refusal:
        conversion(MAD, EUR, day=DAY, known=KNOWN, path=FIELD)
    assert refusal.value.code == "exchange_rate.missing"
    assert refusal.value.faults == {FIELD: [refusal.value.detail]}
    assert refusal.value.detail == (
        "No exchange rate of MAD is known on or before 2025-04-14. Load one with `emplette exchange-rates set "
        "--tenant ACCOUNT --currency MAD --date 2025-04-14 --rate RATE`, RATE being MAD for 1 EUR."
    )


def test_a_rate_that_ended_is_refused_once_it_is_too_old() -> None:
    with pytest.raises(ExchangeRateMissing, match="The last exchange rate of HRK is that of 2022-12-30, too old"):
        conversion(HRK, EUR, day=DAY, known=KNOWN, path=FIELD)


def test_both_currencies_are_named_when_both_lack_a_rate() -> None:
    with pytest.raises(ExchangeRateMissing) as refusal:
        conversion(MAD, HRK, day=DAY, known=KNOWN, path=FIELD)
    assert [fault.split(".")[0] for fault in refusal.value.faults[FIELD]] == [
        "No exchange rate of MAD is known on or before 2025-04-14",
        "The last exchange rate of HRK is that of 2022-12-30, too old for 2025-04-14",
    ]


@pytest.mark.parametrize(("age", "is_used"), [(0, True), (35, True), (36, False)])
def test_a_rate_may_be_thirty_five_days_older_than_the_day(age: int, is_used: bool) -> None:  # noqa: FBT001
    known = RatesKnown({"USD": PublishedRate(DAY - timedelta(days=age), Decimal("1.1"))}, newest_day=DAY)
    if is_used:
        assert conversion(USD, EUR, day=DAY, known=known, path=FIELD).rate_date == DAY - timedelta(days=age)
    else:
        with pytest.raises(ExchangeRateMissing):
            conversion(USD, EUR, day=DAY, known=known, path=FIELD)


def test_a_table_that_is_behind_stops_nobody_from_buying() -> None:
    newest = DAY - timedelta(days=400)
    known = RatesKnown({"USD": PublishedRate(newest, Decimal("1.1"))}, newest_day=newest)
    assert conversion(USD, EUR, day=DAY, known=known, path=FIELD).rate_date == newest


def test_an_empty_table_knows_nothing() -> None:
    with pytest.raises(ExchangeRateMissing):
        conversion(EUR, USD, day=DAY, known=RatesKnown({}, newest_day=None), path=FIELD)


def test_a_table_is_behind_after_thirty_five_days() -> None:
    assert not is_behind(DAY - timedelta(days=35), DAY)
    assert is_behind(DAY - timedelta(days=36), DAY)
    assert is_behind(None, DAY)


# A company's own rates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["10.8", "0.000001", "123456.789012345", "1.50000000000000000000"])
def test_a_company_sets_a_rate_that_no_bank_publishes(rate: str) -> None:
    assert not faults_of_own_rate("MAD", Decimal(rate), on=DAY)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "1E999999999", "1E-999999999"])
def test_a_rate_is_a_number_above_zero(rate: str) -> None:
    assert faults_of_own_rate("MAD", Decimal(rate), on=DAY).as_dict() == {
        "rate": ["Must be a number above zero: units of the currency for one euro, as 1.0825."]
    }


def test_a_rate_has_at_most_fifteen_digits() -> None:
    assert faults_of_own_rate("MAD", Decimal("1.234567890123456"), on=DAY).as_dict() == {
        "rate": ["Has more than 15 significant digits."]
    }


@pytest.mark.parametrize("code", ["EUR", "XAU", "ABC", "HRK"])
def test_a_rate_is_of_money_other_than_the_euro(code: str) -> None:
    assert list(faults_of_own_rate(code, Decimal(1), on=DAY).as_dict()) == ["currency"]


def test_an_agreed_rate_does_not_grow_too_old_before_its_last_day() -> None:
    agreed = PublishedRate(date(2025, 1, 1), Decimal("10.5"), until=date(2025, 12, 31))
    known = RatesKnown({"MAD": agreed}, newest_day=date(2026, 10, 30))
    assert conversion(EUR, MAD, day=date(2025, 12, 31), known=known, path=FIELD).rate == Decimal("10.5")
    with pytest.raises(ExchangeRateMissing):
        conversion(EUR, MAD, day=date(2026, 1, 1), known=known, path=FIELD)


def test_a_last_day_is_not_before_the_first() -> None:
    assert not faults_of_own_rate("MAD", Decimal("10.5"), on=DAY, until=DAY)
    faults = faults_of_own_rate("MAD", Decimal("10.5"), on=DAY, until=DAY - timedelta(days=1))
    assert list(faults.as_dict()) == ["until"]


@pytest.mark.parametrize(
    ("currency", "day", "fault"),
    [
        ("USD", DAY, None),
        ("USD", date(1999, 1, 4), None),
        ("USD", date(1999, 1, 3), "Has a rate of 1999-01-03: the bank's begin on 1999-01-04."),
        ("USD", DAY + timedelta(days=1), "Has a rate of 2025-04-15, and today is 2025-04-14."),
        ("EUR", DAY, "Has a rate of the euro: the bank's are units for one euro."),
    ],
)
def test_the_bank_publishes_no_rate_of_the_euro_nor_of_days_it_does_not_know(
    currency: str, day: date, fault: str | None
) -> None:
    assert fault_of_published([("USD", DAY), (currency, day)], today=DAY) == fault
