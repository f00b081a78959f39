"""The chain of seals: each event's hash is taken over the one before, so that nothing in between can change unseen."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from emplette.domain.errors import Refusal

GENESIS: Final = bytes(32)
"""What stands for the hash before the first."""

FIRST_EPOCH: Final = 1


class PositionGone(Refusal):
    """The log does not reach as far as this position: it was restored, or never was there."""

    code = "events.position_gone"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a company's log: an epoch, and the position of the last event that was read."""

    epoch: int
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | int":
        """Read a cursor as it is written, or a mere position, of whichever epoch there is.

        Raises:
            ValueError: it is neither.
        """
        epoch, dash, position = text.rpartition("-")
        if not dash:
            return _number(position)
        return cls(_number(epoch), _number(position))


def _number(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) <= _LONGEST):
        raise ValueError(text)
    return int(text)


_LONGEST: Final = 18


@dataclass(frozen=True, slots=True)
class Head:
    """How far a company's log has come: the last position, its hash, and where each later epoch began."""

    epoch: int = FIRST_EPOCH
    position: int = 0
    hash: bytes = GENESIS
    begins_after: Mapping[int, int] = field(default_factory=dict)

    def locate(self, cursor: Cursor | int) -> int:
        """Find the position of a cursor.

        Raises:
            PositionGone: its history ended before it; says where to go on.
        """
        if isinstance(cursor, int):
            cursor = Cursor(self.epoch, cursor)
        end = self._end(cursor.epoch)
        if cursor.position <= end:
            return cursor.position
        onward = Cursor(self.epoch, end)
        detail = (
            f"What was at position {cursor.position:,} of epoch {cursor.epoch} is not in this log: "
            f"go on after position {end:,}, with `after={onward}`."
        )
        raise PositionGone(detail, after=str(onward), position=end, epoch=self.epoch)

    def shared(self, cursor: Cursor) -> int:
        """Say up to which position the log is still the one in which a cursor was told."""
        return min(cursor.position, self._end(cursor.epoch))

    def _end(self, epoch: int) -> int:
        """Find how far an epoch reaches here; of one that nobody here knows nothing is known to be the same."""
        if epoch == self.epoch:
            return self.position
        if epoch != FIRST_EPOCH and epoch not in self.begins_after:
            return 0
        return min(after for begun, after in self.begins_after.items() if begun > epoch)


@dataclass(frozen=True, slots=True)
class Seal:
    """A position of the chain: which event has it, and the hash of all up to there.

    ``form`` is the canonical form of the event as it is now (docs/verifying.md), None when it is gone.
    """

    position: int
    event_id: int
    hash: bytes
    form: bytes | None

    def follows(self, previous: bytes) -> bool:
        """Tell whether this is what was sealed behind a hash."""
        return self.form is not None and chained(previous, self.form) == self.hash


def chained(previous: bytes, form: bytes) -> bytes:
    """Hash an event, in its canonical form, onto the hash before it."""
    return hashlib.sha256(previous + form).digest()


@dataclass(slots=True)
class Walk:
    """Walks along a chain and says what is wrong with it; a piece at a time, in the order of positions."""

    position: int = 0
    hash: bytes | None = GENESIS
    findings: list[str] = field(default_factory=list)
    _odd: list[tuple[bytes, Seal]] = field(default_factory=list)

    def pass_by(self, seals: Sequence[Seal]) -> None:
        """Look at the next piece."""
        for seal in seals:
            if seal.position > self.position + 1:
                self._note_gap(self.position + 1, seal.position - 1)
                self.hash = None
            self._look_at(seal)
            self.position, self.hash = seal.position, seal.hash

    def _note_gap(self, first: int, last: int) -> None:
        which = f"The seal of position {first:,} is" if first == last else f"The seals {first:,} to {last:,} are"
        self.findings.append(f"{which} missing: removed.")

    def _look_at(self, seal: Seal) -> None:
        if seal.form is None:
            self.findings.append(f"Event {seal.event_id}, sealed at position {seal.position:,}, is missing: removed.")
        elif self.hash is not None and not seal.follows(self.hash):
            self._odd.append((self.hash, seal))

    def end(self) -> list[str]:
        """Say what was found, once all pieces were looked at: what does not fit is told by what would."""
        odd, left = self._odd, []
        while odd:
            told, used = self._explain(odd)
            left.append(told)
            odd = odd[used:]
        return self.findings + left

    @staticmethod
    def _explain(odd: Sequence[tuple[bytes, Seal]]) -> tuple[str, int]:
        """Say what happened to the first of the seals that do not fit, and how many of them that explains."""
        previous, seal = odd[0]
        near = [other for _, other in odd[1 : 1 + _NEAR]]
        following = near[0] if near and near[0].position == seal.position + 1 else None
        if following is not None and following.follows(previous) and not seal.follows(following.hash):
            return f"The seal of position {seal.position:,}, event {seal.event_id}, was not there: inserted.", 2
        for count, other in enumerate(near, start=2):
            # What fits here stands there: the two were exchanged, with their hashes or without them.
            if other.follows(previous) or replace(other, hash=seal.hash).follows(previous):
                is_next_odd = len(odd) > count and odd[count][1].position == other.position + 1
                events = f"Events {seal.event_id} and {other.event_id}"
                places = f"at the positions {seal.position:,} and {other.position:,}"
                return f"{events}, {places}, are not in the order of their seals: reordered.", count + is_next_odd
        if following is not None and seal.form is not None and following.follows(chained(previous, seal.form)):
            return f"The seal of position {seal.position:,} is not what it was: changed.", 2
        told = f"Event {seal.event_id} at position {seal.position:,} is not what was sealed there"
        return f"{told}: it was changed, or something before it was removed.", 1


_NEAR: Final = 50
