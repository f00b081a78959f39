"""The log on the pages: everything that happened, the latest first, as narrow as somebody wants to look."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

from emplette.domain.errors import Faults
from emplette.domain.events import SealedEvent, note_unknown
from emplette.domain.people import User, UserKind
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, REFUSED
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.log_words import deed_of, thing_of
from emplette.http.pages.settings import KEEPERS
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.http.pages.whole_lists import every
from emplette.services.feeds import FOLLOWERS, look_back
from emplette.services.people import list_people
from emplette.storage.feeds import EventFilters

LOG: Final = "/settings/log"
_MOST: Final = 50
_LARGEST: Final = 2**31 - 1
_DIGITS: Final = 20
_PLACES: Final = {"webhook": "/settings/webhooks/{}", "user": "/settings/people/{}"}
"""Where the pages are of what is no purchase."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as the page shows it."""

    position: int
    at: datetime
    type: str
    deed: str
    name: str
    by_key: bool
    thing: str
    number: int
    href: str
    facts: str
    hash: str
    call_id: str


@page(GET, LOG, needs=FOLLOWERS)
async def show_log(visit: Visit) -> Response:
    """Show what happened, the latest first."""
    query, faults = visit.query, Faults()
    first, last = _day(query["from"], "from", faults), _day(query["to"], "to", faults)
    if first is not None and last is not None and last < first:
        faults.add("to", marked("Must not be before the first day."))
    filters = EventFilters(
        types=[query["type"]] if query["type"] else [],
        object_types=[query["object"]] if query["object"] else [],
        object_ids=_numbers(query, "number"),
        actor_ids=_numbers(query, "who"),
    )
    note_unknown(filters.types, filters.object_types, faults, names=("type", "object"))
    before = 0 if faults else next(iter(_numbers(query, "before", largest=2**62)), None)
    found = await look_back(visit.work, before=before, filters=filters, limit=_MOST, first=first, last=last)
    everybody = await every(partial(list_people, visit.work, []))
    return visit.show(
        "settings/log.html",
        status=REFUSED if faults else OK,
        happened=[_happened(each, found.actors.get(each.actor_id)) for each in found.items],
        head=found.head,
        older="" if found.older is None else query.but(before=str(found.older)),
        narrowed=any(query[name] for name in ("from", "to", "type", "object", "number", "who")),
        people=[Choice(str(person.id), person.name) for person in everybody],
        said=query,
        faults=faults.as_dict(),
        keeps_settings=visit.may(*KEEPERS),
    )


def _happened(event: SealedEvent, actor: User | None) -> Happened:
    href = _PLACES.get(event.object_type, "").format(event.object_id)
    if event.purchase_id is not None:
        href = f"/purchases/{event.purchase_id}"
    return Happened(
        position=event.position,
        at=event.at,
        type=event.type,
        deed=deed_of(event.type),
        name="" if actor is None else actor.name,
        by_key=actor is not None and actor.kind is UserKind.KEY,
        thing=thing_of(event.object_type),
        number=event.object_id,
        href=href,
        facts=json.dumps(json.loads(event.facts), indent=2, ensure_ascii=False),
        hash=event.hash.hex(),
        call_id=event.call_id or "",
    )


def _day(text: str, name: str, faults: Faults) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults.add(name, marked("Is no day."))
        return None


def _numbers(query: Values, name: str, *, largest: int = _LARGEST) -> list[int]:
    """Read a number that narrows the list; what is none narrows it to nothing."""
    text = query[name]
    if not text:
        return []
    is_one = text.isascii() and text.isdecimal() and len(text) < _DIGITS and int(text) <= largest
    return [int(text) if is_one else 0]
