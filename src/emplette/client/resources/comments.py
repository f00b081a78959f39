"""The operations on comments; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class Comments:
    """The operations on comments."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self, purchase_id: int, *, limit: int | Unset = UNSET, page: str | Unset = UNSET
    ) -> Listing[models.Comment]:
        """List what was said about a purchase, the first words first.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return Listing(
            self._sender,
            f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}/comments",
            models.Comment,
            {"limit": limit, "page": page},
        )

    def create(
        self,
        purchase_id: int,
        *,
        text: str,
        mentioned_ids: Sequence[int] | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Comment:
        """Say something about a purchase that may be seen, whatever its state. It stays: comments are not changed.

        It changes nothing of the purchase, whose version stays as it is. Who is mentioned has to be somebody who may see
        the purchase.

        Needs the permission `purchases` or `approve` or `manage`.
        """
        ask: Ask[models.Comment] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}/comments",
            answer=models.Comment,
            body={"text": text, "mentionedIds": mentioned_ids},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
