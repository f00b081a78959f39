"""Reminding people in time of what has to be decided about subscriptions, by each company's own clock."""

from collections.abc import Sequence
from datetime import date, datetime

from emplette.domain.people import Tenant
from emplette.domain.subscriptions import reminder_days, reminders_due
from emplette.storage import subscription_reminders as storage
from emplette.storage import subscriptions
from emplette.storage.database import Session
from emplette.storage.subscription_reminders import Reminded


async def remind_of_subscriptions(db: Session, company: Reminded, *, world: datetime) -> int:
    """Write down as events of what a company's people are to be reminded today, each once; answer how many are new."""
    tenant = company.tenant
    now = tenant.now(world)
    today: date = tenant.today(now)
    standing = await subscriptions.standing(db, tenant.id, None)
    due = [reminder for one in standing for reminder in reminders_due(one, today, company.days)]
    return await storage.remind(db, tenant.id, due, now=now) if due else 0


async def read_days(db: Session, tenant: Tenant) -> tuple[int, ...]:
    """Look at how many days ahead a company's people are reminded of a last safe day, and of an end."""
    return await storage.days(db, tenant.id)


async def change_days(db: Session, tenant: Tenant, days: Sequence[int], *, now: datetime) -> tuple[int, ...]:
    """Say how many days ahead a company's people are reminded from now on; without any they are not.

    Raises:
        Invalid: they can't be.
    """
    told = reminder_days(days)
    await storage.set_days(db, tenant.id, told, now=now)
    return told
