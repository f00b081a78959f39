"""What was done to a purchase and what was said about it, as one history, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.comments import Comment
from emplette.http.pages.translations import marked
from emplette.storage.feeds import Deed
from emplette.storage.registers import EntryPage

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
class Told:
    """One thing of the history: who did what, or what they said; ``comment_id`` is where a link to that leads."""

    at: datetime
    name: str
    deed: str
    said: str = ""
    comment_id: int | None = None
    mentioned: tuple[str, ...] = ()


def history_of(deeds: Sequence[Deed], comments: EntryPage[Comment]) -> list[Told]:
    """Lay what was done and what was said together, the latest first."""
    told = [Told(deed.at, deed.name, DEEDS.get(deed.type, deed.type)) for deed in deeds]
    users = comments.known.users
    told += [
        Told(
            at=each.written_at,
            name=users[each.author_id].name,
            deed="",
            said=each.text,
            comment_id=each.id,
            mentioned=tuple(users[number].name for number in each.mentioned_ids),
        )
        for each in comments.items
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)
