"""The operations on purchases, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, overload
from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncPurchases:
    """The operations on purchases, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.PurchaseState] | Unset = UNSET,
        type: Sequence[models.PurchaseType] | Unset = UNSET,
        owner_id: Sequence[int] | Unset = UNSET,
        cost_center_id: Sequence[int] | Unset = UNSET,
        nature_id: Sequence[int] | Unset = UNSET,
        supplier_id: Sequence[int] | Unset = UNSET,
        created_at_from: dt.datetime | dt.date | Unset = UNSET,
        created_at_to: dt.datetime | dt.date | Unset = UNSET,
        search_terms: str | Unset = UNSET,
    ) -> AsyncListing[models.Purchase]:
        """List the purchases that the key may see, in the order of their creation.

        `search.terms` looks for every word, or its beginning, in titles and suppliers' names.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/cleemy-procurement/api/purchases",
            models.Purchase,
            {
                "limit": limit,
                "page": page,
                "state": state,
                "type": type,
                "ownerId": owner_id,
                "costCenterId": cost_center_id,
                "natureId": nature_id,
                "supplierId": supplier_id,
                "createdAt.from": created_at_from,
                "createdAt.to": created_at_to,
                "search.terms": search_terms,
            },
        )

    async def create(
        self,
        *,
        title: str,
        nature_id: int,
        cost_center_id: int,
        supplier: models.SupplierInput,
        owner_id: int | Unset | None = UNSET,
        owner: models.OwnerInput | Unset | None = UNSET,
        establishment_id: int | Unset | None = UNSET,
        department_id: int | Unset | None = UNSET,
        axis_section_ids: Sequence[int] | Unset | None = UNSET,
        type: models.PurchaseType | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Purchase:
        """Write down what somebody wants to buy.

        Without an `Idempotency-Key` each call makes a purchase of its own: send one, and a repeat finds the first.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Purchase] = Ask(
            method="POST",
            path="/cleemy-procurement/api/purchases",
            answer=models.Purchase,
            body={
                "title": title,
                "natureId": nature_id,
                "costCenterId": cost_center_id,
                "supplier": supplier,
                "ownerId": owner_id,
                "owner": owner,
                "establishmentId": establishment_id,
                "departmentId": department_id,
                "axisSectionIds": axis_section_ids,
                "type": type,
            },
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, purchase_id: int) -> models.Purchase:
        """Read a purchase with its live or last commitment, its money and its order.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Purchase] = Ask(
            method="GET", path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}", answer=models.Purchase
        )
        return await self._sender.send(ask)

    async def update(
        self,
        purchase_id: int,
        *,
        title: str,
        nature_id: int,
        cost_center_id: int,
        supplier: models.SupplierInput,
        owner_id: int | Unset | None = UNSET,
        owner: models.OwnerInput | Unset | None = UNSET,
        establishment_id: int | Unset | None = UNSET,
        department_id: int | Unset | None = UNSET,
        axis_section_ids: Sequence[int] | Unset | None = UNSET,
        type: models.PurchaseType | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.Purchase:
        """Say anew, and as a whole, what is to be bought: while Created, Denied or Cancelled.

        The rate and the taxes of a commitment that nobody was asked about are checked and computed anew.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Purchase] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}",
            answer=models.Purchase,
            body={
                "title": title,
                "natureId": nature_id,
                "costCenterId": cost_center_id,
                "supplier": supplier,
                "ownerId": owner_id,
                "owner": owner,
                "establishmentId": establishment_id,
                "departmentId": department_id,
                "axisSectionIds": axis_section_ids,
                "type": type,
            },
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def list_supplier(
        self, purchase_id: int, *, id: int, if_match: str | Versioned | None = None
    ) -> models.Purchase:
        """Put a listed supplier in the place of the one that the buyer only wrote down.

        In every state but Closed; under review it changes what is to be approved.

        Needs the permission `manage`.
        """
        ask: Ask[models.Purchase] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}/supplier",
            answer=models.Purchase,
            body={"id": id},
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def close(
        self,
        purchase_id: int,
        *,
        date: dt.date | Unset | None = UNSET,
        comment: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Purchase:
        """Close a purchase whose invoices are all settled; its order closes with it, and nothing of it changes any more.

        A purchase that waits for approval can't be closed: cancel its request first.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Purchase] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}/closing",
            answer=models.Purchase,
            body={"date": date, "comment": comment},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    @overload
    async def commit(
        self,
        purchase_id: int,
        *,
        type: Literal["OneTimeCommitment"],
        cost_date: dt.date,
        amount_including_taxes: models.MoneyInput,
        attachment_ids: Sequence[int | UUID | str] | Unset | None = UNSET,
        comment: str | Unset | None = UNSET,
        payment_method: models.PaymentMethod | Unset | None = UNSET,
        state: Literal["Created"] | Unset | None = UNSET,
        invoice_date: dt.date | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Commitment: ...

    @overload
    async def commit(
        self,
        purchase_id: int,
        *,
        type: Literal["SubscriptionCommitment"],
        start_date: dt.date,
        invoicing_frequency: models.DurationInput,
        subscription_duration: models.DurationInput,
        amount_including_taxes_per_period: models.MoneyInput,
        attachment_ids: Sequence[int | UUID | str] | Unset | None = UNSET,
        comment: str | Unset | None = UNSET,
        payment_method: models.PaymentMethod | Unset | None = UNSET,
        state: Literal["Created"] | Unset | None = UNSET,
        first_invoice_date: dt.date | Unset | None = UNSET,
        contractual_obligation: models.DurationInput | Unset | None = UNSET,
        termination_notice: models.DurationInput | Unset | None = UNSET,
        attachments: Sequence[models.AttachmentReferenceInput] | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Commitment: ...

    async def commit(
        self,
        purchase_id: int,
        *,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
        **body: Any,
    ) -> models.Commitment:
        """Say what a purchase will cost, once or as a subscription.

        It may have one live commitment; one that was denied or cancelled is replaced, and what hung on that can be named
        again in `attachmentIds`. The status is 200, as the API's machine-readable reference declares, or 201 for keys that
        were made so (`--created-status 201`).

        Needs the permission `purchases`.
        """
        ask: Ask[models.Commitment] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/purchases/{quoted(purchase_id)}/commitment",
            answer=models.Commitment,
            body=body,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)
