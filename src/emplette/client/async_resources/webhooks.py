"""The operations on webhooks, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncWebhooks:
    """The operations on webhooks, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET) -> AsyncListing[models.Webhook]:
        """List the webhooks, by id.

        Needs the permission `configure`.
        """
        return AsyncListing(
            self._sender, "/cleemy-procurement/api/webhooks", models.Webhook, {"limit": limit, "page": page}
        )

    async def create(
        self,
        *,
        webhook_url: str,
        name: str | Unset | None = UNSET,
        topics: Sequence[str] | Unset | None = UNSET,
        object_types: Sequence[str] | Unset | None = UNSET,
        status: models.WebhookStatus | Unset | None = UNSET,
        after: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Webhook:
        """Make a webhook; the answer has its secret, this once.

        It is told what happens from now on, or with `after` what happened after a place of the log.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path="/cleemy-procurement/api/webhooks",
            answer=models.Webhook,
            body={
                "webhookUrl": webhook_url,
                "name": name,
                "topics": topics,
                "objectTypes": object_types,
                "status": status,
                "after": after,
            },
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, webhook_id: int) -> models.Webhook:
        """Read a webhook.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="GET", path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}", answer=models.Webhook
        )
        return await self._sender.send(ask)

    async def update(
        self,
        webhook_id: int,
        *,
        webhook_url: str | Unset = UNSET,
        name: str | Unset | None = UNSET,
        topics: Sequence[str] | Unset | None = UNSET,
        object_types: Sequence[str] | Unset | None = UNSET,
        status: models.WebhookStatus | Unset = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.Webhook:
        """Change what is said of a webhook: what is absent is kept, null clears.

        At another address it is tried at once; so is a suspended one that is made active.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}",
            answer=models.Webhook,
            body={
                "webhookUrl": webhook_url,
                "name": name,
                "topics": topics,
                "objectTypes": object_types,
                "status": status,
            },
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def deliveries(
        self, webhook_id: int, *, after: int | Unset = UNSET, limit: int | Unset = UNSET
    ) -> models.Deliveries:
        """Read how far a webhook has been told, and which events failed or wait behind one that did.

        Needs the permission `configure`.
        """
        ask: Ask[models.Deliveries] = Ask(
            method="GET",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/deliveries",
            answer=models.Deliveries,
            query={"after": after, "limit": limit},
        )
        return await self._sender.send(ask)

    async def delete(
        self, webhook_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Webhook:
        """End a webhook for ever: it is told nothing more, and its secrets are forgotten.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/deletion",
            answer=models.Webhook,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def rotate(
        self,
        webhook_id: int,
        *,
        overlap_hours: int | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Webhook:
        """Give a webhook another secret; the answer has it, this once. The others go on for a while, and then end.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/secrets",
            answer=models.Webhook,
            body={"overlapHours": overlap_hours},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def ping(
        self, webhook_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Webhook:
        """Write an event `webhook.pinged`, which the webhook is told whatever its topics. Deliveries say how it went.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/pings",
            answer=models.Webhook,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def resume(
        self, webhook_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Webhook:
        """Go on with a webhook that was suspended, and try at once what failed or was parked.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/resumptions",
            answer=models.Webhook,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def replay(
        self,
        webhook_id: int,
        *,
        after: str,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Webhook:
        """Tell a webhook anew what happened after a place of the log. What waits is told from there on, or not at all.

        Needs the permission `configure`.
        """
        ask: Ask[models.Webhook] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/webhooks/{quoted(webhook_id)}/replays",
            answer=models.Webhook,
            body={"after": after},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)
