"""The operations on cost centers, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncCostCenters:
    """The operations on cost centers, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET) -> AsyncListing[models.CostCenter]:
        """List the cost centers, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender, "/cleemy-procurement/api/costcenters", models.CostCenter, {"limit": limit, "page": page}
        )

    async def get(self, cost_center_id: int) -> models.CostCenter:
        """Read a cost center.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.CostCenter] = Ask(
            method="GET", path=f"/cleemy-procurement/api/costcenters/{quoted(cost_center_id)}", answer=models.CostCenter
        )
        return await self._sender.send(ask)

    async def update(
        self,
        cost_center_id: int,
        *,
        name: str | Unset = UNSET,
        code: str | Unset = UNSET,
        owner_id: int | Unset | None = UNSET,
        owner: models.CostCenterOwnerInput | Unset | None = UNSET,
        state: models.CostCenterState | Unset = UNSET,
        establishment_ids: Sequence[int] | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.CostCenter:
        """Change what is said of a cost center: what is absent is kept, null clears.

        Needs the permission `manage`.
        """
        ask: Ask[models.CostCenter] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/costcenters/{quoted(cost_center_id)}",
            answer=models.CostCenter,
            body={
                "name": name,
                "code": code,
                "ownerId": owner_id,
                "owner": owner,
                "state": state,
                "establishmentIds": establishment_ids,
            },
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def import_all(
        self,
        *,
        items: Sequence[Mapping[str, Any]],
        mode: models.ImportMode | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.CostCenterImport:
        """Write many cost centers at once: known codes change theirs, others are made.

        With `AllOrNothing` one wrong item keeps out all; with `SkipInvalidItems` only those that are wrong are left out.
        Either way the report says what is wrong with each.

        Needs the permission `manage`.
        """
        ask: Ask[models.CostCenterImport] = Ask(
            method="POST",
            path="/cleemy-procurement/services/imports/costcenters",
            answer=models.CostCenterImport,
            body={"items": items, "mode": mode},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)
