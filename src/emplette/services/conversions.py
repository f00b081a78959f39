"""How one currency is converted into another, as a process keeps it."""

import time
from collections.abc import Callable
from datetime import date
from typing import Final

from emplette.domain.currencies import Currency
from emplette.domain.exchange_rates import conversion, day_of_rate
from emplette.domain.money import Conversion
from emplette.storage import exchange_rates as storage
from emplette.storage.database import Session

_SECOND: Final = 1_000_000_000
_MOST_KEPT: Final = 10_000

_Wanted = tuple[int, str, str, date]


class Rates:
    """Conversions, kept in the process for a few seconds (the docs promise five); that there is none is not kept."""

    def __init__(self, *, seconds: int = 4, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._kept: dict[_Wanted, tuple[int, Conversion]] = {}

    async def conversion(
        self, db: Session, tenant: int, base: Currency, counter: Currency, *, on: date, today: date, path: str
    ) -> Conversion:
        """Find how one currency was converted into the other on a day, or is now when that day is to come.

        ``path`` is the field that names the base currency.

        Raises:
            ExchangeRateMissing: at that field.
        """
        if base == counter:
            return Conversion.none(counter)
        day = day_of_rate(on, today)
        wanted = (tenant, base.code, counter.code, day)
        until, found = self._kept.get(wanted, (0, None))
        if found is None or self._clock() >= until:
            known = await storage.last_rates(db, tenant, [base.code, counter.code], day=day)
            found = conversion(base, counter, day=day, known=known, path=path)
            self._keep(wanted, found)
        return found

    def _keep(self, wanted: _Wanted, found: Conversion) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[wanted] = (self._clock() + self._lifetime, found)
