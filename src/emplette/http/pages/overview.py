"""The overview: what is spent, what budgets have left, what ends soon and what waits for long; each number leads on."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.spending import Facet, Months
from emplette.domain.subscriptions import SubscriptionState, Wanted
from emplette.http.contract.refusals import PathUnknown
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.overview_shown import (
    HEIGHT,
    NOT_LISTED,
    STANDINGS,
    WIDTH,
    Shower,
    ShownRow,
    address_of,
    currency_in,
    months_in,
)
from emplette.http.pages.saving import saved
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.budgets import list_budgets_seen
from emplette.services.spending import Overview, list_waited_for, look_over
from emplette.services.subscriptions import list_standings

READERS: Final = (Permission.PURCHASES, Permission.VIEW)
_FEW: Final = 8
_MANY: Final = 500
_EVERY: Final = 1_000_000
_BACK: Final = 2
_AHEAD: Final = 1
_LAST_STATES: Final = (SubscriptionState.RUNNING, SubscriptionState.LET_RUN, SubscriptionState.RAN_OUT)
_OPEN: Final = Wanted(_LAST_STATES)

TABLES: Final = {
    "months": (Facet.MONTH, marked("By month"), marked("Month")),
    "natures": (Facet.NATURE, marked("By kind of expense"), marked("Kind of expense")),
    "cost-centers": (Facet.COST_CENTER, marked("By cost center"), marked("Cost center")),
    "suppliers": (Facet.SUPPLIER, marked("By supplier"), marked("Supplier")),
}
"""The tables of sums, by how an address names them: what each sums up by, its title, and what its rows are."""
_MONEY: Final = (marked("Approved"), marked("Closed of it"), marked("Waiting for approval"), marked("Currency"))


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table of sums: its rows, how many there are in all, and where all of them are."""

    place: str
    title: str
    name: str
    rows: list[ShownRow]
    count: int


@page(GET, "/overview", needs=READERS)
async def show_overview(visit: Visit) -> Response:
    """Show what is spent in some months, and what keeps or threatens it."""
    faults: dict[str, list[str]] = {}
    try:
        months = months_in(visit.query, visit.work.today)
    except Invalid as refusal:
        months, faults = Months.of_year(visit.work.today), refusal.faults
    found = await look_over(visit.work, months, currency_in(visit.query), most=_FEW)
    shower = Shower(visit.look, months, found.currency)
    soon = await list_standings(visit.work, _OPEN)
    waited_for = await list_waited_for(visit.work)
    return visit.show(
        "overview/overview.html",
        said={name: visit.query[name] if faults else f"{month:%Y-%m}" for name, month in _ends(months)},
        faults=faults,
        span=shower.span(),
        currency=found.currency,
        currencies=found.currencies,
        years=_years(months, found.currency),
        whole=shower.whole(found.whole),
        columns=shower.columns(found),
        chart=(WIDTH * len(months), HEIGHT),
        by_month=_table(visit, shower, found, "months"),
        tables=[_table(visit, shower, found, name) for name in TABLES if name != "months"],
        budgets=[shower.budget(each) for each in await list_budgets_seen(visit.work, months, found.currency)],
        subscriptions=soon[:_FEW],
        today=visit.work.today,
        standings=STANDINGS,
        waited_for=waited_for[:_FEW],
        waited_for_count=len(waited_for),
        query=urlencode(address_of(months, found.currency)),
    )


@page(GET, "/overview/by/{table}", needs=READERS)
async def show_table(visit: Visit, table: str) -> Response:
    """Show one of the tables whole."""
    months, found = await _look_over(visit, table, _MANY)
    shower = Shower(visit.look, months, found.currency)
    return visit.show(
        "overview/table.html",
        table=_table(visit, shower, found, table),
        whole=shower.whole(found.whole),
        span=shower.span(),
        query=urlencode(address_of(months, found.currency)),
    )


@page(GET, "/overview/by/{table}/csv", needs=READERS)
async def export_table(visit: Visit, table: str) -> Response:
    """Save one of the tables."""
    months, found = await _look_over(visit, table, _EVERY)
    shower = Shower(visit.look, months, found.currency)
    rows = [
        [row.name, *(f"{each.money.decimal:f}" for each in (row.decided, row.closed, row.asked)), found.currency]
        for row in _table(visit, shower, found, table).rows
    ]
    return saved(visit, table, [TABLES[table][2], *_MONEY], rows)


async def _look_over(visit: Visit, table: str, most: int) -> tuple[Months, Overview]:
    if table not in TABLES:
        detail = "There is no such table."
        raise PathUnknown(detail)
    months = months_in(visit.query, visit.work.today)
    return months, await look_over(visit.work, months, currency_in(visit.query), most=most)


def _table(visit: Visit, shower: Shower, found: Overview, place: str) -> ShownTable:
    facet, title, name = TABLES[place]
    most = max((row.split.whole for row in found.rows[facet]), default=0)
    not_listed = visit.say(NOT_LISTED)
    rows = [
        shower.row(facet, row if row.of or facet is Facet.MONTH else replace(row, name=not_listed), most)
        for row in found.rows[facet]
    ]
    return ShownTable(place, visit.say(title), visit.say(name), rows, found.counts[facet])


def _ends(months: Months) -> list[tuple[str, date]]:
    return [("from", months.first), ("to", months.last)]


def _years(months: Months, currency: str) -> list[tuple[str, str, bool]]:
    """Offer the years around: each by its number, its address, and whether it is looked at."""
    year = months.first.year
    years = range(max(date.min.year, year - _BACK), min(date.max.year, year + _AHEAD + 1))
    spans = [(each, Months.of_year(date(each, 1, 1))) for each in years]
    return [(str(each), urlencode(address_of(span, currency)), span == months) for each, span in spans]
