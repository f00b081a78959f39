"""Clocks of companies: those of a trial can be moved ahead, so that a year can be played in a minute."""

from datetime import datetime, timedelta
from typing import Final

from emplette.domain.errors import Conflict, Invalid

FURTHEST: Final = timedelta(days=36_525)


class ClockFixed(Conflict):
    """The company's clock is the world's: only that of a company made for trials can be moved."""

    code = "clock.fixed"


def fault_of_move(ahead: timedelta) -> str | None:
    """Say why a clock can't be so far ahead of the world's, if so."""
    if ahead < timedelta(0):
        return "Must not be before the world's clock: go back to that with `emplette clock reset`."
    if ahead > FURTHEST:
        return f"Must be at most 100 years ahead; that is {ahead.days} days."
    return None


def moved(ahead: timedelta, *, world: datetime, by: timedelta | None, to: datetime | None) -> timedelta:
    """How far ahead a clock is after it was moved on by so much, or to a moment.

    Raises:
        Invalid: it would be before the world's clock, or too far ahead.
    """
    if (by is None) == (to is None):
        raise Invalid.field("to", "Say either by how much the clock is moved on, or to which moment.")
    after = to - world if to is not None else ahead + (by or timedelta(0))
    fault = fault_of_move(after)
    if fault is not None:
        raise Invalid.field("to" if by is None else "by", fault)
    # Whole seconds, and no moment before the one asked for.
    return timedelta(seconds=-(-after // timedelta(seconds=1)))
