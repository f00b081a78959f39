"""What is sent and answered: overview; written by scripts/write_client.py, never by hand."""

import datetime as dt
from decimal import Decimal
from typing import Literal, TypeAlias

from emplette.client.models.shared import (
    Amount,
    Reference,
)
from emplette.client.wire import ABSENT, Answer

SpendingStage: TypeAlias = Literal["Approved", "Asked", "Closed"]
"""Whether what is spent waits for approval, is approved, or belongs to a purchase that is closed."""


class Figure(Answer, frozen=True, kw_only=True, rename="camel"):
    """A sum, and where what it sums up is listed."""

    value: Decimal = ABSENT
    currency: str = ABSENT
    href: str = ABSENT


class Spent(Answer, frozen=True, kw_only=True, rename="camel"):
    """What is spent before taxes: what was approved, what of that is closed, and what waits for approval beside it."""

    approved: Figure = ABSENT
    closed: Figure = ABSENT
    asked: Figure = ABSENT


class SpentInMonth(Answer, frozen=True, kw_only=True, rename="camel"):
    """What is spent in a month."""

    approved: Figure = ABSENT
    closed: Figure = ABSENT
    asked: Figure = ABSENT
    month: str = ABSENT
    """A month by its year and number: 2026-04."""


class SpentOn(Answer, frozen=True, kw_only=True, rename="camel"):
    """What is spent on one of the company's words; without an id it is all suppliers that are only written down."""

    approved: Figure = ABSENT
    closed: Figure = ABSENT
    asked: Figure = ABSENT
    id: int | None = None
    name: str | None = None


class SpentTable(Answer, frozen=True, kw_only=True, rename="camel"):
    """The largest sums, and how many there are in all."""

    count: int = ABSENT
    items: list[SpentOn] = ABSENT


class BudgetFigures(Answer, frozen=True, kw_only=True, rename="camel"):
    """A budget and its numbers; what is reserved and committed leads to what that is."""

    budget: Reference = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    amount: Amount = ABSENT
    reserved: Figure = ABSENT
    committed: Figure = ABSENT
    spent: Amount = ABSENT
    free: Amount = ABSENT
    overrun: Amount = ABSENT


class List(Answer, frozen=True, kw_only=True, rename="camel"):
    """Where something is listed."""

    href: str = ABSENT


class WaitedFor(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody whom requests wait for: how many, since when the oldest, and where they are listed."""

    user_id: int = ABSENT
    name: str = ABSENT
    requests: int = ABSENT
    since: dt.datetime = ABSENT
    href: str = ABSENT


class Overview(Answer, frozen=True, kw_only=True, rename="camel"):
    """What is spent in some months, in one currency, and what keeps or threatens it; as far as the key may see it. `currencies` are those in which there is something in these months. `subscriptions` leads to what has to be decided on, the most urgent first."""

    first_month: str = ABSENT
    """A month by its year and number: 2026-04."""
    last_month: str = ABSENT
    """A month by its year and number: 2026-04."""
    currency: str = ABSENT
    currencies: list[str] = ABSENT
    whole: Spent = ABSENT
    months: list[SpentInMonth] = ABSENT
    natures: SpentTable = ABSENT
    cost_centers: SpentTable = ABSENT
    suppliers: SpentTable = ABSENT
    budgets: list[BudgetFigures] = ABSENT
    subscriptions: List = ABSENT
    waited_for: list[WaitedFor] = ABSENT


class SpendingLine(Answer, frozen=True, kw_only=True, rename="camel"):
    """What one purchase costs in one month, before taxes; of a supplier that is only written down there is the name."""

    month: str = ABSENT
    """A month by its year and number: 2026-04."""
    state: SpendingStage | str = ABSENT
    amount: Amount = ABSENT
    purchase: Reference = ABSENT
    owner_name: str = ABSENT
    nature: Reference = ABSENT
    cost_center: Reference = ABSENT
    supplier_id: int | None = None
    supplier_name: str = ABSENT
