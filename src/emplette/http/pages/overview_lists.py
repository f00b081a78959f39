"""What the numbers of the overview sum up, one by one; the same as tables to be saved."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Final
from urllib.parse import urlencode

from emplette.domain.budgets import EntryState
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Invalid
from emplette.domain.money import Money
from emplette.domain.spending import Facet, Wanted
from emplette.domain.subscriptions import Wanted as WantedSubscriptions
from emplette.formats.tables import write_table
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.overview import READERS
from emplette.http.pages.overview_shown import (
    NOT_LISTED,
    STANDINGS,
    STATES,
    Shower,
    address_of,
    as_file,
    currency_in,
    months_in,
    saved,
    wanted_in,
)
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.budgets import list_budgets_seen, list_entries
from emplette.services.spending import LinesPage, ListedLine, list_lines, list_waited_for, list_waiting_for, name_of
from emplette.services.subscriptions import list_subscriptions
from emplette.storage.lists import Slice
from emplette.storage.spending import Place

_A_PAGE: Final = 50
_A_PIECE: Final = 10_000
_MOST_WAITING: Final = 500
_EVERY: Final = Slice(1_000_000)

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
    first = await list_lines(visit.work, wanted, Slice(_A_PIECE))
    return as_file("spending", _pieces(visit, shower, wanted, first))


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
    state = visit.query["state"]
    states = [EntryState(state)] if state in set(EntryState) else [EntryState.RESERVED, EntryState.COMMITTED]
    budget, found = await list_entries(visit.work, budget_id, states, _EVERY)
    currency = CURRENCIES[budget.currency]
    return visit.show(
        "overview/budget.html",
        budget=budget,
        states=[visit.say(_ENTRY_STATES[each]) for each in states],
        labels=_ENTRY_STATES,
        whole=Money(sum(each.held_minor for each in found.items), currency),
        entries=[(each, Money(each.held_minor, currency)) for each in found.items],
        state=state,
    )


@page(GET, "/overview/budgets/{budget_id}/csv", needs=READERS)
async def export_budget(visit: Visit, budget_id: int) -> Response:
    """Save what hangs on a budget as a table."""
    state = visit.query["state"]
    states = [EntryState(state)] if state in set(EntryState) else [EntryState.RESERVED, EntryState.COMMITTED]
    budget, found = await list_entries(visit.work, budget_id, states, _EVERY)
    currency = CURRENCIES[budget.currency]
    rows = [
        [
            str(each.purchase_id),
            each.title,
            visit.say(_ENTRY_STATES[each.state]),
            f"{Money(each.held_minor, currency).decimal:f}",
            budget.currency,
        ]
        for each in found.items
    ]
    columns = (_COLUMNS[0], _COLUMNS[1], _COLUMNS[3], marked("Of the budget"), _COLUMNS[-1])
    return saved(visit, f"budget-{budget_id}", columns, rows)


@page(GET, "/overview/waiting/{person_id}", needs=READERS)
async def show_waiting(visit: Visit, person_id: int) -> Response:
    """List what waits for somebody, the oldest first."""
    waiting = await list_waiting_for(visit.work, person_id, most=_MOST_WAITING)
    names = {each.user_id: each.name for each in await list_waited_for(visit.work)}
    return visit.show("overview/waiting.html", waiting=waiting, name=names.get(person_id, ""))


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
    found = await list_subscriptions(visit.work, WantedSubscriptions(), (), _EVERY)
    rows = [
        [
            str(each.standing.purchase_id),
            each.standing.title,
            visit.say(STANDINGS[each.standing.state(each.today)]),
            each.standing.decide_by.isoformat(),
            each.standing.end_date.isoformat(),
        ]
        for each in found.items
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


async def _pieces(visit: Visit, shower: Shower, wanted: Wanted, first: LinesPage) -> AsyncGenerator[bytes, None]:
    columns = [visit.say(name) for name in _COLUMNS]
    found, is_first = first, True
    while True:
        written = list(write_table(columns, [_cells(visit, shower, each) for each in found.items]))
        yield "".join(written if is_first else written[2:]).encode()
        if found.next is None:
            return
        is_first = False
        found = await list_lines(visit.work, wanted, Slice(_A_PIECE, after=found.next))


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
