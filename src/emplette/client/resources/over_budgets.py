"""The operations on over budgets; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class OverBudgets:
    """The operations on over budgets."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def carry(
        self,
        budget_id: int,
        *,
        from_budget_id: int,
        amount: models.DifferenceInput | Unset | None = UNSET,
        reason: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Budget:
        """Carry over into a budget what is free of an earlier one, all of it or so much.

        Needs the permission `configure`.
        """
        ask: Ask[models.Budget] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/budgets/{quoted(budget_id)}/carry-overs",
            answer=models.Budget,
            body={"fromBudgetId": from_budget_id, "amount": amount, "reason": reason},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
