"""A taxed amount as it was sent: to the cent, or with every field at fault."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.amounts import AmountAsSent, TaxAsSent, TaxedAmountAsSent, read_taxed_amount
from emplette.domain.currencies import EUR
from emplette.domain.errors import Faults
from emplette.domain.money import Money, TaxedAmount, TaxLine

DAY = date(2025, 4, 14)
PATH = "amountIncludingTaxes"
SENT = TaxedAmountAsSent(
    excluding=AmountAsSent(Decimal(120), "EUR"),
    taxes=[TaxAsSent(45, Decimal("20.00"), "EUR"), TaxAsSent(2, Decimal("1.1"), "EUR")],
    including=AmountAsSent(Decimal("141.1"), "EUR"),
)
READ = TaxedAmount(Money(12000, EUR), (TaxLine(45, Money(2000, EUR)), TaxLine(2, Money(110, EUR))))


def faults_of(sent: TaxedAmountAsSent, on: date | None = DAY) -> dict[str, list[str]]:
    faults = Faults()
    assert read_taxed_amount(sent, on=on, faults=faults, path=PATH) is None
    return faults.as_dict()


@pytest.mark.parametrize(
    "sent",
    [
        SENT,
        replace(SENT, including=None),
        replace(SENT, including=AmountAsSent(Decimal("141.100"))),
        replace(SENT, including=AmountAsSent(None, "EUR")),
        replace(SENT, taxes=[replace(tax, currency=None) for tax in SENT.taxes]),
    ],
)
def test_an_amount_is_read_to_the_cent(sent: TaxedAmountAsSent) -> None:
    faults = Faults()
    assert read_taxed_amount(sent, on=DAY, faults=faults, path=PATH) == READ
    assert not faults


def test_an_empty_list_of_taxes_is_no_tax() -> None:
    sent = TaxedAmountAsSent(AmountAsSent(Decimal(-0), "JPY"))
    read = read_taxed_amount(sent, on=DAY, faults=Faults(), path=PATH)
    assert read is not None
    assert read.including.minor == 0


def test_every_field_at_fault_is_named_at_once() -> None:
    sent = TaxedAmountAsSent(
        excluding=AmountAsSent(Decimal(-1), "HRK"),
        taxes=[TaxAsSent(45, Decimal("1.005"), "HRK"), TaxAsSent(2, Decimal(1), "USD"), TaxAsSent(2, Decimal(-1))],
        including=AmountAsSent(Decimal("1E999999999"), "HRK"),
    )
    assert faults_of(sent) == {
        f"{PATH}.excludingTaxes.currency": [
            "HRK was money until 2022-12-31, not on 2025-04-14: send what replaced it."
        ],
        f"{PATH}.excludingTaxes.value": ["Must be zero or more."],
        f"{PATH}.taxes[0].value": ["HRK has 2 decimals, and this amount has 3."],
        f"{PATH}.taxes[1].currency": ["Must be HRK, as that of excludingTaxes: one amount has one currency."],
        f"{PATH}.taxes[2].value": ["Must be zero or more."],
        f"{PATH}.includingTaxes.value": ["Is beyond every amount: send a number below 10,000,000,000,000 HRK."],
    }


def test_a_sum_that_is_none_is_told_what_it_would_be() -> None:
    sent = replace(SENT, including=AmountAsSent(Decimal("141.11"), "EUR"))
    assert faults_of(sent) == {
        f"{PATH}.includingTaxes.value": ["Must be the sum of excludingTaxes and taxes, 141.10, or be left out."]
    }


def test_the_sum_is_in_the_same_currency() -> None:
    sent = replace(SENT, including=AmountAsSent(Decimal("141.1"), "USD"))
    assert list(faults_of(sent)) == [f"{PATH}.includingTaxes.currency"]


def test_a_sum_beyond_reach_is_a_fault_of_the_whole() -> None:
    largest = AmountAsSent(Decimal("9999999999999.99"), "EUR")
    sent = TaxedAmountAsSent(largest, [TaxAsSent(45, Decimal("0.01"), "EUR")])
    assert faults_of(sent) == {PATH: ["The total, taxes included, must stay below 10,000,000,000,000 EUR."]}


@pytest.mark.parametrize("code", ["ABC", "XAU", "Invalid"])
def test_without_a_currency_nothing_else_is_guessed(code: str) -> None:
    sent = TaxedAmountAsSent(AmountAsSent(Decimal("0.001"), code), [TaxAsSent(45, Decimal("0.001"), code)])
    assert list(faults_of(sent)) == [f"{PATH}.excludingTaxes.currency"]


@pytest.mark.parametrize(
    "sent",
    [
        TaxedAmountAsSent(),
        replace(SENT, excluding=AmountAsSent(None, "EUR")),
        replace(SENT, excluding=AmountAsSent(Decimal(120), None)),
        replace(SENT, taxes=[TaxAsSent(None, Decimal(20), "EUR")]),
        replace(SENT, taxes=[TaxAsSent(45, None, "EUR")]),
    ],
)
def test_what_is_missing_is_passed_over_and_gives_no_amount(sent: TaxedAmountAsSent) -> None:
    assert faults_of(sent) == {}


def test_when_the_day_is_at_fault_itself_the_currency_is_not_held_against_it() -> None:
    read = read_taxed_amount(
        TaxedAmountAsSent(AmountAsSent(Decimal(1), "HRK")), on=None, faults=(faults := Faults()), path=PATH
    )
    assert read is not None
    assert not faults
