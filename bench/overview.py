"""The overview over many purchases: how long counting them takes, and then the page."""

import asyncio
import hashlib
import re
import statistics
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from bench.generator import WrongAnswer
from bench.server import Server, connected

GOAL: Final = 300.0
"""Milliseconds."""

_SECRET: Final = "a-session-of-the-bench"  # noqa: S105  (of a server that is gone in the end)
_SPAN: Final = "from=2024-01&to=2024-12"
_PATIENCE: Final = 900.0
_ROUNDS: Final = 30
_SIGN_IN: Final = """
INSERT INTO role_grants (tenant_id, role_grant_id, user_id, role, granted_at) VALUES (1, 900001, 1, 'accountant', now())
ON CONFLICT DO NOTHING;
INSERT INTO sessions (tenant_id, user_id, secret_hash, begun_at, used_at, ends_at, address, browser)
VALUES (1, 1, decode('{secret_hash}', 'hex'), now(), now(), now() + interval '1 day', '127.0.0.1', 'the bench');
"""
# What was filled in without events is counted as what was there before.
_FORGET: Final = "DELETE FROM spending_progress; TRUNCATE spending_lines, spending_sums"
_IS_COUNTED: Final = """
SELECT EXISTS (SELECT FROM spending_progress w JOIN chains c USING (tenant_id)
    WHERE tenant_id = 1 AND w.walked_id IS NULL AND w.position >= c.position)
"""
_EXPECTED: Final = """
SELECT coalesce(sum(counter_excluding_minor), 0)::bigint FROM commitments
WHERE tenant_id = 1 AND state = 'Provisioned' AND cost_date >= '2024-01-01' AND cost_date < '2025-01-01'
"""


@dataclass(frozen=True, slots=True)
class Looked:
    """The overview of a year: of how many purchases, how long these were counted, and how long a page took."""

    purchases: int
    count_s: float
    page_ms: tuple[float, ...]

    @property
    def p50_ms(self) -> float:
        """The page in the middle."""
        return statistics.median(self.page_ms)

    @property
    def p99_ms(self) -> float:
        """The slowest page but one in a hundred."""
        return statistics.quantiles(self.page_ms, n=100)[98]


async def measure_overview(server: Server, purchases: int) -> Looked:
    """Have the purchases counted, and look at the page; its sum is held against the tables."""
    async with connected(server.superuser_url) as connection:
        await connection.execute(_SIGN_IN.format(secret_hash=hashlib.sha256(_SECRET.encode()).hexdigest()))
        await connection.execute(_FORGET)
        count_s = await _counted(connection)
        expected = await connection.fetchval(_EXPECTED)
        pages = await asyncio.to_thread(_look, server.url, expected)
    return Looked(purchases, count_s, tuple(pages))


async def _counted(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    begun = time.perf_counter()
    while not await connection.fetchval(_IS_COUNTED):
        if time.perf_counter() - begun > _PATIENCE:
            raise WrongAnswer("The purchases were not counted in time.")
        await asyncio.sleep(0.5)
    return time.perf_counter() - begun


def _look(url: str, expected: int) -> list[float]:
    connection, taken = HTTPConnection(urlsplit(url).netloc, timeout=60), []
    try:
        for _ in range(_ROUNDS):
            begun = time.perf_counter()
            headers = {"Accept": "text/html", "Cookie": f"emplette-session={_SECRET}"}
            connection.request("GET", f"/overview?{_SPAN}", headers=headers)
            answer = connection.getresponse()
            page = answer.read().decode()
            taken.append((time.perf_counter() - begun) * 1000)
            shown = re.search(r'sum-whole"><a[^>]*>([^<]*)<', page)
            if answer.status != 200 or shown is None or shown[1] != f"€{expected / 100:,.2f}":  # noqa: PLR2004
                told = page[:200] if shown is None else shown[1]
                raise WrongAnswer(f"The overview answered {answer.status} and {told}, not {expected} cents.")
    finally:
        connection.close()
    return taken
