"""The floors: what PostgreSQL itself does a second of what a command writes, and of what a call reads."""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.footprints import Footprint, Tracker
from bench.probe import Probe
from bench.scripts import COMMANDS, Floor, insert_many, statements, transactions
from bench.server import Connection, House, Server, connected, nobody_seals
from emplette.storage.dossiers import BY_PURCHASE

_STRIDE: Final = 200_000
_FIRST_BASE: Final = 100_000_000
_THREADS: Final = 2
_FASTEST: Final = 5_000

_RATE: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_OF_SCRIPT: Final = re.compile(r"^SQL script \d+: .*?/(\w+)\.sql\n(?: .*\n)*? - (\d+) transactions", re.MULTILINE)


class FootprintsDiffer(Exception):
    """A floor does not write what the command writes: the comparison would be unfair."""


@dataclass(frozen=True, slots=True)
class Floored:
    """How fast a floor is: transactions in so many seconds, and how long one takes."""

    transactions: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @classmethod
    def of_turns(cls, turns: Sequence["Floored"]) -> "Floored":
        """Put turns together: all that was done in all the time, and the times of the turn in the middle."""
        return cls(
            sum(turn.transactions for turn in turns),
            sum(turn.seconds for turn in turns),
            median(turn.p50_ms for turn in turns),
            median(turn.p99_ms for turn in turns),
        )

    @property
    def per_second(self) -> float:
        """How many transactions were committed a second."""
        return self.transactions / self.seconds


@dataclass(frozen=True, slots=True)
class Written:
    """What a run of pgbench came to: transactions a second, and how often it ran each script."""

    per_second: float
    scripts: Counter[str]


@dataclass(frozen=True, slots=True)
class Run:
    """A run that only has to be started: what it changes is there."""

    server: Server
    pgbench: str
    scripts: Sequence[Path]
    options: Sequence[str]

    async def go(self) -> Written:
        """Run, to the end."""
        files = [part for path in self.scripts for part in ("-f", str(path))]
        process = await asyncio.create_subprocess_exec(
            *(self.pgbench, "-n", "-M", "prepared", *self.options, *files, self.server.database_url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        rate = _RATE.search(said)
        if process.returncode != 0 or rate is None or "number of failed transactions: 0 " not in said:
            raise RuntimeError(f"pgbench: {said}")
        return Written(float(rate[1]), Counter({name: int(count) for name, count in _OF_SCRIPT.findall(said)}))

    async def go_with_times(self, folder: Path, *, warm_up: int) -> tuple[Floored, Counter[str]]:
        """Run, and tell how long a transaction took, without those of the first seconds; and how often each script ran.

        pgbench writes each transaction down in a folder. Its connections are new, and plan what they say at first;
        those of a server have been open for long.
        """
        with TemporaryDirectory(dir=folder) as log:
            timed = replace(self, options=[*self.options, "--log", f"--log-prefix={log}/times"])
            written = await timed.go()
            ended = list(_transactions(Path(log)))
        began = min(at for at, _ in ended) + warm_up
        times = sorted(took for at, took in ended if at > began)
        p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.50, 0.99))
        return Floored(len(times), max(at for at, _ in ended) - began, p50, p99), written.scripts


def reading(house: House, server: Server, *, clients: int, seconds: int, first: int, last: int) -> Run:
    """Have each client say the statement that looks up a purchase, for any of a range of ids."""
    script = house.folder / "read.sql"
    statement = BY_PURCHASE.sql.replace("$1", ":tenant").replace("$2", "ARRAY[:id]")
    script.write_text(f"\\set id random({first}, {last})\n{' '.join(statement.split())};\n", "utf-8")
    options = ["-c", str(clients), "-j", str(min(clients, _THREADS)), "-T", str(seconds), "-D", "tenant=1"]
    return Run(server, house.pgbench, [script], options)


