"""Home: what waits for somebody, and what became of what they asked for."""

from typing import Final

from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseState
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.shown import Brief, brief, newest
from emplette.http.pages.visits import Visit
from emplette.services.approvals import list_waiting
from emplette.services.purchases import list_purchases
from emplette.storage.lists import Filters

_MOST_WAITING: Final = 5
_MOST_SHOWN: Final = 6


@page(GET, "/")
async def show_home(visit: Visit) -> Response:
    """Show what waits for the visitor, and their own purchases."""
    waiting = await list_waiting(visit.work, limit=_MOST_WAITING) if visit.may(Permission.APPROVE) else ()
    unfinished = await _mine(visit, PurchaseState.CREATED, PurchaseState.PROCESSING, PurchaseState.DENIED)
    approved = await _mine(visit, PurchaseState.ONGOING)
    return visit.show(
        "home.html",
        waiting=[brief(each, as_request=True) for each in waiting],
        unfinished=unfinished,
        approved=approved,
        may_ask=visit.may(Permission.PURCHASES),
        first_name=(visit.who.person or visit.who.user).first_name,
    )


async def _mine(visit: Visit, *states: PurchaseState) -> list[Brief]:
    person = visit.who.person or visit.who.user
    filters = Filters({"ownerId": [person.id], "state": list(states)})
    found = await list_purchases(visit.work, filters, newest(_MOST_SHOWN))
    return [brief(each) for each in reversed(found.items)]
