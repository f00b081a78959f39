"""Value added taxes: types of rate, and the percentage that each has at a time.

A type is what a line of taxes names: the normal rate of France. Its rates follow each other: 19.6 %, then 20 %.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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
