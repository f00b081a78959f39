"""Where what is risky or heavy is done: a child process with limits, which may die without harm to anybody else.

Files come from strangers, and the libraries that open them are written in C. A bomb, a crash or an endless loop costs
the child in which it happens; the next task gets a new one. The child's side is `emplette.formats.workbench`.
"""

import asyncio
import math
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from emplette.domain.errors import Unavailable
from emplette.formats.workbench import LENGTH, OUT_OF_MEMORY, READY

TASKS: Final[dict[str, str]] = {
    "pages.count": "emplette.formats.pages:count",
    "pages.draw": "emplette.formats.pages:draw",
    "order_documents.make": "emplette.formats.order_documents:make",
}
"""What can be done in a workshop, by name: ``module:function``, called with keywords."""

MB: Final = 1024 * 1024
LONGEST_ANSWER: Final = 64 * MB
"""Bytes that a task may answer with; a child that says more is ended."""

WAITING: Final = 16
"""Tasks that may wait for a workshop before it refuses more."""

_PROGRAM = "emplette.formats.workbench"
_TO_START = 30.0
_TASKS_OF_A_LIFE = 500
# What a child is told of its surroundings: where Python and its libraries are, and how people here write. No settings.
_PASSED_ON = frozenset(
    {"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SOURCE_DATE_EPOCH", "TZ"}
)


class TaskFailed(Exception):
    """The task could not be done, and said why.

    ``kind`` is the name of what it raised: "ValueError".
    """

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class TaskKilled(Exception):
    """The task was ended, or its process with it: too long, too much memory, or a crash; the message says which."""


class Workshop:
    """Does one task after the other, in a child process that starts with the first and ends when nothing is to do.

    Args:
        name: what refusals call it: "drawing of pages".
        memory: bytes of address space that the child may have, Python and libraries included.
        seconds: what a task may take, by the clock and of a processor.
        idle: seconds without a task after which the child ends.
        waiting: tasks that may wait for their turn.
    """

    def __init__(self, name: str, *, memory: int, seconds: float, idle: float = 60.0, waiting: int = WAITING) -> None:
        self.name = name
        self._memory = memory
        self._seconds = seconds
        self._idle = idle
        self._waiting = waiting
        self._asked = 0
        self._turn = asyncio.Lock()
        self._bench: Workbench | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that works now, None when there is none."""
        return self._bench.pid if self._bench is not None and self._bench.lives else None

    async def run(self, task: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - whatever the task takes and gives
        """Do a task, when it is its turn.

        Args:
            task: a name in `TASKS`.
            arguments: bytes, text, numbers, lists and dicts of them.

        Raises:
            Unavailable: too many wait already, or the workshop is closed.
            TaskFailed: the task raised something.
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
        bench = await self._at_the_bench()
        done = False
        try:
            answer = await bench.do(function, arguments, self._seconds)
            done = True
        finally:
            # Whoever stops waiting leaves a child that is in the middle of something: it is of no more use.
            if not done or bench.done >= _TASKS_OF_A_LIFE:
                await self._dismiss()
            else:
                self._rest = asyncio.get_running_loop().call_later(self._idle, bench.kill)
        good, value = answer
        if not good:
            raise TaskFailed(*value)
        return value

    async def _at_the_bench(self) -> "Workbench":
        """Give the child that lives, or a new one."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._bench is None or not self._bench.lives:
            await self._dismiss()
            self._bench = await Workbench.start(self._memory, self._seconds)
        if self._closed:
            await self._dismiss()
            raise Unavailable("The server is stopping.")
        return self._bench

    async def _dismiss(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        bench, self._bench = self._bench, None
        if bench is not None:
            await bench.end()


class Workbench:
    """One child process, from its start to its end."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.done = 0
        self._child = child
        self._killed = False

    @classmethod
    async def start(cls, memory: int, seconds: float) -> "Workbench":
        """Start a child and wait until it can work.

        Raises:
            TaskKilled: it does not start.
        """
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-B", "-m", _PROGRAM, str(os.getpid()), str(memory), str(math.ceil(seconds))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Libraries in C print what they think of a stranger's file: nothing for the log.
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={name: value for name, value in os.environ.items() if name in _PASSED_ON} | {"MALLOC_ARENA_MAX": "2"},
        )
        bench = cls(child)
        started = False
        try:
            async with asyncio.timeout(_TO_START):
                started = await bench._hear() == READY
        except (TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            if not started:
                await bench.end()
        if not started:
            raise TaskKilled(f"`{_PROGRAM}` does not start ({_ending(child.returncode)}).")
        return bench

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    @property
    def lives(self) -> bool:
        """Tell whether it can be given a task."""
        return self._child.returncode is None and not self._killed

    async def do(self, function: str, arguments: Mapping[str, Any], seconds: float) -> tuple[bool, Any]:
        """Have a task done: whether it went well, and what came of it.

        Raises:
            TaskKilled: the limit of time, or the process ended.
        """
        self.done += 1
        try:
            async with asyncio.timeout(seconds):
                await self._say((function, arguments))
                good, value = msgspec.msgpack.decode(await self._hear())
                return bool(good), value
        except TimeoutError:
            raise TaskKilled(f"It took longer than {seconds:g} s.") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self.end()
            raise TaskKilled(f"{_ending(self._child.returncode)}.") from None
        except (msgspec.DecodeError, ValueError):
            raise TaskKilled("It answered what is no answer.") from None

    def kill(self) -> None:
        """End it at once."""
        self._killed = True
        with suppress(ProcessLookupError):
            self._child.kill()

    async def end(self) -> None:
        """End it, and wait until it is no more."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        # One that has ended by itself is left its own reason.
        with suppress(TimeoutError):
            if not self._killed and self._child.stdout is not None and self._child.stdout.at_eof():
                await asyncio.wait_for(self._child.wait(), 1)
        self.kill()
        await self._child.wait()

    async def _say(self, what: object) -> None:
        stdin = self._child.stdin
        if stdin is None:
            raise ConnectionResetError
        body = msgspec.msgpack.encode(what)
        stdin.write(LENGTH.pack(len(body)) + body)
        await stdin.drain()

    async def _hear(self) -> bytes:
        stdout = self._child.stdout
        if stdout is None:
            raise ConnectionResetError
        (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
        if length > LONGEST_ANSWER:
            raise ValueError(length)
        return await stdout.readexactly(length)


def _ending(code: int | None) -> str:
    """Say how the child ended, for people."""
    if code == OUT_OF_MEMORY:
        return "It needed more memory than it may have"
    if code is not None and -code in {signal.SIGXCPU, signal.SIGALRM}:
        return "It took longer than it may"
    if code is not None and code < 0:
        return f"Its process ended by signal {-code}"
    return f"Its process ended with exit code {code}"
