"""What was done to a purchase and what was said about it, as one history, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from emplette.domain.comments import Comment
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Invalid
from emplette.domain.registers import Known
from emplette.http.pages.numbers import LARGEST_ID, number_in
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.comments import read_comments
from emplette.services.purchases import read_history
from emplette.storage.feeds import Deed

MOST: Final = 100
"""So much of a history is shown at once."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LARGEST_EVENT: Final = 2**63 - 1

DEEDS: Final = {
    "purchase.created": marked("wrote down what is needed"),
    "purchase.revised": marked("changed what is needed"),
    "purchase.supplier_listed": marked("named a listed supplier"),
    "purchase.closed": marked("closed the purchase"),
    "commitment.created": marked("said what it costs"),
    "commitment.revised": marked("changed what it costs"),
    "request.created": marked("asked for approval"),
    "request.step_approved": marked("approved; others are asked as well"),
    "request.step_objected": marked("was against it; others are asked as well"),
    "request.reassigned": marked("had somebody else asked"),
    "request.approver_replaced": marked("had somebody asked in the place of who decides no more"),
    "request.begun_anew": marked("changed it; everybody is asked anew"),
    "request.reminded": marked("reminded those whose decision is waited for"),
    "request.escalated": marked("had those asked who are above; nobody had decided"),
    "request.approved": marked("approved"),
    "request.denied": marked("denied"),
    "request.cancelled": marked("withdrew it"),
    "order.created": marked("made the order"),
    "order.amended": marked("changed the order, as was approved"),
    "order.closed": marked("closed the order"),
    "order.cancelled": marked("cancelled the order"),
    "purchase.texts_erased": marked("erased personal words"),
    "subscription.Renewal": marked("began its renewal"),
    "subscription.Stop": marked("decided that it is stopped"),
    "subscription.LetRun": marked("decided that it runs to its end"),
}
"""What people did to a purchase and all under it, by what happened."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a history: what stands behind it was done before an event, and said before a comment."""

    done: tuple[datetime, int]
    said: tuple[datetime, int]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the place that an address names; its end when it names none.

        Raises:
            Invalid: it is no place.
        """
        if not text:
            return cls((_NEVER, _LARGEST_EVENT), (_NEVER, LARGEST_ID))
        try:
            done_at, event_id, said_at, comment_id = text.split("~")
            return cls(
                (datetime.fromisoformat(done_at).astimezone(UTC), number_in(event_id, _LARGEST_EVENT)),
                (datetime.fromisoformat(said_at).astimezone(UTC), number_in(comment_id, LARGEST_ID)),
            )
        except (ValueError, OverflowError):
            raise Invalid.field("earlier", "Is no place in the history.") from None

    def __str__(self) -> str:
        return "~".join(f"{moment.isoformat()}~{number}" for moment, number in (self.done, self.said))


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of the history: who did what, or what they said; ``comment_id`` is where a link to that leads.

    ``number`` is the event's, or the comment's.
    """

    at: datetime
    number: int
    name: str
    deed: str
    said: str = ""
    comment_id: int | None = None
    mentioned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A piece of a history, and the place from which it goes on further back; None where it begins."""

    told: list[Told]
    earlier: Place | None


async def history_of(visit: Visit, dossier: Dossier) -> History:
    """Read what was done to a purchase and said about it, from the place that the address names.

    Raises:
        Invalid: the address names no place.
    """
    place = Place.read(visit.query["earlier"])
    deeds = await read_history(visit.work, dossier, before=place.done, most=MOST + 1)
    comments, known = await read_comments(visit.work, dossier, before=place.said, most=MOST + 1)
    return laid_together(deeds, comments, known, place)


def laid_together(deeds: Sequence[Deed], comments: Sequence[Comment], known: Known, place: Place) -> History:
    """Lay what was done and what was said together, the latest first, and cut it where a page is full."""
    told = [Told(deed.at, deed.event_id, deed.name, DEEDS.get(deed.type, deed.type)) for deed in deeds]
    told += [
        Told(
            at=each.written_at,
            number=each.id,
            name=known.users[each.author_id].name,
            deed="",
            said=each.text,
            comment_id=each.id,
            mentioned=tuple(known.users[number].name for number in each.mentioned_ids),
        )
        for each in comments
    ]
    told.sort(key=lambda one: (one.at, one.comment_id is not None, one.number), reverse=True)
    shown = told[:MOST]
    done = [(one.at, one.number) for one in shown if one.comment_id is None]
    said = [(one.at, one.number) for one in shown if one.comment_id is not None]
    earlier = Place(done[-1] if done else place.done, said[-1] if said else place.said)
    return History(shown, earlier if len(told) > MOST else None)
