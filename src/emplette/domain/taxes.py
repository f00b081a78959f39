"""Value added taxes: types of rate, and the percentage that each has at a time.

A type is what a line of taxes names: the normal rate of France. Its rates follow each other: 19.6 %, then 20 %.

What the law says comes with Emplette. A company can say otherwise for itself, from a day on: that a type has another
rate, or none any more. What it said last counts before what it said earlier, and that before the law's table.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Faults
from emplette.domain.money import Money, TaxedAmount, TaxLine
from emplette.domain.text import fault_of_name, folded

FIRST_OWN_TYPE: Final = 1_000_000_000
FIRST_OWN_RATE: Final = 1_500_000_000
"""Companies' own types and rates have ids of their own ranges, far above those that come with Emplette."""

_FINEST: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class RateType:
    """A kind of rate in one territory; its id never changes its meaning."""

    id: int
    name: str
    territory_id: str


@dataclass(frozen=True, slots=True)
class VatRate:
    """What a type of rate amounts to during a time."""

    id: int
    rate_type: RateType
    percentage: Decimal
    """A fraction: 0.2 is 20 %."""
    valid_from: date
    valid_to: date | None
    """The first day on which it is no longer valid; None while it is."""

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the rate applies on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class OwnRate:
    """What a company has said for itself: what a type of rate amounts to during a time, or that it has no rate then."""

    id: int
    rate_type: RateType
    percentage: Decimal | None
    valid_from: date
    valid_to: date | None
    """The first day on which it no longer counts; None while it does."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days one after another; without a day beyond them they go on for ever."""

    first: date
    beyond: date | None


@dataclass(frozen=True, slots=True)
class RecoveryRule:
    """How much of the tax is got back when what was bought is of a cost family."""

    rate_type_id: int
    cost_family_id: int
    coefficient: Decimal
    """A fraction: 1 is all of it, 0 nothing."""


@dataclass(frozen=True, slots=True)
class ApplicableRate:
    """A rate and what a company gets back of it."""

    rate: VatRate
    recovery_rules: tuple[RecoveryRule, ...] = ()


def rate_types_valid(
    rates: Iterable[VatRate], *, days: Collection[date], territory_ids: Collection[str]
) -> dict[int, RateType]:
    """The types of rate that a line of taxes may name, by id: those of any of the territories on any of the days.

    The territories are the supplier's and the establishment's: the place of supply decides, and foreign sellers
    charge its tax as well.
    """
    return {
        rate.rate_type.id: rate.rate_type
        for rate in rates
        if rate.rate_type.territory_id in territory_ids and any(rate.is_valid_on(day) for day in days)
    }


def fault_of_rate_type(
    rate_type_id: int, valid: Collection[RateType], *, on: date, territory_ids: Iterable[str]
) -> str | None:
    """Say that a line of taxes may not name this type of rate, if so, and which ones it may."""
    if any(known.id == rate_type_id for known in valid):
        return None
    places = " or ".join(dict.fromkeys(territory_ids))
    choice = ", ".join(f"{known.id} ({known.name}, {known.territory_id})" for known in valid)
    there = f"There are {choice}." if choice else "There are none: leave taxes empty."
    return f"Is no type of rate of {places} on {on}. {there}"


def rates_in_force(shipped: Iterable[VatRate], own: Iterable[OwnRate]) -> list[VatRate]:
    """Lay what a company has said over what the law says; of its own, in the order in which it was said."""
    rates = list(shipped)
    for said in own:
        rates = [piece for rate in rates for piece in _beside(rate, said)]
        if said.percentage is not None:
            rates.append(VatRate(said.id, said.rate_type, said.percentage, said.valid_from, said.valid_to))
    return rates


def days_changed(rates: Iterable[VatRate], rate_type: RateType, percentage: Decimal | None, during: Span) -> list[Span]:
    """Find the days on which a rate in force would become another one, or none."""
    return [
        shared
        for rate in rates
        if rate.rate_type.id == rate_type.id and rate.percentage != percentage
        if (shared := _shared(Span(rate.valid_from, rate.valid_to), during))
    ]


def taxed_amount(typed: Money, rate: VatRate, *, including: bool) -> TaxedAmount:
    """Work out the tax on an amount that was typed without it, or the part of one that was typed with it."""
    if not including:
        tax = Money.rounded(typed.decimal * rate.percentage, typed.currency)
        return TaxedAmount(typed, (TaxLine(rate.rate_type.id, tax),))
    excluding = Money.rounded(typed.decimal / (1 + rate.percentage), typed.currency)
    return TaxedAmount(excluding, (TaxLine(rate.rate_type.id, typed - excluding),))


def find_type(said: str, types: Iterable[RateType], *, territory_id: str) -> RateType | None:
    """Find the type of rate of a territory that somebody calls by its id or its name."""
    here = [kind for kind in types if kind.territory_id == territory_id]
    if said.isascii() and said.isdecimal():
        return next((kind for kind in here if str(kind.id) == said), None)
    return next((kind for kind in here if folded(kind.name) == folded(said)), None)


def fault_of_new_type(name: str) -> str | None:
    """Say why a type of rate can't be called so."""
    if name.isdecimal():
        return "Is no type of rate of this territory: see `emplette vat-rates list`."
    return fault_of_name(name)


def faults_of_own_rate(percentage: Decimal, *, first_day: date, last_day: date | None) -> Faults:
    """Say why a company can't give a type this rate from a day on, up to and with another."""
    faults = Faults()
    if not percentage.is_finite() or not 0 <= percentage < 1:
        faults.add("percentage", "Must be a fraction, zero or more and below one: 0.2 is 20 %.")
    elif percentage % _FINEST:
        faults.add("percentage", "Has more than 6 decimals.")
    fault = None if last_day is None else fault_of_last_day(first_day, last_day)
    if fault:
        faults.add("lastDay", fault)
    return faults


def day_after(last_day: date | None) -> date | None:
    """Tell the first day on which something no longer counts that has a last day, if it has one."""
    return None if last_day is None or last_day == date.max else last_day + timedelta(days=1)


def fault_of_coefficient(coefficient: Decimal) -> str | None:
    """Say why so much of a tax can't be got back."""
    if not coefficient.is_finite() or not 0 <= coefficient <= 1:
        return "Must be a fraction from 0 to 1: 1 is all of the tax, 0 nothing."
    return "Has more than 6 decimals." if coefficient % _FINEST else None


def _beside(rate: VatRate, said: OwnRate) -> Sequence[VatRate]:
    """Cut out of a rate the days for which something else was said."""
    if rate.rate_type.id != said.rate_type.id:
        return (rate,)
    pieces = []
    if rate.valid_from < said.valid_from:
        pieces.append(replace(rate, valid_to=_earlier(rate.valid_to, said.valid_from)))
    if said.valid_to is not None and (rate.valid_to is None or said.valid_to < rate.valid_to):
        pieces.append(replace(rate, valid_from=max(rate.valid_from, said.valid_to)))
    return pieces


def _shared(one: Span, other: Span) -> Span | None:
    first, beyond = max(one.first, other.first), _earlier(one.beyond, other.beyond)
    return Span(first, beyond) if beyond is None or first < beyond else None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(filter(None, (one, other)), default=None)
