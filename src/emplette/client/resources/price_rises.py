"""The operations on price rises; written by scripts/write_client.py, never by hand."""

from decimal import Decimal

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import Versioned, quoted


class PriceRises:
    """The operations on price rises."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def create(
        self,
        commitment_id: int,
        *,
        index: str,
        before: Decimal | int,
        after: Decimal | int,
        idempotency_key: str | None = None,
        if_match: str | Versioned,
    ) -> models.Request:
        """Ask for approval of the price that an index makes of the one that was approved: an amendment of that alone.

        What each period costs is multiplied by `after` and divided by `before`, and rounded to the cent; taxes grow with
        it. It counts for every period. `If-Match` is mandatory, as for every amendment.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/price-rises",
            answer=models.Request,
            body={"index": index, "before": before, "after": after},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
