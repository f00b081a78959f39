"""The operations on orders; written by scripts/write_client.py, never by hand."""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class Orders:
    """The operations on orders."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.OrderState] | Unset = UNSET,
        purchase_id: Sequence[int] | Unset = UNSET,
        supplier_id: Sequence[int] | Unset = UNSET,
        owner_id: Sequence[int] | Unset = UNSET,
        created_at_from: dt.datetime | dt.date | Unset = UNSET,
        created_at_to: dt.datetime | dt.date | Unset = UNSET,
    ) -> Listing[models.Order]:
        """List the orders that the key may see, in the order of their creation.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return Listing(
            self._sender,
            "/cleemy-procurement/api/orders",
            models.Order,
            {
                "limit": limit,
                "page": page,
                "state": state,
                "purchaseId": purchase_id,
                "supplierId": supplier_id,
                "ownerId": owner_id,
                "createdAt.from": created_at_from,
                "createdAt.to": created_at_to,
            },
        )

    def get(self, order_id: int) -> models.Order:
        """Read an order: its number, its state, what it came from, who approved it, its history.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Order] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}", answer=models.Order
        )
        return self._sender.send(ask)

    def pdf(self, order_id: int, *, if_match: str | Versioned | None = None) -> bytes:
        """Read the document of an order: a PDF/A-3 with the order as Order-X attached, in French or in English.

        It is made at the first call and kept; its bytes never change after, whatever becomes of the order, the supplier or
        the template, and it stays when the order is closed or cancelled. A first call that takes too long is answered 503
        with `Retry-After` while the document is being made: call again.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}/pdf", answer=bytes, if_match=if_match
        )
        return self._sender.send(ask)

    def save_pdf(self, order_id: int, path: str | os.PathLike[str], *, if_match: str | Versioned | None = None) -> Path:
        """Write into a file what `pdf` answers, piece by piece."""
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}/pdf", answer=bytes, if_match=if_match
        )
        return self._sender.save(ask, path)
