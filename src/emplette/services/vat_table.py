"""The VAT rates of all territories, as a process keeps them."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from emplette.domain.taxes import (
    ApplicableRate,
    RateType,
    RecoveryRule,
    VatRate,
    rate_types_valid,
    rates_in_force,
)
from emplette.domain.territories import Territory
from emplette.storage import taxes as storage
from emplette.storage.database import Session

_SECOND: Final = 1_000_000_000


_Rates = Mapping[str, Sequence[ApplicableRate]]
"""By territory, the highest first."""


class VatTable:
    """The rates of all territories, kept in the process for a few seconds: the law's once, beside it each company's.

    What the docs promise is five seconds; a call that has looked just before may still be under way.
    """

    def __init__(self, *, seconds: int = 4, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._law: tuple[int, Sequence[VatRate], _Rates] = (0, (), {})
        self._kept: dict[int, tuple[int, _Rates]] = {}

    async def rates_on(self, db: Session, tenant: int, *, territory: Territory, on: date) -> list[ApplicableRate]:
        """List the rates of a territory that are valid on a day, the highest first."""
        rates = await self._rates(db, tenant)
        return [known for known in rates.get(territory.id, ()) if known.rate.is_valid_on(on)]

    async def rate_types_valid(
        self, db: Session, tenant: int, *, days: Collection[date], territory_ids: Collection[str]
    ) -> dict[int, RateType]:
        """The types of rate that a line of taxes may name, by id."""
        rates = await self._rates(db, tenant)
        there = [known.rate for territory_id in territory_ids for known in rates.get(territory_id, ())]
        return rate_types_valid(there, days=days, territory_ids=territory_ids)

    async def _rates(self, db: Session, tenant: int) -> _Rates:
        until, rates = self._kept.get(tenant, (0, {}))
        if self._clock() >= until:
            shipped, of_all = await self._shipped(db)
            own = await storage.own_rates(db, tenant)
            rates = _laid_over(shipped, of_all, own)
            # What is laid over the law is as old as what it is laid over.
            self._kept[tenant] = (self._law[0], rates)
        return rates

    async def _shipped(self, db: Session) -> tuple[Sequence[VatRate], _Rates]:
        until, shipped, of_all = self._law
        if self._clock() >= until:
            shipped = await storage.shipped_rates(db)
            of_all = _by_territory(shipped, {})
            self._law = (self._clock() + self._lifetime, shipped, of_all)
        return shipped, of_all


def _laid_over(shipped: Sequence[VatRate], of_all: _Rates, own: storage.OwnRates) -> _Rates:
    """Give a company the rates of all where it has said nothing itself."""
    touched = {said.rate_type.territory_id for said in own.said}
    touched |= {rate.rate_type.territory_id for rate in shipped if rate.rate_type.id in own.rules}
    if not touched:
        return of_all
    there = [rate for rate in shipped if rate.rate_type.territory_id in touched]
    return {**of_all, **dict.fromkeys(touched, ()), **_by_territory(rates_in_force(there, own.said), own.rules)}


def _by_territory(rates: Iterable[VatRate], rules: Mapping[int, Sequence[RecoveryRule]]) -> _Rates:
    found: defaultdict[str, list[ApplicableRate]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: (-rate.percentage, rate.id, rate.valid_from)):
        known = ApplicableRate(rate, tuple(rules.get(rate.rate_type.id, ())))
        found[rate.rate_type.territory_id].append(known)
    return found
