"""What became of a request or a purchase, for whoever comes too late to do it: what was done, by whom and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.approvals import Request, RequestState, Verdict
from emplette.domain.dossiers import Dossier
from emplette.domain.people import Stamp
from emplette.domain.purchases import PurchaseState
from emplette.http.pages.translations import marked

_WAITS: Final = marked("You have decided it already; it waits for others now.")
_OVER: Final = marked("It has been decided already.")
_TAKEN_BACK: Final = marked("It has been taken back.")
_ASKED: Final = marked("Approval has been asked for already.")
_CLOSED: Final = marked("The purchase is closed already.")
_YOU_ASKED, _THEY_ASKED = marked("You asked for it: %(when)s."), marked("%(name)s asked for it: %(when)s.")
_YOU_CLOSED, _THEY_CLOSED = marked("You closed it: %(when)s."), marked("%(name)s closed it: %(when)s.")
# By whether it was the visitor, and what they did; None is taking it back.
_DEEDS: Final = {
    (True, Verdict.APPROVED): marked("You approved it: %(when)s."),
    (True, Verdict.DENIED): marked("You denied it: %(when)s."),
    (True, None): marked("You took it back: %(when)s."),
    (False, Verdict.APPROVED): marked("%(name)s approved it: %(when)s."),
    (False, Verdict.DENIED): marked("%(name)s denied it: %(when)s."),
    (False, None): marked("%(name)s took it back: %(when)s."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done before: how it stands, what was done by whom and when, and what they said to it."""

    standing: str
    deed: str
    name: str
    at: datetime
    comment: str


def outcome_of(request: Request, person_id: int | None) -> Outcome | None:
    """Tell what became of a request, or what this person has decided in it; None when neither has happened."""
    if request.state is RequestState.CANCELLED:
        last = request.modified
        deed = _DEEDS[person_id is not None and _is(person_id, last), None]
        return Outcome(_TAKEN_BACK, deed, last.by.name, last.at, request.cancellation_comment or "")
    waits = request.state is RequestState.PENDING
    of_now = [each for each in request.decisions if each.content_hash == request.content_hash]
    made = [each for each in of_now if not waits or each.by.id == person_id]
    if not made:
        return None
    deed = _DEEDS[made[-1].by.id == person_id, made[-1].verdict]
    return Outcome(_WAITS if waits else _OVER, deed, made[-1].by.name, made[-1].at, made[-1].comment or "")


def outcome_of_purchase(dossier: Dossier, person_id: int) -> Outcome | None:
    """Tell what brought a purchase to where it is; None for a draft."""
    closing, request = dossier.purchase.closing, dossier.request
    if closing is not None:
        deed = _YOU_CLOSED if _is(person_id, closing.stamp) else _THEY_CLOSED
        return Outcome(_CLOSED, deed, closing.stamp.by.name, closing.stamp.at, closing.comment or "")
    if request is None:
        return None
    if dossier.purchase.state is PurchaseState.PROCESSING:
        deed = _YOU_ASKED if _is(person_id, request.created) else _THEY_ASKED
        return Outcome(_ASKED, deed, request.created.by.name, request.created.at, "")
    return outcome_of(request, person_id)


def _is(person_id: int, stamp: Stamp) -> bool:
    return person_id in stamp.by.identities
