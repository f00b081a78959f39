"""Home: what waits for somebody, and what became of what they asked for."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.concerns import Concern
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseState
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.shown import Brief, brief, newest
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.approvals import list_waiting
from emplette.services.concerns import list_concerns
from emplette.services.purchases import list_purchases
from emplette.storage.lists import Filters

_CONCERNS: Final = {
    Concern.POLICY: (marked("No policy is in force: nobody can be asked yet"), "/set-up/policy", "shield"),
    Concern.LOG: (marked("Findings of the last verification of the log"), "/settings/log/checks", "alert"),
    Concern.WEBHOOKS: (marked("Webhooks that could not be told something"), "/settings/webhooks", "webhook"),
    Concern.MAILS: (marked("Mails that could not be sent"), "/set-up/mail", "inbox"),
    Concern.KEYS: (marked("Keys that end within two weeks"), "/settings/keys", "key"),
    Concern.REQUESTS: (marked("Requests that have waited for more than a week"), "/overview#slow", "clock"),
    Concern.BUDGETS: (marked("Budgets that are overrun"), "/settings/budgets", "overview"),
}
"""What there is to look after: how it is said, where, and by which picture."""
_MOST_WAITING: Final = 5
_MOST_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Care:
    """Something to look after: what it is, where, and how many of them there are."""

    text: str
    href: str
    icon: str
    count: int


@page(GET, "/")
async def show_home(visit: Visit) -> Response:
    """Show what waits for the visitor, and their own purchases."""
    waiting = await list_waiting(visit.work, limit=_MOST_WAITING) if visit.may(Permission.APPROVE) else ()
    concerns = [Care(*_CONCERNS[each], count) for each, count in (await list_concerns(visit.work)).items()]
    unfinished = await _mine(visit, PurchaseState.CREATED, PurchaseState.PROCESSING, PurchaseState.DENIED)
    approved = await _mine(visit, PurchaseState.ONGOING)
    return visit.show(
        "home.html",
        waiting=[brief(each, as_request=True) for each in waiting],
        concerns=concerns,
        configures=visit.may(Permission.CONFIGURE),
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
