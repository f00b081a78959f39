"""How the overview is answered: each number with where what it sums up is listed."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.budgets import Budget, EntryState, Numbers
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.spending import Facet, Months, SpendingStage, Split, month_numbered
from emplette.http.api.amounts import AmountOut, amount_out
from emplette.http.api.references import NamedOut
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import BASE, href
from emplette.services.spending import ListedLine, Overview, Row
from emplette.storage.slowness import WaitedFor

SPENDING: Final = f"{BASE}/api/overview/spending"
_FILTERS: Final = {Facet.NATURE: "natureId", Facet.COST_CENTER: "costCenterId", Facet.SUPPLIER: "supplierId"}
_ALL: Final[Mapping[str, int]] = {}

_Month = Annotated[str, Meta(description="A month by its year and number: 2026-04.")]


class FigureOut(Answer):
    """A sum, and where what it sums up is listed."""

    value: Decimal
    currency: str
    href: str


class SpentOut(Answer):
    """What is spent before taxes: what was approved, what of that is closed, and what waits for approval beside it."""

    approved: FigureOut
    closed: FigureOut
    asked: FigureOut


class SpentInMonthOut(SpentOut):
    """What is spent in a month."""

    month: _Month


class SpentOnOut(SpentOut):
    """What is spent on one of the company's words; without an id it is all suppliers that are only written down."""

    id: int | UnsetType = UNSET
    name: str | UnsetType = UNSET


class SpentTableOut(Answer):
    """The largest sums, and how many there are in all."""

    count: Annotated[int, Meta(ge=0)]
    items: list[SpentOnOut]


class BudgetFiguresOut(Answer):
    """A budget and its numbers; what is reserved and committed leads to what that is."""

    budget: NamedOut
    start_date: date
    end_date: date
    amount: AmountOut
    reserved: FigureOut
    committed: FigureOut
    spent: AmountOut
    free: AmountOut
    overrun: AmountOut


class WaitedForOut(Answer):
    """Somebody whom requests wait for: how many, since when the oldest, and where they are listed."""

    user_id: int
    name: str
    requests: Annotated[int, Meta(ge=1)]
    since: Instant
    href: str


class ListOut(Answer):
    """Where something is listed."""

    href: str


class OverviewOut(Answer):
    """What is spent in some months, in one currency, and what keeps or threatens it; as far as the key may see it.

    `currencies` are those in which there is something in these months. `subscriptions` leads to what has to be decided
    on, the most urgent first.
    """

    first_month: _Month
    last_month: _Month
    currency: str
    currencies: list[str]
    whole: SpentOut
    months: list[SpentInMonthOut]
    natures: SpentTableOut
    cost_centers: SpentTableOut
    suppliers: SpentTableOut
    budgets: list[BudgetFiguresOut]
    subscriptions: ListOut
    waited_for: list[WaitedForOut]


class SpendingLineOut(Answer):
    """What one purchase costs in one month, before taxes; of a supplier that is only written down there is the name."""

    month: _Month
    state: SpendingStage
    amount: AmountOut
    purchase: NamedOut
    owner_name: str
    nature: NamedOut
    cost_center: NamedOut
    supplier_id: int | UnsetType = UNSET
    supplier_name: str


def overview_out(found: Overview, budgets: Collection[Budget], waited_for: Collection[WaitedFor]) -> OverviewOut:
    """Tell an overview."""
    months = found.months
    return OverviewOut(
        first_month=f"{months.first:%Y-%m}",
        last_month=f"{months.last:%Y-%m}",
        currency=found.currency,
        currencies=list(found.currencies),
        whole=_spent_out(found.whole, months, found.currency),
        months=[_month_out(row, found.currency) for row in found.rows[Facet.MONTH]],
        natures=_table_out(found, Facet.NATURE),
        cost_centers=_table_out(found, Facet.COST_CENTER),
        suppliers=_table_out(found, Facet.SUPPLIER),
        budgets=[_budget_out(budget) for budget in budgets],
        subscriptions=ListOut(href=f"{BASE}/api/subscriptions"),
        waited_for=[
            WaitedForOut(
                user_id=each.user_id,
                name=each.name,
                requests=each.requests,
                since=instant(each.since),
                href=f"{BASE}/api/requests?state=Pending&assigneeId={each.user_id}",
            )
            for each in waited_for
        ],
    )


