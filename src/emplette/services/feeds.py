"""Following what happens: pages of the sealed log, and waiting for what comes next."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from emplette.domain.errors import Forbidden
from emplette.domain.events import SealedEvent
from emplette.domain.people import Permission, Principal, User
from emplette.domain.seals import Cursor, Head
from emplette.services.work import Work
from emplette.storage import feeds, people, seals
from emplette.storage.feeds import STRIDE, EventFilters

FOLLOWERS: Final = (Permission.VIEW, Permission.CONFIGURE)
"""Who may follow what happens; of those who look, those who may look at everything."""

_OUT_OF_ORDER: Final = timedelta(hours=1)
"""By so much less does the order of the log differ from that of the moments: a command takes seconds."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """A piece of the log: its events, where to go on, and whether there is more already."""

    items: list[SealedEvent]
    next: Cursor
    has_more: bool


async def follow(work: Work, *, after: Cursor | int, filters: EventFilters, limit: int, wait: timedelta) -> EventPage:
    """Read what happened after a place of the log; when nothing did, wait for it so long, or until we have to stop.

    Raises:
        Forbidden: the caller may not see everything that happens.
        PositionGone: the place is not in this log.
    """
    _check(work.who)
    head = await seals.head(work.db, work.tenant.id)
    position = head.locate(after)
    loop = asyncio.get_running_loop()
    ends = loop.time() + wait.total_seconds()
    while True:
        page = await _page(work, head, position, filters, limit)
        position = page.next.position
        left = timedelta(seconds=ends - loop.time())
        if page.items or page.has_more or left <= timedelta(0) or not limit or work.shelf.lookout.is_over:
            return page
        head = await work.shelf.lookout.wait(work.db.database, work.tenant.id, head, most=left)


@dataclass(frozen=True, slots=True)
class Retrospect:
    """A piece of the log as it is looked back at: the latest first, with who did it.

    ``older`` is the position up to which to look next, None at the beginning of the log.
    """

    items: list[SealedEvent]
    actors: Mapping[int, User]
    head: int
    older: int | None


async def look_back(
    work: Work, *, before: int | None, filters: EventFilters, limit: int, first: date | None, last: date | None
) -> Retrospect:
    """Read what happened up to a place of the log, or up to now, the latest first.

    ``first`` and ``last`` are the days, where the company is, between which it happened.

    However few a filter lets through, no more than a stretch of the log is looked at; the rest comes with the next.

    Raises:
        Forbidden: the caller may not see everything that happens.
    """
    _check(work.who)
    since, until_moment = work.tenant.moments_of(first, last)
    filters = replace(filters, since=since, before=until_moment)
    head = (await seals.head(work.db, work.tenant.id)).position
    begin, end = await _stretch(work, filters, head)
    until = end if before is None else min(before, end)
    after = max(begin, until - STRIDE)
    items = await feeds.read_back(work.db, work.tenant.id, filters, after=after, until=until, limit=limit)
    oldest = items[-1].position - 1 if len(items) == limit else after
    actors = await people.by_id(work.db, work.tenant.id, list({one.actor_id for one in items}))
    return Retrospect(items, actors, head, oldest if oldest > begin else None)


async def _stretch(work: Work, filters: EventFilters, head: int) -> tuple[int, int]:
    """Find the positions behind which, and up to which, all lies that happened between two moments."""
    begin = end = None
    if filters.since is not None:
        begin = await feeds.last_before(work.db, work.tenant.id, filters.since - _OUT_OF_ORDER, head=head)
    if filters.before is not None:
        end = await feeds.last_before(work.db, work.tenant.id, filters.before + _OUT_OF_ORDER, head=head)
    return 0 if begin is None else begin, head if end is None else end


async def _page(work: Work, head: Head, position: int, filters: EventFilters, limit: int) -> EventPage:
    """Look at the next stretch of the log; it is a limited one, so that a narrow filter costs no more than a wide."""
    until = min(head.position, position + STRIDE)
    items: list[SealedEvent] = []
    if position < until and limit:
        items = await feeds.read(work.db, work.tenant.id, filters, after=position, until=until, limit=limit)
    if limit == 0:
        until = position
    elif len(items) == limit:
        until = items[-1].position
    return EventPage(items, Cursor(head.epoch, until), until < head.position)


def _check(who: Principal) -> None:
    if not who.follows:
        raise Forbidden("The log tells of everything, so the key needs the permission `view:all` or `configure`.")
