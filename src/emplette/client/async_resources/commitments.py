"""The operations on commitments, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, overload
from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncCommitments:
    """The operations on commitments, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @overload
    async def create(
        self,
        *,
        type: Literal["OneTimeCommitment"],
        cost_date: dt.date,
        amount_including_taxes: models.MoneyInput,
        purchase_id: int,
        attachment_ids: Sequence[int | UUID | str] | Unset | None = UNSET,
        comment: str | Unset | None = UNSET,
        payment_method: models.PaymentMethod | Unset | None = UNSET,
        state: Literal["Created"] | Unset | None = UNSET,
        invoice_date: dt.date | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Commitment: ...

    @overload
    async def create(
        self,
        *,
        type: Literal["SubscriptionCommitment"],
        start_date: dt.date,
        invoicing_frequency: models.DurationInput,
        subscription_duration: models.DurationInput,
        amount_including_taxes_per_period: models.MoneyInput,
        purchase_id: int,
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

    async def create(
        self, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None, **body: Any
    ) -> models.Commitment:
        """Say what a purchase will cost, once or as a subscription.

        The purchase is named in the body. It may have one live commitment; one that was denied or cancelled is
        replaced, and what hung on that can be named again in `attachmentIds`.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Commitment] = Ask(
            method="POST",
            path="/cleemy-procurement/api/commitments",
            answer=models.Commitment,
            body=body,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, commitment_id: int) -> models.Commitment:
        """Read a commitment, also one that another has replaced.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Commitment] = Ask(
            method="GET", path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}", answer=models.Commitment
        )
        return await self._sender.send(ask)

    @overload
    async def update(
        self,
        commitment_id: int,
        *,
        type: Literal["OneTimeCommitment"],
        cost_date: dt.date,
        amount_including_taxes: models.MoneyInput,
        attachment_ids: Sequence[int | UUID | str] | Unset | None = UNSET,
        comment: str | Unset | None = UNSET,
        payment_method: models.PaymentMethod | Unset | None = UNSET,
        state: Literal["Created"] | Unset | None = UNSET,
        invoice_date: dt.date | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.Commitment: ...

    @overload
    async def update(
        self,
        commitment_id: int,
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
        if_match: str | Versioned | None = None,
    ) -> models.Commitment: ...

    async def update(
        self, commitment_id: int, *, if_match: str | Versioned | None = None, **body: Any
    ) -> models.Commitment:
        """Say anew, and as a whole, what a purchase will cost, while the commitment is Created; its type may change.

        What is no longer named in `attachmentIds` is taken off, and can be used elsewhere. While it is under review, only
        those can whom the company's policy names for it; the request then begins anew, with further steps.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Commitment] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}",
            answer=models.Commitment,
            body=body,
            if_match=if_match,
        )
        return await self._sender.send(ask)
