"""Carrying out what a schedule does to the server: kills, pauses, a full disk, connections that end."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from torture.disks import Disk
from torture.families import backends_of, daemons_of, family_of, name_of
from torture.happenings import Happenings
from torture.schedules import Fault, FaultKind
from torture.server import STARTS_WITHIN, Connection, Server, ServerFailed

_FINDS_WITHIN: Final = 5.0
_TRIES_AGAIN: Final = 0.02
_FILLS_AGAIN: Final = 0.05
DATABASE_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ServerFailed, TimeoutError)


@dataclass(slots=True)
class Wrecker:
    """Does it.

    ``kills`` counts the processes that were killed, ``log`` says what was done and when, ``ended`` how the server ended
    though nobody killed it.
    """

    server: Server
    disk: Disk | None
    jump: Callable[[float], None]
    happenings: Happenings
    kills: int = 0
    log: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    _killed: set[int] = field(default_factory=set)
    _paused: set[int] = field(default_factory=set)

    async def carry_out(self, faults: Sequence[Fault]) -> None:
        """Do everything at its time; what lasts does not keep the next from beginning."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(began + fault.at - time.monotonic(), 0))
                group.create_task(self._do(fault, began))

    def mend(self) -> None:
        """Take back what lasts: let go on what is paused, make room."""
        for pid in list(self._paused):
            self._go_on(pid)
        if self.disk is not None:
            self.disk.free(self._processes_of_database())

    async def keep_alive(self) -> None:
        """Start the server again whenever its supervisor has ended, as whoever watches over it would."""
        while True:
            if not self.server.lives:
                if self.server.was_ready and self.server.last_pid not in self._killed:
                    self.ended.append(f"the server ended by itself: {self.server.last_words()}")
                began = time.monotonic()
                try:
                    await self.server.start()
                except ServerFailed as failed:
                    self.log.append(f"a start failed after {time.monotonic() - began:.1f} s: {failed}")
                else:
                    self.log.append(f"started again in {time.monotonic() - began:.1f} s")
            await asyncio.sleep(_TRIES_AGAIN)

    async def _do(self, fault: Fault, began: float) -> None:
        done = await self._carry_out(fault)
        at = f"{time.monotonic() - began:.1f} s"
        self.log.append(f"{at} {fault.kind}" if done else f"{at} {fault.kind}: there was none")

    async def _carry_out(self, fault: Fault) -> bool:
        match fault.kind:
            case FaultKind.CLOCK:
                self.jump(fault.pick)
            case FaultKind.DAYS | FaultKind.LEAVE:
                await self.happenings.carry_out(fault)
            case FaultKind.FULL_DISK:
                await self._fill(fault.lasts)
            case FaultKind.HELD_COMMITS:
                return await self._hold_commits(fault)
            case FaultKind.END_BACKENDS:
                for pid in await self._targets(fault.kind):
                    _send(pid, signal.SIGTERM)
            case FaultKind.KILL_ALL:
                for pid in family_of(self.server.pid) if self.server.pid is not None else []:
                    self._kill(pid)
            case _:
                return await self._hit(fault)
        return True

    async def _hit(self, fault: Fault) -> bool:
        """Kill or pause one of the processes that are meant."""
        targets = await self._targets(fault.kind)
        if not targets:
            return False
        pid = targets[int(fault.pick * len(targets))]
        if fault.kind.name.startswith("PAUSE"):
            await self._pause(pid, fault.lasts)
        else:
            self._kill(pid)
        return True

    async def _targets(self, kind: FaultKind) -> list[int]:
        """Find the processes that are meant; wait a little for one to be there."""
        deadline = time.monotonic() + _FINDS_WITHIN
        while not (found := self._now(kind)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_TRIES_AGAIN)
        return found

    def _now(self, kind: FaultKind) -> list[int]:
        if kind in {FaultKind.KILL_SUPERVISOR, FaultKind.PAUSE_SUPERVISOR}:
            return [] if self.server.pid is None else [self.server.pid]
        running = self.server.running()
        processes = {} if running is None else running.processes
        postmaster = processes.get("database")
        match kind:
            case FaultKind.KILL_WORKER | FaultKind.PAUSE_WORKER:
                found = [pid for name, pid in processes.items() if name.startswith("worker")]
            case FaultKind.KILL_JOB_WORKER:
                found = [pid for name, pid in processes.items() if name == "job worker"]
            case FaultKind.KILL_POSTMASTER | FaultKind.PAUSE_POSTMASTER:
                found = [] if postmaster is None else [postmaster]
            case FaultKind.KILL_DAEMON | FaultKind.PAUSE_DAEMON:
                found = [] if postmaster is None else daemons_of(postmaster)
            case _:
                found = [] if postmaster is None else backends_of(postmaster)
        # What was written down a moment ago may be another's number by now: only what is the server's is touched.
        ours = set() if self.server.pid is None else set(family_of(self.server.pid))
        return sorted(ours.intersection(found))

    def _kill(self, pid: int) -> None:
        name = name_of(pid).removeprefix("postgres: ").partition("emplette ")[0].strip()
        if _send(pid, signal.SIGKILL):
            self.kills += 1
            self._killed.add(pid)
            self.log.append(f"killed {pid} {name}")

    async def _pause(self, pid: int, lasts: float) -> None:
        if _send(pid, signal.SIGSTOP):
            self._paused.add(pid)
            await asyncio.sleep(lasts)
            self._go_on(pid)

    def _go_on(self, pid: int) -> None:
        self._paused.discard(pid)
        _send(pid, signal.SIGCONT)

    async def _fill(self, lasts: float) -> None:
        if self.disk is None:
            return
        until = time.monotonic() + lasts
        while time.monotonic() < until:
            await asyncio.to_thread(self.disk.fill, self._processes_of_database())
            await asyncio.sleep(_FILLS_AGAIN)
        self.disk.free(self._processes_of_database())

    def _processes_of_database(self) -> list[int]:
        running = self.server.running()
        postmaster = None if running is None else running.processes.get("database")
        return [] if postmaster is None else family_of(postmaster)

    async def _hold_commits(self, fault: Fault) -> bool:
        """Have commits wait for a standby that is not there, and kill a backend meanwhile.

        What was committed is on the disk then, and whoever committed it is not told: the moment that is hardest to hit
        otherwise.
        """
        targets: list[int] = []
        try:
            if await self._say_standby("nobody", within=_FINDS_WITHIN):
                await asyncio.sleep(fault.lasts)
                targets = await self._targets(FaultKind.KILL_BACKEND)
            if targets:
                self._kill(targets[int(fault.pick * len(targets))])
        finally:
            await self.release_commits()
        return bool(targets)

    async def kill_something(self) -> None:
        """Kill a worker, if nothing that was meant to be killed was there when its time came."""
        if not self.kills:
            await self._hit(Fault(0, FaultKind.KILL_WORKER, 0, 0))

    async def release_commits(self) -> None:
        """Have nobody wait for a standby any more; try until the database is there to be told."""
        await self._say_standby("", within=STARTS_WITHIN)

    async def _say_standby(self, name: str, *, within: float) -> bool:
        """Say whom commits wait for, as soon as the database is there to be told."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if await self._set_standby(name):
                return True
            await asyncio.sleep(_TRIES_AGAIN)
        return False

    async def _set_standby(self, name: str) -> bool:
        """Say it, and wait until the database has read it; False when it can't be reached."""
        try:
            async with asyncio.timeout(_FINDS_WITHIN):
                connection = await self.server.connect()
                try:
                    await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
                    await connection.execute("SELECT pg_reload_conf()")
                    while await connection.fetchval("SHOW synchronous_standby_names") != name:  # noqa: ASYNC110
                        await asyncio.sleep(_TRIES_AGAIN)
                finally:
                    await _leave(connection)
        except DATABASE_AWAY:
            return False
        return True


async def _leave(connection: Connection) -> None:
    with suppress(*DATABASE_AWAY):
        await connection.close(timeout=1)


def _send(pid: int, which: signal.Signals) -> bool:
    try:
        os.kill(pid, which)
    except ProcessLookupError:
        return False
    return True
