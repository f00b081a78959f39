"""Which exchange rate counts on a day, and when none does.

Rates are published as units of a currency for one euro; between two others the way leads through the euro. The rate of
a day is the one published on it, or the last one before. A rate that stopped being published is not used for ever: it
is refused when it is more than 35 days older than the day, or than the newest day loaded where the table ends sooner.
(A table that is itself behind is no reason to stop buying: `is_behind` is for those who run it.)

A company can set a rate of its own for a day, which counts before the published one of the same day; or one with a last
day, which it has agreed on with somebody: that one counts on all of its days, whatever is published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from emplette.domain.currencies import EUR, Currency, fault_of_currency
from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import LONGEST_AMOUNT, Conversion, cross_rate

OLDEST: Final = timedelta(days=35)
FIRST_PUBLISHED: Final = date(1999, 1, 4)
"""The first day of the bank's reference rates."""

_LastDay: TypeAlias = date | None


class ExchangeRateMissing(Invalid):
    """There is no exchange rate for the day, or only one that is too old."""

    code = "exchange_rate.missing"


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """What one euro was worth on a day."""

    date: date
    per_euro: Decimal
    until: _LastDay = None
    """The last day on which it counts, of a rate that a company has agreed on."""


@dataclass(frozen=True, slots=True)
class RatesKnown:
    """The last rate of each currency on or before a day, and the newest day for which any is loaded."""

    last: Mapping[str, PublishedRate]
    newest_day: date | None


def day_of_rate(on: date, today: date) -> date:
    """The day whose rate is asked for: nobody knows those of the future."""
    return min(on, today)


def conversion(base: Currency, counter: Currency, *, day: date, known: RatesKnown, path: str) -> Conversion:
    """Find how the base currency is converted into the counter currency on a day.

    ``path`` is the field that names the base currency. The date of the rate is that of the older of the two.

    Raises:
        ExchangeRateMissing: at that field, with what is missing and how to load it.
    """
    if base == counter:
        return Conversion.none(counter)
    published = [currency for currency in (base, counter) if currency != EUR]
    faults = [fault for currency in published if (fault := _fault_of_last(currency, day, known))]
    if faults:
        raise ExchangeRateMissing({path: faults}, " ".join(faults))
    rate = cross_rate(_per_euro(base, known), _per_euro(counter, known))
    return Conversion(rate, min(known.last[currency.code].date for currency in published), counter)


def is_behind(known_until: date | None, today: date) -> bool:
    """Tell whether the table of published rates has not been loaded for so long that somebody should."""
    return known_until is None or today - known_until > OLDEST


def faults_of_own_rate(code: str, rate: Decimal, *, on: date, until: date | None = None) -> Faults:
    """Say why a company can't set this rate of a currency, units of it for one euro, for a day or up to a last one."""
    faults = Faults()
    fault = None if until is None else fault_of_last_day(on, until)
    if fault:
        faults.add("until", fault)
    fault = fault_of_currency(code, on=on)
    if fault:
        faults.add("currency", fault)
    if code == EUR.code:
        faults.add("currency", "Rates are units for one euro: that of the euro itself is 1.")
    if not rate.is_finite() or rate <= 0 or abs(rate.adjusted()) > LONGEST_AMOUNT:
        faults.add("rate", "Must be a number above zero: units of the currency for one euro, as 1.0825.")
    elif len(rate.normalize().as_tuple().digits) > LONGEST_AMOUNT:
        faults.add("rate", f"Has more than {LONGEST_AMOUNT} significant digits.")
    return faults


def fault_of_published(rates: Iterable[tuple[str, date]], *, today: date) -> str | None:
    """Say why these can't be rates that the bank has published up to today, by the first that can't."""
    for currency, day in rates:
        if currency == EUR.code:
            return "Has a rate of the euro: the bank's are units for one euro."
        if day < FIRST_PUBLISHED:
            return f"Has a rate of {day}: the bank's begin on {FIRST_PUBLISHED}."
        if day > today:
            return f"Has a rate of {day}, and today is {today}."
    return None


def _per_euro(currency: Currency, known: RatesKnown) -> Decimal:
    return Decimal(1) if currency == EUR else known.last[currency.code].per_euro


def _fault_of_last(currency: Currency, day: date, known: RatesKnown) -> str | None:
    """Say that the currency has no rate for the day, or only one that is too old, and how to load one."""
    last = known.last.get(currency.code)
    if last is not None and last.until is not None and day <= last.until:
        return None
    if last is not None and last.date >= min(day, known.newest_day or day) - OLDEST:
        return None
    found = f"No exchange rate of {currency} is known on or before {day}."
    if last is not None:
        found = f"The last exchange rate of {currency} is that of {last.date}, too old for {day}."
    command = f"emplette exchange-rates set --tenant ACCOUNT --currency {currency} --date {day} --rate RATE"
    return f"{found} Load one with `{command}`, RATE being {currency} for 1 EUR."
