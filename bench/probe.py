"""One order made by the three calls, watched: what each of them writes."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from bench.footprints import Footprint, Row, Table, Tracker
from bench.scripts import COMMANDS
from bench.server import KEY, Server, connected, nobody_seals

PURCHASE: Final[dict[str, object]] = {
    "ownerId": 35,
    "natureId": 1,
    "costCenterId": 3,
    "establishmentId": 1,
    "departmentId": 14,
    "supplier": {"id": 6, "name": "Supplier 6", "territoryId": "FR"},
    "title": "Purchase entry test",
    "axisSectionIds": [361],
}
COMMITMENT: Final[dict[str, object]] = {
    "costDate": "2025-04-14",
    "invoiceDate": "2025-04-14",
    "amountIncludingTaxes": {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": []},
    "type": "OneTimeCommitment",
    "attachmentIds": [],
    "state": "Created",
    "comment": "Comment",
    "paymentMethod": None,
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What the three commands of an order wrote.

    ``ids`` are the values that are others in every order; ``stock`` holds, for each command, the rows that it
    changes as they were before it; ``rows`` all that the order consists of in the end.
    """

    footprints: Mapping[str, Footprint]
    ids: Sequence[str]
    stock: Mapping[str, Sequence[tuple[Table, Row]]]
    rows: Sequence[tuple[Table, Row]]


async def watch_one_order(server: Server) -> Probe:
    """Make an order as the generator of load does, and look at the tables after each call."""
    footprints: dict[str, Footprint] = {}
    stock: dict[str, list[tuple[Table, Row]]] = {}
    ids: list[str] = []
    async with nobody_seals(server.owner_url), connected(server.owner_url) as connection:
        tracker = await Tracker.of(connection)
        for command in COMMANDS:
            known = dict(tracker.known)
            key = f"the-key-of-{command}"
            answer = await asyncio.to_thread(_call, server.url, _path(command, ids), _body(command, ids), key)
            ids += [str(answer["id"]), *([str(answer["order"]["id"])] if command == "submit" else []), key]
            footprint = footprints[command] = await tracker.footprint(connection)
            changed = {change.table.name: change.table for change in footprint.changes if not change.is_new}
            stock[command] = [(changed[name[0]], row) for name, row in known.items() if name[0] in changed]
        tables = {table.name: table for table in tracker.tables}
        rows = [(tables[name[0]], row) for name, row in tracker.known.items()]
    return Probe(footprints, ids, stock, rows)


def _path(command: str, ids: Sequence[str]) -> str:
    return {"create": "/purchases", "commit": "/commitments"}.get(command) or f"/commitments/{ids[2]}/requests"


def _body(command: str, ids: Sequence[str]) -> object:
    if command == "create":
        return PURCHASE
    return COMMITMENT | {"purchaseId": int(ids[0])} if command == "commit" else None


def _call(url: str, path: str, body: object, key: str) -> dict[str, Any]:
    headers = {"Authorization": f"lucca application={KEY}", "Idempotency-Key": key}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        content = None if body is None else json.dumps(body)
        connection.request("POST", "/cleemy-procurement/api" + path, content, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if answer.status != 201:  # noqa: PLR2004  (created)
        raise RuntimeError(f"{path}: {answer.status} {text}")
    found: dict[str, Any] = json.loads(text)
    return found
