"""Which VAT rates there are at a place and time, and which of them a line of taxes may name."""

import time
from collections.abc import Callable, Collection
from datetime import date
from typing import Final

from emplette.domain.taxes import ApplicableRate, RateType, rate_types_valid
from emplette.domain.territories import Territory
from emplette.storage import taxes as storage
from emplette.storage.database import Session

_SECOND: Final = 1_000_000_000


class VatTable:
    """The rates of all territories, kept in the process for a few seconds by company."""

    def __init__(self, *, seconds: int = 5, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._kept: dict[int, tuple[int, list[ApplicableRate]]] = {}

    async def rates_on(self, db: Session, tenant: int, *, territory: Territory, on: date) -> list[ApplicableRate]:
        """List the rates of a territory that are valid on a day, the highest first."""
        return [
            known
            for known in await self._rates(db, tenant)
            if known.rate.rate_type.territory_id == territory.id and known.rate.is_valid_on(on)
        ]

    async def rate_types_valid(
        self, db: Session, tenant: int, *, days: Collection[date], territory_ids: Collection[str]
    ) -> dict[int, RateType]:
        """The types of rate that a line of taxes may name, by id."""
        rates = (known.rate for known in await self._rates(db, tenant))
        return rate_types_valid(rates, days=days, territory_ids=territory_ids)

    async def _rates(self, db: Session, tenant: int) -> list[ApplicableRate]:
        until, rates = self._kept.get(tenant, (0, []))
        if self._clock() >= until:
            rates = await storage.vat_rates(db, tenant)
            self._kept[tenant] = (self._clock() + self._lifetime, rates)
        return rates


async def seed_rates(connection: storage.Connection) -> bool:
    """Load the table of rates that comes with Emplette, unless it is loaded; tell whether it was not."""
    return await storage.seed_rates(connection)
