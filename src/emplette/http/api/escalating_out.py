"""How an answer tells what happens to a step while nobody decides it."""

from datetime import date, datetime

from emplette.domain.approvals import Waiting
from emplette.http.api.references import UserOut, user_out
from emplette.http.contract import Answer
from emplette.services.prospects import Prospect


class RemindersOut(Answer):
    """After how many working days people are reminded, and after how many it goes up; null is never."""

    after: list[int]
    escalate_after: int | None


class IfUndecidedOut(Answer):
    """What happens if nobody decides: on which days people are reminded, and when it goes up, to whom by today's rules.

    `goesUpTo` is empty where nobody is above: then it goes on waiting.
    """

    asked_at: datetime
    reminders_on: list[date]
    goes_up_on: date | None
    goes_up_to: list[UserOut]
    words: str


def reminders_out(waiting: Waiting) -> RemindersOut | None:
    """Tell what the policy says of waiting, if it says anything."""
    if not waiting:
        return None
    return RemindersOut(after=list(waiting.remind_after), escalate_after=waiting.escalate_after)


def if_undecided_out(prospect: Prospect | None, base_url: str) -> IfUndecidedOut | None:
    """Tell what happens to the step that is being asked."""
    if prospect is None:
        return None
    return IfUndecidedOut(
        asked_at=prospect.asked_at,
        reminders_on=list(prospect.reminders_on),
        goes_up_on=prospect.goes_up_on,
        goes_up_to=[user_out(user, base_url) for user in prospect.goes_up_to],
        words=_words(prospect),
    )


def _words(prospect: Prospect) -> str:
    reminded = " and on ".join(f"{day:%A, %-d %B %Y}" for day in prospect.reminders_on)
    said = [f"People are reminded on {reminded}"] if reminded else []
    if prospect.goes_up_on is not None:
        names = ", ".join(user.name for user in prospect.goes_up_to)
        on = f"{prospect.goes_up_on:%A, %-d %B %Y}"
        said.append(f"It goes up to {names} on {on}" if names else f"Nobody is above to whom it could go up on {on}")
    return "".join(f"{sentence} if nothing is decided. " for sentence in said).strip()
