"""How an answer tells what a purchase leaves of the budgets."""

from datetime import date

from emplette.domain.budgets import BudgetKind, BudgetState, EntryState
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.outlooks import Outlook, Outlooks
from emplette.http.api.amounts import AmountOut, amount_out
from emplette.http.api.references import NamedOut
from emplette.http.contract import Answer
from emplette.http.contract.places import href


class BudgetShareOut(Answer):
    """What of a purchase falls into a budget, and what is free of that without the purchase and with it.

    `beyond` is how much of it is more than the budget has; `state` is absent (null) as long as nothing was asked for.
    """

    budget: NamedOut
    kind: BudgetKind
    start_date: date
    end_date: date
    state: EntryState | None
    amount: AmountOut
    periods: int
    free_before: AmountOut
    free_after: AmountOut
    beyond: AmountOut


class BudgetsOut(Answer):
    """How a purchase stands to the company's budgets: what falls into which, and the days that none of them covers."""

    state: BudgetState
    shares: list[BudgetShareOut]
    not_covered: list[date]


def budgets_out(outlooks: Outlooks | None) -> BudgetsOut | None:
    """Tell how a purchase stands to the budgets; nothing where there are none."""
    if outlooks is None:
        return None
    shares = [_share_out(share) for share in outlooks.shares]
    return BudgetsOut(state=outlooks.state, shares=shares, not_covered=list(outlooks.uncovered))


def _share_out(share: Outlook) -> BudgetShareOut:
    budget = share.budget
    return BudgetShareOut(
        budget=NamedOut(id=budget.id, name=budget.name, href=href("budget", budget.id)),
        kind=budget.kind,
        start_date=budget.starts_on,
        end_date=budget.ends_on,
        state=share.state,
        amount=_amount_out(share.amount_minor, share),
        periods=share.periods,
        free_before=_amount_out(share.before_minor, share),
        free_after=_amount_out(share.after_minor, share),
        beyond=_amount_out(share.beyond_minor, share),
    )


def _amount_out(minor: int, share: Outlook) -> AmountOut:
    return amount_out(Money(minor, CURRENCIES[share.budget.currency]))
