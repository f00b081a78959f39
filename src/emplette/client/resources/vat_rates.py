"""The operations on vat rates; written by scripts/write_client.py, never by hand."""

import builtins
import datetime as dt

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender


class VatRates:
    """The operations on vat rates."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(self, *, date: dt.date, territory_id: str) -> builtins.list[models.VatRate]:
        """List the VAT rates of a territory that are valid on a day; a territory without VAT has none."""
        ask: Ask[builtins.list[models.VatRate]] = Ask(
            method="GET",
            path="/cleemy-procurement/taxes/api/rates",
            answer=builtins.list[models.VatRate],
            query={"date": date, "territoryId": territory_id},
        )
        return self._sender.send(ask)
