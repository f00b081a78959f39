"""Asking others in the place of those who have left or may decide no more, within seconds, in every company."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from emplette.domain.errors import Refusal
from emplette.domain.people import Tenant
from emplette.jobs.acting import work_in
from emplette.services.replacing import replace_gone
from emplette.services.work import Shelf, Work
from emplette.storage import replacing
from emplette.storage.database import Session

EVERY: Final = timedelta(seconds=5)


@dataclass(slots=True)
class Replacing:
    """Looks after all companies; several servers may, each replacement is written once."""

    shelf: Shelf = field(default_factory=Shelf)

    async def look(self, db: Session, world: datetime) -> int:
        """Replace whoever has left; answer in how many requests."""
        return sum([await self._look_at(db, tenant, world) for tenant in await replacing.companies(db)])

    async def _look_at(self, db: Session, tenant: Tenant, world: datetime) -> int:
        today = tenant.today(tenant.now(world))
        doubtful = await replacing.doubtful(db, tenant.id, today=today)
        if not doubtful:
            return 0
        chart = await self.shelf.policies.chart(db, tenant.id, today)
        gone = {
            one.request_id
            for one in doubtful
            if one.permission is None
            or one.user_id not in chart.holders(one.permission, one.department_id, one.cost_center_id)
        }
        if not gone:
            return 0
        work = await work_in(tenant, db, self.shelf, world)
        return sum([await _replaced(work, request_id) for request_id in sorted(gone)])


async def _replaced(work: Work, request_id: int) -> bool:
    try:
        return await replace_gone(work, request_id)
    except Refusal:
        # Somebody decided it just now, or it is too busy: the next time comes in seconds.
        return False
