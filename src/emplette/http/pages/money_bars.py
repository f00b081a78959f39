"""Money as a bar: how much of what was approved is asked for, billed and left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from emplette.domain.dossiers import Amounts
from emplette.domain.money import Money
from emplette.http.pages.translations import marked

WIDTH: Final = 1000
"""What the whole bar measures in its own units."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar: where it begins, how wide it is, what it stands for."""

    name: str
    amount: Money
    start: int
    width: int
    kind: str


def money_bar(amounts: Amounts) -> list[Part]:
    """Lay the amounts of a purchase side by side; nothing when there are none."""
    requested, committed = amounts.requested.base, amounts.committed.base
    whole = requested.minor + committed.minor
    if not whole:
        return []
    if requested.minor:
        return [Part(marked("Asked for"), requested, 0, WIDTH, "asked")]
    billed = amounts.billed.base
    width = min(WIDTH, billed.minor * WIDTH // committed.minor)
    return [
        Part(marked("Billed"), billed, 0, width, "billed"),
        Part(marked("Still open"), amounts.available.base, width, WIDTH - width, "open"),
    ]


def side_by_side(minors: Sequence[int], whole: int) -> list[tuple[int, int]]:
    """Say of each part where it begins and how wide it is, in a bar whose width stands for the whole."""
    marks = [total * WIDTH // whole if whole else 0 for total in accumulate(minors, initial=0)]
    return [(start, end - start) for start, end in pairwise(marks)]
