"""Rates of exchange: setting rates of one's own, loading those that are published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Invalid
from emplette.domain.exchange_rates import (
    fault_of_published,
    faults_of_own_rate,
    is_behind,
)
from emplette.formats.exchange_rates import ReferenceRate, read_history, shipped_history, version_of
from emplette.storage import exchange_rates as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user
from emplette.storage.seeds import Connection


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
