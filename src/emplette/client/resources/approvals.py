"""The operations on approvals; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender


class Approvals:
    """The operations on approvals."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def plan(
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
        return self._sender.send(ask)
