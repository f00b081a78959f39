"""Events: everything that happened in the company, in the order in which it counts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from emplette.domain.errors import Faults
from emplette.domain.events import SealedEvent, note_unknown
from emplette.domain.seals import Cursor, PositionGone
from emplette.http.contract import GET, Answer, Id, Instant, Query, ShortText, instant, operation
from emplette.http.contract.places import BASE, PLACES, href
from emplette.services.feeds import FOLLOWERS, follow
from emplette.services.work import Work
from emplette.storage.feeds import EventFilters

LONGEST_WAIT = 30
"""Seconds that a call may wait for something to happen."""

_Facts = Annotated[
    msgspec.Raw,
    Meta(
        description="What was changed, part by part, as it was afterwards: the columns of its rows. Free and personal "
        "text is not among them: it can be erased, and what is here never changes.",
        extra_json_schema={"type": "object"},
    ),
]
_Position = Annotated[int, Meta(ge=1, description="Its place in the company's log: 1, 2, 3 and so on, without gaps.")]
_Hash = Annotated[str, Meta(description="SHA-256, in hexadecimal digits, of this event and all before it.")]
_CursorText = Annotated[
    str, Meta(description="An epoch and a position.", extra_json_schema={"pattern": "^[0-9]+-[0-9]+$"})
]

_FILTERS = ("type", "objectType")


class EventsQuery(Query):
    """From where to read, which events, and how long to wait for one."""

    after: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=36,
            description="Read what comes after: the `next` of another page, or a position. 0 is the beginning.",
            extra_json_schema={"pattern": "^([0-9]{1,18}-)?[0-9]{1,18}$"},
        ),
    ] = "0"
    limit: Annotated[int, Meta(ge=0, le=1_000, description="How many events a page has at most.")] = 100
    type: Annotated[
        list[ShortText],
        Meta(description="Only events of these types, such as `order.created`; the reference lists all."),
    ] = []
    object_type: Annotated[list[ShortText], Meta(description="Only of things of these kinds, such as `supplier`.")] = []
    object_id: Annotated[list[Id], Meta(description="Only of things with these numbers.")] = []
    wait: Annotated[
        int, Meta(ge=0, le=LONGEST_WAIT, description="How many seconds to wait when nothing has happened yet.")
    ] = 0

    def check(self, faults: Faults) -> None:
        """Find a place that can't be one, and what no event is called."""
        note_fault_of_place(self.after, faults)
        note_unknown(self.type, self.object_type, faults, names=_FILTERS)

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Find the same beside what else is wrong."""
        if read.get("after") is not None:
            note_fault_of_place(read["after"], faults)
        types, object_types = ([text for text in read.get(name) or () if text] for name in ("type", "object_type"))
        note_unknown(types, object_types, faults, names=_FILTERS)

    @property
    def place(self) -> Cursor | int:
        """From where to read."""
        return Cursor.parse(self.after)


def note_fault_of_place(text: str, faults: Faults) -> None:
    """Note a place of the log that can't be one."""
    try:
        Cursor.parse(text)
    except ValueError:
        faults.add("after", "Must be the `next` of a page, such as 1-42, or a position.")


class EventObjectOut(Answer):
    """What an event is about."""

    type: str
    id: int
    href: str | msgspec.UnsetType = msgspec.UNSET


class EventOut(Answer):
    """Something that happened: to what, when, by whom, and what it was like afterwards."""

    position: _Position
    epoch: int
    id: int
    at: Instant
    type: str
    object: EventObjectOut
    purchase_id: int | None
    version: int | None
    actor_id: int
    api_key_id: int | None
    call_id: str | None
    facts: _Facts
    texts_hash: str | None
    hash: _Hash


class EventsOut(Answer):
    """A page of the log. `next` is always there, also when there are no items."""

    items: list[EventOut]
    next: _CursorText
    has_more: bool


@operation(
    GET,
    f"{BASE}/api/events",
    answers={200: EventsOut},
    needs=FOLLOWERS,
    tag="Events",
    problems=(PositionGone,),
    ours=True,
    timed=False,
)
async def list_events(work: Work, query: EventsQuery) -> EventsOut:
    """Read what happened after a place of the log, and wait for it if nothing has yet.

    Each page says with `next` where to go on: keep it, and nothing is missed and nothing comes twice. An event is
    here at most a second after the call that made it was answered, and never changes again. Filters narrow what is
    answered, not what is read: a page may be empty and have `hasMore`, then go on at once. Of those who may view, only
    they may read it who may view everything.
    """
    filters = EventFilters(query.type, query.object_type, query.object_id)
    page = await follow(work, after=query.place, filters=filters, limit=query.limit, wait=timedelta(seconds=query.wait))
    return EventsOut(items=[event_out(event) for event in page.items], next=str(page.next), has_more=page.has_more)


def event_out(event: SealedEvent) -> EventOut:
    """Tell an event."""
    return EventOut(
        position=event.position,
        epoch=event.epoch,
        id=event.id,
        at=instant(event.at),
        type=event.type,
        object=EventObjectOut(
            type=event.object_type,
            id=event.object_id,
            href=href(event.object_type, event.object_id) if event.object_type in PLACES else msgspec.UNSET,
        ),
        purchase_id=event.purchase_id,
        version=event.version,
        actor_id=event.actor_id,
        api_key_id=event.api_key_id,
        call_id=event.call_id,
        facts=msgspec.Raw(event.facts.encode()),
        texts_hash=None if event.texts_hash is None else event.texts_hash.hex(),
        hash=event.hash.hex(),
    )
