"""The operations on users; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class Users:
    """The operations on users."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> Listing[models.Person]:
        """List the people of the company, by id.

        The path is the documented one; the envelope is that of the other lists here, and ours.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(self._sender, "/api/v3/users", models.Person, {"limit": limit, "page": page, "id": id})

    def get(self, user_id: int) -> models.Person:
        """Read a user: what the hrefs of owners, authors and approvers lead to.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Person] = Ask(method="GET", path=f"/api/v3/users/{quoted(user_id)}", answer=models.Person)
        return self._sender.send(ask)
