"""What is sent and answered: budgets; written by scripts/write_client.py, never by hand."""

import datetime as dt
from decimal import Decimal
from typing import Required, TypedDict

from emplette.client.models.shared import (
    Amount,
    AmountInput,
    BudgetKind,
    EntryState,
    Reference,
)
from emplette.client.wire import ABSENT, Answer, Versioned


class CostFamilyOfBudget(Answer, frozen=True, kw_only=True, rename="camel"):
    """The cost family that a budget is for."""

    id: int = ABSENT
    name: str = ABSENT


class BudgetCorrection(Answer, frozen=True, kw_only=True, rename="camel"):
    """A change of a budget's amount: by how much, why, and from or to which other budget it was carried over."""

    amount: Amount = ABSENT
    reason: str = ABSENT
    at: dt.datetime = ABSENT
    by_id: int = ABSENT
    other_budget_id: int | None = None


class Budget(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A budget and its numbers: amount + overrun = free + reserved + committed + spent."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    kind: BudgetKind | str = ABSENT
    cost_center: Reference | None = None
    nature: Reference | None = None
    cost_family: CostFamilyOfBudget | None = None
    department: Reference | None = None
    axis_section: Reference | None = None
    establishment: Reference | None = None
    amount: Amount = ABSENT
    free: Amount = ABSENT
    reserved: Amount = ABSENT
    committed: Amount = ABSENT
    spent: Amount = ABSENT
    overrun: Amount = ABSENT
    corrections: list[BudgetCorrection] = ABSENT
    version: int = ABSENT


class Pointer(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a document by its id."""

    id: int = ABSENT
    href: str = ABSENT


class BudgetEntry(Answer, frozen=True, kw_only=True, rename="camel"):
    """Something that hangs on a budget. `amount` is what of it falls into the budget, `held` how much of the budget that holds: while it waits, a soft budget may hold less."""

    state: EntryState | str = ABSENT
    request: Pointer = ABSENT
    commitment: Pointer = ABSENT
    purchase: Reference = ABSENT
    amount: Amount = ABSENT
    held: Amount = ABSENT
    spent: Amount = ABSENT
    periods: int = ABSENT
    first_date: dt.date = ABSENT
    last_date: dt.date = ABSENT


class BudgetInput(TypedDict, total=False):
    """A new budget: so much for what is bought in a time and meets everything that it names. One that names nothing counts the whole company. A nature and a cost family don't go together."""

    name: Required[str]
    start_date: Required[dt.date]
    end_date: Required[dt.date]
    amount: Required[AmountInput]
    kind: BudgetKind | None
    cost_center_id: int | None
    nature_id: int | None
    cost_family_id: int | None
    department_id: int | None
    axis_section_id: int | None
    establishment_id: int | None


class DifferenceInput(TypedDict, total=False):
    """By how much: more, or less when it is negative; without a currency it is in that of the budget."""

    value: Required[Decimal | int]
    """An exact decimal number of at most 15 significant digits."""
    currency: str | None


class CorrectionInput(TypedDict, total=False):
    """By how much a budget is corrected, and why."""

    amount: Required[DifferenceInput]
    reason: Required[str]


class CarryOverInput(TypedDict, total=False):
    """From which earlier budget what is free is carried over, how much of it (all, when nothing is said), and why."""

    from_budget_id: Required[int]
    amount: DifferenceInput | None
    reason: str | None
