"""What is sent and answered: events; written by scripts/write_client.py, never by hand."""

import datetime as dt
from typing import Any

from emplette.client.wire import ABSENT, Answer, Versioned


class EventObject(Answer, frozen=True, kw_only=True, rename="camel"):
    """What an event is about."""

    type: str = ABSENT
    id: int = ABSENT
    href: str | None = None


class Event(Versioned, frozen=True, kw_only=True, rename="camel"):
    """Something that happened: to what, when, by whom, and what it was like afterwards."""

    position: int = ABSENT
    """Its place in the company's log: 1, 2, 3 and so on, without gaps."""
    epoch: int = ABSENT
    id: int = ABSENT
    at: dt.datetime = ABSENT
    type: str = ABSENT
    object: EventObject = ABSENT
    purchase_id: int | None = None
    version: int | None = None
    actor_id: int = ABSENT
    api_key_id: int | None = None
    call_id: str | None = None
    facts: dict[str, Any] = ABSENT
    """What was changed, part by part, as it was afterwards: the columns of its rows. Free and personal text is not among them: it can be erased, and what is here never changes."""
    texts_hash: str | None = None
    hash: str = ABSENT
    """SHA-256, in hexadecimal digits, of this event and all before it."""


class Events(Answer, frozen=True, kw_only=True, rename="camel"):
    """A page of the log. `next` is always there, also when there are no items."""

    items: list[Event] = ABSENT
    next: str = ABSENT
    """An epoch and a position."""
    has_more: bool = ABSENT
