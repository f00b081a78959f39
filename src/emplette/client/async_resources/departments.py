"""The operations on departments, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncDepartments:
    """The operations on departments, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> AsyncListing[models.Department]:
        """List the departments, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/organization/structure/api/departments",
            models.Department,
            {"limit": limit, "page": page, "id": id},
        )

    async def get(self, department_id: int) -> models.Department:
        """Read a department.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Department] = Ask(
            method="GET",
            path=f"/organization/structure/api/departments/{quoted(department_id)}",
            answer=models.Department,
        )
        return await self._sender.send(ask)
