"""How fast the log is checked, and a person erased: ``python -m bench.checks [ORDERS]``, 2,000 without a number.

Not part of `make bench`: it measures a command of administrators, which is given beside the server it disturbs.
"""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Final

import httpx2

from bench.probe import COMMITMENT, PURCHASE
from bench.server import KEY, House, Server, a_house, connected, serve
from emplette.services.checks import Report, check
from emplette.storage.database import Database

_API: Final = "/cleemy-procurement/api"
_CLIENTS: Final = 16
_PERSON: Final = 35
_THEIR_KEY: Final = "the-key-of-a-person-who-leaves"
# A key of the person's own, in whose name purchases are written and remarked upon.
_BIND: Final = """
WITH standing_for_it AS (
    INSERT INTO users (tenant_id, user_id, kind, first_name, last_name, person_id)
    VALUES (1, 1002, 'Key', 'Phone', '', $1)
)
INSERT INTO api_keys (tenant_id, api_key_id, secret_hash, name, contact, permissions, user_id, person_id, auto_approve,
                      created_status, created_at)
VALUES (1, 2, $2, 'Phone', 'bench@example.com', '{purchases:all,view:all}', 1002, $1, false, 201, now())
"""


async def _order(leaving: httpx2.AsyncClient, approving: httpx2.AsyncClient) -> None:
    """Make an order: a purchase and a commitment by the person who leaves, approved by a key."""
    purchase = await leaving.post(f"{_API}/purchases", json=PURCHASE)
    body = COMMITMENT | {"purchaseId": purchase.json()["id"], "comment": "I would like these"}
    commitment = await leaving.post(f"{_API}/commitments", json=body)
    asked = await approving.post(f"{_API}/commitments/{commitment.json()['id']}/requests")
    asked.raise_for_status()


async def _fill(server: Server, orders: int) -> None:
    async with connected(server.owner_url) as connection:
        await connection.execute(_BIND, _PERSON, hashlib.sha256(_THEIR_KEY.encode()).digest())
    numbers = iter(range(orders))
    async with _caller(server, _THEIR_KEY) as leaving, _caller(server, KEY) as approving:

        async def make() -> None:
            for _ in numbers:
                await _order(leaving, approving)

        await asyncio.gather(*(make() for _ in range(_CLIENTS)))


def _caller(server: Server, key: str) -> httpx2.AsyncClient:
    # Each call over a connection of its own: one that rested too long is closed by the server.
    limits = httpx2.Limits(max_keepalive_connections=0)
    headers = {"Authorization": f"lucca application={key}"}
    return httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60, limits=limits)


async def _emplette(house: House, *words: str) -> tuple[str, float]:
    """Type a command beside the server; answer what it said, and how long it took."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emplette.cli.main", *words, "--data-dir", str(house.folder)),
        stdout=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")},
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(out.decode())
    return out.decode(), time.monotonic() - began


async def _check(server: Server) -> tuple[Report, float]:
    """Check the log as `emplette verify` does; answer what was found, and how long it took."""
    database = await Database.connect(server.database_url, size=1)
    began = time.monotonic()
    report = await check(database.session(), 1, tell=lambda *_: None)
    took = time.monotonic() - began
    await database.close()
    return report, took


async def _lines(orders: int) -> AsyncIterator[str]:
    async with a_house() as house, serve(house, 2) as server:
        await _fill(server, orders)
        for when in ("before", "after"):
            report, took = await _check(server)
            rate, verdict = report.events / took, "good" if report.is_good else report.findings[0]
            yield f"verify {when}: {report.events:,} events, {report.rows:,} rows, {took:.2f} s, {rate:,.0f} events/s"
            yield f"verify {when}: {report.erased:,} erased texts, {verdict}"
            if when == "before":
                said, took = await _emplette(house, "erase", "person", "--tenant", "bench", str(_PERSON), "--yes")
                yield f"erase: {took:.1f} s: {said.splitlines()[-1]}"


async def _main(orders: int) -> None:
    async for line in _lines(orders):
        print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
