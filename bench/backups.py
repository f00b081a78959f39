"""A back-up of many purchases, restored and proved: `python -m bench.backups 1000000`, with some GB free in /var/tmp.

The purchases are copies of one that was made by a call, each with its event and the event's texts, sealed by the server
itself. So the logs are whole, and all of it is verified; copies pack better than what people write.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from bench.server import KEY, Connection, Server, a_house, connected, serve

_PURCHASE: Final = {"title": "Chairs", "ownerId": 35, "natureId": 1, "costCenterId": 3, "supplier": {"id": 6}}
_FIRST: Final = 1_000_000_000
"""The numbers of the copies come after this one, which is to be found in nothing else."""
_AT_ONCE: Final = 100_000
_MEGABYTE: Final = 2**20

_INDEXES: Final = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i WHERE i.indrelid = ANY ('{purchases,events,event_texts}'::regclass[]) AND NOT i.indisunique
"""
_COPIES: Final = (
    """INSERT INTO purchases SELECT c.* FROM {numbers}, purchases p, LATERAL jsonb_populate_record(NULL::purchases,
        to_jsonb(p) || jsonb_build_object('purchase_id', {first} + n)) c WHERE p.purchase_id = {purchase}""",
    """INSERT INTO events OVERRIDING SYSTEM VALUE SELECT c.* FROM {numbers}, events e,
        LATERAL jsonb_populate_record(NULL::events, jsonb_set(to_jsonb(e), '{{facts,purchase,purchase_id}}',
            to_jsonb({first} + n)) || jsonb_build_object('event_id', {last} + n, 'purchase_id', {first} + n,
            'object_id', {first} + n)) c WHERE e.event_id = {event}""",
    """INSERT INTO event_texts SELECT c.* FROM {numbers}, event_texts t, LATERAL jsonb_populate_record(
        NULL::event_texts, to_jsonb(t) || jsonb_build_object('event_id', {last} + n)) c WHERE t.event_id = {event}""",
    "INSERT INTO unsealed SELECT 1, {last} + n FROM {numbers}",
)
_GO_ON: Final = "SELECT setval(pg_get_serial_sequence('events', 'event_id'), max(event_id)) FROM events"


def _buy(url: str) -> int:
    """Make the purchase that is copied; answer its number."""
    headers = {"Authorization": f"lucca application={KEY}", "Content-Type": "application/json"}
    address = f"{url}/cleemy-procurement/api/purchases"
    with urlopen(Request(address, json.dumps(_PURCHASE).encode(), headers)) as answer:  # noqa: S310  (our own server)
        return int(json.load(answer)["id"])


async def _fill(server: Server, purchases: int) -> None:
    """Copy the purchase so often, and wait until all of it is sealed."""
    purchase = await asyncio.to_thread(_buy, server.url)
    async with connected(server.superuser_url) as connection:
        await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
        event = await connection.fetchval("SELECT event_id FROM events WHERE purchase_id = $1", purchase)
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        places = {"first": _FIRST, "last": event, "event": event, "purchase": purchase}
        for begin in range(1, purchases + 1, _AT_ONCE):
            numbers = f"generate_series({begin}, {min(begin + _AT_ONCE - 1, purchases)}) n"
            async with connection.transaction():
                for statement in _COPIES:
                    await connection.execute(statement.format(numbers=numbers, **places))
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute(
            "SELECT setval(pg_get_serial_sequence('events', 'event_id'), max(event_id)) FROM events"
        )
        await connection.execute("ANALYZE")
        await _sealed(connection)
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
    print(f"purchases={purchases} database={size / _MEGABYTE:,.0f} MB")


async def _sealed(connection: Connection) -> None:
    while await connection.fetchval("SELECT EXISTS (SELECT FROM unsealed)"):  # noqa: ASYNC110  (the server seals)
        await asyncio.sleep(1)


async def _time(*words: str) -> None:
    """Type a command, and say how long it takes."""
    load, began = os.getloadavg()[0], time.monotonic()
    typing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emplette.cli.main", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await typing.communicate()
    last = said.decode().strip().splitlines()[-1]
    print(f"{words[0]}: {time.monotonic() - began:.1f} s, exit code {typing.returncode}, load {load:.1f}: {last}")


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MEGABYTE


async def measure(purchases: int) -> None:
    """Fill a house, back it up while it serves, restore that and prove it."""
    async with a_house() as house:
        depot, new = house.folder / "depot", house.folder / "new"
        async with serve(house, 1) as server:
            await _fill(server, purchases)
            await _time("backup", "--data-dir", str(house.folder), "--to", str(depot))
        print(f"back-up: {_size(depot):,.0f} MB")
        await _time("restore", str(depot), "--data-dir", str(new))
        await _time("verify-backup", str(depot))


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
