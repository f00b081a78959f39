"""The operations on budgets; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class Budgets:
    """The operations on budgets."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        kind: Sequence[models.BudgetKind] | Unset = UNSET,
        currency: Sequence[str] | Unset = UNSET,
        cost_center_id: Sequence[int] | Unset = UNSET,
        nature_id: Sequence[int] | Unset = UNSET,
        cost_family_id: Sequence[int] | Unset = UNSET,
        department_id: Sequence[int] | Unset = UNSET,
        axis_section_id: Sequence[int] | Unset = UNSET,
        establishment_id: Sequence[int] | Unset = UNSET,
    ) -> Listing[models.Budget]:
        """List the budgets, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender,
            "/cleemy-procurement/api/budgets",
            models.Budget,
            {
                "limit": limit,
                "page": page,
                "kind": kind,
                "currency": currency,
                "costCenterId": cost_center_id,
                "natureId": nature_id,
                "costFamilyId": cost_family_id,
                "departmentId": department_id,
                "axisSectionId": axis_section_id,
                "establishmentId": establishment_id,
            },
        )

    def create(
        self,
        *,
        name: str,
        start_date: dt.date,
        end_date: dt.date,
        amount: models.AmountInput,
        kind: models.BudgetKind | Unset | None = UNSET,
        cost_center_id: int | Unset | None = UNSET,
        nature_id: int | Unset | None = UNSET,
        cost_family_id: int | Unset | None = UNSET,
        department_id: int | Unset | None = UNSET,
        axis_section_id: int | Unset | None = UNSET,
        establishment_id: int | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Budget:
        """Make a budget; it takes over what is asked for or approved already and falls into it.

        With hundreds of thousands of orders that takes seconds, for which others wait who ask for approval.

        Needs the permission `configure`.
        """
        ask: Ask[models.Budget] = Ask(
            method="POST",
            path="/cleemy-procurement/api/budgets",
            answer=models.Budget,
            body={
                "name": name,
                "startDate": start_date,
                "endDate": end_date,
                "amount": amount,
                "kind": kind,
                "costCenterId": cost_center_id,
                "natureId": nature_id,
                "costFamilyId": cost_family_id,
                "departmentId": department_id,
                "axisSectionId": axis_section_id,
                "establishmentId": establishment_id,
            },
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def get(self, budget_id: int) -> models.Budget:
        """Read a budget.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Budget] = Ask(
            method="GET", path=f"/cleemy-procurement/api/budgets/{quoted(budget_id)}", answer=models.Budget
        )
        return self._sender.send(ask)

    def correct(
        self,
        budget_id: int,
        *,
        amount: models.DifferenceInput,
        reason: str,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Budget:
        """Raise or lower a budget, for a reason; lowered below what hangs on it, it has an overrun.

        Needs the permission `configure`.
        """
        ask: Ask[models.Budget] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/budgets/{quoted(budget_id)}/corrections",
            answer=models.Budget,
            body={"amount": amount, "reason": reason},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
