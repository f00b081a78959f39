"""Reminding people in time of what has to be decided about subscriptions, by each company's own clock."""

from datetime import date, datetime

from emplette.domain.subscriptions import reminders_due
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
