"""The operations on users, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncUsers:
    """The operations on users, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> AsyncListing[models.Person]:
        """List the people of the company, by id.

        The path is the documented one; the envelope is that of the other lists here, and ours.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(self._sender, "/api/v3/users", models.Person, {"limit": limit, "page": page, "id": id})

    async def get(self, user_id: int) -> models.Person:
        """Read a user: what the hrefs of owners, authors and approvers lead to.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Person] = Ask(method="GET", path=f"/api/v3/users/{quoted(user_id)}", answer=models.Person)
        return await self._sender.send(ask)
