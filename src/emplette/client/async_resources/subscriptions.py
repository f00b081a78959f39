"""The operations on subscriptions, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncSubscriptions:
    """The operations on subscriptions, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.SubscriptionState] | Unset = UNSET,
        owner_id: Sequence[int] | Unset = UNSET,
        notice_before: dt.date | Unset = UNSET,
    ) -> AsyncListing[models.Subscription]:
        """List the approved subscriptions that the key may see, by the day by which something should be decided.

        That is the last safe day to give notice, or the last day where no notice has to be given.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/cleemy-procurement/api/subscriptions",
            models.Subscription,
            {"limit": limit, "page": page, "state": state, "ownerId": owner_id, "noticeBefore": notice_before},
        )

    async def get(self, commitment_id: int) -> models.Subscription:
        """Read an approved subscription, by the number of its commitment.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Subscription] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/subscriptions/{quoted(commitment_id)}",
            answer=models.Subscription,
        )
        return await self._sender.send(ask)

    async def renew(
        self, commitment_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Subscription:
        """Begin the renewal of a subscription: a new purchase with a commitment on the same terms, from the day after.

        The new commitment is Created: say it anew with a PUT where something changes, and send it for approval. While it
        was neither denied nor cancelled, the subscription is renewed.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Subscription] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/renewals",
            answer=models.Subscription,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def stop(
        self, commitment_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Subscription:
        """Decide that a subscription is stopped: notice is given, and it ends as soon as it can.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Subscription] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/stops",
            answer=models.Subscription,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)
