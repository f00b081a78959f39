"""What somebody types to make a budget, to correct one, or to carry something over; each fault beside its field."""

from datetime import date
from typing import Final

from emplette.domain.budgets import Budget, BudgetKind
from emplette.domain.currencies import CURRENCIES, Currency
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import UNREACHED, Money, fault_of_amount
from emplette.domain.text import fault_of_name
from emplette.http.pages.asking import read_amount
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values

NAMED: Final = (
    "costCenterId",
    "natureId",
    "costFamilyId",
    "departmentId",
    "axisSectionId",
    "establishmentId",
)
"""The fields that say what a budget counts, as the API calls them."""

_MISSING: Final = marked("Is missing.")
_NO_AMOUNT: Final = marked("Must be an amount, such as 120 or 120.50.")
_NO_DAY: Final = marked("Must be a day.")
_NO_CHOICE: Final = marked("Choose one of the list.")
_TOO_MUCH: Final = marked("Is more than a budget can hold.")
_NEGATIVE: Final = marked("Must be zero or more.")
_NOTHING: Final = marked("Must be more than nothing.")


def read_budget_form(form: Values, faults: Faults) -> Budget | None:
    """Read a new budget, which has no id yet; None when anything is at fault."""
    name, start, end = form["name"], _day(form, "startDate", faults), _day(form, "endDate", faults)
    fault = fault_of_name(name) if name else _MISSING
    if fault:
        faults.add("name", fault)
    currency = CURRENCIES.get(form["currency"])
    if currency is None or currency.is_refused:
        faults.add("currency", _NO_CHOICE)
    minor = None if currency is None else _minor(form, currency, faults)
    if minor is not None and not 0 <= minor < UNREACHED:
        faults.add("amount", _NEGATIVE if minor < 0 else _TOO_MUCH)
    kind = form["kind"]
    if kind not in set(BudgetKind):
        faults.add("kind", _NO_CHOICE)
    named = {path: _number(form, path, faults) for path in NAMED}
    if faults or start is None or end is None or minor is None or currency is None:
        return None
    return Budget(
        id=0,
        name=name,
        starts_on=start,
        ends_on=end,
        currency=currency.code,
        kind=BudgetKind(kind),
        initial_minor=minor,
        cost_center_id=named["costCenterId"],
        nature_id=named["natureId"],
        cost_family_id=named["costFamilyId"],
        department_id=named["departmentId"],
        axis_section_id=named["axisSectionId"],
        establishment_id=named["establishmentId"],
    )


def read_difference(form: Values, budget: Budget, faults: Faults) -> int:
    """Read by how much a budget is raised or lowered, and see that a reason is said."""
    minor = _minor(form, CURRENCIES[budget.currency], faults)
    if minor is not None and minor <= 0:
        faults.add("amount", _NOTHING)
    if form["way"] not in {"more", "less"}:
        faults.add("way", _NO_CHOICE)
    _read_reason(form, faults)
    faults.raise_if_any()
    return -(minor or 0) if form["way"] == "less" else minor or 0


def read_carried(form: Values, budget: Budget, faults: Faults) -> tuple[int, int | None]:
    """Read from which budget something is carried over and how much: None for all that is free."""
    source = _number(form, "fromBudgetId", faults)
    if source is None and "fromBudgetId" not in faults:
        faults.add("fromBudgetId", _MISSING)
    minor = _minor(form, CURRENCIES[budget.currency], faults) if form["amount"] else None
    _read_reason(form, faults)
    faults.raise_if_any()
    return source or 0, minor


def by_field(invalid: Invalid) -> dict[str, list[str]]:
    """Lay faults that were found further in beside the fields of the form."""
    faults = Faults()
    for path, messages in invalid.faults.items():
        for message in messages:
            faults.add("amount" if path.startswith("amount") else path, message)
    return faults.as_dict()


def _read_reason(form: Values, faults: Faults) -> None:
    fault = fault_of_name(form["reason"]) if form["reason"] else _MISSING
    if fault:
        faults.add("reason", fault)


def _minor(form: Values, currency: Currency, faults: Faults) -> int | None:
    value = read_amount(form["amount"])
    fault = _NO_AMOUNT if value is None else fault_of_amount(value, currency)
    if value is None or fault:
        faults.add("amount", (fault or _NO_AMOUNT) if form["amount"] else _MISSING)
        return None
    return Money.exact(value, currency).minor


def _day(form: Values, name: str, faults: Faults) -> date | None:
    try:
        return date.fromisoformat(form[name])
    except ValueError:
        faults.add(name, _NO_DAY if form[name] else _MISSING)
        return None


def _number(form: Values, name: str, faults: Faults) -> int | None:
    text = form[name]
    if not text:
        return None
    if text.isascii() and text.isdecimal() and 0 < int(text) < 2**31:
        return int(text)
    faults.add(name, _NO_CHOICE)
    return None
