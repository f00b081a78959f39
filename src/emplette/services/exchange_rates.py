"""Converting what is bought into the currency of who buys, setting rates of one's own, loading published ones."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from emplette.domain.currencies import CURRENCIES, Currency
from emplette.domain.errors import Invalid
from emplette.domain.exchange_rates import (
    conversion,
    day_of_rate,
    fault_of_published,
    faults_of_own_rate,
    is_behind,
)
from emplette.domain.money import Conversion
from emplette.formats.exchange_rates import ReferenceRate, read_history, shipped_history, version_of
from emplette.storage import exchange_rates as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user
from emplette.storage.seeds import Connection

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


async def set_rate(
    db: Session,
    tenant: int,
    *,
    currency: str,
    on: date,
    rate: Decimal,
    set_by: str,
    now: datetime,
    until: date | None = None,
) -> None:
    """Set a company's own rate of a currency, units of it for one euro.

    It counts until a newer one is published; with a last day, on all days up to it.

    Raises:
        Invalid: at ``currency``, ``rate`` or ``until``.
    """
    faults_of_own_rate(currency, rate, on=on, until=until).raise_if_any()
    actor = await command_line_user(db, tenant)
    own = storage.DayRate(currency, on, rate)
    await storage.set_rate(db, tenant, own, by=set_by, actor=actor, at=now, until=until)


async def rates_behind(db: Session, *, today: date) -> str | None:
    """Warn when the published rates have not been loaded for long; None when all is well."""
    until = await storage.published_until(db)
    if not is_behind(until, today):
        return None
    return (
        f"The exchange rates of the European Central Bank are loaded until {until}; "
        "`emplette exchange-rates import` or a newer release brings more."
    )


async def seed_rates(connection: Connection) -> bool:
    """Load the bank's history that comes with the installation, unless that edition is; tell whether it was not."""
    history = shipped_history()
    edition = version_of(history)
    if await storage.loaded_edition(connection) == edition:
        return False
    rates = (_day_rate(rate) for rate in read_history(history) if _is_money(rate.currency))
    await storage.load_history(connection, rates, edition=edition)
    return True


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of the bank's rates has done."""

    loaded: storage.LoadedRates
    left_out: tuple[str, ...]
    """Currencies that no purchase can be made in."""


async def import_rates(
    connection: Connection, rates: Sequence[ReferenceRate], *, today: date, tell: Callable[[str], None]
) -> ImportReport:
    """Load rates that the bank has published, all of them or none; what is known already is left as it is.

    Raises:
        Invalid: at ``file``: they can't be the bank's.
    """
    fault = fault_of_published(((rate.currency, rate.date) for rate in rates), today=today)
    known = [_day_rate(rate) for rate in rates if _is_money(rate.currency)]
    if fault or not known:
        raise Invalid.field("file", fault or "Holds no rate of a currency that we know.")
    left_out = sorted({rate.currency for rate in rates if not _is_money(rate.currency)})
    loaded = await storage.load_published(connection, known, tell=tell)
    return ImportReport(loaded, tuple(left_out))


def _is_money(code: str) -> bool:
    return code in CURRENCIES and not CURRENCIES[code].is_refused


def _day_rate(rate: ReferenceRate) -> storage.DayRate:
    return storage.DayRate(rate.currency, rate.date, rate.per_euro)
