"""What the customers of the soak do: orders by the three calls, all kinds of reading, files, and what is refused."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any, Final

import httpx2

from bench.server import KEY, Server

API: Final = "/cleemy-procurement/api"
CLIENTS: Final = 8
_PATIENCE_S: Final = 30.0
_LASTING_S: Final = 60.0
"""How long a connection may be idle: less than the server waits, so that the two never end it at the same moment."""
_CLOSED: Final = 0.3
_OK: Final = 200
_PURCHASE: Final[dict[str, Any]] = {
    "ownerId": 35,
    "natureId": 1,
    "costCenterId": 3,
    "establishmentId": 1,
    "departmentId": 14,
    "supplier": {"id": 6},
    "title": "Purchase of the soak",
    "axisSectionIds": [361],
}
_COMMITMENT: Final[dict[str, Any]] = {
    "type": "OneTimeCommitment",
    "costDate": "2025-04-14",
    "invoiceDate": "2025-04-14",
    "amountIncludingTaxes": {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": []},
}
_BROKEN: Final = b'{"title": "a", "title": "b"'
_JSON: Final = {"Content-Type": "application/json"}
_PAGES: Final = (
    f"{API}/purchases?limit=20",
    f"{API}/orders?limit=20",
    f"{API}/requests?limit=20",
    f"{API}/events?limit=50",
    f"{API}/suppliers?limit=20",
    f"{API}/natures?limit=20",
    f"{API}/costcenters?limit=20",
    "/cleemy-procurement/taxes/api/rates?date=2025-04-14&territoryId=FR",
    "/api/v3/users?limit=20",
    "/health/ready",
    "/metrics",
    "/openapi.json",
)


class Pace:
    """Calls evenly spread over time, so many a second; who is late does not hurry afterwards."""

    def __init__(self, per_second: float) -> None:
        self._pause = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until it is the next call's turn."""
        now = asyncio.get_running_loop().time()
        mine = max(self._next, now)
        self._next = mine + self._pause
        await asyncio.sleep(mine - now)


