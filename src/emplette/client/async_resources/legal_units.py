"""The operations on legal units, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncLegalUnits:
    """The operations on legal units, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        id: Sequence[int] | Unset = UNSET,
        is_archived: Sequence[bool] | Unset = UNSET,
    ) -> AsyncListing[models.LegalUnit]:
        """List the legal units, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/organization/structure/api/legal-units",
            models.LegalUnit,
            {"limit": limit, "page": page, "id": id, "isArchived": is_archived},
        )

    async def get(self, legal_unit_id: int) -> models.LegalUnit:
        """Read a legal unit.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.LegalUnit] = Ask(
            method="GET",
            path=f"/organization/structure/api/legal-units/{quoted(legal_unit_id)}",
            answer=models.LegalUnit,
        )
        return await self._sender.send(ask)
