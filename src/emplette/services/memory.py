"""What a key has just written in this process, so that its next step need not read it again.

Programs create a purchase, say what it costs and ask for approval within a moment. What the first call wrote is what
the second would read: so it is kept for some seconds, for that key alone. Nothing rests on it: the write of the next
step is guarded by the purchase's version and by the versions of all rows that it refers to, and what is refused is
refused only after it was read anew. Looking at a purchase always reads it.
"""

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic_ns
from typing import Final

from emplette.domain.dossiers import Dossier

LIFETIME: Final = 5 * 10**9
"""Nanoseconds."""
MOST: Final = 2_000
"""How many are kept at most; the oldest makes room."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call names, of which company, by which key."""

    tenant: int
    key: int
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A purchase as it was written, and what tells whether all that it refers to is still as it was."""

    dossier: Dossier
    references: str
    at: int


class Memory:
    """What was written last, by what a next call may name."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Subject, Remembered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, subject: Subject, dossier: Dossier, references: str) -> None:
        """Keep a purchase for the next call that names this."""
        self._kept[subject] = Remembered(dossier, references, monotonic_ns())
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def take(self, subject: Subject) -> Remembered | None:
        """Take what is kept, unless it is too old: it serves one call."""
        kept = self._kept.pop(subject, None)
        return None if kept is None or monotonic_ns() - kept.at > LIFETIME else kept
