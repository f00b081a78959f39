"""Subscriptions that were approved: their schedule, by when something must be decided about each, and what was.

Nothing renews by itself here: a subscription ends on its last day. What somebody decides about it is an act: it is
renewed, as a new commitment that is approved like any other; stopped; or left to run to its end, knowingly. One that
ends with none of these has run out undecided, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from emplette.domain import dates
from emplette.domain.commitments import Subscription
from emplette.domain.errors import Invalid, NotFound
from emplette.domain.registers import Reference
from emplette.domain.workflow import Workflow


class SubscriptionState(StrEnum):
    """Where a subscription stands on a day."""

    RUNNING = "Running"
    LET_RUN = "LetRun"
    STOPPING = "Stopping"
    RENEWED = "Renewed"
    STOPPED = "Stopped"
    ENDED = "Ended"
    RAN_OUT = "RanOutUndecided"
    CLOSED = "Closed"


class SubscriptionAction(StrEnum):
    """What somebody can decide about a subscription."""

    RENEW = "renew"
    STOP = "stop"
    LET_RUN = "continue"


class ActKind(StrEnum):
    """What was decided about a subscription."""

    RENEWAL = "Renewal"
    STOP = "Stop"
    LET_RUN = "LetRun"


_S, _A = SubscriptionState, SubscriptionAction
LIFE: Final = Workflow(
    "subscription",
    {
        (_S.RUNNING, _A.RENEW): _S.RENEWED,
        (_S.RUNNING, _A.STOP): _S.STOPPING,
        (_S.RUNNING, _A.LET_RUN): _S.LET_RUN,
        (_S.LET_RUN, _A.RENEW): _S.RENEWED,
        (_S.LET_RUN, _A.STOP): _S.STOPPING,
        (_S.ENDED, _A.RENEW): _S.RENEWED,
        (_S.RAN_OUT, _A.RENEW): _S.RENEWED,
    },
)
ACTIONS: Final = {ActKind.RENEWAL: _A.RENEW, ActKind.STOP: _A.STOP, ActKind.LET_RUN: _A.LET_RUN}
_DECIDED: Final = {
    None: (_S.RUNNING, _S.RAN_OUT),
    ActKind.LET_RUN: (_S.LET_RUN, _S.ENDED),
    ActKind.STOP: (_S.STOPPING, _S.STOPPED),
    ActKind.RENEWAL: (_S.RENEWED, _S.RENEWED),
}
"""Where a subscription stands by what was decided last: until its end, and after it."""


class SubscriptionNotFound(NotFound):
    """The commitment is no subscription that was approved, or is not there."""

    code = "subscription.not_found"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was decided about a subscription, and by whom; ``number`` counts them, from 1.

    ``renewal_id`` is the commitment as which it was renewed.
    """

    id: int
    commitment_id: int
    number: int
    kind: ActKind
    decided_at: datetime
    decided_on: date
    decided_by: int
    renewal_id: int | None = None
    version: int = 1

    def references(self) -> list[Reference]:
        """Nothing that could go out of use."""
        return []


