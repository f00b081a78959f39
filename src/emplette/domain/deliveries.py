"""Deliveries: what is told to a webhook in one turn, what an answer means, and when something is tried again.

Events of one object are told one after the other: what can't be told holds back what happened to the same object
later, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final, TypeAlias

KEEPS_TRYING: Final = timedelta(days=1)
"""So long something is tried again; then it is parked, and whoever watches has to say that it goes on."""

SECONDS_TO_ANSWER: Final = 3.0
MOST_WAITING: Final = 1_000
"""So many events of one webhook wait, being tried again or behind one that is; more are not taken from the log."""

MANY_FAIL: Final = 3
"""When so many objects fail and nothing else gets through, it is the receiver: one attempt at a time will do."""

RESTS: Final = timedelta(seconds=15)
"""The pause after each such attempt."""

_FIRST: Final = 5.0
_LONGEST: Final = 4 * 3_600.0
_SPREAD: Final = 0.25

About: TypeAlias = tuple[str, int]
"""What an event is about: the kind of object and its number."""


class Verdict(Enum):
    """What an answer means."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an attempt: the status of the answer, or why there was none.

    ``rest`` are the seconds for which the receiver asked not to be called.
    """

    status: int | None = None
    error: str | None = None
    rest: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """Tell what it means: 2xx is success, and who answers 404 or 410 wants nothing more."""
        if self.status is None:
            return Verdict.AGAIN
        if HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES:
            return Verdict.DELIVERED
        return Verdict.GONE if self.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} else Verdict.AGAIN

    @property
    def reason(self) -> str:
        """Say why it was no success."""
        return self.error or f"Answered {self.status}."

    def rest_within(self, failing_for: float) -> float:
        """Say how much of the rest is granted, in seconds: no more than is left of the day of trying."""
        return max(0.0, min(self.rest, KEEPS_TRYING.total_seconds() - failing_for))


def pause_after(failures: int, chance: float) -> timedelta:
    """Say how long to wait after so many failures: each time twice as long, up to four hours, spread by a quarter.

    ``chance`` is a number from 0 to 1 that somebody has drawn.
    """
    pause = min(_FIRST * 2 ** min(failures - 1, 30), _LONGEST)
    return timedelta(seconds=_spread(pause, chance))


def rest_after(answered: Answered, failing_for: float, chance: float) -> float:
    """Say for how many seconds nothing is tried after what comes before all else failed.

    It is as long again as that has lasted already, spread by a quarter, or as long as the receiver asks for.
    """
    pause = min(max(failing_for, _FIRST), _LONGEST)
    return max(_spread(pause, chance), answered.rest_within(failing_for))


def gives_up(answered: Answered, failing_for: float) -> bool:
    """Tell whether a receiver that could not be reached for so many seconds is told nothing more after this answer."""
    return answered.verdict is Verdict.GONE or failing_for >= KEEPS_TRYING.total_seconds()


def _spread(pause: float, chance: float) -> float:
    return pause * (1 - _SPREAD + 2 * _SPREAD * chance)


@dataclass(slots=True)
class Waiting:
    """An event that waits: it failed, or stands behind one that did. Times count from now on, in seconds.

    ``due_in`` is when it is tried again, ``failing_for`` how long ago it failed first.
    """

    position: int
    about: About
    attempts: int = 0
    due_in: float = 0.0
    failing_for: float | None = None
    is_parked: bool = False
    status: int | None = None
    error: str | None = None

    def fail(self, answered: Answered, chance: float) -> None:
        """Note an attempt that failed; after a day of them it is parked."""
        self.attempts += 1
        self.failing_for = self.failing_for or 0.0
        self.status, self.error = answered.status, answered.reason
        self.is_parked = self.failing_for >= KEEPS_TRYING.total_seconds()
        rest = answered.rest_within(self.failing_for)
        self.due_in = max(pause_after(self.attempts, chance).total_seconds(), rest)


@dataclass(slots=True)
class Lanes:
    """What waits and what is new, object by object, each in the order in which it happened."""

    lanes: dict[About, list[Waiting]] = field(default_factory=dict)

    @classmethod
    def of(cls, waiting: Sequence[Waiting], new: Sequence[Waiting] = ()) -> "Lanes":
        """Line them up."""
        made = cls()
        for one in sorted((*waiting, *new), key=lambda each: each.position):
            made.lanes.setdefault(one.about, []).append(one)
        return made

    def ready(self) -> list[list[Waiting]]:
        """List the lanes whose first is to be tried now, the one that has waited longest first."""
        found = [lane for lane in self.lanes.values() if not lane[0].is_parked and lane[0].due_in <= 0]
        return sorted(found, key=lambda lane: lane[0].position)

    @property
    def failing(self) -> int:
        """Count the objects whose first event has failed."""
        return sum(lane[0].attempts > 0 for lane in self.lanes.values())

    @property
    def waiting(self) -> int:
        """Count the events."""
        return sum(len(lane) for lane in self.lanes.values())

    @property
    def is_stuck(self) -> bool:
        """Whether so much fails that it is the receiver, unless something else gets through."""
        return self.failing >= MANY_FAIL

    def due_at_once(self) -> list[int]:
        """Let nothing wait any longer, since the receiver is back; answer with the positions of all that waits."""
        for lane in self.lanes.values():
            for one in lane:
                one.due_in = min(one.due_in, 0.0)
        return [one.position for lane in self.lanes.values() for one in lane]

    @property
    def longest_failing(self) -> float:
        """Say for how many seconds the object has failed that failed first, of those that are still tried."""
        firsts = [lane[0] for lane in self.lanes.values()]
        return max((first.failing_for or 0.0 for first in firsts if not first.is_parked), default=0.0)

    def next_due_in(self) -> float | None:
        """Say in how many seconds something is to be tried again; None when nothing is."""
        return min((lane[0].due_in for lane in self.lanes.values() if not lane[0].is_parked), default=None)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the attempts of a turn: whether something got through, and what each of the others was answered.

    ``failing_for`` are the seconds since the webhook was last reached, when it was failing before; ``left`` is what
    waits after the turn.
    """

    delivered: bool
    failed: Sequence[Answered]
    failing_for: float | None
    left: Lanes

    @property
    def is_failing(self) -> bool:
        """Whether the receiver has not been reached, now or in the turns before."""
        return not self.delivered and (bool(self.failed) or self.failing_for is not None)

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nothing more is taken from the log."""
        return self.left.waiting >= MOST_WAITING

    @property
    def rests_for(self) -> float:
        """For how many seconds nothing is tried.

        What the receiver asks for holds for all that it is told, and ends before the day of anything else is over.
        """
        own = RESTS.total_seconds() if self.is_failing and self.left.is_stuck else 0.0
        return max([own, *(answered.rest_within(self.left.longest_failing) for answered in self.failed)])

    @property
    def suspended_because(self) -> str | None:
        """Why nothing more is told until somebody says that it goes on, if that is so."""
        for answered in self.failed:
            if answered.verdict is Verdict.GONE:
                return answered.reason
        if self.failed and self.is_failing and self.left.is_stuck:
            last = self.failed[-1]
            if gives_up(last, self.failing_for or 0.0):
                return last.reason
        if self.is_full and self.left.next_due_in() is None:
            return f"{self.left.waiting:,} events are parked, or wait behind one that is."
        return None
