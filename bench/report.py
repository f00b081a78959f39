"""What the bench found: a table for people, JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.documents import Documents
from bench.floors import Floored
from bench.generator import Load
from bench.lists import Reads
from bench.orders import Measured
from bench.overview import GOAL, Looked
from bench.sizes import CLIENTS
from bench.suppliers import Suppliers
from bench.uploads import Upload

_FLOORS: Final = ("transaction", "statement")
_MOST: Final = max(CLIENTS)
# What must not take longer because there is more; a count does, and a page by number too.
_STEADY: Final = ("read", "first_page", "deep_page")


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was measured.

    Orders by number of workers, lists by number of purchases, reads by number of clients, the time of a start, uploads
    by size, documents, suppliers, and the overview.
    """

    orders: tuple[Measured, ...]
    lists: Mapping[int, Mapping[str, Load]]
    reads: Mapping[int, Reads]
    start_s: float
    uploads: Sequence[Upload]
    documents: Documents
    suppliers: Suppliers
    overview: Looked

    @property
    def best(self) -> Measured:
        """The number of workers with which most orders are made, by the floor of the same turn."""
        return max(self.orders, key=lambda measured: measured.ratio(_FLOORS[0], _MOST))


def as_json(findings: Findings) -> dict[str, Any]:
    """Arrange the findings for a program; floors are those of the best number of workers' turn."""
    best = findings.best
    return {
        "floor": {
            floor: {f"c{clients}": round(floored.per_second, 1) for clients, floored in best.floors[floor].items()}
            for floor in _FLOORS
        },
        "floor_times": {
            floor: {f"c{clients}": _times(floored) for clients, floored in best.floors[floor].items()}
            for floor in _FLOORS
        },
        "orders": _orders_as_json(best),
        "lists": _lists_as_json(findings.lists),
        "reads": {
            f"c{clients}": {
                "per_s": round(reads.load.per_second, 1),
                **_times(reads.load),
                "floor": round(reads.floor, 1),
                "ratio": round(reads.ratio, 3),
            }
            for clients, reads in findings.reads.items()
        },
        "memory_mb": round(max(measured.memory_mb for measured in findings.orders), 1),
        "start_s": round(findings.start_s, 2),
        "uploads": {
            str(upload.size): {
                "upload_ms": round(upload.upload_s * 1000, 1),
                "copy_ms": round(upload.copy_s * 1000, 1),
                "ratio": round(upload.ratio, 2),
            }
            for upload in findings.uploads
        },
        "documents": {
            "first_ms": round(findings.documents.first_s * 1000, 1),
            "made_ms": round(findings.documents.made_s * 1000, 1),
            "made_per_s": round(findings.documents.made_per_s, 1),
            "kept_ms": round(findings.documents.kept_s * 1000, 1),
        },
        "suppliers": {
            "count": findings.suppliers.count,
            "import_s": round(findings.suppliers.import_s, 1),
            "again_s": round(findings.suppliers.again_s, 1),
            "copy_s": round(findings.suppliers.copy_s, 1),
            "ratio": round(findings.suppliers.ratio, 2),
            "search": {name: _times(load) for name, load in findings.suppliers.searches.items()},
        },
        "overview": {
            "purchases": findings.overview.purchases,
            "count_s": round(findings.overview.count_s, 1),
            "p50_ms": round(findings.overview.p50_ms, 1),
            "p99_ms": round(findings.overview.p99_ms, 1),
        },
    }


def as_table(findings: Findings) -> str:
    """Write the findings down for a person."""
    return "\n".join(_lines(findings))


