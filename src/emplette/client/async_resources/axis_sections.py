"""The operations on axis sections, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncAxisSections:
    """The operations on axis sections, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        id: Sequence[int] | Unset = UNSET,
        axis_id: Sequence[int] | Unset = UNSET,
        is_archived: Sequence[bool] | Unset = UNSET,
    ) -> AsyncListing[models.AxisSection]:
        """List the sections of analytic axes, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/organization/structure/api/axis-sections",
            models.AxisSection,
            {"limit": limit, "page": page, "id": id, "axisId": axis_id, "isArchived": is_archived},
        )

    async def get(self, axis_section_id: int) -> models.AxisSection:
        """Read a section of an analytic axis.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.AxisSection] = Ask(
            method="GET",
            path=f"/organization/structure/api/axis-sections/{quoted(axis_section_id)}",
            answer=models.AxisSection,
        )
        return await self._sender.send(ask)
