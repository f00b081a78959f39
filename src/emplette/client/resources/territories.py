"""The operations on territories; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import quoted


class Territories:
    """The operations on territories."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get(self, territory_id: str) -> models.Territory:
        """Read a territory, by its code."""
        ask: Ask[models.Territory] = Ask(
            method="GET",
            path=f"/organization/structure/api/territories/{quoted(territory_id)}",
            answer=models.Territory,
        )
        return self._sender.send(ask)
