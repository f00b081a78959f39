"""Spending: what purchases cost in which month, and the sums of that by month, nature, cost center and supplier.

A purchase counts once its commitment waits for approval, and stays in the sums when it is closed; one that was denied,
withdrawn or never asked for costs nothing. It costs before taxes, in the currency of its establishment, on the days on
which it counts for budgets: on its cost date or, of a subscription, on the first day of each period that it will have.
So what a list of purchases shows adds up to these sums.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from emplette.domain.budgeting import days_of
from emplette.domain.commitments import CommitmentState, Terms
from emplette.domain.errors import Invalid, Unavailable
from emplette.domain.purchases import PurchaseState

LONGEST_SPAN: Final = 120
"""So many months are summed up at most."""

NO_MONTH: Final = "Is no month: write it as 2026-04."

_MONTHS: Final = 12
_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class NotCountedYet(Unavailable):
    """What is spent is still being counted: look again in a minute."""

    code = "spending.not_counted"


class SpendingStage(StrEnum):
    """Whether what is spent waits for approval, is approved, or belongs to a purchase that is closed."""

    ASKED = "Asked"
    APPROVED = "Approved"
    CLOSED = "Closed"


class Facet(StrEnum):
    """By what is summed up."""

    MONTH = "Month"
    NATURE = "Nature"
    COST_CENTER = "CostCenter"
    SUPPLIER = "Supplier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A purchase with its commitment, as far as spending is about it; ``minor`` is one period's, before taxes.

    ``supplier_id`` is None for one that was only written down; ``stopped_on`` is the day on which a subscription was
    stopped, if it was.
    """

    purchase_id: int
    purchase_state: PurchaseState
    commitment_state: CommitmentState
    nature_id: int
    cost_center_id: int
    supplier_id: int | None
    currency: str
    minor: int
    terms: Terms
    stopped_on: date | None = None

    @property
    def state(self) -> SpendingStage | None:
        """How it counts; None when it does not."""
        if self.commitment_state is CommitmentState.UNDER_REVIEW:
            return SpendingStage.ASKED
        if self.commitment_state is not CommitmentState.PROVISIONED:
            return None
        return SpendingStage.CLOSED if self.purchase_state is PurchaseState.CLOSED else SpendingStage.APPROVED


