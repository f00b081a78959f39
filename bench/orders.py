"""Orders made by the three calls, each number of clients beside its floors, and all of it looked up afterwards."""

from dataclasses import dataclass, field
from pathlib import Path

from bench.audit import Audit, check_orders
from bench.floors import Floored, Floors
from bench.generator import Load, make_orders
from bench.server import Server, connected
from bench.sizes import CLIENTS, Sizes


@dataclass(slots=True)
class Measured:
    """What a server came to: floors by their name and clients, loads by clients."""

    workers: int
    floors: dict[str, dict[int, Floored]] = field(default_factory=dict)
    loads: dict[int, Load] = field(default_factory=dict)
    memory_mb: float = 0.0

    def ratio(self, floor: str, clients: int) -> float:
        """How much of a floor's rate the orders reach."""
        return self.loads[clients].per_second / self.floors[floor][clients].per_second


async def measure_orders(server: Server, workers: int, floors: Floors, sizes: Sizes, ids: Path) -> Measured:
    """Measure orders and floors by turns, so that both meet the same moods of the machine.

    Args:
        server: what answers.
        workers: how many HTTP workers it has.
        floors: what it is compared with.
        sizes: how long to measure.
        ids: the file in which the generator may leave what was acknowledged.
    """
    measured = Measured(workers, {floor.name: {} for floor in floors.kinds})
    await make_orders(server.url, f"{workers}-warm", clients=max(CLIENTS), seconds=sizes.warm_up, ids=ids)
    for clients in CLIENTS:
        for floor in floors.kinds:
            run = await floors.prepare(server, floor, clients=clients, seconds=sizes.floor)
            async with connected(server.owner_url) as connection:
                audit = await Audit.begin(connection)
                floored, scripts = await run.go_with_times(ids.parent)
                await audit.check_commands(connection, floors.footprints, scripts.total(), clients=clients)
            measured.floors[floor.name][clients] = floored
        async with connected(server.owner_url) as connection:
            audit = await Audit.begin(connection)
            name = f"{workers}-{clients}"
            load, made = await make_orders(server.url, name, clients=clients, seconds=sizes.orders, ids=ids)
            await audit.check_commands(connection, floors.footprints, load.calls, clients=clients)
            await check_orders(connection, made)
        measured.loads[clients] = load
    measured.memory_mb = server.worker_memory()
    return measured
