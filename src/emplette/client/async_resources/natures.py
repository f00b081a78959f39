"""The operations on natures, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncNatures:
    """The operations on natures, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET) -> AsyncListing[models.Nature]:
        """List the natures, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender, "/cleemy-procurement/api/natures", models.Nature, {"limit": limit, "page": page}
        )

    async def create(
        self,
        *,
        name: str,
        cost_family_id: int | Unset | None = UNSET,
        state: models.NatureState | Unset | None = UNSET,
        accounting_plans: Sequence[models.AccountingPlanInput] | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Nature:
        """Write down a kind of expense.

        Needs the permission `manage`.
        """
        ask: Ask[models.Nature] = Ask(
            method="POST",
            path="/cleemy-procurement/api/natures",
            answer=models.Nature,
            body={"name": name, "costFamilyId": cost_family_id, "state": state, "accountingPlans": accounting_plans},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, nature_id: int) -> models.Nature:
        """Read a nature.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Nature] = Ask(
            method="GET", path=f"/cleemy-procurement/api/natures/{quoted(nature_id)}", answer=models.Nature
        )
        return await self._sender.send(ask)

    async def update(
        self,
        nature_id: int,
        *,
        name: str | Unset = UNSET,
        cost_family_id: int | Unset | None = UNSET,
        state: models.NatureState | Unset = UNSET,
        accounting_plans: Sequence[models.AccountingPlanInput] | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.Nature:
        """Change what is said of a nature: what is absent is kept, null clears.

        Needs the permission `manage`.
        """
        ask: Ask[models.Nature] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/natures/{quoted(nature_id)}",
            answer=models.Nature,
            body={"name": name, "costFamilyId": cost_family_id, "state": state, "accountingPlans": accounting_plans},
            if_match=if_match,
        )
        return await self._sender.send(ask)
