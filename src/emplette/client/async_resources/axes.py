"""The operations on axes, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncAxes:
    """The operations on axes, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> AsyncListing[models.Axis]:
        """List the analytic axes, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender, "/organization/structure/api/axes", models.Axis, {"limit": limit, "page": page, "id": id}
        )

    async def get(self, axis_id: int) -> models.Axis:
        """Read an analytic axis.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Axis] = Ask(
            method="GET", path=f"/organization/structure/api/axes/{quoted(axis_id)}", answer=models.Axis
        )
        return await self._sender.send(ask)
