"""Durations, and the dates that follow from them.

Months and years are counted from the day on which something began, and end on the last day of a shorter month: from
31 January come 28 February and 31 March, never 28 March. All sums are made on whole days, beyond the calendar's
year 9999 as well, so that a date out of reach is a fault to be told and no exception.
"""

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

MOST_PERIODS: Final = 2_000
MOST_YEARS: Final = 100

_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
_LAST_DAY: Final = date.max.toordinal()
_MONTHS_A_YEAR: Final = 12


class TimeUnit(StrEnum):
    """The units in which durations are given."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"
    YEAR = "Year"


_DAYS: Final = {TimeUnit.DAY: 1, TimeUnit.WEEK: 7}
_MONTHS: Final = {TimeUnit.MONTH: 1, TimeUnit.YEAR: _MONTHS_A_YEAR}


@dataclass(frozen=True, slots=True)
class Duration:
    """So many days, weeks, months or years."""

    value: int
    unit: TimeUnit

    def __str__(self) -> str:
        return f"{self.value} {self.unit.lower()}{'' if self.value == 1 else 's'}"


def fault_of_last_day(first: date, last: date) -> str | None:
    """Say that a time ends before it begins, if it does."""
    return f"Must not be before {first}, the first day." if last < first else None


def add(start: date, duration: Duration, times: int = 1) -> date:
    """Count a duration so many times from its start, back when negative.

    Raises:
        OverflowError: when that is no date; the faults below tell beforehand.
    """
    day = _day(start.toordinal(), duration, times)
    if not 1 <= day <= _LAST_DAY:
        message = f"{duration} x {times} from {start} is no date."
        raise OverflowError(message)
    return date.fromordinal(day)


def end_after(start: date, duration: Duration) -> date:
    """The last day of what lasts so long from its start: of a subscription, of a contractual obligation."""
    return date.fromordinal(_day(start.toordinal(), duration, 1) - 1)


def periods_count(start: date, frequency: Duration, duration: Duration) -> int:
    """How many periods begin before the duration has passed; one more than allowed stands for all beyond."""
    first = start.toordinal()
    passed = _day(first, duration, 1)
    return bisect_left(range(MOST_PERIODS + 1), passed, key=lambda times: _day(first, frequency, times))


def contractual_end(start: date, obligation: Duration | None) -> date | None:
    """The last day on which one is bound, if one is."""
    return None if obligation is None else end_after(start, obligation)


def last_notice_date(end: date, notice: Duration) -> date:
    """The last safe day to give notice.

    ``end`` is the end of the obligation if there is one, else of the subscription.
    """
    return date.fromordinal(_day(end.toordinal() + 1, notice, -1) - 1)


def fault_of_duration(duration: Duration, *, start: date | None = None) -> str | None:
    """Say why nothing can last so long from its start (None: from any), if so."""
    if duration.value < 1:
        return f"Must be at least 1 {duration.unit.lower()}."
    first = (start or date(2000, 1, 1)).toordinal()
    passed = _day(first, duration, 1)
    if passed > _day(first, Duration(MOST_YEARS, TimeUnit.YEAR), 1):
        return f"Must be at most {MOST_YEARS} years; {duration} is more."
    if start is not None and passed - 1 > _LAST_DAY:
        return f"Must end by {date.max}; {duration} from {start} does not."
    return None


def fault_of_periods(start: date, frequency: Duration, duration: Duration) -> str | None:
    """Say that there are too many periods, if there are."""
    if periods_count(start, frequency, duration) <= MOST_PERIODS:
        return None
    return f"Makes more than {MOST_PERIODS:,} periods in {duration}; invoice less often, or for a shorter time."


def fault_of_notice(notice: Duration, *, end: date | None = None) -> str | None:
    """Say why notice can't be given so long before the end (None: any), if so."""
    fault = fault_of_duration(notice)
    if fault is None and end is not None and _day(end.toordinal() + 1, notice, -1) <= 1:
        return f"Must leave a day to give notice; {notice} before {end} is none."
    return fault


def _day(first: int, duration: Duration, times: int) -> int:
    """The number of the day that so many durations lead to, day 1 being 0001-01-01; before and beyond as well."""
    if duration.unit in _DAYS:
        return first + _DAYS[duration.unit] * duration.value * times
    cycles, offset = divmod(first - 1, _CYCLE_DAYS)
    start = date.fromordinal(offset + 1)
    months = (start.year - 1) * _MONTHS_A_YEAR + start.month - 1 + _MONTHS[duration.unit] * duration.value * times
    years, month = divmod(months, _MONTHS_A_YEAR)
    more_cycles, year = divmod(years, _CYCLE_YEARS)
    day = min(start.day, monthrange(year + 1, month + 1)[1])
    return date(year + 1, month + 1, day).toordinal() + (cycles + more_cycles) * _CYCLE_DAYS
