"""Budgets as a table brings them: CSV, or JSON with an object a budget whose keys are called as the columns."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from emplette.domain.budgets import Budget, BudgetKind, note_faults
from emplette.domain.currencies import CURRENCIES, Currency
from emplette.domain.errors import Faults
from emplette.domain.money import Money, fault_of_amount, fault_of_limit
from emplette.formats import imports
from emplette.formats.tables import Row, Table, read_table

_MANDATORY: Final = ("name", "startDate", "endDate", "amount", "currency")
_OF_COINS: Final = 2
"""So many decimals nobody takes for thousands."""
_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'")


def _number(cell: str) -> Decimal:
    """Read an amount as programs or as the French write it: 20000.00, 20 000,00."""
    try:
        return Decimal(cell.translate(_SPACES).replace(",", "."))
    except InvalidOperation:
        raise ValueError("Must be a number, such as 20000 or 20 000,00.") from None


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "id": imports.number,
    "name": imports.text,
    "startDate": imports.day,
    "endDate": imports.day,
    "amount": _number,
    "currency": imports.currency,
    "kind": imports.word(BudgetKind),
    "costCenterId": imports.number,
    "natureId": imports.number,
    "costFamilyId": imports.number,
    "departmentId": imports.number,
    "axisSectionId": imports.number,
    "establishmentId": imports.number,
}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget that a line speaks of; without an id of its own it has 0."""

    line: int
    budget: Budget


def read_budgets(content: bytes) -> tuple[list[BudgetRow], dict[int, Faults], Faults]:
    """Read the budgets of a file: those that can be read, what is wrong by line, and what is wrong with the whole."""
    whole = Faults()
    table = _table(content, whole)
    for name in table.columns:
        if name and name not in _READ:
            whole.add(f"line 1, column {name}", f"Is unknown here; there are {', '.join(_READ)}.")
    for name in _MANDATORY:
        if table.columns and name not in table.columns:
            whole.add(f"line 1, column {name}", "Is missing.")
    if whole:
        return [], {}, whole
    good: list[BudgetRow] = []
    wrong: dict[int, Faults] = {}
    for row in table.rows:
        faults = Faults()
        budget = _budget(row, faults)
        if faults or budget is None:
            wrong[row.line] = faults
        else:
            good.append(BudgetRow(row.line, budget))
    return good, wrong, whole


def _budget(row: Row, faults: Faults) -> Budget | None:
    values: dict[str, Any] = {}
    for name, cell in row.cells.items():
        try:
            if cell:
                values[name] = _READ[name](cell)
        except ValueError as wrong:
            faults.add(name, str(wrong))
    for name in _MANDATORY:
        if name not in values and name not in faults:
            faults.add(name, "Must not be empty.")
    if faults:
        return None
    currency = CURRENCIES[values["currency"]]
    fault = fault_of_amount(values["amount"], currency) or _fault_of_marks(values["amount"], currency)
    fault = fault or fault_of_limit(Money.exact(values["amount"], currency))
    if fault:
        faults.add("amount", fault)
        return None
    budget = _made(values, Money.exact(values["amount"], currency))
    note_faults(budget, faults)
    return budget


def _fault_of_marks(amount: Decimal, currency: Currency) -> str | None:
    """Say that a mark before three digits may part thousands: 1,000 would be one, or a thousand."""
    decimals = -int(amount.as_tuple().exponent)
    if decimals <= max(currency.decimals, _OF_COINS):
        return None
    return f"Has {decimals} decimals, and {currency} has fewer: part thousands by spaces, or not at all."


def _made(values: Mapping[str, Any], amount: Money) -> Budget:
    first_day: date = values["startDate"]
    return Budget(
        id=values.get("id", 0),
        name=values["name"],
        starts_on=first_day,
        ends_on=values["endDate"],
        currency=amount.currency.code,
        kind=values.get("kind", BudgetKind.HARD),
        cost_center_id=values.get("costCenterId"),
        nature_id=values.get("natureId"),
        cost_family_id=values.get("costFamilyId"),
        department_id=values.get("departmentId"),
        axis_section_id=values.get("axisSectionId"),
        establishment_id=values.get("establishmentId"),
        initial_minor=amount.minor,
    )


def _table(content: bytes, faults: Faults) -> Table:
    """Read the file as what it begins like; a budget in JSON has its number among the others as its line."""
    if not content.lstrip().startswith(b"["):
        return read_table(content, faults)
    try:
        items = json.loads(content, parse_float=Decimal)
        cells = [{str(name): _cell(value) for name, value in item.items()} for item in items]
    except (ValueError, AttributeError, RecursionError):
        faults.add("line 1", "Is no JSON list of objects.")
        return Table((), ())
    columns = tuple(dict.fromkeys(name for item in cells for name in item))
    return Table(columns, tuple(Row(number, item) for number, item in enumerate(cells, start=1)))


def _cell(value: object) -> str:
    return "" if value is None else str(value)
