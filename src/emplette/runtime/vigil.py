"""Watching over PostgreSQL: it may live, and yet neither serve nor recover."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from emplette.runtime import pids

PATIENCE: Final = 10.0
"""Seconds without one of the two: PostgreSQL itself gives what it ends after a crash five before it kills it."""

_LOOKS_EVERY: Final = 1.0
_SIGNS: Final = {"startup", "walwriter"}


class Vigil:
    """Notices a PostgreSQL that stands still, where the system tells of processes (Linux).

    While it serves it has a process that writes its log, while it starts or recovers one that does that. One that has
    neither waits for something that does not come any more.
    """

    def __init__(self, *, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._of: int | None = None
        self._looked_at = self._seen_at = 0.0

    def is_stuck(self, postmaster: int) -> bool:
        """Tell whether PostgreSQL, known by its first process, has stood still for too long; ask it all the time."""
        now = self._clock()
        if postmaster != self._of:
            self._of, self._looked_at, self._seen_at = postmaster, now, now
        if now - self._looked_at >= _LOOKS_EVERY:
            # Who did not look for long, because the machine slept, knows nothing of the time in between.
            if now - self._looked_at > self._patience or _is_at_work(postmaster):
                self._seen_at = now
            self._looked_at = now
        return now - self._seen_at > self._patience


def _is_at_work(postmaster: int) -> bool:
    """Tell whether it has one of the two processes, or that it can't be known."""
    with suppress(OSError):
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return any(not _SIGNS.isdisjoint(pids.title(int(child)).split()) for child in children)
    return True
