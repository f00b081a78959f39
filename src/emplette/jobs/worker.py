"""The job worker: does what nobody waits for, again and again, whatever happens to the database meanwhile."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from emplette.domain.errors import Refusal
from emplette.jobs.files import Sweeper
from emplette.storage import idempotency
from emplette.storage.database import Database, Session

log = structlog.get_logger("emplette.jobs")

KEYS_ARE_KEPT = timedelta(days=30)
KEYS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do periodically, for all tenants.

    Args:
        name: what log lines call it.
        every: the pause between two times; it varies by a tenth, so that many servers do not work in step.
        do: does it, given when it is; answers how much there was to do.
    """

    name: str
    every: timedelta
    do: Callable[[Session, datetime], Awaitable[int]]


async def sweep_idempotency_keys(db: Session, now: datetime) -> int:
    """Forget the keys of calls that are too old to be repeated."""
    forgotten = 0
    while gone := await idempotency.sweep(db, older_than=now - KEYS_ARE_KEPT, most=KEYS_AT_ONCE):
        forgotten += gone
    return forgotten


def jobs_of(sweeper: Sweeper) -> Sequence[Job]:
    """List all jobs that there are."""
    hour = timedelta(hours=1)
    return (
        Job("sweep idempotency keys", hour, sweep_idempotency_keys),
        Job("sweep unused files", hour, sweeper.sweep_unused),
        Job("sweep what killed uploads left", hour, sweeper.sweep_left),
    )


async def run(database: Database, stop: asyncio.Event, jobs: Sequence[Job]) -> None:
    """Do all jobs, each at its own pace, until told to stop; what is under way then is finished."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_repeat(job, database, stop), name=job.name)


async def _repeat(job: Job, database: Database, stop: asyncio.Event) -> None:
    # The first time comes soon, but not at once: a server that is started again and again should not only sweep.
    pause = random.uniform(0.0, 0.1) * job.every  # noqa: S311  (spreads load, hides nothing)
    while not await _stopped(stop, pause):
        await _do(job, database)
        pause = random.uniform(0.9, 1.1) * job.every  # noqa: S311


async def _do(job: Job, database: Database) -> None:
    """Do it once; a failure is logged and is no reason to end, since the next time comes."""
    try:
        done = await job.do(database.session(), datetime.now(UTC))
    except Refusal as refusal:
        log.warning("job failed", job=job.name, code=refusal.code, detail=refusal.detail)
    except Exception:
        log.exception("job failed", job=job.name)
    else:
        log.info("job done", job=job.name, count=done)


async def _stopped(stop: asyncio.Event, pause: timedelta) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), pause.total_seconds())
    except TimeoutError:
        return False
    return True