def _lines(findings: Findings) -> Iterator[str]:
    yield (
        "Orders by three calls      floors, commands a second  ratio to floor of       one call, ms   transaction, ms"
        "     ratio, turns"
    )
    yield (
        "workers clients commands/s    transaction  statement  transaction statement    p50     p99      p50     p99"
        "   least to most"
    )
    for measured in findings.orders:
        for clients, load in measured.loads.items():
            transaction, statement = (measured.floors[floor][clients] for floor in _FLOORS)
            ratios = [measured.ratio(floor, clients) for floor in _FLOORS]
            yield (
                f"{measured.workers:7} {clients:7} {load.per_second:10.0f}"
                f" {transaction.per_second:14.0f} {statement.per_second:10.0f} {ratios[0]:12.2f} {ratios[1]:9.2f}"
                f" {load.p50_ms:6.1f} {load.p99_ms:7.1f} {transaction.p50_ms:8.1f} {transaction.p99_ms:7.1f}"
                f" {min(measured.turns[clients]):7.2f} to {max(measured.turns[clients]):.2f}"
            )
    yield ""
    yield "Reading and listing   purchases   a second    p50 ms    p99 ms"
    for purchases, loads in findings.lists.items():
        for name, load in loads.items():
            yield f"{name:18} {purchases:12} {load.per_second:10.1f} {load.p50_ms:9.1f} {load.p99_ms:9.1f}"
    yield ""
    yield "Purchases one by one   a second    p50 ms    p99 ms    floor, a second     ratio"
    for clients, reads in findings.reads.items():
        load = reads.load
        times = f"{load.p50_ms:9.1f} {load.p99_ms:9.1f}"
        yield f"{clients:3} clients {load.per_second:19.1f} {times} {reads.floor:18.1f} {reads.ratio:9.2f}"
    yield ""
    yield "Uploading a file        bytes    upload, ms      copy, ms     ratio"
    for upload in findings.uploads:
        yield (f"{upload.size:29} {upload.upload_s * 1000:13.1f} {upload.copy_s * 1000:13.1f} {upload.ratio:9.2f}")
    made = findings.documents
    yield ""
    yield "Documents of orders    first, ms   made, ms  made a second   kept, ms"
    yield f"{made.first_s * 1000:31.1f} {made.made_s * 1000:10.1f} {made.made_per_s:14.1f} {made.kept_s * 1000:10.1f}"
    brought = findings.suppliers
    yield ""
    yield "Suppliers     imported, s   again, s   copied, s     ratio"
    times = f"{brought.import_s:15.1f} {brought.again_s:10.1f} {brought.copy_s:11.1f}"
    yield f"{brought.count:9} {times} {brought.ratio:9.2f}"
    for name, load in brought.searches.items():
        yield f"search: {name:8} {load.per_second:8.1f} a second, p50 {load.p50_ms:.1f} ms, p99 {load.p99_ms:.1f} ms"
    looked = findings.overview
    yield ""
    yield "The overview   purchases   counted, s    p50 ms    p99 ms      goal"
    times = f"{looked.count_s:12.1f} {looked.p50_ms:9.1f} {looked.p99_ms:9.1f} {GOAL:9.0f}"
    yield f"{looked.purchases:24} {times}"
    yield ""
    yield f"The largest worker took {max(measured.memory_mb for measured in findings.orders):.0f} MB."
    yield f"A start on a prepared data folder took {findings.start_s:.2f} s."
    yield "Every answer was right, and the tables held exactly what was answered."


def _orders_as_json(best: Measured) -> dict[str, Any]:
    return {
        "workers": best.workers,
        **{
            f"c{clients}": {"commands_per_s": round(load.per_second, 1), **_times(load)}
            for clients, load in best.loads.items()
        },
        "ratio": {
            floor: {f"c{clients}": round(best.ratio(floor, clients), 3) for clients in CLIENTS} for floor in _FLOORS
        },
        "turns": {f"c{clients}": [round(ratio, 3) for ratio in ratios] for clients, ratios in best.turns.items()},
    }


def _lists_as_json(lists: Mapping[int, Mapping[str, Load]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(purchases): {name: {"per_s": round(load.per_second, 1), **_times(load)} for name, load in loads.items()}
        for purchases, loads in lists.items()
    }
    few, many = min(lists), max(lists)
    if few != many:
        found["slower"] = {name: round(lists[many][name].p50_ms / lists[few][name].p50_ms, 2) for name in _STEADY}
    return found


def _times(load: Load | Floored) -> dict[str, float]:
    return {"p50_ms": round(load.p50_ms, 3), "p99_ms": round(load.p99_ms, 3)}
