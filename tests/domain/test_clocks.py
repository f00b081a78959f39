"""Clocks of trials: how far they are moved, and no further."""

from datetime import UTC, datetime, timedelta

import pytest

from emplette.domain.clocks import FURTHEST, fault_of_move, moved
from emplette.domain.errors import Invalid

NOW = datetime(2025, 4, 14, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_clock_is_moved_on_by_so_much_or_to_a_moment_whatever_it_was_before() -> None:
    assert moved(HOUR, world=NOW, by=DAY, to=None) == DAY + HOUR
    assert moved(HOUR, world=NOW, by=None, to=NOW + DAY) == DAY
    assert moved(HOUR, world=NOW, by=timedelta(0), to=None) == HOUR


def test_it_is_ahead_by_whole_seconds_and_shows_no_moment_before_the_one_asked_for() -> None:
    assert moved(timedelta(0), world=NOW, by=None, to=NOW + timedelta(microseconds=1)) == timedelta(seconds=1)
    assert moved(timedelta(0), world=NOW, by=HOUR, to=None) == HOUR


@pytest.mark.parametrize(("by", "to"), [(None, None), (DAY, NOW + DAY)])
def test_it_is_moved_in_one_way_at_a_time(by: timedelta | None, to: datetime | None) -> None:
    with pytest.raises(Invalid, match="to"):
        moved(timedelta(0), world=NOW, by=by, to=to)


@pytest.mark.parametrize(
    ("by", "to", "field"),
    [
        (-DAY, None, "by"),
        (None, NOW - timedelta(seconds=1), "to"),
        (FURTHEST + DAY, None, "by"),
        (None, NOW + FURTHEST + HOUR, "to"),
    ],
)
def test_it_is_never_behind_the_world_nor_more_than_a_hundred_years_ahead(
    by: timedelta | None, to: datetime | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        moved(timedelta(0), world=NOW, by=by, to=to)
    assert list(refused.value.faults) == [field]


@pytest.mark.parametrize("ahead", [timedelta(0), FURTHEST])
def test_both_ends_are_within(ahead: timedelta) -> None:
    assert fault_of_move(ahead) is None
