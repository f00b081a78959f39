"""Budgets: list, read, make, correct, carry over, and what hangs on each."""

from datetime import date

from emplette.domain.budgets import (
    Budget,
    BudgetKind,
    BudgetNotFound,
    Correction,
    EntryState,
    NothingToCarryOver,
    Numbers,
)
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults
from emplette.domain.money import Money
from emplette.domain.people import Permission
from emplette.domain.registers import Known
from emplette.http.api import examples
from emplette.http.api.amounts import AmountOut, amount_out
from emplette.http.api.budgets_in import BudgetIn, BudgetsQuery, CarryOverIn, CorrectionIn, EntriesQuery
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.references import ORGANIZATION, NamedOut
from emplette.http.api.replies import reply_with_entry
from emplette.http.contract import GET, POST, Answer, Instant, Listed, Reply, instant, operation
from emplette.http.contract.places import BASE, PLACES, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import budgets
from emplette.services.registers import note_missing_references
from emplette.services.work import Work
from emplette.storage.budget_entries import Entry
from emplette.storage.budgets import BUDGETS

_ALL = f"{BASE}/api/budgets"
_ONE = f"{_ALL}/{{budget_id}}"
_TAG = "Budgets"
_LED_TO = ("read_budget", "list_budget_entries", "correct_budget", "carry_over_budget")
_PLACES = {
    "cost_centers": PLACES["cost_center"],
    "natures": PLACES["nature"],
    "departments": f"{ORGANIZATION}/departments",
    "axis_sections": f"{ORGANIZATION}/axis-sections",
    "establishments": f"{ORGANIZATION}/establishments",
}


class BudgetCorrectionOut(Answer):
    """A change of a budget's amount: by how much, why, and from or to which other budget it was carried over."""

    amount: AmountOut
    reason: str
    at: Instant
    by_id: int
    other_budget_id: int | None


class CostFamilyOfBudgetOut(Answer):
    """The cost family that a budget is for."""

    id: int
    name: str


class BudgetOut(Answer):
    """A budget and its numbers: amount + overrun = free + reserved + committed + spent."""

    id: int
    href: str
    name: str
    start_date: date
    end_date: date
    kind: BudgetKind
    cost_center: NamedOut | None
    nature: NamedOut | None
    cost_family: CostFamilyOfBudgetOut | None
    department: NamedOut | None
    axis_section: NamedOut | None
    establishment: NamedOut | None
    amount: AmountOut
    free: AmountOut
    reserved: AmountOut
    committed: AmountOut
    spent: AmountOut
    overrun: AmountOut
    corrections: list[BudgetCorrectionOut]
    version: int


class PointerOut(Answer):
    """A reference to a document by its id."""

    id: int
    href: str


class BudgetEntryOut(Answer):
    """Something that hangs on a budget.

    `amount` is what of it falls into the budget, `held` how much of the budget that holds: while it waits, a soft
    budget may hold less.
    """

    state: EntryState
    request: PointerOut
    commitment: PointerOut
    purchase: NamedOut
    amount: AmountOut
    held: AmountOut
    spent: AmountOut
    periods: int
    first_date: date
    last_date: date


