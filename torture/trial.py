"""One schedule carried out: the server started, called and wrecked, brought to rest, looked at and stopped."""

import asyncio
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2
import msgspec

from torture import families
from torture.checks import Evidence, check
from torture.clients import Board, Client, Clock, follow, purchase_of
from torture.companies import COMPANIES
from torture.disks import Disk, a_disk
from torture.effects import undone
from torture.faults import DATABASE_AWAY, Wrecker
from torture.findings import Findings
from torture.happenings import Happenings
from torture.history import API, ASIDE, READS, History, Kind, Operation
from torture.recovery import FEWEST_OPERATIONS, check_schedule
from torture.rows import Tables, is_busy, locks, read_tables
from torture.schedules import Break, Intent, Schedule
from torture.server import Server, ServerFailed, copy_folder
from torture.unasked import asked_by_itself
from torture.wire import Door

SERVER: Final = "server"
"""The check that the server starts, and comes to rest."""
_TRAFFIC_ENDS_WITHIN: Final = 18.0
_FAULTS_END_WITHIN: Final = 4.0
_RESTS_WITHIN: Final = 30.0
_ENDS_WITHIN: Final = 5.0
_LOOK_EVERY: Final = 0.1
_AGAIN: Final = 0.2
_NEW_PURCHASES: Final = 4
"""So many new purchases each company is to get once the server is at rest."""
_PATIENT: Final = Intent(Kind.CREATE, 0, 0, True, 1, 0, 15.0, Break.NEVER, False, 0)  # noqa: FBT003


@dataclass(slots=True)
class Outcome:
    """What came of a schedule. ``took`` is in seconds, ``by_itself`` how often the server asked others unasked."""

    schedule: Schedule
    history: History = field(default_factory=History)
    findings: Findings = field(default_factory=Findings)
    kills: int = 0
    by_itself: int = 0
    disk: str | None = None
    took: float = 0.0
    log: list[str] = field(default_factory=list)


