"""The operations on approvals, for asyncio; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender


class AsyncApprovals:
    """The operations on approvals, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def plan(
        self, *, purchase: models.PurchaseInput, commitment: models.OneTimeInput | models.SubscriptionInput
    ) -> models.Plan:
        """Work out who would be asked about a purchase before it is written down, and why. Nothing is written.

        It is the plan of this moment: of today's policy and people, for the caller who asks.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Plan] = Ask(
            method="POST",
            path="/cleemy-procurement/api/approval-plans",
            answer=models.Plan,
            body={"purchase": purchase, "commitment": commitment},
        )
        return await self._sender.send(ask)
