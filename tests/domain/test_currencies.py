"""The table of currencies, held against ISO 4217 and against the documented enum."""

from datetime import date, timedelta

import iso4217
import pytest
import yaml

from emplette.domain.currencies import CURRENCIES, EUR, Currency, currency, fault_of_currency
from tests.documented.schemas import FOLDER

DOCUMENTED: list[str] = yaml.safe_load((FOLDER / "money.yaml").read_text("utf-8"))["schemas"]["currency"]["enum"]
ISO = {known.code: known.exponent for known in iso4217.Currency}
OURS = ["SLE", "VED", "XAD", "XCG", "ZWG"]
REFUSED = {
    *("Invalid", "XAU", "XAG", "XPT", "XPD", "XDR", "XSU", "XUA", "XBA", "XBB", "XBC", "XBD", "XTS", "XXX"),
    *("BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW"),
}
ENDED = {
    "ANG": date(2025, 6, 30),
    "BGN": date(2025, 12, 31),
    "BYR": date(2016, 12, 31),
    "CUC": date(2021, 6, 30),
    "HRK": date(2022, 12, 31),
    "LTL": date(2014, 12, 31),
    "LVL": date(2013, 12, 31),
    "MRO": date(2018, 6, 30),
    "SLL": date(2023, 12, 31),
    "STD": date(2017, 12, 31),
    "VEF": date(2018, 12, 5),
    "ZMK": date(2013, 6, 30),
    "ZWL": date(2024, 8, 31),
}
SUCCESSORS = {
    "ANG": "XCG",
    "BYR": "BYN",
    "MRO": "MRU",
    "SLL": "SLE",
    "STD": "STN",
    "VEF": "VES",
    "ZMK": "ZMW",
    "ZWL": "ZWG",
}


def test_the_table_holds_the_documented_enum_in_its_order_and_then_ours() -> None:
    assert list(CURRENCIES) == [*DOCUMENTED, *OURS]
    assert len(DOCUMENTED) == 187
    assert [known.code for known in CURRENCIES.values() if known.is_ours] == OURS


def test_every_current_currency_of_iso_4217_is_known() -> None:
    assert set(ISO) <= set(CURRENCIES)
    assert set(CURRENCIES) - set(ISO) == {"Invalid", *ENDED}


@pytest.mark.parametrize("code", sorted(set(ISO) & set(CURRENCIES)))
def test_the_smallest_coin_is_that_of_iso_4217(code: str) -> None:
    assert CURRENCIES[code].decimals == (ISO[code] or 0)


def test_the_ended_ones_had_cents_but_for_the_old_belarusian_ruble() -> None:
    assert {code for code in ENDED if CURRENCIES[code].decimals != 2} == {"BYR"}


def test_what_never_was_money_is_known_and_refused_on_every_day() -> None:
    assert {code for code, known in CURRENCIES.items() if known.is_refused} == REFUSED
    for code in REFUSED:
        assert not CURRENCIES[code].is_money_on(date(2025, 4, 14))
        assert fault_of_currency(code) == f"{code} is no money that a purchase can be made in: send a currency, as EUR."


@pytest.mark.parametrize(("code", "last"), ENDED.items())
def test_an_ended_currency_was_money_until_its_last_day(code: str, last: date) -> None:
    assert CURRENCIES[code].is_money_on(last)
    assert not CURRENCIES[code].is_money_on(last + timedelta(days=1))
    assert fault_of_currency(code, on=last) is None
    assert f"was money until {last}" in (fault_of_currency(code, on=last + timedelta(days=1)) or "")


def test_no_other_currency_has_ended() -> None:
    assert {code for code, known in CURRENCIES.items() if known.money_until is not None} == set(ENDED)


@pytest.mark.parametrize(("old", "new"), SUCCESSORS.items())
def test_there_is_money_on_every_day_between_an_old_currency_and_its_successor(old: str, new: str) -> None:
    starts, ends = CURRENCIES[new].money_from, CURRENCIES[old].money_until
    assert starts is not None
    assert ends is not None
    assert starts <= ends + timedelta(days=1)


def test_a_new_currency_is_none_before_its_first_day() -> None:
    assert CURRENCIES["XCG"].is_money_on(date(2025, 3, 31))
    assert fault_of_currency("XCG", on=date(2025, 3, 30)) == (
        "XCG is money since 2025-03-31, not on 2025-03-30: send what it replaced."
    )


@pytest.mark.parametrize("code", OURS)
def test_the_five_that_the_enum_lacks_are_accepted_today(code: str) -> None:
    assert fault_of_currency(code, on=date(2025, 4, 14)) is None


@pytest.mark.parametrize("code", ["", "eur", "Eur", "EURO", "ABC", "DEM", " EUR"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert currency(code) is None
    assert fault_of_currency(code) == "Is no currency: send a code of ISO 4217 in capitals, as EUR."


def test_a_currency_is_its_code() -> None:
    assert currency("EUR") is EUR
    assert Currency("EUR", 2) == EUR
    assert len({Currency("EUR", 2), EUR}) == 1
    assert str(EUR) == "EUR"
