"""What a purchase leaves of the budgets into which it falls: foreseen in a draft, and as it is once it is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from emplette.domain.budgets import Book, Budget, BudgetKind, BudgetState, Coverage, EntryState, Numbers


@dataclass(frozen=True, slots=True)
class Outlook:
    """What of a purchase falls into one budget, and what that has for it, in the smallest coin of its currency.

    ``room_minor`` is what is free without the purchase; below zero, the budget has an overrun by others. ``state`` is
    None as long as nothing was asked for.
    """

    budget: Budget
    amount_minor: int
    room_minor: int
    periods: int
    state: EntryState | None = None

    @property
    def before_minor(self) -> int:
        """What is free without it."""
        return max(0, self.room_minor)

    @property
    def after_minor(self) -> int:
        """What is free with all of it."""
        return max(0, self.room_minor - self.amount_minor)

    @property
    def beyond_minor(self) -> int:
        """How much of it is more than the budget has."""
        return self.amount_minor - (self.before_minor - self.after_minor)

    @property
    def is_refused(self) -> bool:
        """Tell whether asking for it would be refused: a hard budget has not so much."""
        return self.state is None and self.beyond_minor > 0 and self.budget.kind is BudgetKind.HARD


@dataclass(frozen=True, slots=True)
class Outlooks:
    """All budgets into which a purchase falls, and the days on which none counts what it costs."""

    shares: tuple[Outlook, ...] = ()
    uncovered: tuple[date, ...] = ()

    @property
    def state(self) -> BudgetState:
        """How it stands to the budgets as a whole: being beyond one says more than not being covered."""
        if any(share.beyond_minor for share in self.shares):
            return BudgetState.OVER
        return BudgetState.UNCOVERED if self.uncovered else BudgetState.WITHIN


def foreseen(coverage: Coverage, book: Book) -> Outlooks:
    """Tell what would be left if a purchase were asked for that falls into budgets so."""
    lines = {line.budget.id: line for line in book.lines}
    return Outlooks(
        tuple(
            Outlook(lines[claim.budget_id].budget, claim.amount_minor, lines[claim.budget_id].free_minor, claim.periods)
            for claim in coverage.claims
        ),
        coverage.uncovered,
    )


@dataclass(frozen=True, slots=True)
class HeldShare:
    """What of a request hangs on a budget, whose numbers are with it, and how much of the budget that holds."""

    budget: Budget
    request_id: int
    state: EntryState
    amount_minor: int
    held_minor: int
    periods: int

    @property
    def outlook(self) -> Outlook:
        """Tell what the budget has for it, what it holds already being its own."""
        numbers = self.budget.numbers or Numbers(self.budget.amount_minor)
        room = numbers.free_minor - numbers.overrun_minor + self.held_minor
        return Outlook(self.budget, self.amount_minor, room, self.periods, self.state)


def holding(shares: Iterable[HeldShare], days: Sequence[date]) -> Outlooks:
    """Tell what is left of the budgets on which something hangs that costs something on these days.

    Of several requests for the same commitment, what hangs on a budget is one: an amendment adds to what is there.
    """
    found: dict[int, HeldShare] = {}
    for share in shares:
        there = found.get(share.budget.id)
        found[share.budget.id] = share if there is None else _together(there, share)
    budgets = [share.budget for share in found.values()]
    uncovered = (day for day in days if not any(one.starts_on <= day <= one.ends_on for one in budgets))
    return Outlooks(tuple(share.outlook for share in found.values()), tuple(uncovered))


def _together(first: HeldShare, second: HeldShare) -> HeldShare:
    return replace(
        first,
        amount_minor=first.amount_minor + second.amount_minor,
        held_minor=first.held_minor + second.held_minor,
        periods=max(first.periods, second.periods),
    )
