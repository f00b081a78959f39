"""A child of a workshop, as its parent knows it: started, given tasks, listened to, ended."""

import asyncio
import math
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from emplette.formats.workbench import LENGTH, OUT_OF_MEMORY, READY

LONGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes that a task may answer with; a child that says more is ended."""

_PROGRAM = "emplette.formats.workbench"
_TO_START = 30.0
_TO_END = 10.0
# What a child is told of its surroundings: where Python and its libraries are, and how people here write. No settings.
_PASSED_ON = frozenset(
    {"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SOURCE_DATE_EPOCH", "TZ"}
)


class TaskKilled(Exception):
    """The task was ended, or its process with it: too long, too much memory, or a crash; the message says which."""


class ChildMissing(TaskKilled):
    """No child starts: nothing is said of the task."""


class Child:
    """One child process, from its start to its end."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self.done = 0
        self._running = running
        self._killed = False
        self._listening = False

    @classmethod
    async def start(cls, memory: int, seconds: float, processor: float) -> "Child":
        """Start a child and wait until it can work.

        Raises:
            ChildMissing: it does not start.
        """
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-B", "-m", _PROGRAM, str(os.getpid()), str(memory)),
            *(str(math.ceil(seconds)), str(math.ceil(processor))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Libraries in C print what they think of a stranger's file: nothing for the log.
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={name: value for name, value in os.environ.items() if name in _PASSED_ON} | {"MALLOC_ARENA_MAX": "2"},
        )
        child = cls(running)
        started = False
        try:
            async with asyncio.timeout(_TO_START):
                started = await child._hear() == READY
        except (TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            if not started:
                await child.end()
        if not started:
            raise ChildMissing(f"`{_PROGRAM}` does not start ({_ending(running.returncode)}).")
        return child

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._running.pid

    @property
    def lives(self) -> bool:
        """Tell whether it can be given a task."""
        return self._running.returncode is None and not self._killed

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
            raise TaskKilled(f"{_ending(self._running.returncode)}.") from None
        except (msgspec.DecodeError, ValueError):
            raise TaskKilled("It answered what is no answer.") from None

    def kill(self) -> None:
        """End it at once."""
        self._killed = True
        with suppress(ProcessLookupError):
            self._running.kill()

    async def end(self) -> None:
        """End it, and wait until it is no more."""
        if self._running.stdin is not None:
            self._running.stdin.close()
        # One that has ended by itself is left its own reason.
        with suppress(TimeoutError):
            if not self._killed and self._running.stdout is not None and self._running.stdout.at_eof():
                await asyncio.wait_for(self._running.wait(), 1)
        self.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TO_END):
                await self._hear_out()
                await self._running.wait()

    async def _hear_out(self) -> None:
        """Take what is left in the pipe: asyncio waits for its end before it tells that a process has ended.

        Whoever is listening just now does it.
        """
        stdout = self._running.stdout
        while stdout is not None and not self._listening and await stdout.read(LONGEST_ANSWER):
            pass

    async def _say(self, what: object) -> None:
        stdin = self._running.stdin
        if stdin is None:
            raise ConnectionResetError
        body = msgspec.msgpack.encode(what)
        stdin.write(LENGTH.pack(len(body)) + body)
        await stdin.drain()

    async def _hear(self) -> bytes:
        stdout = self._running.stdout
        if stdout is None:
            raise ConnectionResetError
        self._listening = True
        try:
            (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
            if length > LONGEST_ANSWER:
                raise ValueError(length)
            return await stdout.readexactly(length)
        finally:
            self._listening = False


def _ending(code: int | None) -> str:
    """Say how the child ended, for people."""
    if code == OUT_OF_MEMORY:
        return "It needed more memory than it may have"
    if code is not None and -code in {signal.SIGXCPU, signal.SIGALRM}:
        return "It took longer than it may"
    if code is not None and code < 0:
        return f"Its process ended by signal {-code}"
    return f"Its process ended with exit code {code}"
