"""Where calendar programs read somebody's calendar: they can't sign in, so the link is the secret."""

from collections.abc import Awaitable, Callable

from emplette.http.contract import GET, Call, Reply, operation
from emplette.http.contract.gate import Handler
from emplette.http.contract.rate import RateLimit, household
from emplette.services.calendar_feeds import FeedUnknown

MOST_A_MINUTE = 60
"""Calls of one address to one worker."""

_CALENDAR = "text/calendar; charset=utf-8"
_HEADERS = (("cache-control", "private, no-store"), ("x-robots-tag", "noindex"), ("referrer-policy", "no-referrer"))
_ENDING = ".ics"

ReadCalendar = Callable[[str, str, str], Awaitable[bytes]]
"""Writes, for the company of a host name, the calendar that a secret opens, with links that begin so."""


def calendar_operations(read: ReadCalendar) -> list[Handler]:
    """Make the operation that calendar programs call."""
    limit = RateLimit(MOST_A_MINUTE, whom="This address")

    @operation(GET, "/calendars/{file}", answers={200: bytes}, public=True, hidden=True, media_type=_CALENDAR)
    async def get_calendar(file: str, call: Call) -> Reply[bytes]:
        """Answer somebody's calendar, for whoever has its link."""
        limit.take(household(call.client))
        if not file.endswith(_ENDING):
            raise FeedUnknown
        return Reply(await read(call.host, file.removesuffix(_ENDING), call.base_url), headers=_HEADERS)

    return [get_calendar]
