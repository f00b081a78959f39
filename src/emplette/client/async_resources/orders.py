"""The operations on orders, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncOrders:
    """The operations on orders, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
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
    ) -> AsyncListing[models.Order]:
        """List the orders that the key may see, in the order of their creation.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return AsyncListing(
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

    async def get(self, order_id: int) -> models.Order:
        """Read an order: its number, its state, what it came from, who approved it, its history.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Order] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}", answer=models.Order
        )
        return await self._sender.send(ask)

    async def pdf(self, order_id: int, *, if_match: str | Versioned | None = None) -> bytes:
        """Read the document of an order: a PDF/A-3 with the order as Order-X attached, in French or in English.

        It is made at the first call and kept; its bytes never change after, whatever becomes of the order, the supplier or
        the template, and it stays when the order is closed or cancelled. A first call that takes too long is answered 503
        with `Retry-After` while the document is being made: call again.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}/pdf", answer=bytes, if_match=if_match
        )
        return await self._sender.send(ask)

    async def save_pdf(
        self, order_id: int, path: str | os.PathLike[str], *, if_match: str | Versioned | None = None
    ) -> Path:
        """Write into a file what `pdf` answers, piece by piece."""
        ask: Ask[bytes] = Ask(
            method="GET", path=f"/cleemy-procurement/api/orders/{quoted(order_id)}/pdf", answer=bytes, if_match=if_match
        )
        return await self._sender.save(ask, path)
