"""The operations on schedules; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import quoted


class Schedules:
    """The operations on schedules."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get(self, commitment_id: int) -> models.Schedule:
        """Read the schedule of a subscription, whether it was approved or not: periods, invoices, notice, end.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Schedule] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/schedule",
            answer=models.Schedule,
        )
        return self._sender.send(ask)