@operation(
    GET,
    _ALL,
    answers={200: Listed[BudgetOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={"read_budget": {"budget_id": "items.0.id"}, "list_budget_entries": {"budget_id": "items.0.id"}},
    ours=True,
)
async def list_budgets(work: Work, query: BudgetsQuery) -> Listed[BudgetOut]:
    """List the budgets, by id."""
    page = await budgets.list_budgets(work, query.wanted(), slice_of(query))
    return listed(query, page, [budget_out(budget, page.known) for budget in page.items])


@operation(
    GET,
    _ONE,
    answers={200: BudgetOut},
    tells=(ETAG,),
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(BudgetNotFound,),
    ours=True,
)
async def read_budget(work: Work, budget_id: int) -> Reply[BudgetOut]:
    """Read a budget."""
    done = await budgets.read_budget(work, budget_id)
    return reply_with_entry(budget_out(done.entry, done.known), done)


@operation(
    GET,
    f"{_ONE}/entries",
    answers={200: Listed[BudgetEntryOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(BudgetNotFound,),
    ours=True,
)
async def list_budget_entries(work: Work, budget_id: int, query: EntriesQuery) -> Listed[BudgetEntryOut]:
    """List what hangs on a budget, by request; of purchases that the key may see."""
    budget, page = await budgets.list_entries(work, budget_id, query.state, slice_of(query))
    return listed(query, page, [_entry_out(entry, budget.currency) for entry in page.items])


async def faults_of_budget(work: Work, budget: BudgetIn | None, faults: Faults) -> None:
    """Find what is missing among the things that a budget with faults names."""
    await note_missing_references(work, BUDGETS, [] if budget is None else budget.references(), faults)


@operation(
    POST,
    _ALL,
    answers={201: BudgetOut},
    tells=(ETAG, LOCATION),
    needs=Permission.CONFIGURE,
    tag=_TAG,
    examples=examples.BUDGET,
    also=faults_of_budget,
    links={name: {"budget_id": "id"} for name in _LED_TO},
    ours=True,
    timed=False,
)
async def create_budget(work: Work, budget: BudgetIn) -> Reply[BudgetOut]:
    """Make a budget; it takes over what is asked for or approved already and falls into it.

    With hundreds of thousands of orders that takes seconds, for which others wait who ask for approval.
    """
    done = await budgets.create_budget(work, budget.budget)
    return reply_with_entry(budget_out(done.entry, done.known), done, location=href("budget", done.entry.id))


@operation(
    POST,
    f"{_ONE}/corrections",
    answers={201: BudgetOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag=_TAG,
    problems=(BudgetNotFound,),
    examples=examples.CORRECTION,
    ours=True,
)
async def correct_budget(work: Work, budget_id: int, correction: CorrectionIn) -> Reply[BudgetOut]:
    """Raise or lower a budget, for a reason; lowered below what hangs on it, it has an overrun."""
    done = await budgets.correct_budget(work, budget_id, correction.minor, correction.reason)
    return reply_with_entry(budget_out(done.entry, done.known), done)


@operation(
    POST,
    f"{_ONE}/carry-overs",
    answers={201: BudgetOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag=_TAG,
    problems=(BudgetNotFound, NothingToCarryOver),
    examples=examples.CARRY_OVER,
    ours=True,
)
async def carry_over_budget(work: Work, budget_id: int, carry_over: CarryOverIn) -> Reply[BudgetOut]:
    """Carry over into a budget what is free of an earlier one, all of it or so much."""
    done = await budgets.carry_over(work, budget_id, carry_over.from_budget_id, carry_over.minor, carry_over.reason)
    return reply_with_entry(budget_out(done.entry, done.known), done)


def budget_out(budget: Budget, known: Known) -> BudgetOut:
    """Tell a budget."""
    numbers = budget.numbers or Numbers(budget.amount_minor)
    family = None if budget.cost_family_id is None else known.word("cost_families", budget.cost_family_id)
    return BudgetOut(
        id=budget.id,
        href=href("budget", budget.id),
        name=budget.name,
        start_date=budget.starts_on,
        end_date=budget.ends_on,
        kind=budget.kind,
        cost_center=_named(known, "cost_centers", budget.cost_center_id),
        nature=_named(known, "natures", budget.nature_id),
        cost_family=None if family is None else CostFamilyOfBudgetOut(id=family.id, name=family.name),
        department=_named(known, "departments", budget.department_id),
        axis_section=_named(known, "axis_sections", budget.axis_section_id),
        establishment=_named(known, "establishments", budget.establishment_id),
        amount=_amount_out(budget.amount_minor, budget.currency),
        free=_amount_out(numbers.free_minor, budget.currency),
        reserved=_amount_out(numbers.reserved_minor, budget.currency),
        committed=_amount_out(numbers.committed_minor, budget.currency),
        spent=_amount_out(numbers.spent_minor, budget.currency),
        overrun=_amount_out(numbers.overrun_minor, budget.currency),
        corrections=[
            _correction_out(correction, reason, budget.currency)
            for correction, reason in zip(budget.corrections or (), budget.reasons or (), strict=True)
        ],
        version=budget.version,
    )


def _correction_out(correction: Correction, reason: str, currency: str) -> BudgetCorrectionOut:
    return BudgetCorrectionOut(
        amount=_amount_out(correction.amount_minor, currency),
        reason=reason,
        at=instant(correction.at),
        by_id=correction.by,
        other_budget_id=correction.other_id,
    )


def _entry_out(entry: Entry, currency: str) -> BudgetEntryOut:
    return BudgetEntryOut(
        state=entry.state,
        request=PointerOut(id=entry.request_id, href=href("request", entry.request_id)),
        commitment=PointerOut(id=entry.commitment_id, href=href("commitment", entry.commitment_id)),
        purchase=NamedOut(id=entry.purchase_id, name=entry.title, href=href("purchase", entry.purchase_id)),
        amount=_amount_out(entry.amount_minor, currency),
        held=_amount_out(entry.held_minor, currency),
        spent=_amount_out(entry.spent_minor, currency),
        periods=entry.periods,
        first_date=entry.first_date,
        last_date=entry.last_date,
    )


def _named(known: Known, register: str, number: int | None) -> NamedOut | None:
    if number is None:
        return None
    word = known.word(register, number)
    return NamedOut(id=word.id, name=word.name, href=f"{_PLACES[register]}/{word.id}")


def _amount_out(minor: int, currency: str) -> AmountOut:
    return amount_out(Money(minor, CURRENCIES[currency]))
