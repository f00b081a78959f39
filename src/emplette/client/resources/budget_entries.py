"""The operations on budget entries; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class BudgetEntries:
    """The operations on budget entries."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        budget_id: int,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.EntryState] | Unset = UNSET,
    ) -> Listing[models.BudgetEntry]:
        """List what hangs on a budget, by request; of purchases that the key may see.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender,
            f"/cleemy-procurement/api/budgets/{quoted(budget_id)}/entries",
            models.BudgetEntry,
            {"limit": limit, "page": page, "state": state},
        )
