"""The operations on subscription runs; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import Versioned, quoted


class SubscriptionRuns:
    """The operations on subscription runs."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def let(
        self, commitment_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Subscription:
        """Decide that a subscription runs to its end; nobody is reminded of it any more. That may be thought over.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Subscription] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/continuations",
            answer=models.Subscription,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
