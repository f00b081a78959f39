"""The operations on request plans; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import quoted


class RequestPlans:
    """The operations on request plans."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get(self, request_id: int) -> models.Plan:
        """Read by which rule of the policy a request goes, which steps, who is asked in each, and why.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Plan] = Ask(
            method="GET", path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/plan", answer=models.Plan
        )
        return self._sender.send(ask)
