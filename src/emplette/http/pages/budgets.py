"""Budgets: what became of each, what hangs on it, and making, correcting and filling one."""

from dataclasses import dataclass, replace
from functools import partial
from secrets import token_hex
from typing import Final

from emplette.domain.budgets import Budget, EntryState, NothingToCarryOver
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults, Invalid
from emplette.domain.money import Money
from emplette.domain.people import Permission
from emplette.domain.registers import Known
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.budget_bars import KINDS, ShownBudget, budget_shown
from emplette.http.pages.budget_forms import NAMED, by_field, read_budget_form, read_carried, read_difference
from emplette.http.pages.choosing import Choice, choices
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.shown import Badge
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.http.pages.whole_lists import every, pages_of
from emplette.services import budgets, organisation
from emplette.services.cost_centers import list_cost_centers
from emplette.services.natures import list_natures
from emplette.services.people import list_people
from emplette.storage.budget_entries import Entry
from emplette.storage.lists import Slice

BUDGETS: Final = "/settings/budgets"
_ONE: Final = f"{BUDGETS}/{{budget_id}}"
_READERS: Final = (Permission.VIEW, Permission.PURCHASES, Permission.MANAGE, Permission.CONFIGURE)
_CONFIGURE: Final = (Permission.CONFIGURE,)
_A_PAGE: Final = 50

WHEN: Final = {
    "now": marked("Now"),
    "coming": marked("To come"),
    "over": marked("Over"),
    "all": marked("All of them"),
}
"""Which budgets the list can show: by the time in which they count."""
ENTRIES: Final = {
    EntryState.RESERVED: Badge(marked("Reserved"), "yellow"),
    EntryState.COMMITTED: Badge(marked("Committed"), "azure"),
    EntryState.FREED: Badge(marked("Given back"), "secondary"),
}
"""How something hangs on a budget."""
_WORDS: Final = {
    "costCenterId": marked("Cost center"),
    "natureId": marked("Kind of expense"),
    "costFamilyId": marked("Cost family"),
    "departmentId": marked("Department"),
    "axisSectionId": marked("Axis section"),
    "establishmentId": marked("Establishment"),
}


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """Something that hangs on a budget, in one line."""

    purchase_id: int
    title: str
    badge: Badge
    amount: Money
    held: Money
    periods: int
    dates: tuple[object, object]


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A change of a budget's amount: when, by whom, how much more or less, why, and from or to which other budget."""

    at: object
    by: str
    more: Money | None
    less: Money | None
    reason: str
    other_id: int | None


@page(GET, BUDGETS, needs=_READERS)
async def show_budgets(visit: Visit) -> Response:
    """List the budgets that count now, or those of another time."""
    when = visit.query["when"] if visit.query["when"] in WHEN else "now"
    found = [
        (one, page.known)
        async for page in pages_of(partial(budgets.list_budgets, visit.work, {}))
        for one in page.items
    ]
    return visit.show(
        "settings/budgets.html",
        budgets=[
            (budget_shown(one), _named(one, known))
            for one, known in found
            if when == "all" or _when(one, visit) == when
        ],
        has_any=bool(found),
        when=when,
        times=choices(visit, WHEN),
        may_change=visit.may(*_CONFIGURE),
    )


@page(GET, f"{BUDGETS}/new", needs=_CONFIGURE)
async def show_new_budget(visit: Visit) -> Response:
    """Show the form of a new budget."""
    year = visit.work.today.year
    begun = [("startDate", f"{year}-01-01"), ("endDate", f"{year}-12-31"), ("currency", visit.tenant.currency)]
    return await _form(visit, Values([*begun, ("kind", "Hard")]))


@page(POST, f"{BUDGETS}/new", needs=_CONFIGURE, timed=False)
async def make_budget(visit: Visit) -> Response:
    """Make a budget; it takes over what is asked for or approved already."""
    faults = Faults()
    wanted = read_budget_form(visit.form, faults)
    if wanted is None:
        return await _form(visit, visit.form, faults.as_dict())
    try:
        done = await budgets.create_budget(visit.work, lambda number: replace(wanted, id=number))
    except Invalid as invalid:
        return await _form(visit, visit.form, by_field(invalid))
    return visit.go(f"{BUDGETS}/{done.entry.id}", said="added")


@page(GET, _ONE, needs=_READERS)
async def show_budget(visit: Visit, budget_id: int) -> Response:
    """Show a budget: its numbers, what it counts, what hangs on it, and how it was corrected."""
    return await _show(visit, budget_id)


@page(POST, f"{_ONE}/correction", needs=_CONFIGURE)
async def correct_budget(visit: Visit, budget_id: int) -> Response:
    """Raise or lower a budget, for a reason."""

    def amount_of(budget: Budget) -> int:
        return read_difference(visit.form, budget, Faults())

    try:
        await budgets.correct_budget(visit.work, budget_id, amount_of, visit.form["reason"])
    except Invalid as invalid:
        return await _show(visit, budget_id, corrected=visit.form, faults=by_field(invalid))
    return visit.go(f"{BUDGETS}/{budget_id}", said="changed")