class Floors:
    """The floors of one schema, made from what the three commands of an order wrote.

    Args:
        house: where pgbench is, and where its scripts may lie.
        probe: what each command wrote.
    """

    def __init__(self, house: House, probe: Probe) -> None:
        self._pgbench = house.pgbench
        self._folder = house.folder
        self._probe = probe
        self._base = _FIRST_BASE
        self.footprints = probe.footprints
        self.kinds: tuple[Floor, ...] = (
            transactions(probe.footprints, probe.ids),
            statements(probe.footprints, probe.ids),
        )

    async def compare(self, server: Server) -> None:
        """Run each script once, and compare what it writes with what the command wrote.

        Raises:
            FootprintsDiffer: names the difference.
        """
        for floor in self.kinds:
            options = ["-c", "1", "-t", "1", *self._definitions(floor, 1, dict.fromkeys(COMMANDS, 0))]
            async with nobody_seals(server.owner_url), connected(server.owner_url) as connection:
                tracker = await Tracker.of(connection)
                for command in COMMANDS:
                    await Run(server, self._pgbench, self._write_down(floor, command), options).go()
                    found, expected = _shape(await tracker.footprint(connection)), _shape(self.footprints[command])
                    if found != expected:
                        difference = f"{expected - found} missing, {found - expected} too many"
                        raise FootprintsDiffer(f"{floor.name} floor, {command}: {difference}")

    async def prepare(self, server: Server, floor: Floor, *, clients: int, seconds: int) -> Run:
        """Put in place what a run changes, in which each client does the three commands in equal parts.

        pgbench draws the next script by chance, so each client has so many orders ahead that it never runs out.
        """
        ahead = 100 + 6 * math.isqrt(_FASTEST * seconds // clients)
        counts = {"create": 2 * ahead, "commit": ahead, "submit": 0}
        base = self._base
        definitions = self._definitions(floor, clients, counts)
        async with connected(server.owner_url) as connection:
            await self._stock_up(connection, base, clients, "submit", 1, ahead)
            await self._stock_up(connection, base, clients, "commit", ahead + 1, 2 * ahead)
        options = ["-c", str(clients), "-j", str(min(clients, _THREADS)), "-T", str(seconds), *definitions]
        return Run(server, self._pgbench, self._write_down(floor, *COMMANDS), options)

    async def _stock_up(
        self, connection: Connection, base: int, clients: int, command: str, first: int, last: int
    ) -> None:
        """Put there what the command changes, for each client."""
        places = dict.fromkeys(self._probe.ids, "n.id")
        rows = [insert_many(table, row, places, "n", {}) for table, row in self._probe.stock[command]]
        parts = ", ".join(f"t{number} AS ({row})" for number, row in enumerate(rows))
        await connection.execute(
            f"WITH n AS (SELECT {base} + client * {_STRIDE} + number AS id"
            f" FROM generate_series(0, {clients - 1}) client, generate_series({first}, {last}) number),"
            f" {parts} SELECT 1"
        )

    def _definitions(self, floor: Floor, clients: int, counts: Mapping[str, int]) -> list[str]:
        """Define the variables of a run, whose ids no other run has."""
        values = {"base": self._base, "stride": _STRIDE, **counts}
        self._base += clients * _STRIDE
        return [part for name, value in values.items() for part in ("-D", f"{name}={value}")] + floor.definitions()

    def _write_down(self, floor: Floor, *commands: str) -> list[Path]:
        folder = self._folder / floor.name
        folder.mkdir(exist_ok=True)
        paths = [folder / f"{command}.sql" for command in commands]
        for path in paths:
            path.write_text(floor.scripts[path.stem], "utf-8")
        return paths


def _transactions(folder: Path) -> Iterator[tuple[float, float]]:
    """Read when each transaction ended, and how many seconds it took."""
    for path in folder.iterdir():
        for line in path.read_text("utf-8").splitlines():
            _, _, took_us, _, second, microsecond = map(int, line.split()[:6])
            yield second + microsecond / 1_000_000, took_us / 1_000_000


def _shape(footprint: Footprint) -> Counter[tuple[str, str]]:
    """Tell how many rows of each table were inserted and which columns were updated."""
    return Counter(
        (change.table.name, "new" if change.changed is None else f"changed {sorted(change.changed)}")
        for change in footprint.changes
    )
