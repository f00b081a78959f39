"""The operations on server, for asyncio; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender


class AsyncServer:
    """The operations on server, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def liveness(self) -> models.Health:
        """Tell that this process answers."""
        ask: Ask[models.Health] = Ask(method="GET", path="/health/live", answer=models.Health)
        return await self._sender.send(ask)

    async def readiness(self) -> models.Health:
        """Tell whether calls can be served.

        The database has to be reachable and up to date. What should be looked after soon is a warning. An answer may
        be a second old.
        """
        ask: Ask[models.Health] = Ask(method="GET", path="/health/ready", answer=models.Health)
        return await self._sender.send(ask)

    async def metrics(self) -> str:
        """Answer the measures that Prometheus reads.

        Only programs on this machine are answered, and none that a proxy speaks for. An answer may be a second old.
        """
        ask: Ask[str] = Ask(method="GET", path="/metrics", answer=str)
        return await self._sender.send(ask)
