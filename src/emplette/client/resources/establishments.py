"""The operations on establishments; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class Establishments:
    """The operations on establishments."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        id: Sequence[int] | Unset = UNSET,
        is_archived: Sequence[bool] | Unset = UNSET,
    ) -> Listing[models.Establishment]:
        """List the establishments, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender,
            "/organization/structure/api/establishments",
            models.Establishment,
            {"limit": limit, "page": page, "id": id, "isArchived": is_archived},
        )

    def get(self, establishment_id: int) -> models.Establishment:
        """Read an establishment.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Establishment] = Ask(
            method="GET",
            path=f"/organization/structure/api/establishments/{quoted(establishment_id)}",
            answer=models.Establishment,
        )
        return self._sender.send(ask)
