"""Walking a list page by page, as a program does that wants all of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2


async def walk(client: httpx2.AsyncClient, place: str, limit: int, **filters: str) -> AsyncIterator[list[Any]]:
    """Give the items of each page, by the token of the one before."""
    query: dict[str, str | int] = {"limit": limit, "fields.root": "next", **filters}
    while True:
        answer = await client.get(place, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page["items"]
        if "next" not in page:
            return
        query["page"] = page["next"]
