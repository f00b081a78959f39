"""Reading and listing, with few purchases in the tables and with many."""

import asyncio
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import mean
from typing import Any, Final
from urllib.parse import quote, urlsplit

from bench.floors import reading
from bench.generator import Load, read_page, read_purchases
from bench.probe import Probe
from bench.scripts import insert_many
from bench.server import KEY, House, Server, connected
from bench.sizes import CLIENTS

_FIRST_ID: Final = 50_000_001
_PAGE: Final = 100
_READERS: Final = 8
_LISTED: Final = ("purchases", "commitments", "requests", "request_decisions", "orders")


# What the copies differ in beside their ids: so there are many sums, and none of them is of everything.
_SPREAD: Final = {
    "nature_id": "1 + n.id % 50",
    "cost_center_id": "1 + n.id % 100",
    "supplier_id": "1 + n.id % 500",
    "cost_date": "n.at",
}


_INDEXES: Final = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i WHERE i.indrelid = ANY ($1::text[]::regclass[]) AND NOT i.indisunique
"""


@dataclass(frozen=True, slots=True)
class Reads:
    """Purchases looked up one by one: over HTTP, and by the same statement without us."""

    load: Load
    floor: float

    @property
    def ratio(self) -> float:
        """How much of the statement's rate the calls reach."""
        return self.load.per_second / self.floor


@dataclass(slots=True)
class Shelf:
    """Purchases with all under them: copies of one order, made 40 seconds after each other, of all kinds."""

    house: House
    server: Server
    probe: Probe
    purchases: int = 0

    async def fill(self, purchases: int) -> None:
        """Bring the tables to so many purchases, and have them vacuumed as a running server's are."""
        source = (
            f"(SELECT {_FIRST_ID} + n AS id, timestamptz '2024-01-01T00:00:00Z' + n * interval '40 s' AS at"
            f" FROM generate_series({self.purchases}, {purchases - 1}) n) n"
        )
        async with connected(self.server.superuser_url) as connection:
            # What is copied was checked when it was made; triggers and indexes row by row would take minutes.
            await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
            indexes = await connection.fetch(_INDEXES, _LISTED)
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
            for table, row in self.probe.rows:
                if table.name in _LISTED:
                    places = dict.fromkeys(self.probe.ids, "n.id") | {str(row.get("created_at")): "n.at"}
                    await connection.execute(insert_many(table, row, places, source, _SPREAD))
            for index in indexes:
                await connection.execute(index["definition"])
            for name in _LISTED:
                await connection.execute(f"VACUUM (ANALYZE) {name}")
        self.purchases = purchases

    async def measure_reading(self, *, turns: int, seconds: int) -> dict[int, Reads]:
        """Read purchases, and by turns have PostgreSQL alone read them; answer how fast both were, by clients."""
        ids = {"first": _FIRST_ID, "last": _FIRST_ID + self.purchases - 1}
        found = {}
        for clients in CLIENTS:
            floors, loads = [], []
            for _ in range(turns):
                run = reading(self.house, self.server, clients=clients, seconds=seconds, **ids)
                floors.append((await run.go()).per_second)
                loads.append(await read_purchases(self.server.url, clients=clients, seconds=seconds, **ids))
            found[clients] = Reads(Load.of_turns(loads), mean(floors))
        return found

    async def measure(self, seconds: int) -> dict[str, Load]:
        """Read purchases, pages and counts."""
        url, first, middle = self.server.url, _FIRST_ID, self.purchases // _PAGE // 2
        one = await read_purchases(url, clients=_READERS, seconds=seconds, first=first, last=first + self.purchases - 1)
        deep = (await asyncio.to_thread(_get, url, f"/purchases?page={middle}&fields.root=next"))["next"]
        pages = {
            "first_page": ("/purchases", _starts_with(first)),
            "deep_page": (f"/purchases?page={quote(deep)}", _starts_with(first + middle * _PAGE)),
            "numbered_page": (f"/purchases?page={middle + 1}", _starts_with(first + middle * _PAGE)),
            "count": ("/purchases?limit=0&fields.root=count", f'"count":{self.purchases + 1}'),
        }
        loads = {"read": one}
        for name, (path, expected) in pages.items():
            loads[name] = await read_page(url, clients=1, seconds=seconds, path=path, expected=expected)
        return loads


def _starts_with(purchase_id: int) -> str:
    return f'{{"items":[{{"id":{purchase_id},'


def _get(url: str, path: str) -> dict[str, Any]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        headers = {"Authorization": f"lucca application={KEY}"}
        connection.request("GET", "/cleemy-procurement/api" + path, headers=headers)
        answer = connection.getresponse()
        found: dict[str, Any] = json.loads(answer.read())
    finally:
        connection.close()
    return found
