"""What somebody types to make a budget, to correct one, or to carry something over; each fault beside its field."""

from typing import Final

from emplette.domain.budgets import Budget, BudgetKind
from emplette.domain.currencies import CURRENCIES, Currency
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import fault_of_limit
from emplette.domain.text import fault_of_name
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import MISSING, NO_CHOICE, choice_in, choice_or_none_in, day_in, money_in
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

_NOTHING: Final = marked("Must be more than nothing.")


def read_budget_form(form: Values, faults: Faults) -> Budget | None:
    """Read a new budget, which has no id yet; None when anything is at fault."""
    name, start, end = form["name"], day_in(form, "startDate", faults), day_in(form, "endDate", faults)
    fault = fault_of_name(name) if name else MISSING
    if fault:
        faults.add("name", fault)
    currency = CURRENCIES.get(form["currency"])
    if currency is None or currency.is_refused:
        faults.add("currency", NO_CHOICE)
    amount = None if currency is None else money_in(form, "amount", currency, faults)
    fault = None if amount is None else fault_of_limit(amount)
    if fault:
        faults.add("amount", fault)
    kind = form["kind"]
    if kind not in set(BudgetKind):
        faults.add("kind", NO_CHOICE)
    named = {path: choice_or_none_in(form, path, faults) for path in NAMED}
    if faults or start is None or end is None or amount is None or currency is None:
        return None
    return Budget(
        id=0,
        name=name,
        starts_on=start,
        ends_on=end,
        currency=currency.code,
        kind=BudgetKind(kind),
        initial_minor=amount.minor,
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
        faults.add("way", NO_CHOICE)
    _read_reason(form, faults)
    faults.raise_if_any()
    return -(minor or 0) if form["way"] == "less" else minor or 0


def read_carried(form: Values, budget: Budget, faults: Faults) -> tuple[int, int | None]:
    """Read from which budget something is carried over and how much: None for all that is free."""
    source = choice_in(form, "fromBudgetId", faults)
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
    fault = fault_of_name(form["reason"]) if form["reason"] else MISSING
    if fault:
        faults.add("reason", fault)


def _minor(form: Values, currency: Currency, faults: Faults) -> int | None:
    money = money_in(form, "amount", currency, faults)
    return None if money is None else money.minor
