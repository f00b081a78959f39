"""Calendars of people: what comes of their own subscriptions, for the calendar that they look at anyway.

A calendar program can't sign in, so whoever has the link may read: it shows titles and days of what the person owns,
no amounts; it can be revoked, and ends when the person leaves.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from emplette.domain.errors import Forbidden, Invalid, NotFound
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Tenant, Visible
from emplette.domain.subscriptions import Standing, SubscriptionState
from emplette.formats.calendars import Day, written_calendar
from emplette.services.work import Work
from emplette.storage import calendar_feeds, subscriptions
from emplette.storage.calendar_feeds import Feed
from emplette.storage.database import Session

_NO_VERSION: Final = "A link to a calendar has no versions: leave If-Match out."
_UNTIL_THEN = {SubscriptionState.RUNNING, SubscriptionState.LET_RUN, SubscriptionState.STOPPING}


def place_of(secret: str) -> str:
    """Say where calendar programs read the calendar that a secret opens, below the host of its company."""
    return f"/calendars/{secret}.ics"


class FeedUnknown(NotFound):
    """There is no such calendar, or its link was revoked."""

    code = "calendar_feed.unknown"


class CalendarOfNobody(Forbidden):
    """Only a key that is bound to a person has a calendar."""

    code = "calendar_feed.person_needed"


async def make_own_feed(work: Work) -> str:
    """Make the link to the caller's own calendar, instead of the one before; answer its secret.

    Raises:
        CalendarOfNobody: the key is bound to nobody.
        PreconditionFailed: it is meant for a version.
    """
    person_id = _person_id(work)
    work.refuse_version(_NO_VERSION)
    return await make_feed(work, person_id)


async def revoke_own_feed(work: Work) -> None:
    """Let the link to the caller's own calendar open nothing any more, if there is one.

    Raises:
        CalendarOfNobody: the key is bound to nobody.
        PreconditionFailed: it is meant for a version.
    """
    person_id = _person_id(work)
    work.refuse_version(_NO_VERSION)
    with suppress(FeedUnknown):
        await revoke_feed(work, person_id)


async def own_made_at(work: Work) -> datetime | None:
    """Tell since when there is a link to the caller's own calendar; None when there is none.

    Raises:
        CalendarOfNobody: the key is bound to nobody.
    """
    return await made_at(work, _person_id(work))


async def make_feed(work: Work, user_id: int) -> str:
    """Make the link by which a person's calendar is read, instead of the one before; answer its secret.

    Raises:
        Invalid: there is no such person, or they have left.
    """
    secret = secrets.token_urlsafe(32)
    made = await calendar_feeds.make(
        work.db,
        work.tenant.id,
        user_id,
        secret_hash=hash_of_secret(secret),
        actor=work.who.user.id,
        now=work.now,
        today=work.today,
    )
    if not made:
        raise Invalid.field("userId", f"There is no person {user_id}, or they have left.")
    return secret


async def revoke_feed(work: Work, user_id: int) -> None:
    """Let the link to a person's calendar open nothing any more, from the next look on.

    Raises:
        FeedUnknown: there is none.
    """
    actor = work.who.user.id
    if not await calendar_feeds.revoke(work.db, work.tenant.id, user_id, actor=actor, now=work.now):
        raise FeedUnknown(f"There is no link to a calendar of person {user_id}.")


async def made_at(work: Work, user_id: int) -> datetime | None:
    """Tell since when there is a link to a person's calendar; None when there is none."""
    return await calendar_feeds.made_at(work.db, work.tenant.id, user_id)


async def list_feeds(work: Work) -> Sequence[Feed]:
    """List who has a link to a calendar, and since when."""
    return await calendar_feeds.find_every(work.db, work.tenant.id)


async def read_calendar(db: Session, tenant: Tenant, secret: str, *, base_url: str, world: datetime) -> bytes:
    """Write the calendar that a link opens: last safe days and ends of what its person owns.

    Raises:
        FeedUnknown: it opens none, or not any more.
    """
    today = tenant.today(tenant.now(world))
    person = await calendar_feeds.person_of(db, tenant.id, hash_of_secret(secret))
    if person is None or not person.is_active(tenant.today(world)):
        raise FeedUnknown
    mine = Visible(frozenset({person.id}), None)
    standing = await subscriptions.standing(db, tenant.id, mine, [person.id])
    days = [day for one in standing if one.state(today) in _UNTIL_THEN for day in _days(one, tenant, base_url)]
    return written_calendar(f"{tenant.name}: subscriptions", days, at=world)


def _person_id(work: Work) -> int:
    if work.who.person is None:
        raise CalendarOfNobody
    return work.who.person.id


def _days(standing: Standing, tenant: Tenant, base_url: str) -> list[Day]:
    url = f"{base_url}/purchases/{standing.purchase_id}"
    days = [_day(standing, tenant, url, "end", standing.end_date, "Last day")]
    notice = standing.terms.last_notice_date
    if notice is not None and not standing.acts:
        days.append(_day(standing, tenant, url, "notice", notice, "Last safe day to give notice"))
    return days


def _day(standing: Standing, tenant: Tenant, url: str, what: str, on: date, words: str) -> Day:
    return Day(
        uid=f"{what}-{standing.commitment_id}@{tenant.account}.emplette",
        on=on,
        title=f"{words}: {standing.title}",
        text=f"{standing.title}, purchase {standing.purchase_id}",
        url=url,
        is_alarming=what == "notice",
    )
