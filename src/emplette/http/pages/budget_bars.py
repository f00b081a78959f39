"""Budgets as pages show them: a bar of what became of each, and what a purchase leaves of it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from emplette.domain.budgets import Budget, BudgetKind, Numbers
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.outlooks import Outlook, Outlooks
from emplette.http.pages.money_bars import Part, side_by_side
from emplette.http.pages.translations import marked

KINDS: Final = {
    BudgetKind.HARD: marked("Refuses what goes beyond it"),
    BudgetKind.SOFT: marked("Asks the policy about what goes beyond it"),
}
"""What a budget does about what it has not."""


@dataclass(frozen=True, slots=True)
class ShownBudget:
    """A budget, its numbers as amounts, and the bar that they make."""

    budget: Budget
    amount: Money
    free: Money
    overrun: Money
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ShownShare:
    """What of a purchase falls into a budget, and what is free of that without the purchase and with it."""

    budget: Budget
    asked: bool
    amount: Money
    before: Money
    after: Money
    beyond: Money
    is_refused: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ShownShares:
    """How a purchase stands to the budgets, and the days that none of them covers."""

    shares: tuple[ShownShare, ...]
    uncovered: tuple[date, ...]


def budget_shown(budget: Budget) -> ShownBudget:
    """Show a budget: spent, committed and reserved lie before what is free; an overrun makes the bar longer."""
    numbers, currency = budget.numbers or Numbers(budget.amount_minor), CURRENCIES[budget.currency]
    measures = (
        (marked("Spent"), numbers.spent_minor, "spent"),
        (marked("Committed"), numbers.committed_minor, "committed"),
        (marked("Reserved"), numbers.reserved_minor, "reserved"),
        (marked("Free"), numbers.free_minor, "free"),
    )
    return ShownBudget(
        budget,
        Money(budget.amount_minor, currency),
        Money(numbers.free_minor, currency),
        Money(numbers.overrun_minor, currency),
        _parts([(name, Money(minor, currency), kind) for name, minor, kind in measures]),
    )


def shares_shown(outlooks: Outlooks | None) -> ShownShares | None:
    """Show what a purchase leaves of the budgets; nothing in a company without any."""
    if outlooks is None:
        return None
    return ShownShares(tuple(_share_shown(share) for share in outlooks.shares), outlooks.uncovered)


def _share_shown(share: Outlook) -> ShownShare:
    currency = CURRENCIES[share.budget.currency]
    amount, after = Money(share.amount_minor, currency), Money(share.after_minor, currency)
    taken = Money(share.budget.amount_minor - share.before_minor, currency)
    return ShownShare(
        share.budget,
        asked=share.state is not None,
        amount=amount,
        before=Money(share.before_minor, currency),
        after=after,
        beyond=Money(share.beyond_minor, currency),
        is_refused=share.is_refused,
        parts=_parts(
            [
                (marked("Used otherwise"), taken, "spent"),
                (marked("This"), amount, "reserved"),
                (marked("Left"), after, "free"),
            ]
        ),
    )


def _parts(measures: list[tuple[str, Money, str]]) -> tuple[Part, ...]:
    """Lay amounts side by side; where all are nothing there is no bar."""
    whole = sum(amount.minor for _, amount, _ in measures)
    if not whole:
        return ()
    places = side_by_side([amount.minor for _, amount, _ in measures], whole)
    return tuple(
        Part(name, amount, start, width, kind)
        for (name, amount, kind), (start, width) in zip(measures, places, strict=True)
    )
