"""What is spent as the overview shows it: each number with the address of exactly what it sums up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from emplette.domain.budgets import Budget, EntryState, Numbers
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults
from emplette.domain.money import Money
from emplette.domain.spending import (
    NO_MONTH,
    Facet,
    Months,
    SpendingStage,
    Split,
    Wanted,
    month_numbered,
    month_written,
)
from emplette.domain.subscriptions import SubscriptionState
from emplette.http.pages.money_bars import side_by_side
from emplette.http.pages.numbers import id_in
from emplette.http.pages.rendering import Look
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values
from emplette.services.spending import Overview, Row

HEIGHT: Final = 200
"""How high the chart of months is, and how wide a column of it, in its own units."""
WIDTH: Final = 100
_GAP: Final = 16
_NARROW: Final = 24
_S = SpendingStage
DECIDED: Final = (_S.APPROVED, _S.CLOSED)

STATES: Final = {
    _S.ASKED: marked("Waiting for approval"),
    _S.APPROVED: marked("Approved"),
    _S.CLOSED: marked("Closed"),
}
"""How what is spent counts."""

NOT_LISTED: Final = marked("Suppliers that are not listed")

STANDINGS: Final = {
    SubscriptionState.RUNNING: marked("Runs"),
    SubscriptionState.LET_RUN: marked("Runs to its end"),
    SubscriptionState.STOPPING: marked("Stops"),
    SubscriptionState.RENEWED: marked("Renewed"),
    SubscriptionState.STOPPED: marked("Stopped"),
    SubscriptionState.ENDED: marked("Ended"),
    SubscriptionState.RAN_OUT: marked("Ran out undecided"),
    SubscriptionState.CLOSED: marked("Closed"),
}
"""Where a subscription stands."""

FIELDS: Final = {Facet.NATURE: "nature", Facet.COST_CENTER: "cost_center", Facet.SUPPLIER: "supplier"}
"""By which parameter of an address one of a facet is named."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and where what it sums up is listed; without an address there is nothing to list."""

    money: Money
    href: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a table: its name, its numbers, and how wide its bar is in each colour."""

    name: str
    decided: Figure
    closed: Figure
    asked: Figure
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A month in the chart: what is written beneath, and its parts from the ground up: kind, top, height."""

    label: str
    short: str
    x: int
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A row of the table of budgets; what is reserved and committed leads to what that is."""

    budget: Budget
    amount: Money
    reserved: Figure
    committed: Figure
    spent: Money
    free: Money
    overrun: Money
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Shower:
    """Shows an overview in a language."""

    look: Look
    months: Months
    currency: str

    def row(self, facet: Facet, row: Row, most: int) -> ShownRow:
        """Show a row of a table; ``most`` is the largest of them, whose bar is the whole width."""
        if facet is Facet.MONTH:
            month = month_numbered(row.of)
            return self._row(self.month(month), Months.between(month, month), {}, row.split, most)
        return self._row(row.name, self.months, {FIELDS[facet]: str(row.of)}, row.split, most)

    def whole(self, split: Split) -> ShownRow:
        """Show the sum of it all."""
        return self._row("", self.months, {}, split, split.whole)

    def month(self, month: date) -> str:
        """Name a month."""
        named = self.look.day(month, "LLLL y")
        return named[:1].upper() + named[1:]

    def columns(self, overview: Overview) -> list[Column]:
        """Draw the months side by side."""
        rows = overview.rows[Facet.MONTH]
        most = max((row.split.whole for row in rows), default=0)
        columns = []
        for number, row in enumerate(rows):
            month, split, parts, ground = month_numbered(row.of), row.split, [], HEIGHT
            for kind, minor in _kinds(split):
                height = minor * HEIGHT // most if most else 0
                ground -= height
                parts.append((kind, ground, height))
            is_named = len(rows) <= _NARROW or month.month == 1
            short = self.look.day(month, "LLLLL" if len(rows) <= _NARROW else "y") if is_named else ""
            label = self.look.day(month, "LLL" if len(rows) <= _NARROW else "y") if is_named else ""
            columns.append(Column(label, short, number * WIDTH + _GAP, tuple(parts)))
        return columns

    def money(self, minor: int) -> Money:
        """Make an amount of it."""
        return Money(minor, CURRENCIES[self.currency])

    def span(self) -> str:
        """Name the months."""
        if self.months == Months.of_year(self.months.first):
            return f"{self.months.first:%Y}"
        first, last = self.month(self.months.first), self.month(self.months.last)
        return first if len(self.months) == 1 else f"{first} – {last}"

    def budget(self, budget: Budget) -> BudgetRow:
        """Show a budget; the whole of its bar is what it allows, or what is used of it where that is more."""
        numbers = budget.numbers or Numbers(budget.amount_minor)
        place = f"/overview/budgets/{budget.id}"
        reserved, committed = numbers.reserved_minor, numbers.committed_minor
        used = (("billed", numbers.spent_minor), ("open", committed), ("asked", reserved))
        whole = max(budget.amount_minor, sum(minor for _, minor in used))
        return BudgetRow(
            budget,
            self.money(budget.amount_minor),
            Figure(self.money(reserved), f"{place}?state={EntryState.RESERVED}" if reserved else ""),
            Figure(self.money(committed), f"{place}?state={EntryState.COMMITTED}" if committed else ""),
            self.money(numbers.spent_minor),
            self.money(numbers.free_minor),
            self.money(numbers.overrun_minor),
            _bar(used, whole),
        )

    def _row(self, name: str, months: Months, of: dict[str, str], split: Split, most: int) -> ShownRow:
        def figure(minor: int, states: Sequence[SpendingStage]) -> Figure:
            query = [*address_of(months, self.currency), *of.items(), *(("state", str(state)) for state in states)]
            return Figure(self.money(minor), f"/overview/spending?{urlencode(query)}" if minor else "")

        return ShownRow(
            name,
            figure(split.decided, DECIDED),
            figure(split.closed, [_S.CLOSED]),
            figure(split.asked, [_S.ASKED]),
            _bar(_kinds(split), most),
        )


def address_of(months: Months, currency: str) -> list[tuple[str, str]]:
    """Write which months and currency are looked at, as an address has it."""
    return [("from", f"{months.first:%Y-%m}"), ("to", f"{months.last:%Y-%m}"), ("currency", currency)]


def months_in(query: Values, today: date) -> Months:
    """Read which months are to be looked at; the year that it is, when none are named.

    Raises:
        Invalid: they can't be.
    """
    faults = Faults()
    first, last = _month(query["from"], "from", faults), _month(query["to"], "to", faults)
    faults.raise_if_any()
    return Months.named(first, last, today)


def wanted_in(query: Values, months: Months, currency: str) -> Wanted:
    """Read which lines are wanted; what an address has that can't be is taken for nothing."""
    states = frozenset(SpendingStage(text) for text in query.all("state") if text in set(SpendingStage))
    chosen = {field: _one_in(query[field]) for field in FIELDS.values()}
    return Wanted(
        months,
        currency,
        states or frozenset(SpendingStage),
        nature_id=chosen["nature"],
        cost_center_id=chosen["cost_center"],
        supplier_id=chosen["supplier"],
    )


def currency_in(query: Values) -> str:
    """Read which currency is to be looked at; nothing when that is none."""
    code = query["currency"]
    return code if code in CURRENCIES else ""


def _one_in(text: str) -> int | None:
    """Read which one is wanted; the suppliers that are not listed have the number 0."""
    return 0 if text == "0" else id_in(text)


def _month(text: str, name: str, faults: Faults) -> date | None:
    if not text:
        return None
    found = month_written(text)
    if found is None:
        faults.add(name, NO_MONTH)
    return found


def _kinds(split: Split) -> tuple[tuple[str, int], ...]:
    return ("billed", split.closed), ("open", split.approved), ("asked", split.asked)


def _bar(kinds: Sequence[tuple[str, int]], most: int) -> tuple[tuple[str, int, int], ...]:
    """Lay parts side by side: kind, start and width, of a bar that is whole for the most."""
    places = side_by_side([minor for _, minor in kinds], most)
    return tuple((kind, start, width) for (kind, _), (start, width) in zip(kinds, places, strict=True))
