"""Events as webhooks tell them: the same JSON that `GET /api/events` answers for each."""

from datetime import UTC, datetime

import msgspec

from emplette.domain.events import SealedEvent
from emplette.domain.webhooks import RESTORED
from emplette.formats.places import PLACES, href


class _Object(msgspec.Struct, kw_only=True):
    type: str
    id: int
    href: str | msgspec.UnsetType = msgspec.UNSET


class _Event(msgspec.Struct, kw_only=True, rename="camel"):
    """An event, its fields in the order in which the feed has them."""

    position: int
    epoch: int
    id: int
    at: str
    type: str
    object: _Object
    purchase_id: int | None
    version: int | None
    actor_id: int
    api_key_id: int | None
    call_id: str | None
    facts: msgspec.Raw
    texts_hash: str | None
    hash: str


class _Restored(msgspec.Struct, kw_only=True, rename="camel"):
    """That the log is another one from a position on, because the database was restored."""

    type: str
    at: str
    epoch: int
    begins_after: int


def write_event(event: SealedEvent) -> bytes:
    """Write an event; its facts are the very text that was sealed."""
    kind, number = event.object_type, event.object_id
    place = href(kind, number) if kind in PLACES else msgspec.UNSET
    return msgspec.json.encode(
        _Event(
            position=event.position,
            epoch=event.epoch,
            id=event.id,
            at=_instant(event.at),
            type=event.type,
            object=_Object(type=kind, id=number, href=place),
            purchase_id=event.purchase_id,
            version=event.version,
            actor_id=event.actor_id,
            api_key_id=event.api_key_id,
            call_id=event.call_id,
            facts=msgspec.Raw(event.facts.encode()),
            texts_hash=None if event.texts_hash is None else event.texts_hash.hex(),
            hash=event.hash.hex(),
        )
    )


def write_restored(*, epoch: int, begins_after: int, now: datetime) -> bytes:
    """Write the message that a new epoch of the log has begun."""
    return msgspec.json.encode(_Restored(type=RESTORED, at=_instant(now), epoch=epoch, begins_after=begins_after))


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
