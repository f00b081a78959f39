"""Prices that follow an index: what is asked for when it has moved."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.currencies import EUR
from emplette.domain.dossiers import commitment_of
from emplette.domain.errors import Faults
from emplette.domain.money import Money, TaxedAmount, TaxLine
from emplette.domain.price_rises import PriceRise, note_faults, repriced, risen
from emplette.domain.taxes import RateType, VatRate
from emplette.domain.text import LONGEST_COMMENT
from tests.fixtures.dossiers import TAXED, YEARLY, approved, committed, submitted

NORMAL = VatRate(1, RateType(45, "Normal", "FR"), Decimal("0.2"), date(2014, 1, 1), None)
RATES = {45: NORMAL}


def rise(before: str = "100", after: str = "103.5", index: str = "Syntec") -> PriceRise:
    return PriceRise(index, Decimal(before), Decimal(after))


@pytest.mark.parametrize(
    ("before", "after", "minor"), [("100", "103.5", 12420), ("3", "1", 4000), ("305.2", "312.4", 12283)]
)
def test_the_price_of_a_period_moves_as_the_index_does_and_is_rounded_once(before: str, after: str, minor: int) -> None:
    commitment = commitment_of(approved(submitted(committed(terms=YEARLY))))
    draft = risen(commitment, rise(before, after), RATES)
    assert draft.amount.excluding == Money(minor, EUR)
    assert (draft.terms, draft.payment_method) == (commitment.terms, commitment.payment_method)
    assert draft.comment == f"{commitment.comment}\nSyntec: {before} → {after}"


def test_a_tax_is_again_what_its_rate_makes_of_the_price_and_others_grow_with_it() -> None:
    assert repriced(TAXED, Money(3333, EUR), RATES).taxes == (
        TaxLine(45, Money(667, EUR)),
        TaxLine(46, Money(15, EUR)),
    )
    # As somebody else reckoned it, it stays in proportion.
    odd = TaxedAmount(Money(1000, EUR), (TaxLine(45, Money(199, EUR)),))
    assert repriced(odd, Money(2000, EUR), RATES).taxes == (TaxLine(45, Money(398, EUR)),)


def test_a_tax_on_nothing_stays_what_it_is() -> None:
    free = TaxedAmount(Money(0, EUR), (TaxLine(46, Money(7, EUR)),))
    assert repriced(free, Money(100, EUR), {}).taxes == free.taxes


def test_a_comment_that_has_no_room_for_the_index_stays_what_it_is() -> None:
    commitment = commitment_of(approved())
    full = replace(commitment, comment="x" * LONGEST_COMMENT)
    assert risen(full, rise(), RATES).comment == full.comment
    assert risen(replace(commitment, comment=None), rise(index=" ILAT "), RATES).comment == "ILAT: 100 → 103.5"


@pytest.mark.parametrize(
    ("said", "at_fault"),
    [
        (rise(), []),
        (rise(index=" "), ["index"]),
        (rise(before="0"), ["before"]),
        (rise(before="-1", after="1000000000"), ["before", "after"]),
        (rise(after="1.0000001"), ["after"]),
        (rise(after="100"), ["after"]),
    ],
)
def test_an_index_has_a_name_and_has_moved(said: PriceRise, at_fault: list[str]) -> None:
    faults = Faults()
    note_faults(said, faults)
    assert [path for path, _ in faults] == at_fault
