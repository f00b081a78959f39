"""The job worker: does what nobody waits for, again and again, whatever happens to the database meanwhile."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from emplette.domain.errors import Refusal
from emplette.jobs import deliveries, escalating, inspections, leavers, spending, subscriptions
from emplette.jobs.deliveries import Deliverer
from emplette.jobs.escalating import Escalating
from emplette.jobs.files import Sweeper
from emplette.jobs.leavers import Replacing
from emplette.jobs.seals import AT_REST, BUSY, seal_what_waits
from emplette.jobs.subscriptions import Reminding
from emplette.storage import idempotency, keys
from emplette.storage.database import Database, Session

log = structlog.get_logger("emplette.jobs")

KEYS_ARE_KEPT = timedelta(days=30)
KEYS_AT_ONCE = 5_000
FORMER_SECRETS_ARE_KEPT = timedelta(days=90)
"""So long who shows a secret that was replaced is told so; after that it is one that nobody knows."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do periodically, for all tenants.

    Args:
        name: what log lines call it.
        every: the pause between two times; it varies by a tenth, so that many servers do not work in step.
        do: does it, given when it is; answers how much there was to do.
        at_rest: the longest pause when there is nothing to do, up to which pauses grow; None when they do not.
        is_told: whether each time is worth a line in the log.
    """

    name: str
    every: timedelta
    do: Callable[[Session, datetime], Awaitable[int]]
    at_rest: timedelta | None = None
    is_told: bool = True

    def pause_after(self, pause: timedelta, done: int) -> timedelta:
        """Say how long to pause, after this pause and what was done then."""
        return self.every if done or self.at_rest is None else min(2 * pause, self.at_rest)


async def sweep_idempotency_keys(db: Session, now: datetime) -> int:
    """Forget the keys of calls that are too old to be repeated."""
    forgotten = 0
    while gone := await idempotency.sweep(db, older_than=now - KEYS_ARE_KEPT, most=KEYS_AT_ONCE):
        forgotten += gone
    return forgotten


async def sweep_former_secrets(db: Session, now: datetime) -> int:
    """Forget the secrets of keys that were replaced and have long been over."""
    forgotten = 0
    while gone := await keys.sweep_former(db, over_before=now - FORMER_SECRETS_ARE_KEPT, most=KEYS_AT_ONCE):
        forgotten += gone
    return forgotten


def jobs_of(sweeper: Sweeper, deliverer: Deliverer) -> Sequence[Job]:
    """List all jobs that there are."""
    hour = timedelta(hours=1)
    return (
        Job("seal what happened", BUSY, seal_what_waits, at_rest=AT_REST, is_told=False),
        Job("tell webhooks", deliveries.BUSY, deliverer.look, at_rest=deliveries.AT_REST, is_told=False),
        Job("count spending", spending.BUSY, spending.count_what_happened, at_rest=spending.AT_REST, is_told=False),
        Job("remind of subscriptions", subscriptions.EVERY, Reminding().look, is_told=False),
        Job("ask others in the place of who has left", leavers.EVERY, Replacing().look, is_told=False),
        Job("remind of what waits, and ask those above", escalating.EVERY, Escalating().look, is_told=False),
        Job("verify logs", inspections.EVERY, inspections.inspect, at_rest=inspections.AT_REST, is_told=False),
        Job("count webhooks", timedelta(seconds=15), deliverer.count, is_told=False),
        Job("sweep idempotency keys", hour, sweep_idempotency_keys),
        Job("sweep former secrets", hour, sweep_former_secrets),
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
    pause = job.every
    spread = random.uniform(0.0, 0.1)  # noqa: S311  (spreads load, hides nothing)
    while not await _stopped(stop, spread * pause):
        pause = job.pause_after(pause, await _do(job, database))
        spread = random.uniform(0.9, 1.1)  # noqa: S311


async def _do(job: Job, database: Database) -> int:
    """Do it once; a failure is logged and is no reason to end, since the next time comes."""
    done = 0
    try:
        done = await job.do(database.session(), datetime.now(UTC))
    except Refusal as refusal:
        log.warning("job failed", job=job.name, code=refusal.code, detail=refusal.detail)
    except Exception:
        log.exception("job failed", job=job.name)
    else:
        if job.is_told:
            log.info("job done", job=job.name, count=done)
    return done


async def _stopped(stop: asyncio.Event, pause: timedelta) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), pause.total_seconds())
    except TimeoutError:
        return False
    return True
