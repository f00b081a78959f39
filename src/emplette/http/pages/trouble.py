"""What a page says when something can't be done: in the visitor's words, with a way on."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.errors import Refusal
from emplette.http.contract.statuses import status_of
from emplette.http.pages.translations import marked


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
    409: (marked("Somebody was faster"), marked("What is there now is not what you saw. Look at it again.")),
    412: (marked("It has changed meanwhile"), marked("Look at it again before you decide.")),
    413: (marked("This is too large"), marked("Choose a smaller file.")),
    422: (marked("This was sent before"), marked("Open the page again to send something else.")),
    429: (marked("Too often"), marked("Wait a minute, then try again.")),
    503: (marked("Just a moment"), marked("Nothing was done. Try again in a few seconds.")),
    504: (marked("It takes longer than expected"), marked("It may still happen. Look again before you repeat it.")),
}
_FAULT: Final = (marked("Something went wrong"), marked("The fault is ours. Try again, or tell your administrator."))
_PAGES_OF: Final = {"purchase": "/purchases/{}", "request": "/approvals/{}"}
_ONLY_FOR_PROGRAMS: Final = frozenset({401, 404})


def explanation_of(refusal: Refusal, status: int = 0) -> Explanation:
    """Explain a refusal to a visitor."""
    title, advice = _BY_STATUS.get(status or status_of(type(refusal)), _FAULT)
    place = _PAGES_OF.get(str(refusal.facts.get("kind")), "")
    number = refusal.facts.get("id")
    href = place.format(number) if place and isinstance(number, int) else ""
    detail = "" if status in _ONLY_FOR_PROGRAMS or refusal.detail == refusal.title() else refusal.detail
    return Explanation(title, advice, detail, refusal.code, href)