@dataclass(frozen=True, slots=True)
class Line:
    """What a purchase costs in one month, in the smallest coin of the currency; the month is its first day."""

    purchase_id: int
    month: date
    state: SpendingStage
    currency: str
    nature_id: int
    cost_center_id: int
    supplier_id: int | None
    minor: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What is summed up: by what, of which one, in which currency and state.

    ``of`` is an id, 0 for suppliers that are not listed; of a month its year and number: 202604.
    """

    facet: Facet
    of: int
    currency: str
    state: SpendingStage


@dataclass(frozen=True, slots=True)
class Split:
    """An amount by its states, in the smallest coin."""

    asked: int = 0
    approved: int = 0
    closed: int = 0

    @property
    def decided(self) -> int:
        """What was approved, whether it is closed or not."""
        return self.approved + self.closed

    @property
    def whole(self) -> int:
        """All of it."""
        return self.decided + self.asked

    def and_more(self, state: SpendingStage, minor: int) -> "Split":
        """Add to it."""
        return Split(
            self.asked + minor * (state is SpendingStage.ASKED),
            self.approved + minor * (state is SpendingStage.APPROVED),
            self.closed + minor * (state is SpendingStage.CLOSED),
        )


@dataclass(frozen=True, slots=True)
class Months:
    """Some months that follow each other: the first day of the first, and the first day after the last."""

    first: date
    end: date

    @classmethod
    def between(cls, first: date, last: date) -> "Months":
        """Take the months from that of one day to that of another.

        Raises:
            Invalid: the last is before the first, or there are too many.
        """
        if last.year == date.max.year:
            raise Invalid.field("to", "Is too far ahead.")
        months = cls(month_of(first), _following(month_of(last)))
        if months.first >= months.end:
            raise Invalid.field("to", "Is before the first month.")
        if len(months) > LONGEST_SPAN:
            raise Invalid.field("to", f"At most {LONGEST_SPAN} months are summed up at once.")
        return months

    @classmethod
    def named(cls, first: date | None, last: date | None, today: date) -> "Months":
        """Take the months that are named: the year that it is, or that goes on from the one that is named.

        Raises:
            Invalid: the last is before the first, or there are too many.
        """
        year = cls.of_year(today)
        if first is None and last is None:
            return year
        return cls.between(first or min(year.first, last or year.first), last or max(year.last, first or year.last))

    @classmethod
    def of_year(cls, day: date) -> "Months":
        """Take the year of a day."""
        return cls(date(day.year, 1, 1), _following(date(day.year, _MONTHS, 1)))

    def __len__(self) -> int:
        return (self.end.year - self.first.year) * _MONTHS + self.end.month - self.first.month

    @property
    def each(self) -> tuple[date, ...]:
        """List them, each by its first day."""
        months = range(len(self))
        first = self.first.month - 1
        return tuple(date(self.first.year + (first + n) // _MONTHS, (first + n) % _MONTHS + 1, 1) for n in months)

    @property
    def last(self) -> date:
        """The last of them."""
        return self.each[-1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines make up a sum: of which months, currency and states, and of which one of each facet, if of one."""

    months: Months
    currency: str
    states: frozenset[SpendingStage]
    nature_id: int | None = None
    cost_center_id: int | None = None
    supplier_id: int | None = None

    def meets(self, line: Line) -> bool:
        """Tell whether a line is one of them."""
        return (
            self.months.first <= line.month < self.months.end
            and line.currency == self.currency
            and line.state in self.states
            and self.nature_id in {None, line.nature_id}
            and self.cost_center_id in {None, line.cost_center_id}
            and self.supplier_id in {None, line.supplier_id or 0}
        )


def lines_of(cost: Cost) -> tuple[Line, ...]:
    """Say what a purchase costs in each month in which it does."""
    state = cost.state
    if state is None or not cost.minor:
        return ()
    months = Counter(month_of(day) for day in days_of(cost.terms, cost.stopped_on))
    where = (cost.nature_id, cost.cost_center_id, cost.supplier_id)
    return tuple(
        Line(cost.purchase_id, month, state, cost.currency, *where, cost.minor * times)
        for month, times in months.items()
    )


def summed(lines: Iterable[Line]) -> Counter[Sum]:
    """Sum lines up by each facet."""
    sums: Counter[Sum] = Counter()
    for line in lines:
        for facet, of in places_of(line).items():
            sums[Sum(facet, of, line.currency, line.state)] += line.minor
    return sums


def places_of(line: Line) -> Mapping[Facet, int]:
    """Say under which one of each facet a line counts."""
    return {
        Facet.MONTH: number_of(line.month),
        Facet.NATURE: line.nature_id,
        Facet.COST_CENTER: line.cost_center_id,
        Facet.SUPPLIER: line.supplier_id or 0,
    }


def number_of(month: date) -> int:
    """Write a month as a number: 202604."""
    return month.year * 100 + month.month


def month_numbered(number: int) -> date:
    """Read a month from its number."""
    return date(number // 100, number % 100, 1)


def month_written(text: str) -> date | None:
    """Read a month as it is written: 2026-04; None when it is none."""
    found = _MONTH.fullmatch(text)
    return None if found is None or not int(found[1]) else date(int(found[1]), int(found[2]), 1)


def month_of(day: date) -> date:
    """Find the first day of a day's month."""
    return day.replace(day=1)


def _following(month: date) -> date:
    return date(month.year + month.month // _MONTHS, month.month % _MONTHS + 1, 1)
