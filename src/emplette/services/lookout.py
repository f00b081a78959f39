"""Waiting for what happens next: however many wait in a process, each company's log is looked at by one."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from emplette.domain.errors import Unavailable
from emplette.domain.seals import Head
from emplette.storage import seals
from emplette.storage.database import Database

PAUSE: Final = timedelta(milliseconds=200)
"""Between two looks at a log for which somebody waits."""


@dataclass(slots=True)
class _Watch:
    """Who waits for one company: each with what it knows."""

    waiting: "dict[asyncio.Future[Head], Head]" = field(default_factory=dict)
    task: "asyncio.Task[None] | None" = None


class Lookout:
    """Looks at the logs for which somebody waits, and at no others."""

    def __init__(self) -> None:
        self._watches: dict[int, _Watch] = {}
        self.is_over = False

    async def wait(self, database: Database, tenant: int, known: Head, *, most: timedelta) -> Head:
        """Wait until a log has come further than is known, so long at most; answer how far it has come."""
        if self.is_over:
            return known
        watch = self._watches.setdefault(tenant, _Watch())
        news: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        watch.waiting[news] = known
        if watch.task is None:
            watch.task = asyncio.create_task(self._look(database, tenant, watch))
        try:
            return await asyncio.wait_for(news, most.total_seconds())
        except TimeoutError:
            return known
        finally:
            watch.waiting.pop(news, None)

    def end(self) -> None:
        """Let nobody wait any longer: this process has to stop."""
        self.is_over = True
        for watch in self._watches.values():
            for news, known in watch.waiting.items():
                if not news.done():
                    news.set_result(known)

    async def close(self) -> None:
        """Look no longer; whoever waits waits for its own time."""
        tasks = [watch.task for watch in self._watches.values() if watch.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, database: Database, tenant: int, watch: _Watch) -> None:
        try:
            while watch.waiting:
                # While the database can't be reached there is no news, and nobody is told anything else.
                with suppress(Unavailable):
                    self._tell(watch, await seals.head(database.session(), tenant))
                await asyncio.sleep(PAUSE.total_seconds())
        finally:
            del self._watches[tenant]

    @staticmethod
    def _tell(watch: _Watch, head: Head) -> None:
        for news, known in watch.waiting.items():
            if head.position > known.position and not news.done():
                news.set_result(head)
