"""Inspections: that the whole log be verified, asked for by somebody who may see all of it, and what was found."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What an inspection has seen: how much, up to which position, and in words what is wrong.

    ``untold`` came with the company, so that no event tells of it; ``more`` findings were only counted.
    """

    position: int
    hash: str
    sealed: int
    waiting: int
    erased: int
    purchases: int
    entries: int
    rows: int
    untold: int
    findings: tuple[str, ...] = ()
    more: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection: who asked when, what is looked at and how many of them were, and in the end what was found."""

    id: int
    asked_by: str
    asked_at: datetime
    looks_at: str | None = None
    done: int = 0
    ended_at: datetime | None = None
    figures: Figures | None = None
