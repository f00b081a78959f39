"""The operations on request plans, for asyncio; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import quoted


class AsyncRequestPlans:
    """The operations on request plans, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(self, request_id: int) -> models.Plan:
        """Read by which rule of the policy a request goes, which steps, who is asked in each, and why.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Plan] = Ask(
            method="GET", path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/plan", answer=models.Plan
        )
        return await self._sender.send(ask)
