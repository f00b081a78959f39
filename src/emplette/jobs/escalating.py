"""Reminding of what waits, and asking those above: in each company in the morning, by its own clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final

from emplette.domain.errors import Refusal
from emplette.domain.people import Tenant
from emplette.jobs.acting import work_in
from emplette.services.escalating import escalate_request, is_slow, remind_of_requests, standing
from emplette.services.work import Shelf, Work
from emplette.storage import escalating
from emplette.storage.database import Session

EVERY: Final = timedelta(seconds=3)
AGAIN_AFTER: Final = 300.0
"""Seconds after which a company is looked at again on the same day: somebody may have come who can be asked."""

MORNING: Final = time_of_day(8)
"""When a company's day begins to whose people nobody should write at night."""


@dataclass(slots=True)
class Escalating:
    """Looks after all companies; several servers may: each reminder is written once, and each request goes up once."""

    clock: Callable[[], float] = time.monotonic
    shelf: Shelf = field(default_factory=Shelf)
    _seen: dict[int, tuple[date, float]] = field(default_factory=dict)

    async def look(self, db: Session, world: datetime) -> int:
        """Look after every company that has not been looked at today; answer how often something was done."""
        done = 0
        for tenant in await escalating.companies(db):
            today = tenant.today(tenant.now(world))
            day, at = self._seen.get(tenant.id, (None, 0.0))
            if _is_asleep(tenant, world) or (day == today and self.clock() < at + AGAIN_AFTER):
                continue
            done += await self._look_at(await work_in(tenant, db, self.shelf, world))
            self._seen[tenant.id] = (today, self.clock())
        return done

    async def _look_at(self, work: Work) -> int:
        waiting = await standing(work)
        slow = [one.request_id for one in waiting if is_slow(one, work)]
        gone_up = {request_id for request_id in slow if await _escalated(work, request_id)}
        still = [one for one in waiting if one.request_id not in gone_up]
        return len(gone_up) + await remind_of_requests(work, still)


async def _escalated(work: Work, request_id: int) -> bool:
    try:
        return await escalate_request(work, request_id)
    except Refusal:
        # Somebody decided it just now, or it is too busy: it is looked at again.
        return False


def _is_asleep(tenant: Tenant, world: datetime) -> bool:
    """Tell whether it is too early; where the clock was moved nobody sleeps, since days there are over in seconds."""
    return not tenant.ahead and world.astimezone(tenant.time_zone).time() < MORNING
