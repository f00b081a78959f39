"""Working days: weekends, public holidays and days off are none of them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from emplette.domain.errors import Faults
from emplette.domain.working_days import WorkCalendar, note_faults

THURSDAY = date(2026, 4, 30)
FRENCH = WorkCalendar(holidays_of="FR")


def public(place: str, year: int) -> Collection[date]:
    """Know two holidays of France, and none of elsewhere."""
    return {date(year, 5, 1), date(year, 5, 8)} if place == "FR" else set()


@pytest.mark.parametrize(
    ("calendar", "count", "day"),
    [
        (WorkCalendar(), 1, date(2026, 5, 1)),
        (WorkCalendar(), 2, date(2026, 5, 4)),
        (FRENCH, 1, date(2026, 5, 4)),
        (FRENCH, 5, date(2026, 5, 11)),
        (replace(FRENCH, days_off=frozenset({date(2026, 5, 4)})), 1, date(2026, 5, 5)),
        (replace(FRENCH, weekdays=frozenset({6, 7})), 1, date(2026, 5, 2)),
        (replace(FRENCH, holidays_of="CH"), 1, date(2026, 5, 1)),
    ],
)
def test_so_many_working_days_after_a_day(calendar: WorkCalendar, count: int, day: date) -> None:
    assert calendar.day_after(THURSDAY, count, public) == day


def test_who_asks_on_a_day_off_is_answered_as_if_on_the_evening_before_the_next_working_day() -> None:
    saturday = date(2026, 5, 2)
    assert FRENCH.day_after(saturday, 1, public) == date(2026, 5, 4)


def test_a_company_that_rests_for_ten_years_has_no_next_working_day() -> None:
    always_off = frozenset(date.fromordinal(THURSDAY.toordinal() + ahead) for ahead in range(1, 4_000))
    assert WorkCalendar(days_off=always_off).day_after(THURSDAY, 1, public) is None


def test_there_is_no_day_behind_the_last_of_the_calendar() -> None:
    assert WorkCalendar().day_after(date(9999, 12, 30), 5, public) is None


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (WorkCalendar(weekdays=frozenset()), "weekdays"),
        (WorkCalendar(weekdays=frozenset({0})), "weekdays"),
        (WorkCalendar(days_off=frozenset(map(date.fromordinal, range(700_000, 701_001)))), "daysOff"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_said_at_its_field(calendar: WorkCalendar, field: str) -> None:
    faults = Faults()
    note_faults(calendar, faults)
    assert list(faults.as_dict()) == [field]


def test_nothing_is_wrong_with_working_at_week_ends() -> None:
    faults = Faults()
    note_faults(WorkCalendar(weekdays=frozenset({6, 7})), faults)
    assert not faults
