"""What a page says when something can't be done: in the visitor's words, with a way on."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.errors import Invalid, Refusal
from emplette.domain.founding import FoundingOver
from emplette.domain.sign_in import LinkOver
from emplette.http.contract.statuses import status_of
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import FormForged
from emplette.services.access import HostUnknown


@dataclass(frozen=True, slots=True)
class Explanation:
    """A refusal as a page shows it: what happened, what to do, the page of what exists instead."""

    title: str
    advice: str
    detail: str
    code: str
    href: str = ""


_BY_STATUS: Final = {
    400: (marked("This cannot be read"), marked("Go back, correct what is marked, and send it again.")),
    401: (marked("Please sign in"), marked("Your session has ended. What you typed is kept on the page before.")),
    403: (marked("This is not for you"), marked("You may not do this. Ask an administrator if you should.")),
    404: (marked("There is nothing here"), marked("It does not exist, or is not for you to see.")),
    405: (marked("This cannot be done here"), marked("Go back and try it from the page.")),
    409: (marked("It is not as you saw it any more"), marked("Look at what is there now.")),
    412: (marked("It has changed meanwhile"), marked("Look at it again before you decide.")),
    413: (marked("This is too large"), marked("Choose a smaller file.")),
    422: (marked("This was sent before"), marked("Open the page again to send something else.")),
    429: (marked("Too often"), marked("Wait a minute, then try again.")),
    503: (marked("Just a moment"), marked("Nothing was done. Try again in a few seconds.")),
    504: (marked("It takes longer than expected"), marked("It may still happen. Look again before you repeat it.")),
}
_BY_CODE: Final = {
    FormForged.code: (
        marked("This page has become old"),
        marked("Nothing was done. Open it again and send it once more; your browser has to keep our cookies for it."),
    ),
    LinkOver.code: (
        marked("This link is not good any more"),
        marked("It was used, or is too old, or another one was made. Ask an administrator for another."),
    ),
    FoundingOver.code: (
        marked("This link is not good any more"),
        marked("There is a company already: sign in. Or the server was started anew, and shows another link."),
    ),
    HostUnknown.code: (
        marked("No company is at this address"),
        marked("Look whether the address is right. A new server shows, when it starts, the link that founds one."),
    ),
}
"""What is told otherwise than others of the same status."""
_FAULT: Final = (marked("Something went wrong"), marked("The fault is ours. Try again, or tell your administrator."))
_PAGES_OF: Final = {"purchase": "/purchases/{}", "request": "/approvals/{}"}
_ONLY_FOR_PROGRAMS: Final = frozenset({401, 404})


def explanation_of(refusal: Refusal, status: int = 0) -> Explanation:
    """Explain a refusal to a visitor."""
    title, advice = _BY_CODE.get(refusal.code) or _BY_STATUS.get(status or status_of(type(refusal)), _FAULT)
    place = _PAGES_OF.get(str(refusal.facts.get("kind")), "")
    number = refusal.facts.get("id")
    href = place.format(number) if place and isinstance(number, int) else ""
    is_said = status in _ONLY_FOR_PROGRAMS or refusal.code in _BY_CODE
    is_told = isinstance(refusal, Invalid) or not (is_said or refusal.detail == refusal.title())
    return Explanation(title, advice, detail_of(refusal) if is_told else "", refusal.code, href)


def detail_of(refusal: Refusal) -> str:
    """Say in a line what is refused: of a form, what is wrong with each of its fields."""
    if isinstance(refusal, Invalid):
        return "; ".join(message for messages in refusal.faults.values() for message in messages)
    return refusal.detail