@page(POST, f"{_ONE}/carry-over", needs=_CONFIGURE)
async def carry_over(visit: Visit, budget_id: int) -> Response:
    """Carry over what is free of an earlier budget."""
    try:
        there = (await budgets.read_budget(visit.work, budget_id)).entry
        source_id, minor = read_carried(visit.form, there, Faults())
        await budgets.carry_over(visit.work, budget_id, source_id, lambda _: minor, visit.form["reason"])
    except Invalid as invalid:
        return await _show(visit, budget_id, carried=visit.form, faults=by_field(invalid))
    except NothingToCarryOver as refusal:
        faults = {"fromBudgetId": [refusal.detail]}
        return await _show(visit, budget_id, carried=visit.form, faults=faults, status=status_of(type(refusal)))
    return visit.go(f"{BUDGETS}/{budget_id}", said="changed")


async def _show(
    visit: Visit,
    budget_id: int,
    *,
    corrected: Values | None = None,
    carried: Values | None = None,
    faults: dict[str, list[str]] | None = None,
    status: int = OK,
) -> Response:
    work = visit.work
    found = await budgets.read_budget(work, budget_id)
    budget = found.entry
    states = [EntryState(text) for text in visit.query.all("state") if text in set(EntryState)]
    after = id_in(visit.query["after"])
    piece = Slice(_A_PAGE, after=(after,) if after else None)
    _, entries = await budgets.list_entries(work, budget_id, states, piece)
    may_change = visit.may(*_CONFIGURE)
    return visit.show(
        "settings/budget.html",
        status=status,
        shown=budget_shown(budget),
        kind=KINDS[budget.kind],
        named=_named(budget, found.known),
        entries=[_entry(budget, one) for one in entries.items],
        states=choices(visit, {state: badge.label for state, badge in ENTRIES.items()}),
        chosen=[str(state) for state in states],
        older=visit.query.but(after=str(entries.next[0])) if entries.next else "",
        corrections=await _corrections(visit, budget),
        may_change=may_change,
        sources=await _sources(visit, budget) if may_change else [],
        ways=choices(visit, {"more": marked("More"), "less": marked("Less")}),
        corrected=corrected or Values([("way", "more")]),
        carried=carried or Values([("reason", visit.say(marked("Carried over")))]),
        faults=faults,
        once=token_hex(16),
    )


async def _form(visit: Visit, form: Values, faults: dict[str, list[str]] | None = None) -> Response:
    work = visit.work
    centers, natures = await every(partial(list_cost_centers, work)), await every(partial(list_natures, work))
    families = await organisation.list_cost_families(work)
    departments, sections = await every(partial(organisation.list_departments, work, {})), await _sections(visit)
    establishments = await every(partial(organisation.list_establishments, work, {}))
    offered = {
        "costCenterId": [Choice(str(one.id), f"{one.code} · {one.name}") for one in centers],
        "natureId": [Choice(str(one.id), one.name) for one in natures],
        "costFamilyId": [Choice(str(one.id), one.name) for one in families],
        "departmentId": [Choice(str(one.id), one.name) for one in departments],
        "axisSectionId": sections,
        "establishmentId": [Choice(str(one.id), one.name) for one in establishments],
    }
    return visit.show(
        "settings/new-budget.html",
        form=form,
        faults=faults,
        kinds=choices(visit, {str(kind): label for kind, label in KINDS.items()}),
        currencies=sorted(code for code, known in CURRENCIES.items() if not known.is_refused),
        counts=[(field, _WORDS[field], offered[field]) for field in NAMED],
        once=token_hex(16),
    )


async def _sections(visit: Visit) -> list[Choice]:
    found = await every(partial(organisation.list_sections, visit.work, {}))
    return [Choice(str(one.id), f"{one.code} · {one.name}") for one in found]


async def _sources(visit: Visit, budget: Budget) -> list[Choice]:
    """Offer the earlier budgets of the same currency that have something free."""
    found = await every(partial(budgets.list_budgets, visit.work, {"currency": [budget.currency]}))
    shown = [budget_shown(one) for one in found if one.ends_on < budget.starts_on]
    return [_source(visit, one) for one in shown if one.free.minor]


def _source(visit: Visit, shown: ShownBudget) -> Choice:
    free = visit.say(marked("%(amount)s free"), amount=visit.look.money(shown.free))
    return Choice(str(shown.budget.id), f"{shown.budget.name} · {free}")


async def _corrections(visit: Visit, budget: Budget) -> list[ShownCorrection]:
    made = list(zip(budget.corrections or (), budget.reasons or (), strict=True))
    if not made:
        return []
    people = await every(partial(list_people, visit.work, sorted({one.by for one, _ in made})))
    names = {person.id: person.name for person in people}
    currency = CURRENCIES[budget.currency]
    return [
        ShownCorrection(
            one.at,
            names.get(one.by, ""),
            Money(one.amount_minor, currency) if one.amount_minor > 0 else None,
            Money(-one.amount_minor, currency) if one.amount_minor < 0 else None,
            reason,
            one.other_id,
        )
        for one, reason in reversed(made)
    ]


def _entry(budget: Budget, one: Entry) -> ShownEntry:
    currency = CURRENCIES[budget.currency]
    return ShownEntry(
        one.purchase_id,
        one.title,
        ENTRIES[one.state],
        Money(one.amount_minor, currency),
        Money(one.held_minor, currency),
        one.periods,
        (one.first_date, one.last_date),
    )


def _named(budget: Budget, known: Known) -> list[tuple[str, str]]:
    """Say what a budget counts: each field by its word, and what it names."""
    return [(_WORDS[one.path], known.word(one.register, one.id).name) for one in budget.references()]


def _when(budget: Budget, visit: Visit) -> str:
    today = visit.work.today
    if today < budget.starts_on:
        return "coming"
    return "now" if today <= budget.ends_on else "over"
