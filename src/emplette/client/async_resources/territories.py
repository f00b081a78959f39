"""The operations on territories, for asyncio; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import quoted


class AsyncTerritories:
    """The operations on territories, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(self, territory_id: str) -> models.Territory:
        """Read a territory, by its code."""
        ask: Ask[models.Territory] = Ask(
            method="GET",
            path=f"/organization/structure/api/territories/{quoted(territory_id)}",
            answer=models.Territory,
        )
        return await self._sender.send(ask)
