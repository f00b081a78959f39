"""One process of ours: started, told when to go, started again when it dies, stopped in order."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from emplette.runtime.exits import StartRefused
from emplette.runtime.lifeline import GO, READY, die_with_parent

# How long to wait before starting again what died soon after its start: the second time, the third ...
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
_LIVED_WELL = 30.0


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs.

    Args:
        name: what log lines and ``emplette status`` call it.
        module: what it runs, and with which arguments.
        environment: its settings.
        keep_open: file descriptors it is given: the lock of the data folder, the socket it answers at.
        needed: whether the server can't start without it: then the first one that ends before it is ready is the last.
    """

    name: str
    module: Sequence[str]
    environment: Mapping[str, str]
    keep_open: tuple[int, ...]
    needed: bool


class Child:
    """A worker process and its successors.

    Args:
        program: what it runs.
        go: set once there is a database to work with.
        say: told of deaths.
        changed: called when there is a new process.
        ended: called with the number of a process that is no more.
    """

    def __init__(
        self,
        program: Program,
        *,
        go: asyncio.Event,
        say: Callable[[str], None],
        changed: Callable[[], None],
        ended: Callable[[int], None],
    ) -> None:
        self.name = program.name
        self.started = asyncio.Event()
        self.ready = asyncio.Event()
        self._program = program
        self._go = go
        self._say = say
        self._changed = changed
        self._ended = ended
        self._running: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._may_fail = not program.needed

    @property
    def pid(self) -> int | None:
        """The process that runs now, None between two."""
        return self._running.pid if self._running is not None and self._running.returncode is None else None

    async def keep_running(self) -> None:
        """Run it, and again whenever it ends, until it is stopped.

        Raises:
            StartRefused: it is needed, and the very first one ended before it was ready; it has said why.
        """
        deaths = 0
        while not self._stopping:
            began = time.monotonic()
            code = await self._live()
            if self._stopping:
                return
            if not self._may_fail:
                raise StartRefused(f"{self.name} did not start ({_ending(code)})")
            deaths = 0 if time.monotonic() - began > _LIVED_WELL else min(deaths + 1, len(_PAUSES) - 1)
            pause = _PAUSES[max(deaths - 1, 0)]
            self._say(f"{self.name} ended ({_ending(code)}); starting it again" + (f" in {pause} s" if pause else ""))
            await asyncio.sleep(pause)

    async def _live(self) -> int:
        """Live one life, from the start of the process to its end."""
        ours, theirs = socket.socketpair()
        try:
            child = await asyncio.create_subprocess_exec(
                # Whatever lies in the folder in which we were started, it is no part of ours (-P).
                *(sys.executable, "-P", "-m", *self._program.module),
                stdin=theirs.fileno(),
                pass_fds=self._program.keep_open,
                env=self._program.environment,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        finally:
            theirs.close()
        self._running = child
        self.started.set()
        self._changed()
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            await self._go.wait()
            writer.write(GO)
            # A child that is killed before it has read the word resets the line.
            with suppress(ConnectionError):
                if await reader.readline() == READY:
                    self._may_fail = True
                    self.ready.set()
            return await child.wait()
        finally:
            self.ready.clear()
            self._ended(child.pid)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def renew(self, patience: float) -> None:
        """Have it finish what it does and end, as a stop does, and wait for the new one that takes its place."""
        self.ready.clear()
        await self._finish(patience)
        await self.ready.wait()

    async def stop(self, patience: float) -> None:
        """Have it finish what it does and end; end it when that takes too long."""
        self._stopping = True
        await self._finish(patience)

    async def _finish(self, patience: float) -> None:
        if self._running is None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._running.wait(), patience)
        except TimeoutError:
            self._say(f"{self.name} did not finish within {patience:g} s and is ended")
            self.kill()
            await self._running.wait()

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, which: signal.Signals) -> None:
        if self._running is not None:
            with suppress(ProcessLookupError):
                self._running.send_signal(which)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
