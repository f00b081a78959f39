"""Events as webhooks tell them: the same JSON that `GET /api/events` answers for each."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from emplette.formats.places import PLACES, href


class _Object(msgspec.Struct, kw_only=True):
    type: str
    id: int
    href: str | msgspec.UnsetType = msgspec.UNSET


class EventMessage(msgspec.Struct, kw_only=True, rename="camel"):
    """An event, its fields as the feed has them."""

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


class RestoredMessage(msgspec.Struct, kw_only=True, rename="camel"):
    """That the log is another one from a position on, because the database was restored."""

    type: str
    at: str
    epoch: int
    begins_after: int


def about(kind: str, number: int) -> Any:  # noqa: ANN401  a struct of this file
    """Say what an event is about."""
    return _Object(type=kind, id=number, href=href(kind, number) if kind in PLACES else msgspec.UNSET)


def instant(moment: datetime) -> str:
    """Write an instant as every answer writes it."""
    return moment.astimezone(UTC).isoformat()


def write(message: EventMessage | RestoredMessage) -> bytes:
    """Write a message."""
    return msgspec.json.encode(message)
