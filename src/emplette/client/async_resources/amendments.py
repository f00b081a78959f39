"""The operations on amendments, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, overload
from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncAmendments:
    """The operations on amendments, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    @overload
    async def create(
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
        idempotency_key: str | None = None,
        if_match: str | Versioned,
    ) -> models.Request: ...

    @overload
    async def create(
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
        idempotency_key: str | None = None,
        if_match: str | Versioned,
    ) -> models.Request: ...

    async def create(
        self, commitment_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned, **body: Any
    ) -> models.Request:
        """Ask for approval of what an approved commitment shall say instead: the whole of it.

        `If-Match` is mandatory: an amendment is made for a version. Until it is approved the commitment, the purchase and
        the order stay as they are; approved, it takes the place of what the commitment said. A key that approves by itself
        answers with an Approved request.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/amendments",
            answer=models.Request,
            body=body,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    def list(
        self, commitment_id: int, *, limit: int | Unset = UNSET, page: str | Unset = UNSET
    ) -> AsyncListing[models.Request]:
        """List the requests for amendments of a commitment, decided or not, in the order of their creation.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return AsyncListing(
            self._sender,
            f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/amendments",
            models.Request,
            {"limit": limit, "page": page},
        )