@dataclass(frozen=True, slots=True)
class Period:
    """A part of a subscription that is paid at once, and the day on which its invoice is expected.

    ``invoice_date`` is None where that would be beyond the calendar.
    """

    number: int
    start_date: date
    end_date: date
    invoice_date: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An approved subscription as it stands: its terms, what was decided, whether its purchase is closed.

    ``acts`` are those that count, the first one first: not a renewal that was denied or cancelled. ``decisions`` is how
    many there were in all.
    """

    commitment_id: int
    purchase_id: int
    owner_id: int
    terms: Subscription
    title: str = ""
    acts: tuple[Act, ...] = ()
    decisions: int = 0
    is_closed: bool = False

    @property
    def last_act(self) -> Act | None:
        """What was decided last."""
        return self.acts[-1] if self.acts else None

    @property
    def decide_by(self) -> date:
        """The day by which something should be decided: the last safe day of the notice, else the end."""
        return decide_by(self.terms)

    @property
    def end_date(self) -> date:
        """Its last day; that of the obligation, when it was stopped in time for it."""
        act = self.last_act
        return last_day(self.terms, None if act is None or act.kind is not ActKind.STOP else act.decided_on)

    def was_in_time(self, act: Act) -> bool:
        """Tell whether something was decided while notice could still be given."""
        return act.decided_on <= self.decide_by

    def state(self, today: date) -> SubscriptionState:
        """Where it stands on a day."""
        before, after = _DECIDED[None if self.last_act is None else self.last_act.kind]
        if self.is_closed and before is not _S.RENEWED:
            return _S.CLOSED
        return before if today <= self.end_date else after


def decide_by(terms: Subscription) -> date:
    """Tell the day by which something should be decided: the last safe day of the notice, else the end."""
    return terms.last_notice_date or terms.end_date


def last_day(terms: Subscription, stopped_on: date | None) -> date:
    """Tell the last day of a subscription; that of the obligation, when it was stopped on a day in time for it."""
    bound = terms.contractual_end_date
    if bound is None or stopped_on is None or stopped_on > decide_by(terms):
        return terms.end_date
    return min(bound, terms.end_date)


def schedule_of(terms: Subscription) -> list[Period]:
    """List the periods of a subscription, each with the day on which its invoice is expected."""
    starts = [dates.add(terms.start_date, terms.frequency, number) for number in range(terms.periods_count)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), terms.end_date]
    return [
        Period(number, start, end, _invoice_date(terms, number - 1))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]


def _invoice_date(terms: Subscription, times: int) -> date | None:
    try:
        return dates.add(terms.first_invoice_date, terms.frequency, times)
    except OverflowError:
        return None


class ReminderKind(StrEnum):
    """Of what people are reminded."""

    NOTICE_DUE = "notice_due"
    END_DUE = "end_due"
    RAN_OUT = "ran_out"


@dataclass(frozen=True, slots=True)
class Reminder:
    """That a day comes on which something about a subscription is over: told once for each ``days_ahead``."""

    kind: ReminderKind
    commitment_id: int
    purchase_id: int
    owner_id: int
    due_date: date
    days_ahead: int


def reminders_due(standing: Standing, today: date, days: Sequence[int]) -> list[Reminder]:
    """List of what to remind people today; who comes late is reminded of the nearest day, and not of all at once.

    One that has run out undecided is told on the day after its end, or as soon as somebody looks, within a year.
    """
    state = standing.state(today)
    if state is _S.RAN_OUT:
        ended = standing.end_date
        told = today <= ended + timedelta(days=366)
        return [_reminder(standing, ReminderKind.RAN_OUT, ended, 0)] if told else []
    if state is not _S.RUNNING:
        return []
    due, kind = standing.decide_by, ReminderKind.NOTICE_DUE
    if standing.terms.last_notice_date is None or due < today:
        due, kind = standing.end_date, ReminderKind.END_DUE
    ahead = min((each for each in days if (due - today).days <= each), default=None)
    return [] if ahead is None else [_reminder(standing, kind, due, ahead)]


def _reminder(standing: Standing, kind: ReminderKind, due: date, ahead: int) -> Reminder:
    return Reminder(kind, standing.commitment_id, standing.purchase_id, standing.owner_id, due, ahead)


MOST_REMINDERS: Final = 10
FARTHEST_REMINDER: Final = 730


def reminder_days(days: Sequence[int]) -> tuple[int, ...]:
    """Take how many days ahead a company's people are reminded, the earliest first, each once.

    Raises:
        Invalid: there are too many of them, or one is not before the day, or too long before it.
    """
    told = tuple(sorted(set(days), reverse=True))
    if len(told) > MOST_REMINDERS:
        raise Invalid.field("days", f"At most {MOST_REMINDERS} different numbers of days.")
    if any(not 0 < each <= FARTHEST_REMINDER for each in told):
        raise Invalid.field("days", f"Each must be from 1 to {FARTHEST_REMINDER} days.")
    return told


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which subscriptions to list: in these states, whose notice has to be given before a day."""

    states: tuple[SubscriptionState, ...] = ()
    notice_before: date | None = None

    def meets(self, standing: Standing, today: date) -> bool:
        """Tell whether a subscription is one of these."""
        if self.states and standing.state(today) not in self.states:
            return False
        notice = standing.terms.last_notice_date
        return self.notice_before is None or (notice is not None and notice < self.notice_before)
