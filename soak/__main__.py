"""`make soak`: serve for an hour at half speed, and look whether anything grows; see docs/proof.md.

SOAK_MINUTES says how long. The speed is measured first, with the same mixture of calls. The last line is the verdict;
the exit code is 0 when every call was answered as it should be and nothing grows, else 1.
"""

import asyncio
import os
import sys
from pathlib import Path

from bench.server import Server, a_house, serve
from soak.calls import CLIENTS, Customers, Pace
from soak.growth import Reading, as_table, growing
from soak.readings import look_at

WORKERS = 2
_SAMPLES_A_MINUTE = 1
_FEWEST_SAMPLES = 12
_FILLING_S = 240.0
_WARM_UP_S = 20.0
_MEASURED_S = 20.0


def main() -> int:
    """Run the soak."""
    return asyncio.run(_soak(float(os.environ.get("SOAK_MINUTES") or 60)))


async def _soak(minutes: float) -> int:
    async with a_house() as house, serve(house, WORKERS) as server, Customers.of(server) as customers:
        short = min(1.0, minutes)
        await customers.begin(seconds=_FILLING_S * min(1.0, minutes / 10))
        await customers.buy(seconds=_WARM_UP_S * short)
        speed = await customers.buy(seconds=_MEASURED_S * short)
        pace = Pace(speed / 2)
        _say(f"{speed:.0f} calls a second at full speed with {CLIENTS} clients; {speed / 2:.0f} from now on")
        readings = await _watch(server, house.folder, customers, pace, seconds=60 * minutes)
    print(as_table(readings))
    grows = growing(readings)
    if customers.example:
        _say(f"a wrong answer: {customers.example}")
    shown = {what: "growing" if what in grows else "flat" for what in ("memory", "connections")}
    others = sorted(grows - shown.keys())
    if others:
        _say(f"growing: {', '.join(others)}")
    verdict = " ".join(f"{what}={found}" for what, found in shown.items())
    print(f"soak: minutes={minutes:g} calls={customers.calls} errors={customers.errors} {verdict}")
    return 1 if grows or customers.errors else 0


async def _watch(server: Server, folder: Path, customers: Customers, pace: Pace, *, seconds: float) -> list[Reading]:
    """Buy at a pace, and read every minute what is in use; oftener when there are few minutes."""
    samples = max(int(seconds / 60 * _SAMPLES_A_MINUTE), _FEWEST_SAMPLES)
    readings: list[Reading] = []
    buying = asyncio.create_task(customers.buy(seconds=seconds, pace=pace))
    for _ in range(samples):
        done, _waiting = await asyncio.wait({buying}, timeout=seconds / samples)
        if done:
            break
        readings.append(await look_at(server, folder))
        if len(readings) % 5 == 0:
            _say(f"{len(readings)} of {samples} readings, {customers.calls:,} calls, {customers.errors} errors")
    await buying
    return readings


def _say(what: str) -> None:
    print(f"soak: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
