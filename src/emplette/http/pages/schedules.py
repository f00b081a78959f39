"""The course of a subscription as pages show it: its periods, what has to be decided by when, and what was."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from emplette.domain.commitments import Commitment, Subscription
from emplette.domain.money import Money
from emplette.domain.subscriptions import LIFE, ActKind, Period, SubscriptionState, schedule_of
from emplette.http.pages.shown import Badge
from emplette.http.pages.translations import marked
from emplette.services.subscriptions import Seen

_S = SubscriptionState
MOST_AT_ONCE: Final = 6
"""So many periods are shown at once; the others are behind a click."""

STATES: Final = {
    _S.RUNNING: Badge(marked("Nobody has decided what becomes of it"), "yellow"),
    _S.LET_RUN: Badge(marked("Runs to its end"), "green"),
    _S.STOPPING: Badge(marked("Is being stopped"), "azure"),
    _S.RENEWED: Badge(marked("Goes on as another purchase"), "green"),
    _S.STOPPED: Badge(marked("Was stopped"), "secondary"),
    _S.ENDED: Badge(marked("Has ended"), "secondary"),
    _S.RAN_OUT: Badge(marked("Has ended, and nobody decided anything"), "red"),
    _S.CLOSED: Badge(marked("Closed"), "secondary"),
}
"""Where a subscription stands."""


@dataclass(frozen=True, slots=True)
class Course:
    """A subscription: its periods, and when it was approved what can be decided about it.

    ``days_left`` are those until something should be decided, and below 0 when that day has passed; ``late`` says that
    notice was given after the last safe day. ``renewal_id`` is the commitment as which it goes on.
    """

    periods: list[Period]
    today: date
    amount: Money
    last_notice_date: date | None
    bound_until: date | None
    end_date: date
    badge: Badge | None = None
    decide_by: date | None = None
    days_left: int = 0
    can: frozenset[str] = frozenset()
    late: bool = False
    renewal_id: int | None = None

    @property
    def current(self) -> Period | None:
        """The period in which today is."""
        return next((one for one in self.periods if one.start_date <= self.today <= one.end_date), None)

    @property
    def next_invoice(self) -> date | None:
        """The day on which the next invoice is expected."""
        days = (one.invoice_date for one in self.periods)
        return next((day for day in days if day is not None and day >= self.today), None)

    @property
    def at_once(self) -> list[Period]:
        """The periods that are shown at once: those from the current one on."""
        first = next((place for place, one in enumerate(self.periods) if one.end_date >= self.today), 0)
        first = max(0, min(first, len(self.periods) - MOST_AT_ONCE))
        return self.periods[first : first + MOST_AT_ONCE]

    @property
    def others(self) -> bool:
        """Tell whether there are more periods than those."""
        return len(self.periods) > MOST_AT_ONCE


def course_of(commitment: Commitment | None, seen: Seen | None, today: date) -> Course | None:
    """Show the course of a commitment; None when it is bought once."""
    if commitment is None or not isinstance(commitment.terms, Subscription):
        return None
    terms = commitment.terms
    course = Course(
        periods=schedule_of(terms),
        today=today,
        amount=commitment.amount.base.excluding,
        last_notice_date=terms.last_notice_date,
        bound_until=terms.contractual_end_date,
        end_date=terms.end_date,
    )
    return course if seen is None else _decidable(course, seen)


def _decidable(course: Course, seen: Seen) -> Course:
    standing, act = seen.standing, seen.standing.last_act
    state = standing.state(seen.today)
    return replace(
        course,
        end_date=standing.end_date,
        badge=STATES[state],
        decide_by=standing.decide_by if state is _S.RUNNING else None,
        days_left=(standing.decide_by - seen.today).days,
        can=frozenset(str(action) for action in LIFE.actions(state)),
        late=act is not None and act.kind is ActKind.STOP and not standing.was_in_time(act),
        renewal_id=None if act is None else act.renewal_id,
    )
