"""What the numbers of the overview sum up, one by one; the same as tables to be saved."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Final
from urllib.parse import urlencode

from emplette.domain.budgets import Budget, EntryState
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Invalid
from emplette.domain.money import Money
from emplette.domain.spending import Facet, Wanted
from emplette.domain.subscriptions import Wanted as WantedSubscriptions
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.overview import READERS
from emplette.http.pages.overview_shown import (
    NOT_LISTED,
    STANDINGS,
    STATES,
    Shower,
    address_of,
    currency_in,
    months_in,
    wanted_in,
)
from emplette.http.pages.saving import Rows, saved, saved_in_pieces
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.budgets import list_budgets_seen, list_entries
from emplette.services.spending import LinesPage, ListedLine, list_lines, list_waited_for, list_waiting_for, name_of
from emplette.services.subscriptions import list_standings
from emplette.storage.budget_entries import Entry
from emplette.storage.lists import Slice
from emplette.storage.spending import Place

_A_PAGE: Final = 50
_A_PIECE: Final = 10_000
_MOST_WAITING: Final = 500

_COLUMNS: Final = (
    marked("Number"),
    marked("Title"),
    marked("Month"),
    marked("State"),
    marked("Supplier"),
    marked("Asked by"),
    marked("Kind of expense"),
    marked("Cost center"),
    marked("Amount before tax"),
    marked("Currency"),
)
_ENTRY_STATES: Final = {
    EntryState.RESERVED: marked("Reserved"),
    EntryState.COMMITTED: marked("Committed"),
    EntryState.FREED: marked("Freed"),
}
_BUDGETS: Final = (
    marked("Number"),
    marked("Budget"),
    marked("From the day"),
    marked("To the day"),
    marked("Amount"),
    marked("Reserved"),
    marked("Committed"),
    marked("Spent"),
    marked("Free"),
    marked("Overrun"),
    marked("Currency"),
)
_WAITED: Final = (marked("Who"), marked("Requests"), marked("The oldest since"))
_SOON: Final = (marked("Number"), marked("Title"), marked("State"), marked("Decide by"), marked("Ends on"))


@page(GET, "/overview/spending", needs=READERS)
async def show_spending(visit: Visit) -> Response:
    """List what makes up a number of the overview."""
    shower, wanted = _asked_for(visit)
    after = _place(visit.query["after"])
    found = await list_lines(visit.work, wanted, Slice(_A_PAGE, after=after, counted=True))
    return visit.show(
        "overview/spending.html",
        span=shower.span(),
        of=await _of(visit, wanted),
        states=[visit.say(STATES[state]) for state in STATES if state in wanted.states],
        whole=shower.money(found.minor),
        count=found.count,
        lines=[(shower.month(each.line.month), each, shower.money(each.line.minor)) for each in found.items],
        labels=STATES,
        next=_next(visit, found),
        first=f"/overview/spending?{visit.query.but(after='')}" if after else "",
        back=urlencode(address_of(wanted.months, wanted.currency)),
        export=visit.query.but(after=""),
    )


@page(GET, "/overview/spending.csv", needs=READERS)
async def export_spending(visit: Visit) -> Response:
    """Save what makes up a number as a table, however long it is."""
    shower, wanted = _asked_for(visit)
    return await saved_in_pieces(visit, "spending", _COLUMNS, _lines(visit, shower, wanted))


@page(GET, "/overview/budgets.csv", needs=READERS)
async def export_budgets(visit: Visit) -> Response:
    """Save the budgets of some months as a table."""
    shower, wanted = _asked_for(visit)
    rows = []
    for each in await list_budgets_seen(visit.work, wanted.months, wanted.currency):
        shown = shower.budget(each)
        numbers = (shown.amount, shown.reserved.money, shown.committed.money, shown.spent, shown.free, shown.overrun)
        days = (each.starts_on.isoformat(), each.ends_on.isoformat())
        rows.append([str(each.id), each.name, *days, *(f"{one.decimal:f}" for one in numbers), each.currency])
    return saved(visit, "budgets", _BUDGETS, rows)


@page(GET, "/overview/budgets/{budget_id}", needs=READERS)
async def show_budget(visit: Visit, budget_id: int) -> Response:
    """List what hangs on a budget: what is reserved, or what is committed."""
    states, after = _entry_states(visit), id_in(visit.query["after"])
    piece = Slice(_A_PAGE, after=None if after is None else (after,), counted=True)
    budget, found = await list_entries(visit.work, budget_id, states, piece)
    currency, place = CURRENCIES[budget.currency], f"/overview/budgets/{budget_id}"
    return visit.show(
        "overview/budget.html",
        budget=budget,
        states=[visit.say(_ENTRY_STATES[each]) for each in states],
        labels=_ENTRY_STATES,
        whole=Money(found.held_minor, currency),
        entries=[(each, Money(each.held_minor, currency)) for each in found.items],
        state=visit.query["state"],
        next=f"{place}?{visit.query.but(after=str(found.next[0]))}" if found.next else "",
        first=f"{place}?{visit.query.but(after='')}" if after else "",
    )


@page(GET, "/overview/budgets/{budget_id}/csv", needs=READERS)
async def export_budget(visit: Visit, budget_id: int) -> Response:
    """Save what hangs on a budget as a table."""
    columns = (_COLUMNS[0], _COLUMNS[1], _COLUMNS[3], marked("Of the budget"), _COLUMNS[-1])
    return await saved_in_pieces(visit, f"budget-{budget_id}", columns, _entries(visit, budget_id))


async def _entries(visit: Visit, budget_id: int) -> AsyncGenerator[Rows, None]:
    states = _entry_states(visit)
    piece: Slice | None = Slice(_A_PIECE)
    while piece is not None:
        budget, found = await list_entries(visit.work, budget_id, states, piece)
        yield [_entry_cells(visit, budget, each) for each in found.items]
        piece = None if found.next is None else Slice(_A_PIECE, after=found.next)


def _entry_states(visit: Visit) -> list[EntryState]:
    state = visit.query["state"]
    return [EntryState(state)] if state in set(EntryState) else [EntryState.RESERVED, EntryState.COMMITTED]


def _entry_cells(visit: Visit, budget: Budget, each: Entry) -> list[str]:
    held = Money(each.held_minor, CURRENCIES[budget.currency])
    state = visit.say(_ENTRY_STATES[each.state])
    return [str(each.purchase_id), each.title, state, f"{held.decimal:f}", budget.currency]


@page(GET, "/overview/waiting/{person_id}", needs=READERS)
async def show_waiting(visit: Visit, person_id: int) -> Response:
    """List what waits for somebody, the oldest first."""
    waiting = await list_waiting_for(visit.work, person_id, most=_MOST_WAITING)
    person = next((each for each in await list_waited_for(visit.work) if each.user_id == person_id), None)
    return visit.show(
        "overview/waiting.html",
        waiting=waiting,
        name="" if person is None else person.name,
        others=0 if person is None else max(0, person.requests - len(waiting)),
    )


@page(GET, "/overview/waiting.csv", needs=READERS)
async def export_waiting(visit: Visit) -> Response:
    """Save whom requests wait for as a table."""
    zone = visit.look.zone
    rows = [
        [each.name, str(each.requests), each.since.astimezone(zone).date().isoformat()]
        for each in await list_waited_for(visit.work)
    ]
    return saved(visit, "waiting", _WAITED, rows)


@page(GET, "/overview/subscriptions.csv", needs=READERS)
async def export_subscriptions(visit: Visit) -> Response:
    """Save the approved subscriptions as a table, by the day by which something should be decided."""
    today = visit.work.today
    rows = [
        [
            str(each.purchase_id),
            each.title,
            visit.say(STANDINGS[each.state(today)]),
            each.decide_by.isoformat(),
            each.end_date.isoformat(),
        ]
        for each in await list_standings(visit.work, WantedSubscriptions())
    ]
    return saved(visit, "subscriptions", _SOON, rows)


def _asked_for(visit: Visit) -> tuple[Shower, Wanted]:
    months = months_in(visit.query, visit.work.today)
    currency = currency_in(visit.query) or visit.tenant.currency
    return Shower(visit.look, months, currency), wanted_in(visit.query, months, currency)


async def _of(visit: Visit, wanted: Wanted) -> list[str]:
    """Name what is looked at of natures, cost centers and suppliers."""
    chosen = (
        (Facet.NATURE, wanted.nature_id),
        (Facet.COST_CENTER, wanted.cost_center_id),
        (Facet.SUPPLIER, wanted.supplier_id),
    )
    named = [
        await name_of(visit.work, facet, of) if of else visit.say(NOT_LISTED) for facet, of in chosen if of is not None
    ]
    return [name for name in named if name]


async def _lines(visit: Visit, shower: Shower, wanted: Wanted) -> AsyncGenerator[Rows, None]:
    piece: Slice | None = Slice(_A_PIECE)
    while piece is not None:
        found = await list_lines(visit.work, wanted, piece)
        yield [_cells(visit, shower, each) for each in found.items]
        piece = None if found.next is None else Slice(_A_PIECE, after=found.next)


def _cells(visit: Visit, shower: Shower, each: ListedLine) -> list[str]:
    return [
        str(each.line.purchase_id),
        each.about.title,
        f"{each.line.month:%Y-%m}",
        visit.say(STATES[each.line.state]),
        each.about.supplier,
        each.about.owner,
        each.about.nature,
        each.about.cost_center,
        f"{shower.money(each.line.minor).decimal:f}",
        shower.currency,
    ]


def _place(text: str) -> Place | None:
    if not text:
        return None
    month, _, number = text.partition("~")
    try:
        return date.fromisoformat(month), int(number)
    except ValueError:
        detail = "Is no place in the list."
        raise Invalid.field("after", detail) from None


def _next(visit: Visit, found: LinesPage) -> str:
    if found.next is None:
        return ""
    month, number = found.next
    return f"/overview/spending?{visit.query.but(after=f'{month.isoformat()}~{number}')}"
