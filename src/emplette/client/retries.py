"""When a call is tried again, and after how long: decided here, without waiting."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

WORTH_ANOTHER_TRY: Final = frozenset({408, 429, 502, 503, 504})
"""Answers of a server that may well answer otherwise in a moment."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a call is tried, and how long all of that may take.

    The waits grow twofold from ``first_wait`` to ``longest_wait`` and are shortened at random, so that clients who
    failed together don't come back together. A server that says how long to wait is obeyed, within the ``patience``.
    """

    attempts: int = 5
    patience: float = 90.0
    """Seconds from the first attempt on, after which none begins: more than the minute by which servers count calls."""
    first_wait: float = 0.25
    longest_wait: float = 8.0


NEVER: Final = Retries(attempts=1)
"""For those who repeat calls by themselves."""


class Attempts:
    """The attempts of one call."""

    def __init__(self, retries: Retries, *, repeatable: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._retries = retries
        self._left = retries.attempts if repeatable else 1
        self._clock = clock
        self._end = clock() + retries.patience
        self._wait = retries.first_wait
        self.lost = False
        """Whether an attempt has ended without an answer: it may have taken effect."""

    @property
    def seconds_left(self) -> float:
        """How long an attempt that begins now may take; never quite nothing."""
        return max(self._end - self._clock(), 0.001)

    def wait_after_loss(self) -> float | None:
        """Say how long to wait after an attempt without an answer; None when it was the last one."""
        self.lost = True
        return self._next_wait(None)

    def wait_after_answer(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Say how long to wait after an answer; None when this is the answer."""
        if status not in WORTH_ANOTHER_TRY:
            return None
        return self._next_wait(_seconds(headers.get("Retry-After", "")))

    def _next_wait(self, asked_for: float | None) -> float | None:
        self._left -= 1
        drawn = self._wait * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret: it only has to differ
        self._wait = min(self._wait * 2, self._retries.longest_wait)
        wait = drawn if asked_for is None else max(asked_for, 0.0)
        return None if self._left <= 0 or self._clock() + wait >= self._end else wait


def _seconds(retry_after: str) -> float | None:
    """Read a `Retry-After`: seconds, or a moment."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
