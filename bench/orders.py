"""Orders made by the three calls, each number of clients beside its floors, and all of it looked up afterwards."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.audit import Audit, check_orders
from bench.floors import Floored, Floors
from bench.generator import Load, make_orders
from bench.scripts import Floor
from bench.server import Server, connected
from bench.sizes import CLIENTS, Sizes

_TRANSACTION: Final = "transaction"


@dataclass(slots=True)
class Measured:
    """What a server came to: floors by their name and clients, loads by clients.

    ``turns`` has for each number of clients what the orders were of the floor of transactions, turn by turn.
    """

    workers: int
    floors: dict[str, dict[int, Floored]] = field(default_factory=dict)
    loads: dict[int, Load] = field(default_factory=dict)
    turns: dict[int, list[float]] = field(default_factory=dict)
    memory_mb: float = 0.0

    def ratio(self, floor: str, clients: int) -> float:
        """How much of a floor's rate the orders reach."""
        return self.loads[clients].per_second / self.floors[floor][clients].per_second


@dataclass(frozen=True, slots=True)
class Track:
    """Where orders and floors run: a server with so many workers, and what it is compared with.

    ``ids`` is the file in which the generator may leave what was acknowledged.
    """

    server: Server
    workers: int
    floors: Floors
    sizes: Sizes
    ids: Path

    async def measure(self) -> Measured:
        """Measure orders and floors by turns, so that both meet the same moods of the machine."""
        measured = Measured(self.workers, {floor.name: {} for floor in self.floors.kinds})
        name = f"{self.workers}-warm"
        await make_orders(self.server.url, name, clients=max(CLIENTS), seconds=self.sizes.warm_up, ids=self.ids)
        for clients in CLIENTS:
            floored: dict[str, list[Floored]] = {floor.name: [] for floor in self.floors.kinds}
            loads: list[Load] = []
            for turn in range(self.sizes.turns):
                for floor in self.floors.kinds:
                    floored[floor.name].append(await self._floor(floor, clients))
                loads.append(await self._orders(f"{self.workers}-{clients}-{turn}", clients))
            for kind, turns in floored.items():
                measured.floors[kind][clients] = Floored.of_turns(turns)
            measured.loads[clients] = Load.of_turns(loads)
            pairs = zip(loads, floored[_TRANSACTION], strict=True)
            measured.turns[clients] = [load.per_second / beside.per_second for load, beside in pairs]
        measured.memory_mb = self.server.worker_memory()
        return measured

    async def _floor(self, floor: Floor, clients: int) -> Floored:
        warm_up = self.sizes.floor_warm_up
        run = await self.floors.prepare(self.server, floor, clients=clients, seconds=self.sizes.floor + warm_up)
        async with connected(self.server.owner_url) as connection:
            audit = await Audit.begin(connection)
            floored, scripts = await run.go_with_times(self.ids.parent, warm_up=warm_up)
            await audit.check_commands(connection, self.floors.footprints, scripts.total(), clients=clients)
        return floored

    async def _orders(self, name: str, clients: int) -> Load:
        async with connected(self.server.owner_url) as connection:
            audit = await Audit.begin(connection)
            seconds = self.sizes.orders
            load, made = await make_orders(self.server.url, name, clients=clients, seconds=seconds, ids=self.ids)
            await audit.check_commands(connection, self.floors.footprints, load.calls, clients=clients)
            await check_orders(connection, made)
        return load
