"""How webhooks, and what they were not told yet, are answered."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.seals import Cursor
from emplette.domain.webhooks import Webhook, WebhookStatus
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import href
from emplette.services.webhooks import Told, standing_of
from emplette.storage.deliveries import Delivery
from emplette.storage.webhooks import Progress

_Secret = Annotated[
    str, Meta(description="What messages are signed with; only in the answer to the call that made it.")
]


class SecretTermOut(Answer):
    """A secret, without what is secret about it."""

    id: int
    created_at: Instant
    expires_at: Instant | None


class WebhookOut(Answer):
    """Who is told of what happens, and of what; `suspended` is one that could not be reached for a day."""

    id: int
    href: str
    webhook_url: str
    name: str | None
    topics: list[str]
    object_types: list[str]
    status: WebhookStatus
    secrets: list[SecretTermOut]
    secret: _Secret | UnsetType = UNSET
    created_at: Instant
    version: int


class ProgressOut(Answer):
    """How far a webhook has been told: everything up to `after`, less what waits."""

    after: str
    behind: Annotated[int, Meta(description="How many events the log has behind that, of all types.")]
    waiting: Annotated[int, Meta(description="How many events failed, or wait behind one that did.")]
    parked: Annotated[int, Meta(description="How many of these failed for a day and are not tried any more.")]
    failing_since: Instant | None
    last_delivered_at: Instant | None
    last_failed_at: Instant | None
    last_status: Annotated[int | None, Meta(description="The status that was answered to the last failed attempt.")]
    last_error: str | None
    next_attempt_at: Instant | None
    suspended_at: Instant | None
    suspended_because: str | None


class DeliveryOut(Answer):
    """An event that a webhook was not told yet, and why."""

    position: int
    type: str | None
    object_type: str
    object_id: int
    attempts: int
    first_failed_at: Instant | None
    last_status: int | None
    last_error: str | None
    next_attempt_at: Instant | None
    parked_at: Instant | None


class DeliveriesOut(Answer):
    """How far a webhook has been told, and what it was not told yet, in the order in which it happened."""

    status: WebhookStatus
    progress: ProgressOut
    items: list[DeliveryOut]


def webhook_out(told: Told) -> WebhookOut:
    """Tell a webhook after a call."""
    return listed_out(told.webhook, told.progress, secret=told.secret)


def listed_out(webhook: Webhook, progress: Progress | None, *, secret: str | None = None) -> WebhookOut:
    """Tell a webhook."""
    return WebhookOut(
        id=webhook.id,
        href=href("webhook", webhook.id),
        webhook_url=webhook.url,
        name=webhook.name,
        topics=list(webhook.topics),
        object_types=list(webhook.object_types),
        status=standing_of(webhook, progress),
        secrets=[
            SecretTermOut(
                id=term.id,
                created_at=instant(term.created_at),
                expires_at=None if term.expires_at is None else instant(term.expires_at),
            )
            for term in webhook.secrets
        ],
        secret=UNSET if secret is None else secret,
        created_at=instant(webhook.created_at),
        version=webhook.version,
    )


def progress_out(progress: Progress) -> ProgressOut:
    """Tell how far a webhook has been told."""
    return ProgressOut(
        after=str(Cursor(progress.epoch, progress.position)),
        behind=progress.behind,
        waiting=progress.waiting,
        parked=progress.parked,
        failing_since=_instant(progress.failing_since),
        last_delivered_at=_instant(progress.last_delivered_at),
        last_failed_at=_instant(progress.last_failed_at),
        last_status=progress.last_status,
        last_error=progress.last_error,
        next_attempt_at=_instant(progress.next_attempt_at),
        suspended_at=_instant(progress.suspended_at),
        suspended_because=progress.suspended_because,
    )


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """Tell an event that waits."""
    return DeliveryOut(
        position=delivery.position,
        type=delivery.type,
        object_type=delivery.object_type,
        object_id=delivery.object_id,
        attempts=delivery.attempts,
        first_failed_at=_instant(delivery.first_failed_at),
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        next_attempt_at=None if delivery.parked_at is not None else _instant(delivery.next_attempt_at),
        parked_at=_instant(delivery.parked_at),
    )


def _instant(moment: datetime | None) -> Instant | None:
    return None if moment is None else instant(moment)
