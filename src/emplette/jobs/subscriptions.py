"""Reminding of subscriptions: of each company once a day, by its own clock, and within seconds after that was moved."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from emplette.services.subscription_reminders import remind_of_subscriptions
from emplette.storage import subscription_reminders
from emplette.storage.database import Session

EVERY: Final = timedelta(seconds=3)
AGAIN_AFTER: Final = 300.0
"""Seconds after which a company is looked at again on the same day: something may have been approved since."""


@dataclass(slots=True)
class Reminding:
    """Looks after all companies; several servers may, each reminder is written once."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[int, tuple[date, float]] = field(default_factory=dict)

    async def look(self, db: Session, world: datetime) -> int:
        """Remind the people of every company that has not been looked at today; answer how many reminders are new."""
        told = 0
        for company in await subscription_reminders.companies(db):
            today = company.tenant.today(company.tenant.now(world))
            day, at = self._seen.get(company.tenant.id, (None, 0.0))
            if day == today and self.clock() < at + AGAIN_AFTER:
                continue
            told += await remind_of_subscriptions(db, company, world=world)
            self._seen[company.tenant.id] = (today, self.clock())
        return told
