"""Periods and end dates, held against python-dateutil over decades and the ends of months."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import assume, given
from hypothesis import strategies as st

from emplette.domain.dates import (
    MOST_PERIODS,
    Duration,
    TimeUnit,
    add,
    contractual_end,
    end_after,
    fault_of_duration,
    fault_of_notice,
    fault_of_periods,
    last_notice_date,
    periods_count,
)

DAY, WEEK, MONTH, YEAR = TimeUnit
LONGEST = {DAY: 36_524, WEEK: 5_217, MONTH: 1_200, YEAR: 100}

starts = st.dates(date(1900, 1, 1), date(2200, 12, 31))
month_ends = st.builds(
    lambda year, month: date(year, month, 1) + relativedelta(day=31), st.integers(1900, 2200), st.integers(1, 12)
)
days = starts | month_ends
durations = st.sampled_from(TimeUnit).flatmap(
    lambda unit: st.builds(Duration, st.integers(1, LONGEST[unit]), st.just(unit))
)
short = st.builds(Duration, st.integers(1, 60), st.sampled_from(TimeUnit))


def delta(duration: Duration, times: int = 1) -> relativedelta:
    """Say the same in the words of python-dateutil."""
    value = duration.value * times
    return {
        DAY: relativedelta(days=value),
        WEEK: relativedelta(weeks=value),
        MONTH: relativedelta(months=value),
        YEAR: relativedelta(years=value),
    }[duration.unit]


# Counting ---------------------------------------------------------------------------------------------------


@given(days, durations)
def test_a_duration_leads_where_dateutil_says(start: date, duration: Duration) -> None:
    assert add(start, duration) == start + delta(duration)


@given(days, short, st.integers(-30, 30))
def test_several_are_counted_from_the_first_day_and_never_drift(start: date, duration: Duration, times: int) -> None:
    assert add(start, duration, times) == start + delta(duration, times)


@pytest.mark.parametrize(
    ("start", "times", "day"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 31), 2, date(2025, 3, 31)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 30), 1, date(2025, 2, 28)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
    ],
)
def test_months_are_clamped_to_their_last_day(start: date, times: int, day: date) -> None:
    assert add(start, Duration(1, MONTH), times) == day


def test_a_leap_day_is_the_last_of_february_in_other_years() -> None:
    assert add(date(2024, 2, 29), Duration(1, YEAR)) == date(2025, 2, 28)
    assert add(date(2024, 2, 29), Duration(1, YEAR), 4) == date(2028, 2, 29)


@pytest.mark.parametrize("unit", TimeUnit)
def test_what_is_no_date_any_more_says_so(unit: TimeUnit) -> None:
    with pytest.raises(OverflowError, match="is no date"):
        add(date(9999, 12, 31), Duration(1, unit))
    with pytest.raises(OverflowError, match="is no date"):
        add(date(1, 1, 1), Duration(1, unit), -1)


# Ends -------------------------------------------------------------------------------------------------------


@given(days, durations)
def test_the_last_day_is_the_one_before_the_next_would_begin(start: date, duration: Duration) -> None:
    end = start + delta(duration) - timedelta(days=1)
    assert end_after(start, duration) == end
    assert contractual_end(start, duration) == end


def test_the_documented_subscription_ends_where_its_example_says() -> None:
    year = Duration(12, MONTH)
    assert end_after(date(2024, 9, 24), year) == date(2025, 9, 23)
    assert periods_count(date(2024, 9, 24), year, year) == 1


def test_without_an_obligation_nobody_is_bound() -> None:
    assert contractual_end(date(2025, 4, 14), None) is None


def test_the_last_day_of_the_calendar_can_be_an_end() -> None:
    assert end_after(date(9999, 1, 1), Duration(1, YEAR)) == date(9999, 12, 31)
    assert fault_of_duration(Duration(1, YEAR), start=date(9999, 1, 1)) is None


# Periods ----------------------------------------------------------------------------------------------------


@given(days, short, short)
def test_the_periods_are_those_that_begin_before_the_end(start: date, frequency: Duration, duration: Duration) -> None:
    passed = start + delta(duration)
    # At least 28 days a month: no more periods than days, and none is forgotten.
    assume((passed - start).days / frequency.value < 3_000)
    count = next(times for times in range(40_000) if start + delta(frequency, times) >= passed)
    assert periods_count(start, frequency, duration) == min(count, MOST_PERIODS + 1)


@pytest.mark.parametrize(
    ("start", "frequency", "duration", "count"),
    [
        (date(2025, 4, 14), Duration(1, MONTH), Duration(12, MONTH), 12),
        (date(2025, 4, 14), Duration(1, MONTH), Duration(1, YEAR), 12),
        (date(2025, 4, 14), Duration(5, MONTH), Duration(12, MONTH), 3),
        (date(2025, 4, 14), Duration(2, YEAR), Duration(1, MONTH), 1),
        (date(2025, 1, 31), Duration(1, MONTH), Duration(1, MONTH), 1),
        (date(2025, 1, 31), Duration(30, DAY), Duration(1, MONTH), 1),
        (date(2025, 1, 31), Duration(28, DAY), Duration(1, MONTH), 1),
        (date(2025, 1, 31), Duration(27, DAY), Duration(1, MONTH), 2),
        (date(2024, 2, 29), Duration(1, YEAR), Duration(4, YEAR), 4),
        (date(2025, 1, 1), Duration(1, WEEK), Duration(1, YEAR), 53),
        (date(2025, 1, 1), Duration(1, DAY), Duration(2000, DAY), 2000),
        (date(2025, 1, 1), Duration(1, DAY), Duration(100, YEAR), MOST_PERIODS + 1),
        (date(9999, 12, 1), Duration(1, YEAR), Duration(31, DAY), 1),
    ],
)
def test_periods_are_counted_as_the_calendar_goes(
    start: date, frequency: Duration, duration: Duration, count: int
) -> None:
    assert periods_count(start, frequency, duration) == count


def test_two_thousand_periods_are_allowed_and_no_more() -> None:
    start, daily = date(2025, 1, 1), Duration(1, DAY)
    assert fault_of_periods(start, daily, Duration(2000, DAY)) is None
    assert fault_of_periods(start, daily, Duration(2001, DAY)) == (
        "Makes more than 2,000 periods in 2001 days; invoice less often, or for a shorter time."
    )


# Limits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, -1, -(2**31)])
@pytest.mark.parametrize("unit", TimeUnit)
def test_a_duration_is_at_least_one(value: int, unit: TimeUnit) -> None:
    assert fault_of_duration(Duration(value, unit)) == f"Must be at least 1 {unit.lower()}."
    assert fault_of_notice(Duration(value, unit)) == f"Must be at least 1 {unit.lower()}."


@pytest.mark.parametrize(
    ("duration", "start"),
    [
        (Duration(100, YEAR), date(2025, 4, 14)),
        (Duration(1200, MONTH), date(2025, 1, 31)),
        (Duration(36_524, DAY), date(2001, 1, 1)),
        (Duration(36_525, DAY), date(2000, 1, 1)),
        (Duration(5_217, WEEK), date(2025, 4, 14)),
        (Duration(100, YEAR), None),
        (Duration(36_525, DAY), None),
    ],
)
def test_a_hundred_years_are_allowed(duration: Duration, start: date | None) -> None:
    assert fault_of_duration(duration, start=start) is None


@pytest.mark.parametrize(
    ("duration", "start", "words"),
    [
        (Duration(101, YEAR), date(2025, 4, 14), "101 years"),
        (Duration(1201, MONTH), date(2025, 4, 14), "1201 months"),
        (Duration(36_526, DAY), date(2000, 1, 1), "36526 days"),
        (Duration(5_218, WEEK), None, "5218 weeks"),
        (Duration(2**31 - 1, YEAR), date(9999, 12, 31), "2147483647 years"),
        (Duration(2**31 - 1, DAY), None, "2147483647 days"),
    ],
)
def test_more_than_a_hundred_years_are_refused(duration: Duration, start: date | None, words: str) -> None:
    assert fault_of_duration(duration, start=start) == f"Must be at most 100 years; {words} is more."


@pytest.mark.parametrize("duration", [Duration(1, YEAR), Duration(12, MONTH), Duration(53, WEEK), Duration(366, DAY)])
def test_an_end_beyond_the_calendar_is_a_fault_and_no_exception(duration: Duration) -> None:
    assert fault_of_duration(duration, start=date(9999, 6, 1)) == (
        f"Must end by 9999-12-31; {duration} from 9999-06-01 does not."
    )


@given(st.dates(), st.builds(Duration, st.integers(-(2**31), 2**31 - 1), st.sampled_from(TimeUnit)))
def test_a_duration_without_fault_has_an_end(start: date, duration: Duration) -> None:
    if fault_of_duration(duration, start=start) is None:
        assert start <= end_after(start, duration) <= date.max


# Notice -----------------------------------------------------------------------------------------------------


@given(days, short)
def test_the_last_safe_day_is_one_before_the_notice_must_run(end: date, notice: Duration) -> None:
    assert last_notice_date(end, notice) == end + timedelta(days=1) + delta(notice, -1) - timedelta(days=1)


@pytest.mark.parametrize(
    ("end", "notice", "last"),
    [
        (date(2025, 12, 31), Duration(1, MONTH), date(2025, 11, 30)),
        (date(2025, 12, 31), Duration(3, MONTH), date(2025, 9, 30)),
        (date(2026, 3, 30), Duration(1, MONTH), date(2026, 2, 27)),
        (date(2026, 4, 13), Duration(30, DAY), date(2026, 3, 14)),
        (date(2025, 1, 1), Duration(2, YEAR), date(2023, 1, 1)),
        (date(9999, 12, 31), Duration(1, MONTH), date(9999, 11, 30)),
    ],
)
def test_the_last_safe_day_is_named(end: date, notice: Duration, last: date) -> None:
    assert last_notice_date(end, notice) == last
    assert fault_of_notice(notice, end=end) is None


def test_a_notice_that_nobody_can_give_is_refused() -> None:
    assert fault_of_notice(Duration(2, YEAR), end=date(2, 12, 31)) == (
        "Must leave a day to give notice; 2 years before 0002-12-31 is none."
    )
    assert last_notice_date(date(2, 12, 31), Duration(23, MONTH)) == date(1, 1, 31)


@given(st.dates(), durations)
def test_a_notice_without_fault_has_its_day(end: date, notice: Duration) -> None:
    if fault_of_notice(notice, end=end) is None:
        assert date.min <= last_notice_date(end, notice) < end


def test_durations_are_said_as_people_say_them() -> None:
    assert [str(Duration(1, DAY)), str(Duration(2, WEEK)), str(Duration(12, MONTH))] == [
        "1 day",
        "2 weeks",
        "12 months",
    ]
