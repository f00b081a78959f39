"""One's own calendar of subscriptions: the link by which a calendar program reads it, shown once, and revoked."""

from typing import Final

from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.visits import Visit
from emplette.services.calendar_feeds import FeedUnknown, made_at, make_feed, place_of, revoke_feed

CALENDAR: Final = "/account/calendar"


@page(GET, CALENDAR)
async def show_calendar(visit: Visit) -> Response:
    """Show whether there is a link, and since when."""
    return visit.show("account-calendar.html", since=await made_at(visit.work, _person(visit)), link="")


@page(POST, CALENDAR)
async def make_link(visit: Visit) -> Response:
    """Make a link, instead of the one before it, and show it: this once."""
    secret = await make_feed(visit.work, _person(visit))
    link = f"{visit.call.base_url}{place_of(secret)}"
    return visit.show("account-calendar.html", since=visit.work.now, link=link)


@page(POST, f"{CALENDAR}/revocation")
async def revoke_link(visit: Visit) -> Response:
    """Let the link open nothing any more; one that was revoked stays so."""
    try:
        await revoke_feed(visit.work, _person(visit))
    except FeedUnknown:
        return visit.go(CALENDAR)
    return visit.go(CALENDAR, said="link-revoked")


def _person(visit: Visit) -> int:
    return (visit.who.person or visit.who.user).id
