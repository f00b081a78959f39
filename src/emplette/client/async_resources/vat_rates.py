"""The operations on vat rates, for asyncio; written by scripts/write_client.py, never by hand."""

import builtins
import datetime as dt

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender


class AsyncVatRates:
    """The operations on vat rates, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def list(self, *, date: dt.date, territory_id: str) -> builtins.list[models.VatRate]:
        """List the VAT rates of a territory that are valid on a day; a territory without VAT has none."""
        ask: Ask[builtins.list[models.VatRate]] = Ask(
            method="GET",
            path="/cleemy-procurement/taxes/api/rates",
            answer=builtins.list[models.VatRate],
            query={"date": date, "territoryId": territory_id},
        )
        return await self._sender.send(ask)
