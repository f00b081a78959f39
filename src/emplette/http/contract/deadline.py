"""The time that an answer may take; what happens when it is over."""

import asyncio
from collections.abc import Awaitable, Callable

from emplette.http.contract.gate import Command


class Deadline:
    """Watches over the task that answers one call.

    When time is over and nothing was begun, the task is cancelled: nothing happened, and nothing will. When a write
    was begun its outcome is unknown: the caller is told so at once, while the task goes on to its own end, so that
    a command is never torn in two.
    """

    __slots__ = ("_announce", "_announcement", "_handle", "_seconds", "_task", "command", "expired")

    def __init__(self, seconds: float, announce: Callable[[], Awaitable[None]]) -> None:
        self._seconds = seconds
        self._announce = announce
        self._task = asyncio.current_task()
        self._handle: asyncio.TimerHandle | None = None
        self._announcement: asyncio.Future[None] | None = None
        self.command: Command | None = None
        self.expired = False

    def start(self) -> None:
        """Begin to count."""
        self.stop()
        self._handle = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def stop(self) -> None:
        """Count no longer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def forgive(self) -> None:
        """Take the cancellation back, so that the task can still tell the caller."""
        if self._task is not None:
            self._task.uncancel()

    def _expire(self) -> None:
        if self.command is not None and self.command.begun:
            self._announcement = asyncio.ensure_future(self._announce())
        elif self._task is not None:
            self.expired = True
            self._task.cancel()