def line_out(listed: ListedLine) -> SpendingLineOut:
    """Tell a line of what a number sums up."""
    line, about = listed.line, listed.about
    return SpendingLineOut(
        month=f"{line.month:%Y-%m}",
        state=line.state,
        amount=_amount(line.minor, line.currency),
        purchase=_named("purchase", line.purchase_id, about.title),
        owner_name=about.owner,
        nature=_named("nature", line.nature_id, about.nature),
        cost_center=_named("cost_center", line.cost_center_id, about.cost_center),
        supplier_id=UNSET if line.supplier_id is None else line.supplier_id,
        supplier_name=about.supplier,
    )


def _month_out(row: Row, currency: str) -> SpentInMonthOut:
    month = month_numbered(row.of)
    spent = _spent_out(row.split, Months.between(month, month), currency)
    return SpentInMonthOut(month=f"{month:%Y-%m}", approved=spent.approved, closed=spent.closed, asked=spent.asked)


def _table_out(found: Overview, facet: Facet) -> SpentTableOut:
    return SpentTableOut(count=found.counts[facet], items=[_row_out(found, facet, row) for row in found.rows[facet]])


def _row_out(found: Overview, facet: Facet, row: Row) -> SpentOnOut:
    spent = _spent_out(row.split, found.months, found.currency, {_FILTERS[facet]: row.of})
    return SpentOnOut(
        id=row.of or UNSET,
        name=row.name if row.of else UNSET,
        approved=spent.approved,
        closed=spent.closed,
        asked=spent.asked,
    )


def _spent_out(split: Split, months: Months, currency: str, of: Mapping[str, int] = _ALL) -> SpentOut:
    span = {"from": f"{months.first:%Y-%m}", "to": f"{months.last:%Y-%m}", "currency": currency}

    def figure(minor: int, *stages: SpendingStage) -> FigureOut:
        query = urlencode({**span, **of, "state": ",".join(stages)}, safe=",")
        return _figure(minor, currency, f"{SPENDING}?{query}")

    return SpentOut(
        approved=figure(split.decided, SpendingStage.APPROVED, SpendingStage.CLOSED),
        closed=figure(split.closed, SpendingStage.CLOSED),
        asked=figure(split.asked, SpendingStage.ASKED),
    )


def _budget_out(budget: Budget) -> BudgetFiguresOut:
    numbers, place = budget.numbers or Numbers(budget.amount_minor), href("budget", budget.id)
    entries = f"{place}/entries?state="
    return BudgetFiguresOut(
        budget=NamedOut(id=budget.id, name=budget.name, href=place),
        start_date=budget.starts_on,
        end_date=budget.ends_on,
        amount=_amount(budget.amount_minor, budget.currency),
        reserved=_figure(numbers.reserved_minor, budget.currency, f"{entries}{EntryState.RESERVED}"),
        committed=_figure(numbers.committed_minor, budget.currency, f"{entries}{EntryState.COMMITTED}"),
        spent=_amount(numbers.spent_minor, budget.currency),
        free=_amount(numbers.free_minor, budget.currency),
        overrun=_amount(numbers.overrun_minor, budget.currency),
    )


def _figure(minor: int, currency: str, place: str) -> FigureOut:
    amount = _amount(minor, currency)
    return FigureOut(value=amount.value, currency=amount.currency, href=place)


def _amount(minor: int, currency: str) -> AmountOut:
    return amount_out(Money(minor, CURRENCIES[currency]))


def _named(kind: str, number: int, name: str) -> NamedOut:
    return NamedOut(id=number, name=name, href=href(kind, number))
