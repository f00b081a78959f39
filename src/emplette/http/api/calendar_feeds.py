"""One's own calendar of subscriptions: the link by which a calendar program reads it."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.people import Permission
from emplette.http.api import examples
from emplette.http.contract import GET, PUT, Answer, Body, Call, Instant, instant, operation
from emplette.http.contract.places import BASE
from emplette.services import calendar_feeds
from emplette.services.calendar_feeds import CalendarOfNobody
from emplette.services.work import Work

_ONE = f"{BASE}/api/calendar-link"
_TAG = "Subscriptions"
_OWNERS = (Permission.PURCHASES, Permission.VIEW)


class CalendarLinkIn(Body):
    """Whether a link shall open the calendar of the person to whom the key is bound."""

    is_open: bool


class CalendarLinkOut(Answer):
    """Whether a link opens the calendar, and since when; the link itself is told once, to whom it was made."""

    is_open: bool
    made_at: Instant | None
    url: Annotated[str, Meta(description="The link; only in the answer to the call that made it.")] | UnsetType = UNSET


@operation(
    GET,
    _ONE,
    answers={200: CalendarLinkOut},
    needs=_OWNERS,
    tag=_TAG,
    problems=(CalendarOfNobody,),
    ours=True,
)
async def read_calendar_link(work: Work) -> CalendarLinkOut:
    """Read whether a link opens the calendar of the person to whom the key is bound."""
    made_at = await calendar_feeds.own_made_at(work)
    return CalendarLinkOut(is_open=made_at is not None, made_at=None if made_at is None else instant(made_at))


@operation(
    PUT,
    _ONE,
    answers={200: CalendarLinkOut},
    needs=_OWNERS,
    tag=_TAG,
    problems=(CalendarOfNobody,),
    examples=examples.CALENDAR_LINK,
    ours=True,
)
async def change_calendar_link(work: Work, call: Call, link: CalendarLinkIn) -> CalendarLinkOut:
    """Make a link to the calendar of the person to whom the key is bound, or let it open nothing any more.

    There is one link at most: each call that makes one ends the one before, also a repeat whose answer was lost.
    Whoever has it can read the last safe days and the ends of the subscriptions that the person owns, so it is told
    this once.
    """
    if not link.is_open:
        await calendar_feeds.revoke_own_feed(work)
        return CalendarLinkOut(is_open=False, made_at=None)
    secret = await calendar_feeds.make_own_feed(work)
    url = f"{call.base_url}{calendar_feeds.place_of(secret)}"
    return CalendarLinkOut(is_open=True, made_at=instant(work.now), url=url)
