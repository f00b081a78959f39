"""Ten tasks, counted in fields, clicks and keys as somebody does them: each takes what the decision says of it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx2
import pytest
from playwright.async_api import Page

from tests.fixtures.browsers import APPROVER, OWNER, ROOT, SECOND, Tour
from tests.fixtures.guide import API, make_commitment, make_purchase, make_request

pytestmark = pytest.mark.long

DECISION: Final = ROOT / "docs" / "decisions" / "0088-drafts-and-tasks.md"
_ROW: Final = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+)[^|]*\|$", re.MULTILINE)
Effort = tuple[int, int]
"""Fields that are filled in, and clicks and keys."""


def _written_down() -> dict[str, Effort]:
    return {
        name.split(" (")[0]: (int(fields), int(moves)) for name, fields, moves in _ROW.findall(DECISION.read_text())
    }


@dataclass
class Hands:
    """Whoever does the tasks, and how much each took."""

    page: Page
    taken: dict[str, Effort] = field(default_factory=dict)
    fields: int = 0
    moves: int = 0

    @asynccontextmanager
    async def task(self, name: str) -> AsyncIterator[None]:
        """Count what is done within it."""
        self.fields = self.moves = 0
        yield
        self.taken[name] = (self.fields, self.moves)

    async def fill(self, **values: str) -> None:
        """Type into fields, or choose there."""
        for name, value in values.items():
            self.fields += 1
            place = self.page.locator(f"#{name}")
            if await place.evaluate("(element) => element.tagName") == "SELECT":
                await place.select_option(value)
            else:
                await place.fill(value)

    async def click(self, place: str, *, stays: bool = False) -> None:
        """Click something, which leads to another page unless one ``stays``."""
        self.moves += 1
        await self._go(self.page.click(place), stays=stays)

    async def press(self, key: str, *, stays: bool = False) -> None:
        """Press a key."""
        self.moves += 1
        await self._go(self.page.keyboard.press(key), stays=stays)

    async def _go(self, deed: object, *, stays: bool) -> None:
        if stays:
            await deed  # type: ignore[misc]
            return
        async with self.page.expect_navigation():
            await deed  # type: ignore[misc]


async def test_ten_tasks_take_what_is_written_down_of_them(
    tour: Tour, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    hands = Hands(tour.page)
    await _decide(tour, hands, submitter)
    await _ask(tour, hands, client, submitter)
    await _name_a_supplier(tour, hands, client)
    assert hands.taken == _written_down()
    assert hands.taken["ask for a known purchase"][0] <= 6
    assert hands.taken["approve the first request of the list"] <= (0, 2)


async def _decide(tour: Tour, hands: Hands, submitter: httpx2.AsyncClient) -> None:
    for title in ("A lamp", "A chair", "A desk"):
        await make_request(submitter, title=title)
    await tour.sign_in(APPROVER)
    await tour.open("/approvals")
    async with hands.task("approve the first request of the list"):
        await hands.press("Enter")
        await hands.press("a")
    async with hands.task("approve the one that opens next"):
        await hands.press("a")
    async with hands.task("deny with a reason"):
        await hands.press("d", stays=True)
        await hands.fill(comment="We have desks")
        await hands.click("button[data-key=d]")


async def _ask(tour: Tour, hands: Hands, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient) -> None:
    page = tour.page
    closed = await make_purchase(client, title="An old lamp")
    await client.post(f"{API}/purchases/{closed['id']}/closing", json={"date": "2025-04-20"})
    bought = await make_purchase(client, title="A lamp for ever", supplier={"id": 6})
    order = await make_commitment(client, bought["id"])
    await client.post(f"{API}/commitments/{order['id']}/requests")
    waiting = await make_request(submitter, title="A lamp too many")
    await page.context.clear_cookies()
    await tour.sign_in(OWNER)
    known = {"title": "Two lamps", "supplier": "Office & Co", "amount": "120", "nature": "1", "cost_center": "3"}
    for name, then in (("ask for a known purchase", "ask"), ("keep a thought for later", "keep")):
        await tour.open("/ask")
        await page.evaluate("document.querySelectorAll('select').forEach((one) => { one.value = ''; })")
        async with hands.task(name):
            await hands.fill(**known)
            await hands.click(f"button[value={then}]")
    await tour.open(f"/purchases/{bought['id']}")
    async with hands.task("ask for the like of an earlier purchase"):
        await hands.click("a[href^='/ask?from=']")
        await hands.click("button[value=ask]")
    await tour.open("/purchases")
    async with hands.task("find a closed purchase"):
        await hands.click("input[name=state][value=Closed]")
    assert await page.locator("main >> text=An old lamp").count() > 0
    await tour.open(f"/purchases/{waiting['purchase']['id']}")
    async with hands.task("withdraw a request"):
        await hands.click("details:has(form[action$=withdrawal]) summary", stays=True)
        await hands.click("form[action$=withdrawal] button")
    await tour.open(f"/purchases/{bought['id']}")
    async with hands.task("get the order's document"), page.expect_download():
        await hands.click("a[href^='/orders/']", stays=True)


async def _name_a_supplier(tour: Tour, hands: Hands, client: httpx2.AsyncClient) -> None:
    wanted = await make_purchase(client, title="A new lamp", supplier={"name": "New one", "territoryId": "FR"})
    await tour.page.context.clear_cookies()
    await tour.sign_in(SECOND, "accountant")
    await tour.open(f"/purchases/{wanted['id']}")
    async with hands.task("name a listed supplier for a new one"):
        await hands.fill(supplier="6")
        await hands.click("form[action$=supplier] button")
