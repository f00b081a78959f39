"""What is sent and answered: webhooks; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.wire import ABSENT, Answer, Versioned

WebhookStatus: TypeAlias = Literal["active", "inactive", "suspended"]
"""Whether a webhook is told; a suspended one is not, because it could not be reached."""


class SecretTerm(Answer, frozen=True, kw_only=True, rename="camel"):
    """A secret, without what is secret about it."""

    id: int = ABSENT
    created_at: dt.datetime = ABSENT
    expires_at: dt.datetime | None = None


class Webhook(Versioned, frozen=True, kw_only=True, rename="camel"):
    """Who is told of what happens, and of what; `suspended` is one that could not be reached for a day."""

    id: int = ABSENT
    href: str = ABSENT
    webhook_url: str = ABSENT
    name: str | None = None
    topics: list[str] = ABSENT
    object_types: list[str] = ABSENT
    status: WebhookStatus | str = ABSENT
    secrets: list[SecretTerm] = ABSENT
    secret: str | None = None
    """What messages are signed with; only in the answer to the call that made it."""
    created_at: dt.datetime = ABSENT
    version: int = ABSENT


class Progress(Answer, frozen=True, kw_only=True, rename="camel"):
    """How far a webhook has been told: everything up to `after`, less what waits."""

    after: str = ABSENT
    behind: int = ABSENT
    """How many events the log has behind that, of all types."""
    waiting: int = ABSENT
    """How many events failed, or wait behind one that did."""
    parked: int = ABSENT
    """How many of these failed for a day and are not tried any more."""
    failing_since: dt.datetime | None = None
    last_delivered_at: dt.datetime | None = None
    last_failed_at: dt.datetime | None = None
    last_status: int | None = None
    """The status that was answered to the last failed attempt."""
    last_error: str | None = None
    next_attempt_at: dt.datetime | None = None
    suspended_at: dt.datetime | None = None
    suspended_because: str | None = None


class Delivery(Answer, frozen=True, kw_only=True, rename="camel"):
    """An event that a webhook was not told yet, and why."""

    position: int = ABSENT
    type: str | None = None
    object_type: str = ABSENT
    object_id: int = ABSENT
    attempts: int = ABSENT
    first_failed_at: dt.datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    next_attempt_at: dt.datetime | None = None
    parked_at: dt.datetime | None = None


class Deliveries(Answer, frozen=True, kw_only=True, rename="camel"):
    """How far a webhook has been told, and what it was not told yet, in the order in which it happened."""

    status: WebhookStatus | str = ABSENT
    progress: Progress = ABSENT
    items: list[Delivery] = ABSENT


class WebhookInput(TypedDict, total=False):
    """A new webhook. Without topics and object types it is told everything that happens, from now on."""

    webhook_url: Required[str]
    """Where messages are sent: an https address of the public internet."""
    name: str | None
    topics: Sequence[str] | None
    object_types: Sequence[str] | None
    status: WebhookStatus | None
    after: str | None


class WebhookChangeInput(TypedDict, total=False):
    """What shall be different: what is absent is kept, null clears; an address and a status can't be cleared."""

    webhook_url: str
    """Where messages are sent: an https address of the public internet."""
    name: str | None
    topics: Sequence[str] | None
    object_types: Sequence[str] | None
    status: WebhookStatus
    """`active`, or `inactive`: then it is told nothing."""


class SecretInput(TypedDict, total=False):
    """How long the secrets that there are go on beside the new one."""

    overlap_hours: int | None


class ReplayInput(TypedDict, total=False):
    """From where on to tell it anew."""

    after: Required[str]
    """A place of the log: the `next` of a page of events, or a position. 0 is the beginning."""
