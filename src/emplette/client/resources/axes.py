"""The operations on axes; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class Axes:
    """The operations on axes."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> Listing[models.Axis]:
        """List the analytic axes, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender, "/organization/structure/api/axes", models.Axis, {"limit": limit, "page": page, "id": id}
        )

    def get(self, axis_id: int) -> models.Axis:
        """Read an analytic axis.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Axis] = Ask(
            method="GET", path=f"/organization/structure/api/axes/{quoted(axis_id)}", answer=models.Axis
        )
        return self._sender.send(ask)