class Trial:
    """A schedule on its way.

    Args:
        schedule: what shall happen.
        template: the data folder to begin with a copy of.
        place: where to put it.
        source: a folder with another `emplette` to run instead of this one.
    """

    def __init__(self, schedule: Schedule, template: Path, place: Path, source: Path | None = None) -> None:
        self._schedule = schedule
        self._template = template
        self._folder = place / f"schedule-{schedule.seed}"
        self._source = source
        self._outcome = Outcome(schedule)
        self._clock = Clock()
        self._numbers = count(1)

    async def carry_out(self) -> Outcome:
        """Do it all; whatever goes wrong, nothing is left running."""
        began = time.monotonic()
        self._folder.mkdir(mode=0o755)
        with ExitStack() as stack:
            disk = stack.enter_context(a_disk(self._folder)) if self._schedule.fills_disk else None
            copy_folder(self._template, self._folder)
            server = Server(self._folder, self._folder.parent, self._source)
            stack.callback(self._clear, server)
            try:
                await self._try(server, disk)
            except (*DATABASE_AWAY, httpx2.HTTPError) as failed:
                # Nothing wrecks it any more by the time when this counts: it has to answer.
                self._outcome.findings.broken(SERVER, f"{type(failed).__name__}: {failed}")
            self._outcome.took = time.monotonic() - began
        return self._outcome

    def _clear(self, server: Server) -> None:
        """Leave nothing running, and nothing on the disk, however it ended."""
        server.kill()
        deadline = time.monotonic() + _ENDS_WITHIN
        while left := families.users_of(self._folder):
            if time.monotonic() > deadline:
                families.kill(left)
            time.sleep(_LOOK_EVERY)
        for path in self._folder.iterdir():
            shutil.rmtree(path, ignore_errors=True)

    async def _try(self, server: Server, disk: Disk | None) -> None:
        outcome = self._outcome
        wrecker = Wrecker(server, disk, self._clock.jump, Happenings(server))
        outcome.disk = None if disk is None else disk.name
        await server.start()
        door = Door(server)
        watching = asyncio.create_task(wrecker.keep_alive())
        following = [asyncio.create_task(follow(door, company, outcome.history)) for company in COMPANIES]
        try:
            await self._play(door, wrecker)
            await wrecker.kill_something()
            wrecker.mend()
            await wrecker.release_commits()
            await self._rest(server)
            rested, wanted = time.monotonic(), len(outcome.history.operations)
            await self._ask_again(door)
            await self._buy_again(door)
            await self._rest(server)
            evidence = await self._look(server, door)
        finally:
            wrecker.mend()
            outcome.kills, outcome.log = wrecker.kills, wrecker.log
            for task in (watching, *following):
                task.cancel()
            await asyncio.gather(watching, *following, return_exceptions=True)
        left = [*evidence.left, *await self._stop(server)]
        evidence = replace(evidence, left=left, people_who_left=wrecker.happenings.left, rested=rested)
        outcome.findings = check(outcome.history, evidence)
        check_schedule(wanted, outcome.kills, outcome.findings)
        outcome.by_itself = sum(asked_by_itself(tables) for tables in evidence.tables.values())
        for ended in wrecker.ended:
            outcome.findings.broken(SERVER, ended)

    async def _play(self, door: Door, wrecker: Wrecker) -> None:
        """Let the clients call, while the server is wrecked."""
        boards = {company: Board() for company in COMPANIES}
        history = self._outcome.history
        clients = [
            Client(script, door, boards[script.company], history, self._clock) for script in self._schedule.scripts
        ]
        wrecking = asyncio.create_task(wrecker.carry_out(self._schedule.faults))
        playing = [asyncio.create_task(client.play(self._numbers)) for client in clients]
        _, late = await asyncio.wait(playing, timeout=_TRAFFIC_ENDS_WITHIN)
        deadline = time.monotonic() + _TRAFFIC_ENDS_WITHIN
        while late and len(history.operations) < FEWEST_OPERATIONS and time.monotonic() < deadline:
            _, late = await asyncio.wait(late, timeout=_LOOK_EVERY)
        for task in late:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        # What could not be done to the server by now, because it was away, is not done.
        await asyncio.wait([wrecking], timeout=_FAULTS_END_WITHIN)
        wrecking.cancel()
        await asyncio.gather(wrecking, return_exceptions=True)
        for client in playing:
            if not client.cancelled() and (error := client.exception()) is not None:
                raise error

    async def _rest(self, server: Server) -> None:
        """Wait until the server answers, and has nothing more to do or to seal.

        Raises:
            ServerFailed: it does not come to rest.
        """
        deadline = time.monotonic() + _RESTS_WITHIN
        calm = 0
        while calm < 2:  # noqa: PLR2004  once may be between two statements
            with suppress(*DATABASE_AWAY, httpx2.HTTPError):
                connection = await server.connect()
                try:
                    calm = 0 if await is_busy(connection) or not await _answers(server) else calm + 1
                finally:
                    await connection.close()
            if time.monotonic() > deadline:
                raise ServerFailed(f"the server does not come to rest: {server.last_words()}")
            await asyncio.sleep(_LOOK_EVERY)

    async def _ask_again(self, door: Door) -> None:
        """Repeat what has a key: what nobody was told the outcome of until it is known, and what was done once more.

        Last, read everything.
        """
        operations = list(self._outcome.history.operations)
        async with httpx2.AsyncClient(trust_env=False, timeout=None) as line:
            for operation in operations:
                if operation.key is None or not (operation.successes or undone(operation)):
                    continue
                for _ in range(5):
                    if (await door.call(line, operation, _PATIENT, self._clock)).is_final:
                        break
                    await asyncio.sleep(_AGAIN)
            for operation in self._readings(operations):
                await door.call(line, self._outcome.history.begin(operation), _PATIENT, self._clock)

    async def _buy_again(self, door: Door) -> None:
        """Buy something new for each company, over connections of their own, so that each worker is asked."""
        for company in COMPANIES:
            for _ in range(_NEW_PURCHASES):
                number = next(self._numbers)
                mark = f"{company} {number}"
                said, key = purchase_of(mark), f"rested-{number}"
                operation = Operation(number, company, "form", Kind.CREATE, None, None, mark, said, key)
                async with httpx2.AsyncClient(trust_env=False, timeout=None) as line:
                    await door.call(line, self._outcome.history.begin(operation), _PATIENT, self._clock)

    def _readings(self, operations: Sequence[Operation]) -> list[Operation]:
        """List what there is to be read in the end."""
        known: dict[tuple[str, Kind, int], int] = {}
        for operation in operations:
            for call in operation.successes:
                if operation.kind in READS | ASIDE:
                    continue
                purchase = operation.purchase or call.told["id"]
                known[operation.company, Kind.READ_PURCHASE, purchase] = purchase
                if operation.kind is Kind.COMMIT:
                    known[operation.company, Kind.READ_COMMITMENT, call.told["id"]] = purchase
                if operation.kind in {Kind.SUBMIT, Kind.AMEND}:
                    known[operation.company, Kind.READ_REQUEST, call.told["id"]] = purchase
        return [
            Operation(next(self._numbers), company, "form", kind, purchase, subject, "", {})
            for (company, kind, subject), purchase in known.items()
        ]

    async def _look(self, server: Server, door: Door) -> Evidence:
        """Read the tables and the feed, verify the log, and look for locks.

        What the server tells by itself may come in between: then it is looked at again.
        """
        deadline = time.monotonic() + _RESTS_WITHIN
        while True:
            tables, held = await _tables(server)
            feeds = {company: await _feed(door, company) for company in COMPANIES}
            verified = await server.verify()
            then, _ = await _tables(server)
            if (then == tables and not held) or time.monotonic() > deadline:
                return Evidence(tables, feeds, datetime.now(ZoneInfo("Europe/Paris")), verified, held)
            await self._rest(server)

    async def _stop(self, server: Server) -> list[str]:
        """Stop the server; name what does not end as it should."""
        left: list[str] = []
        code = await server.stop()
        if code != 0:
            left.append(f"told to stop, the server ended with {code}: {server.last_words()}")
        deadline = time.monotonic() + _ENDS_WITHIN
        while (users := families.users_of(self._folder)) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)
        left += [f"process {pid} is left: {families.name_of(pid)}" for pid in users]
        if server.running() is not None:
            left.append("running.json is left")
        left += [f"{path.name} is left" for path in self._folder.glob("postgres/*/data/postmaster.pid")]
        return left


async def _tables(server: Server) -> tuple[dict[str, Tables], list[str]]:
    """Read the tables of all companies, and the locks that are held."""
    connection = await server.connect()
    try:
        tables = {one.account: await read_tables(connection, one.number) for one in COMPANIES.values()}
        return tables, await locks(connection)
    finally:
        await connection.close()


async def _answers(server: Server) -> bool:
    async with httpx2.AsyncClient(trust_env=False, timeout=2) as line:
        return (await line.get(f"{server.url}/health/ready")).status_code == httpx2.codes.OK


async def _feed(door: Door, company: str) -> list[Mapping[str, Any]]:
    """Read a whole log."""
    items: list[Mapping[str, Any]] = []
    after = "0"
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as line:
        while True:
            address = f"{door.url}{API}/events?after={after}&limit=1000"
            answer = await line.get(address, headers=door.headers_of(company, "auditor"))
            told = msgspec.json.decode(answer.raise_for_status().content)
            items += told["items"]
            after = told["next"]
            if not told["hasMore"]:
                return items
