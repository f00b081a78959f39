"""Budgets, as callers send them."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from emplette.domain.budgets import Budget, BudgetKind, EntryState, fault_of_kinds
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import Money, fault_of_amount
from emplette.domain.registers import Reference
from emplette.http.api.amounts import AmountIn, Currency, note_faults_of_amount
from emplette.http.api.readable import readable
from emplette.http.contract import Amount, Body, Id, Name, PagedQuery, Title


class BudgetsQuery(PagedQuery):
    """Which budgets to list: by what they name, by kind and by currency."""

    kind: list[BudgetKind] = []
    currency: list[Currency] = []
    cost_center_id: list[Id] = []
    nature_id: list[Id] = []
    cost_family_id: list[Id] = []
    department_id: list[Id] = []
    axis_section_id: list[Id] = []
    establishment_id: list[Id] = []

    def wanted(self) -> dict[str, list[object]]:
        """Say by which values of which filters."""
        return {
            "kind": [*self.kind],
            "currency": [*self.currency],
            "costCenterId": [*self.cost_center_id],
            "natureId": [*self.nature_id],
            "costFamilyId": [*self.cost_family_id],
            "departmentId": [*self.department_id],
            "axisSectionId": [*self.axis_section_id],
            "establishmentId": [*self.establishment_id],
        }


class EntriesQuery(PagedQuery):
    """Which of what hangs on a budget to list: what waits and what is approved, unless `state` says otherwise."""

    state: list[EntryState] = []


class BudgetIn(Body):
    """A new budget: so much for what is bought in a time and meets everything that it names.

    One that names nothing counts the whole company. A nature and a cost family don't go together.
    """

    name: Name
    start_date: date
    end_date: date
    amount: AmountIn
    kind: BudgetKind = BudgetKind.HARD
    cost_center_id: Id | None = None
    nature_id: Id | None = None
    cost_family_id: Id | None = None
    department_id: Id | None = None
    axis_section_id: Id | None = None
    establishment_id: Id | None = None

    def check(self, faults: Faults) -> None:
        """Find days in the wrong order, an amount that can't be one, a nature beside a cost family."""
        start, end, amount = readable(self.start_date), readable(self.end_date), readable(self.amount)
        fault = fault_of_last_day(start, end) if start and end else None
        if fault:
            faults.add("endDate", fault)
        fault = fault_of_kinds(readable(self.nature_id), readable(self.cost_family_id))
        if fault:
            faults.add("costFamilyId", fault)
        if amount is not None and not faults.covers("amount"):
            note_faults_of_amount(amount, faults, "amount")

    def budget(self, number: int) -> Budget:
        """Take what was sent."""
        currency = CURRENCIES[self.amount.currency]
        return Budget(
            id=number,
            name=self.name,
            starts_on=self.start_date,
            ends_on=self.end_date,
            currency=currency.code,
            kind=self.kind,
            cost_center_id=self.cost_center_id,
            nature_id=self.nature_id,
            cost_family_id=self.cost_family_id,
            department_id=self.department_id,
            axis_section_id=self.axis_section_id,
            establishment_id=self.establishment_id,
            initial_minor=Money.exact(self.amount.value, currency).minor,
        )

    def references(self) -> list[Reference]:
        """List what it names, as far as it could be read."""
        named = {
            ("costCenterId", "cost_centers"): self.cost_center_id,
            ("natureId", "natures"): self.nature_id,
            ("costFamilyId", "cost_families"): self.cost_family_id,
            ("departmentId", "departments"): self.department_id,
            ("axisSectionId", "axis_sections"): self.axis_section_id,
            ("establishmentId", "establishments"): self.establishment_id,
        }
        return [Reference(path, register, number) for (path, register), number in named.items() if number is not None]


class DifferenceIn(Body):
    """By how much: more, or less when it is negative; without a currency it is in that of the budget."""

    value: Amount
    currency: Currency | None = None


class CorrectionIn(Body):
    """By how much a budget is corrected, and why."""

    amount: DifferenceIn
    reason: Title

    def minor(self, budget: Budget) -> int:
        """Take the difference in the smallest coin of the budget's currency.

        Raises:
            Invalid: it is of another currency, or can't be an amount of it.
        """
        return _minor(self.amount, budget)


class CarryOverIn(Body):
    """From which earlier budget what is free is carried over, how much of it (all, when nothing is said), and why."""

    from_budget_id: Id
    amount: DifferenceIn | None = None
    reason: Annotated[Title, Meta(description="Why, as it stands in the corrections of both.")] = "Carried over"

    def minor(self, budget: Budget) -> int | None:
        """Take the amount in the smallest coin of the budget's currency; None when it is all that is free.

        Raises:
            Invalid: it is of another currency, or can't be an amount of it.
        """
        return None if self.amount is None else _minor(self.amount, budget)


def _minor(amount: DifferenceIn, budget: Budget) -> int:
    currency = CURRENCIES[budget.currency]
    if amount.currency not in (None, currency.code):
        raise Invalid.field("amount.currency", f"Must be {currency}, as that of the budget, or be left out.")
    fault = fault_of_amount(amount.value, currency)
    if fault:
        raise Invalid.field("amount.value", fault)
    return Money.exact(amount.value, currency).minor
