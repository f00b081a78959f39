"""Working days: on which days a company expects its people to decide, and how such days are counted."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from emplette.domain.errors import Faults

WEEKDAYS: Final = range(1, 8)
"""Monday to Sunday, as ISO 8601 numbers them."""

MOST_DAYS_OFF: Final = 1_000
FURTHEST: Final = 3_660
"""So many days are looked at for the next working day; a company that rests for ten years keeps nobody waiting."""

PublicHolidays = Callable[[str, int], Collection[date]]
"""Says on which days of a year nobody works, in a country or a part of it: ``FR``, ``FR-57``."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When a company works.

    ``weekdays`` are those on which it does, Monday being 1. ``holidays_of`` is the country, or the part of one, whose
    public holidays it keeps; None when it keeps none. ``days_off`` are days on which it is closed besides.
    """

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays_of: str | None = None
    days_off: frozenset[date] = frozenset()

    def is_working_day(self, day: date, public: PublicHolidays) -> bool:
        """Tell whether the company works on a day."""
        if day.isoweekday() not in self.weekdays or day in self.days_off:
            return False
        return self.holidays_of is None or day not in public(self.holidays_of, day.year)

    def day_after(self, start: date, count: int, public: PublicHolidays) -> date | None:
        """Find the day on which so many working days have gone by; the day of the start itself is none of them.

        Returns:
            The last of those working days; None when there are not as many within ten years.
        """
        for ahead in range(1, FURTHEST + 1):
            if start > date.max - timedelta(days=ahead):
                return None
            day = start + timedelta(days=ahead)
            count -= self.is_working_day(day, public)
            if count <= 0:
                return day
        return None


def note_faults(calendar: WorkCalendar, faults: Faults) -> None:
    """Say everything that is wrong with a calendar, but whether the place of its holidays is known."""
    if not calendar.weekdays:
        faults.add("weekdays", "Name at least one: who never works can't be waited for.")
    if not calendar.weekdays <= set(WEEKDAYS):
        faults.add("weekdays", "Must be from 1, Monday, to 7, Sunday.")
    if len(calendar.days_off) > MOST_DAYS_OFF:
        faults.add("daysOff", f"Must be at most {MOST_DAYS_OFF} days.")
