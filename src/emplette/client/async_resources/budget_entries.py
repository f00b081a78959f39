"""The operations on budget entries, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, quoted


class AsyncBudgetEntries:
    """The operations on budget entries, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        budget_id: int,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.EntryState] | Unset = UNSET,
    ) -> AsyncListing[models.BudgetEntry]:
        """List what hangs on a budget, by request; of purchases that the key may see.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender,
            f"/cleemy-procurement/api/budgets/{quoted(budget_id)}/entries",
            models.BudgetEntry,
            {"limit": limit, "page": page, "state": state},
        )
