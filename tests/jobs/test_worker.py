"""The job worker does its jobs again and again, and a failure is no end."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from emplette.domain.addresses import Reach
from emplette.domain.errors import Unavailable
from emplette.formats.posting import Poster
from emplette.jobs import worker
from emplette.jobs.deliveries import Deliverer
from emplette.jobs.files import Sweeper
from emplette.jobs.worker import KEYS_ARE_KEPT, Job
from emplette.storage.database import Database, Session
from emplette.storage.folder import Folder
from emplette.storage.spool import Spool


class NoDatabase:
    """Stands for the pool; what the jobs here do needs none."""

    def session(self) -> None:
        """Begin nothing."""


async def run_until(done: asyncio.Event, *jobs: Job) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(cast("Database", NoDatabase()), stop, jobs))
    await asyncio.wait_for(done.wait(), 60)
    stop.set()
    await asyncio.wait_for(running, 60)


async def test_a_job_that_fails_is_done_again_and_others_go_on_meanwhile() -> None:
    failures: list[type[Exception]] = [Unavailable, RuntimeError]
    moments: list[datetime] = []
    recovered, enough = asyncio.Event(), asyncio.Event()

    async def fail_twice(_: Session, now: datetime) -> int:
        if failures:
            raise failures.pop(0)
        assert now.tzinfo is UTC
        recovered.set()
        return 1

    async def count(_: Session, now: datetime) -> int:
        moments.append(now)
        if recovered.is_set() and len(moments) > 2:
            enough.set()
        return len(moments)

    soon = timedelta(milliseconds=10)
    await run_until(enough, Job("fail twice", soon, fail_twice), Job("count", soon, count))
    assert failures == []
    assert moments == sorted(moments)


async def test_a_stop_lets_what_is_under_way_finish() -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def take_a_while(_: Session, __: datetime) -> int:
        begun.set()
        await asyncio.sleep(0.05)
        finished.set()
        return 0

    await run_until(begun, Job("take a while", timedelta(milliseconds=1), take_a_while))
    assert finished.is_set()


def test_keys_of_repeated_calls_are_kept_for_a_month_and_all_is_looked_for_every_hour(tmp_path: Path) -> None:
    assert timedelta(days=30) == KEYS_ARE_KEPT
    listed = worker.jobs_of(Sweeper(Folder(tmp_path), Spool(tmp_path)), Deliverer(Poster(Reach())))
    jobs = {job.name: job for job in listed}
    assert {job.every for name, job in jobs.items() if name.startswith("sweep")} == {timedelta(hours=1)}
    sealing, telling = jobs["seal what happened"], jobs["tell webhooks"]
    reminding = jobs["remind of subscriptions"]
    assert sealing.at_rest is not None
    assert sealing.every < sealing.at_rest < timedelta(seconds=0.5), "an event can be read within a second"
    assert telling.at_rest is not None
    assert telling.every < telling.at_rest < timedelta(seconds=0.5), "and it is told about as fast"
    assert reminding.every < timedelta(seconds=5), "a clock that was moved is noticed as soon as servers follow it"


def test_pauses_grow_while_there_is_nothing_to_do_and_shrink_at_once_when_there_is() -> None:
    async def nothing(_: Session, __: datetime) -> int:
        return 0

    soon = timedelta(milliseconds=50)
    job = Job("rest", soon, nothing, at_rest=timedelta(milliseconds=150))
    pauses = [soon]
    for done in (0, 0, 0, 1):
        pauses.append(job.pause_after(pauses[-1], done))
    assert [pause.total_seconds() * 1000 for pause in pauses] == [50, 100, 150, 150, 50]
