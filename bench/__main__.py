"""`make bench`: measure the server against the floors of its own database, see docs/bench.md.

BENCH_JSON names a file for the findings; BENCH_QUICK=1 measures a few seconds each.
"""

import asyncio
import json
import os
import statistics
import sys
from pathlib import Path

from bench.audit import TablesDiffer
from bench.documents import measure_documents
from bench.floors import Floors, FootprintsDiffer
from bench.generator import WrongAnswer, bring_generator
from bench.lists import Shelf
from bench.orders import Measured, Track
from bench.overview import measure_overview
from bench.probe import watch_one_order
from bench.report import Findings, as_json, as_table
from bench.server import a_house, serve
from bench.sizes import QUICK, WHOLE, Sizes
from bench.suppliers import measure_suppliers
from bench.uploads import measure_uploads


def main() -> int:
    """Run the bench; a wrong answer is a failure."""
    sizes = QUICK if os.environ.get("BENCH_QUICK", "0") not in {"", "0"} else WHOLE
    try:
        findings = asyncio.run(_measure(sizes))
    except (WrongAnswer, TablesDiffer, FootprintsDiffer) as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 1
    print(as_table(findings))
    if path := os.environ.get("BENCH_JSON"):
        Path(path).write_text(json.dumps(as_json(findings), indent=2) + "\n", "utf-8")
    return 0


async def _measure(sizes: Sizes) -> Findings:
    await bring_generator()
    orders, start_s = await _measure_orders(sizes)
    async with a_house() as house, serve(house, max(sizes.workers)) as server:
        shelf = Shelf(house, server, await watch_one_order(server))
        lists = {}
        for purchases in sizes.purchases:
            _say(f"lists of {purchases:,} purchases")
            await shelf.fill(purchases)
            lists[purchases] = await shelf.measure(sizes.lists)
        _say("purchases, one by one")
        reads = await shelf.measure_reading(turns=sizes.turns, seconds=sizes.reads)
        _say("the overview")
        overview = await measure_overview(server, shelf.purchases)
        _say("uploads")
        large, small = sizes.uploads
        uploads = await asyncio.to_thread(measure_uploads, server, house.folder, large=large, small=small)
        _say("documents of orders")
        documents = await asyncio.to_thread(measure_documents, server, count=sizes.documents)
        _say(f"{sizes.suppliers:,} suppliers")
        suppliers = await measure_suppliers(server, house, count=sizes.suppliers, seconds=sizes.lists)
    return Findings(tuple(orders), lists, reads, start_s, uploads, documents, suppliers, overview)


async def _measure_orders(sizes: Sizes) -> tuple[list[Measured], float]:
    floors: Floors | None = None
    orders: list[Measured] = []
    starts: list[float] = []
    async with a_house() as house:
        for workers in sizes.workers:
            async with serve(house, workers) as server:
                if floors is None:
                    floors = Floors(house, await watch_one_order(server))
                    await floors.compare(server)
                _say(f"orders with {workers} workers")
                orders.append(await Track(server, workers, floors, sizes, house.folder / "ids").measure())
        for _ in range(sizes.starts):
            async with serve(house, max(sizes.workers)) as server:
                starts.append(server.started_in)
    return orders, statistics.median(starts)


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
