"""Where what is risky or heavy is done: a child process with limits, which may die without harm to anybody else.

Files come from strangers, and the libraries that open them are written in C. A bomb, a crash or an endless loop costs
the child in which it happens; the next task gets a new one. The child's side is `emplette.formats.workbench`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from emplette.domain.errors import Unavailable
from emplette.formats.children import Child, ChildMissing, TaskKilled

__all__ = ["MB", "TASKS", "ChildMissing", "TaskFailed", "TaskKilled", "Workshop"]

TASKS: Final[dict[str, str]] = {
    "pages.count": "emplette.formats.pages:count",
    "pages.draw": "emplette.formats.pages:draw",
    "order_documents.make": "emplette.formats.order_documents:make",
}
"""What can be done in a workshop, by name: ``module:function``, called with keywords."""

MB: Final = 1024 * 1024

WAITING: Final = 16
"""Tasks that may wait for a workshop before it refuses more."""

_TASKS_OF_A_LIFE = 500


class TaskFailed(Exception):
    """The task could not be done, and said why.

    ``kind`` is the name of what it raised: "ValueError".
    """

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class Workshop:
    """Does one task after the other, in a child process that starts with the first and ends when nothing is to do.

    Args:
        name: what refusals call it: "drawing of pages".
        memory: bytes of address space that the child may have, Python and libraries included.
        seconds: what a task may take by the clock.
        processor: seconds of a processor that it may take, as many when nothing is said.
        idle: seconds without a task after which the child ends.
        waiting: tasks that may wait for their turn.
    """

    def __init__(
        self,
        name: str,
        *,
        memory: int,
        seconds: float,
        processor: float | None = None,
        idle: float = 60.0,
        waiting: int = WAITING,
    ) -> None:
        self.name = name
        self._memory = memory
        self._seconds = seconds
        self._processor = seconds if processor is None else processor
        self._idle = idle
        self._waiting = waiting
        self._asked = 0
        self._turn = asyncio.Lock()
        self._child: Child | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that works now, None when there is none."""
        return self._child.pid if self._child is not None and self._child.lives else None

    async def run(self, task: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - whatever the task takes and gives
        """Do a task, when it is its turn.

        Args:
            task: a name in `TASKS`.
            arguments: bytes, text, numbers, lists and dicts of them.

        Raises:
            Unavailable: too many wait already, or the workshop is closed.
            TaskFailed: the task raised something.
            ChildMissing: no process could be started.
            TaskKilled: the task broke a limit, or its process.
        """
        if self._closed or self._asked > self._waiting:
            raise Unavailable(f"Too much is waiting for the {self.name}: nothing was begun, repeat it in a moment.")
        self._asked += 1
        try:
            async with self._turn:
                return await self._work(TASKS[task], arguments)
        finally:
            self._asked -= 1

    async def close(self) -> None:
        """End the child, and with it what it does; take nothing more."""
        self._closed = True
        await self._dismiss()

    async def _work(self, function: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as `run`
        child = await self._child_at_work()
        done = False
        try:
            answer = await child.do(function, arguments, self._seconds)
            done = True
        finally:
            # Whoever stops waiting leaves a child that is in the middle of something: it is of no more use.
            if not done or child.done >= _TASKS_OF_A_LIFE:
                await self._dismiss()
            else:
                self._rest = asyncio.get_running_loop().call_later(self._idle, child.kill)
        good, value = answer
        if not good:
            raise TaskFailed(*value)
        return value

    async def _child_at_work(self) -> Child:
        """Give the child that lives, or a new one."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._child is None or not self._child.lives:
            await self._dismiss()
            self._child = await Child.start(self._memory, self._seconds, self._processor)
        if self._closed:
            await self._dismiss()
            raise Unavailable("The server is stopping.")
        return self._child

    async def _dismiss(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        child, self._child = self._child, None
        if child is not None:
            await child.end()