class Customers:
    """Those who call; they count their calls, and the answers that are not what they should be."""

    def __init__(self, line: httpx2.AsyncClient, other_line: httpx2.AsyncClient) -> None:
        self.calls = 0
        self.errors = 0
        self.example = ""
        self._line = line
        self._other_line = other_line
        self._pace: Pace | None = None
        self._chance = random.Random(1)  # noqa: S311 - it chooses what to do next
        self._last_purchase = 0

    @classmethod
    @asynccontextmanager
    async def of(cls, server: Server) -> AsyncIterator["Customers"]:
        """Lend customers of a server; those who hang up do so on connections of their own, so that the others' last."""

        def connected() -> httpx2.AsyncClient:
            headers = {"Authorization": f"lucca application={KEY}"}
            limits = httpx2.Limits(max_connections=CLIENTS, keepalive_expiry=_LASTING_S)
            return httpx2.AsyncClient(base_url=server.url, headers=headers, limits=limits, timeout=_PATIENCE_S)

        async with connected() as line, connected() as other_line:
            yield cls(line, other_line)

    async def begin(self, *, seconds: float) -> None:
        """Do for so long what takes most room in the workers and their children, so that it is taken.

        What documents and files need at once is kept for the next; at the soak's pace that fills for an hour.
        """
        until = asyncio.get_running_loop().time() + seconds

        async def fill() -> None:
            while asyncio.get_running_loop().time() < until:
                await self._keep_papers()
                await self._hang_up()

        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(fill())

    async def buy(self, *, seconds: float, pace: Pace | None = None) -> float:
        """Call for so long, as fast as it goes or at a pace; answer how many calls a second there were."""
        self._pace = pace
        before, clock = self.calls, asyncio.get_running_loop().time
        began = clock()
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._go_on(until=began + seconds))
        return (self.calls - before) / (clock() - began)

    async def _go_on(self, until: float) -> None:
        doings: tuple[Callable[[], Awaitable[None]], ...] = (
            self._order,
            self._read_pages,
            self._read_purchase,
            self._be_refused,
            self._hang_up,
            self._keep_papers,
        )
        while asyncio.get_running_loop().time() < until:
            await self._chance.choices(doings, weights=(30, 20, 20, 10, 5, 2))[0]()

    async def _order(self) -> None:
        order = await self._make_order()
        if order and self._chance.random() < _CLOSED:
            closing = {"date": "2025-04-20"}
            path = f"{API}/purchases/{order['purchaseId']}/closing"
            await self._call("POST", path, expects=201, json=closing)
            await self._call("POST", path, expects=409, json=closing)

    async def _make_order(self) -> dict[str, Any] | None:
        """Make an order by the three calls, and send the last one twice; None when a call has failed."""
        purchase = await self._call("POST", f"{API}/purchases", expects=201, key=True, json=_PURCHASE)
        if purchase is None:
            return None
        self._last_purchase = purchase_id = purchase.json()["id"]
        terms = _COMMITMENT | {"purchaseId": purchase_id}
        commitment = await self._call("POST", f"{API}/commitments", expects=201, key=True, json=terms)
        if commitment is None:
            return None
        path, key = f"{API}/commitments/{commitment.json()['commitmentId']}/requests", token_hex(8)
        first, again = [await self._call("POST", path, expects=201, headers={"Idempotency-Key": key}) for _ in range(2)]
        if first is None or again is None:
            return None
        if first.json()["id"] != again.json()["id"]:
            self._note("a repeat was answered otherwise")
        order: dict[str, Any] = first.json()["order"]
        return order | {"purchaseId": purchase_id}

    async def _read_pages(self) -> None:
        for page in self._chance.sample(_PAGES, 3):
            await self._call("GET", page, expects=200)

    async def _read_purchase(self) -> None:
        if not self._last_purchase:
            return
        path = f"{API}/purchases/{self._last_purchase}"
        found = await self._call("GET", path, expects=_OK)
        if found is not None:
            # Others may have gone on with it in between.
            told = {"If-None-Match": found.headers["ETag"]}
            await self._call("GET", path, expects={_OK, 304}, headers=told)

    async def _be_refused(self) -> None:
        await self._call("POST", f"{API}/purchases", expects=400, json={"title": 1, "ownerId": "x" * 2_000})
        await self._call("POST", f"{API}/purchases", expects=400, content=_BROKEN, headers=_JSON)
        await self._call("GET", f"{API}/purchases/1", expects=404)
        await self._call("DELETE", f"{API}/purchases", expects=405)

    async def _hang_up(self) -> None:
        """Stop waiting in the middle of a call; what was sent may be done."""
        self.calls += 1
        body = _PURCHASE | {"title": "Nobody waits for this"}
        try:
            async with asyncio.timeout(self._chance.uniform(0.0, 0.01)):
                await self._other_line.post(f"{API}/purchases", json=body)
        except (TimeoutError, httpx2.TransportError):
            return

    async def _keep_papers(self) -> None:
        """Read an order's document, keep it as a file, and look at its page."""
        order = await self._make_order()
        paper = order and await self._call("GET", f"{API}/orders/{order['id']}/pdf", expects=200)
        if not paper:
            return
        files = {"file": (f"{token_hex(4)}.pdf", paper.content, "application/pdf")}
        kept = await self._call("POST", "/lucca-files/api/uploads", expects=201, files=files)
        if kept is not None:
            path = f"{API}/files/{kept.json()['id']}"
            await self._call("GET", path, expects=200)
            await self._call("GET", f"{path}/display/pages/1", expects=200)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        expects: int | set[int],
        key: bool = False,
        **how: Any,  # noqa: ANN401 - what httpx2 takes
    ) -> httpx2.Response | None:
        """Make one call; None when it was not answered as it should be."""
        if self._pace is not None:
            await self._pace.turn()
        self.calls += 1
        if key:
            how["headers"] = {"Idempotency-Key": token_hex(8)}
        try:
            answer = await self._line.request(method, path, **how)
        except httpx2.TransportError as error:
            self._note(f"{method} {path}: {error!r}")
            return None
        if answer.status_code not in (expects if isinstance(expects, set) else {expects}):
            self._note(f"{method} {path}: {answer.status_code} instead of {expects}: {answer.text[:300]}")
            return None
        return answer

    def _note(self, what: str) -> None:
        self.errors += 1
        self.example = self.example or what
