"""The overview: what is spent, what budgets have left, and whom requests wait for; what each number sums up."""

from emplette.domain.people import Permission
from emplette.domain.spending import NotCountedYet
from emplette.http.api.lists import listed, slice_of
from emplette.http.api.spending_in import OverviewQuery, SpendingQuery
from emplette.http.api.spending_out import SPENDING, OverviewOut, SpendingLineOut, line_out, overview_out
from emplette.http.contract import GET, Listed, operation
from emplette.http.contract.places import BASE
from emplette.services.budgets import list_budgets_seen
from emplette.services.spending import list_lines, list_waited_for, look_over
from emplette.services.work import Work

_READERS = (Permission.PURCHASES, Permission.VIEW)
_TAG = "Overview"


@operation(
    GET,
    f"{BASE}/api/overview",
    answers={200: OverviewOut},
    needs=_READERS,
    tag=_TAG,
    problems=(NotCountedYet,),
    ours=True,
)
async def read_overview(work: Work, query: OverviewQuery) -> OverviewOut:
    """Read what is spent in some months, in one currency: whole, by month, nature, cost center and supplier.

    It is of what the key may see, before taxes, in the month in which it costs something, and exact: `href` of a number
    lists exactly what it sums up. Budgets are those of which the key may see all that hangs on them. While much is
    still to be counted it is a 503.
    """
    months = query.months(work.today)
    found = await look_over(work, months, query.currency or "", most=query.limit)
    budgets = await list_budgets_seen(work, months, found.currency)
    return overview_out(found, budgets, await list_waited_for(work))


@operation(
    GET,
    SPENDING,
    answers={200: Listed[SpendingLineOut]},
    needs=_READERS,
    tag=_TAG,
    problems=(NotCountedYet,),
    ours=True,
)
async def list_spending(work: Work, query: SpendingQuery) -> Listed[SpendingLineOut]:
    """List what a number of the overview sums up: what each purchase costs in each month, by month and purchase."""
    piece = slice_of(query)
    query.refuse_far(piece.offset)
    page = await list_lines(work, query.wanted(work.tenant, work.today), piece)
    return listed(query, page, [line_out(each) for each in page.items])
