"""People who buy all the time, whatever happens to the servers, and remember what they were told."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, PURCHASE

NOT_KNOWN_YET: Final = {502, 503, 504}
_PAUSE: Final = 0.05


@dataclass(slots=True)
class Market:
    """What many buyers did: what was acknowledged to them, and how their calls were answered."""

    purchases: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    begun: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    successes: list[float] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    is_closing: bool = False

    def refused(self) -> dict[str, int]:
        """Count the calls that were not answered with success, by what they were answered."""
        return {answer: count for answer, count in self.answers.items() if not answer.startswith("2")}

    def silence(self) -> float:
        """Measure the longest time between two successes, in seconds."""
        return max((later - sooner for sooner, later in itertools.pairwise(self.successes)), default=0.0)

    async def come_further(self, count: int, within: float = 60.0) -> None:
        """Wait for so many more successes."""
        goal = len(self.successes) + count
        async with asyncio.timeout(within):
            async with self.news:
                await self.news.wait_for(lambda: len(self.successes) >= goal)

    async def note(self, answer: str, *, is_success: bool = False) -> None:
        """Note how a call was answered."""
        self.answers[answer] += 1
        if is_success:
            self.successes.append(time.monotonic())
            async with self.news:
                self.news.notify_all()


class Buyer:
    """Makes purchase after purchase, each into an order, and finds it listed; repeats calls until they are answered."""

    _names = itertools.count(1)

    def __init__(self, market: Market, clients: Sequence[httpx2.AsyncClient]) -> None:
        self._market = market
        self._clients = itertools.cycle(clients)
        self._name = next(self._names)

    async def buy(self) -> None:
        """Buy until the market closes; what was begun is brought to its end."""
        for number in itertools.count():
            if self._market.is_closing:
                return
            self._market.begun += 1
            key = f"buyer-{self._name}-{number}"
            purchase = await self._say("purchases", f"{key}-a", PURCHASE)
            self._market.purchases.append(purchase["id"])
            commitment = await self._say("commitments", f"{key}-b", ONE_TIME | {"purchaseId": purchase["id"]})
            request = await self._say(f"commitments/{commitment['id']}/requests", f"{key}-c", None)
            self._market.orders.append(request["order"]["id"])
            listed = await self._ask("GET", "purchases?limit=100")
            assert purchase["id"] in [item["id"] for item in listed["items"]], "what was bought is not in the list"

    async def _say(self, path: str, key: str, body: dict[str, Any] | None) -> dict[str, Any]:
        return await self._ask("POST", path, json=body, headers={"Idempotency-Key": key})

    async def _ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:  # noqa: ANN401  as the client takes it
        """Ask one server after the other, until one answers that it is done."""
        while True:
            client = next(self._clients)
            try:
                answer = await client.request(method, f"{API}/{path}", **sent)
            except httpx2.TransportError as error:
                await self._market.note(type(error).__name__)
                await asyncio.sleep(_PAUSE)
                continue
            await self._market.note(str(answer.status_code), is_success=answer.is_success)
            if answer.is_success:
                told: dict[str, Any] = answer.json()
                return told
            assert answer.status_code in NOT_KNOWN_YET, answer.text
            await asyncio.sleep(_PAUSE)


@dataclass(slots=True)
class Callers:
    """Clients of a company, one for each server."""

    clients: list[httpx2.AsyncClient]

    @classmethod
    @asynccontextmanager
    async def of(cls, company: Company, urls: Sequence[str], secret: str) -> AsyncIterator[Self]:
        """Lend them."""
        headers = {"Authorization": f"lucca application={secret}", "Host": company.host}
        clients = [httpx2.AsyncClient(base_url=url, headers=headers, timeout=30.0) for url in urls]
        try:
            yield cls(clients)
        finally:
            await asyncio.gather(*(client.aclose() for client in clients))


@asynccontextmanager
async def buying(clients: Sequence[httpx2.AsyncClient], buyers: int = 6) -> AsyncIterator[Market]:
    """Have people buy as long as this lasts, and bring to its end what they have begun."""
    market = Market()
    async with asyncio.TaskGroup() as group:
        for _ in range(buyers):
            group.create_task(Buyer(market, clients).buy())
        try:
            yield market
        finally:
            market.is_closing = True


async def count_lost_and_doubled(owner: OwnerConnection, tenant: int, market: Market) -> tuple[int, int]:
    """Count what was acknowledged and is not there, and what is there more often than it was asked for."""
    purchases = {row[0] for row in await owner.fetch("SELECT purchase_id FROM purchases WHERE tenant_id = $1", tenant)}
    orders = {row[0] for row in await owner.fetch("SELECT order_id FROM orders WHERE tenant_id = $1", tenant)}
    lost = len(set(market.purchases) - purchases) + len(set(market.orders) - orders)
    doubled = len(purchases - set(market.purchases)) + len(orders - set(market.orders))
    doubled += sum(len(told) - len(set(told)) for told in (market.purchases, market.orders))
    return lost, doubled
