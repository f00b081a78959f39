"""Subscriptions, what is told of them, calendars and clocks, as a rival: the other company knows nothing of them."""

from datetime import date, timedelta

from emplette.domain.keys import hash_of_secret
from emplette.domain.subscriptions import Reminder, ReminderKind
from emplette.storage import calendar_feeds, clocks, subscription_reminders, subscriptions
from tests.storage.trying import NOW, Call, case


@case(subscriptions.find)
async def _find(call: Call) -> object:
    return await subscriptions.find(call.db, call.tenant, call.ids.subscription)


@case(subscriptions.standing)
async def _standing(call: Call) -> object:
    return await subscriptions.standing(call.db, call.tenant, None, [call.ids.word])


@case(subscription_reminders.remind)
async def _remind(call: Call) -> object:
    due = date(2090, 12, 31)
    reminder = Reminder(ReminderKind.END_DUE, call.ids.subscription, call.ids.purchase, call.ids.word, due, 30)
    return await subscription_reminders.remind(call.db, call.tenant, [reminder], now=NOW)


@case(subscription_reminders.days, alike=True)
async def _days(call: Call) -> object:
    return await subscription_reminders.days(call.db, call.tenant)


@case(subscription_reminders.set_days, alike=True)
async def _set_days(call: Call) -> object:
    await subscription_reminders.set_days(call.db, call.tenant, [5], now=NOW)
    return await subscription_reminders.days(call.db, call.tenant)


@case(calendar_feeds.make)
async def _make(call: Call) -> object:
    return await calendar_feeds.make(
        call.db, call.tenant, call.ids.word, secret_hash=bytes(32), actor=36, now=NOW, today=NOW.date()
    )


@case(calendar_feeds.revoke)
async def _revoke(call: Call) -> object:
    return await calendar_feeds.revoke(call.db, call.tenant, call.ids.word, actor=36, now=NOW)


@case(calendar_feeds.person_of)
async def _person_of(call: Call) -> object:
    return await calendar_feeds.person_of(call.db, call.tenant, hash_of_secret(call.ids.key))


@case(calendar_feeds.made_at)
async def _made_at(call: Call) -> object:
    return await calendar_feeds.made_at(call.db, call.tenant, call.ids.word)


@case(calendar_feeds.find_every)
async def _find_every(call: Call) -> object:
    return await calendar_feeds.find_every(call.db, call.tenant)


@case(clocks.move)
async def _move(call: Call) -> object:
    return await clocks.move(call.db, call.tenant, timedelta(days=1), now=NOW)
