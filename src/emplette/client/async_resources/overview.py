"""The operations on overview, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset


class AsyncOverview:
    """The operations on overview, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(
        self,
        *,
        from_: str | Unset = UNSET,
        to: str | Unset = UNSET,
        currency: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> models.Overview:
        """Read what is spent in some months, in one currency: whole, by month, nature, cost center and supplier.

        It is of what the key may see, before taxes, in the month in which it costs something, and exact: `href` of a number
        lists exactly what it sums up. Budgets are those of which the key may see all that hangs on them. While much is
        still to be counted it is a 503.

        Needs the permission `purchases` or `view`.
        """
        ask: Ask[models.Overview] = Ask(
            method="GET",
            path="/cleemy-procurement/api/overview",
            answer=models.Overview,
            query={"from": from_, "to": to, "currency": currency, "limit": limit},
        )
        return await self._sender.send(ask)

    def spending(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        from_: str | Unset = UNSET,
        to: str | Unset = UNSET,
        currency: str | Unset = UNSET,
        state: Sequence[models.SpendingStage] | Unset = UNSET,
        nature_id: int | Unset = UNSET,
        cost_center_id: int | Unset = UNSET,
        supplier_id: int | Unset = UNSET,
    ) -> AsyncListing[models.SpendingLine]:
        """List what a number of the overview sums up: what each purchase costs in each month, by month and purchase.

        Needs the permission `purchases` or `view`.
        """
        return AsyncListing(
            self._sender,
            "/cleemy-procurement/api/overview/spending",
            models.SpendingLine,
            {
                "limit": limit,
                "page": page,
                "from": from_,
                "to": to,
                "currency": currency,
                "state": state,
                "natureId": nature_id,
                "costCenterId": cost_center_id,
                "supplierId": supplier_id,
            },
        )
