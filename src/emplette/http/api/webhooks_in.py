"""What is said of webhooks."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.errors import Faults
from emplette.domain.seals import Cursor
from emplette.domain.webhooks import LONGEST_OVERLAP, LONGEST_URL, MOST_FILTERS, Webhook, WebhookStatus
from emplette.http.api.events import note_fault_of_place
from emplette.http.contract import Body, Name, PagedQuery, Query, ShortText
from emplette.services.work import Work

_MOST_HOURS: Final = int(LONGEST_OVERLAP / timedelta(hours=1))

_Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_URL,
        description="Where messages are sent: an https address of the public internet.",
        extra_json_schema={"format": "uri"},
    ),
]
_Words = Annotated[list[ShortText], Meta(max_length=MOST_FILTERS)]
_Status = Annotated[WebhookStatus, Meta(description="`active`, or `inactive`: then it is told nothing.")]
_Place = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=36,
        description="A place of the log: the `next` of a page of events, or a position. 0 is the beginning.",
        extra_json_schema={"pattern": "^([0-9]{1,18}-)?[0-9]{1,18}$"},
    ),
]
_SUSPENDS_NOBODY: Final = "Must be active or inactive: a webhook is suspended when it can't be reached."


class WebhooksQuery(PagedQuery):
    """Which page of the webhooks."""


class DeliveriesQuery(Query):
    """Which of the events that wait."""

    after: Annotated[int, Meta(ge=0, description="Only those behind this position.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1_000, description="How many are answered at most.")] = 100


class WebhookIn(Body):
    """A new webhook. Without topics and object types it is told everything that happens, from now on."""

    webhook_url: _Url
    name: Name | None = None
    topics: Annotated[_Words, Meta(description="Only events of these types, such as `order.created`.")] = []
    object_types: Annotated[_Words, Meta(description="Only of things of these kinds, such as `supplier`.")] = []
    status: _Status = WebhookStatus.ACTIVE
    after: _Place | None = None

    def check(self, faults: Faults) -> None:
        """Find a place that can't be one, and a state that nobody can choose."""
        if self.after is not None:
            note_fault_of_place(self.after, faults)
        if self.status is WebhookStatus.SUSPENDED:
            faults.add("status", _SUSPENDS_NOBODY)

    @property
    def place(self) -> Cursor | int | None:
        """After which place it is told."""
        return None if self.after is None else Cursor.parse(self.after)

    def webhook(self, work: Work) -> Webhook:
        """Take what was sent."""
        return Webhook(
            id=0,
            url=self.webhook_url,
            name=self.name,
            topics=tuple(self.topics),
            object_types=tuple(self.object_types),
            status=self.status,
            created_at=work.world_now,
        )


class WebhookChangeIn(Body):
    """What shall be different: what is absent is kept, null clears; an address and a status can't be cleared."""

    webhook_url: _Url | UnsetType = UNSET
    name: Name | UnsetType | None = UNSET
    topics: _Words | UnsetType | None = UNSET
    object_types: _Words | UnsetType | None = UNSET
    status: _Status | UnsetType = UNSET

    def check(self, faults: Faults) -> None:
        """Find a state that nobody can choose."""
        if self.status is WebhookStatus.SUSPENDED:
            faults.add("status", _SUSPENDS_NOBODY)

    @property
    def activates(self) -> bool:
        """Whether it is said to be active, and so goes on when it was suspended."""
        return self.status is WebhookStatus.ACTIVE

    def onto(self, webhook: Webhook) -> Webhook:
        """Say it of the webhook as it is."""
        if self.webhook_url is not UNSET:
            webhook = replace(webhook, url=self.webhook_url)
        if self.name is not UNSET:
            webhook = replace(webhook, name=self.name)
        if self.topics is not UNSET:
            webhook = replace(webhook, topics=tuple(self.topics or ()))
        if self.object_types is not UNSET:
            webhook = replace(webhook, object_types=tuple(self.object_types or ()))
        if self.status is not UNSET:
            webhook = replace(webhook, status=self.status)
        return webhook


class SecretIn(Body):
    """How long the secrets that there are go on beside the new one."""

    overlap_hours: Annotated[int, Meta(ge=0, le=_MOST_HOURS, description="Hours, 0 to 720; 0 ends them at once.")] = 24


class ReplayIn(Body):
    """From where on to tell it anew."""

    after: _Place

    def check(self, faults: Faults) -> None:
        """Find a place that can't be one."""
        if self.after is not None:
            note_fault_of_place(self.after, faults)

    @property
    def place(self) -> Cursor | int:
        """The place of the log."""
        return Cursor.parse(self.after)
