"""What Prometheus reads: calls by operation and status, how long they take, the pool, the workers.

Every worker counts for itself. With `PROMETHEUS_MULTIPROC_DIR` in its environment (the supervisor sets it) the counts
lie in files there, and whichever worker is asked answers the sum of all.
"""

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from emplette.http.contract import GET, operation
from emplette.http.contract.exchange import Exchange
from emplette.http.contract.gate import Handler
from emplette.http.contract.refusals import OnlyFromHere
from emplette.http.recent import Recent

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_UNKNOWN = "unknown"
_EVERY = 5.0

PoolSize = Callable[[], tuple[int, int]]
"""Answers how many connections are open, and how many of them are idle."""


class Metrics:
    """The measures of this process."""

    def __init__(self, pool_size: PoolSize) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._pool_size = pool_size
        self._registry = CollectorRegistry()
        self._calls = Counter("emplette_calls", "Calls answered.", ["operation", "status"], registry=self._registry)
        self._seconds = Histogram(
            "emplette_call_seconds", "How long calls took.", ["operation"], buckets=_BUCKETS, registry=self._registry
        )
        self._connections = self._gauge("emplette_pool_connections", "Open connections to the database.", "state")
        self._memory = self._gauge("emplette_worker_resident_bytes", "Memory of the workers.")
        self._processor = self._gauge("emplette_worker_cpu_seconds", "Processor time of the workers that run.")
        self._workers = self._gauge("emplette_workers", "Workers that run.")
        self._counted: dict[tuple[str, int], Counter] = {}
        self._timed: dict[str, Histogram] = {}
        self._exposition = Recent(self._write)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self._registry, multiprocess_mode="livesum")

    def count(self, exchange: Exchange, status: int) -> None:
        """Count a call."""
        name = exchange.operation.name if exchange.operation else _UNKNOWN
        counter = self._counted.get((name, status))
        if counter is None:
            counter = self._counted[name, status] = self._calls.labels(name, str(status))
            self._timed[name] = self._seconds.labels(name)
        counter.inc()
        self._timed[name].observe(exchange.seconds)

    def sample(self) -> None:
        """Take the measures that are states, not counts."""
        size, idle = self._pool_size()
        self._connections.labels("busy").set(size - idle)
        self._connections.labels("idle").set(idle)
        used = resource.getrusage(resource.RUSAGE_SELF)
        self._processor.set(used.ru_utime + used.ru_stime)
        self._memory.set(_resident_bytes())
        self._workers.set(1)

    async def keep_sampling(self) -> None:
        """Take them again and again, because another worker may be the one that is asked."""
        while True:
            self.sample()
            await asyncio.sleep(_EVERY)

    async def _write(self) -> bytes:
        """Write all measures, beside the loop: it reads the files of all workers, and calls should not wait for it."""
        self.sample()
        return await asyncio.to_thread(self._exposition_of_all)

    def _exposition_of_all(self) -> bytes:
        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def operations(self) -> list[Handler]:
        """Make the operation that answers the measures."""

        @operation(
            GET,
            "/metrics",
            answers={200: bytes},
            public=True,
            local=True,
            tag="Server",
            ours=True,
            media_type=_EXPOSITION,
            problems=(OnlyFromHere,),
        )
        async def get_metrics() -> bytes:
            """Answer the measures that Prometheus reads.

            Only programs on this machine are answered, and none that a proxy speaks for. An answer may be a second old.
            """
            return await self._exposition.get()

        return [get_metrics]


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")
