"""Verifying logs for those who asked on a page: one at a time, and saying how far it has come."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from emplette.domain.inspections import Figures
from emplette.services.checks import Report, check
from emplette.storage import inspections
from emplette.storage.database import Session

EVERY: Final = timedelta(seconds=1)
AT_REST: Final = timedelta(seconds=3)
LEASE: Final = timedelta(minutes=1)
"""So long a claim is good after the last word about how far it has come; then somebody else begins anew."""

_TELL_EVERY: Final = 1.0


@dataclass(slots=True)
class _Progress:
    """What is looked at just now, and how many of them were."""

    looks_at: str | None = None
    done: int = 0

    def __call__(self, what: str, done: int) -> None:
        """Hear it from who looks."""
        self.looks_at, self.done = what, done


async def inspect(db: Session, _: datetime) -> int:
    """Verify the log that somebody waits for, if anybody does; answer how many that were."""
    claim = uuid4()
    claimed = await inspections.claim(db, claim, lease=LEASE)
    if claimed is None:
        return 0
    tenant, number = claimed
    progress = _Progress()
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep_telling(db, tenant, number, claim, progress, over))
        try:
            report = await check(db, tenant, tell=progress)
        finally:
            over.set()
    await inspections.settle(db, tenant, number, claim, _figures(report))
    return 1


async def _keep_telling(
    db: Session, tenant: int, number: int, claim: UUID, progress: _Progress, over: asyncio.Event
) -> None:
    """Say now and then how far it has come, until it is over."""
    while not over.is_set():
        await inspections.tell(db, tenant, number, claim, looks_at=progress.looks_at, done=progress.done, lease=LEASE)
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _TELL_EVERY)


def _figures(report: Report) -> Figures:
    return Figures(
        position=report.head.position,
        hash=report.head.hash.hex(),
        sealed=report.sealed,
        waiting=report.waiting,
        erased=report.erased,
        purchases=report.purchases,
        entries=report.entries,
        rows=report.rows,
        untold=report.untold,
        findings=tuple(report.findings),
        more=report.more,
    )
