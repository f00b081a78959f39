"""How long and how much the bench measures."""

from dataclasses import dataclass
from typing import Final

CLIENTS: Final = (1, 8, 32)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long each run takes, in seconds; with how many workers, and over how many purchases; how many starts.

    ``turns`` says how often orders and floors, and readers and theirs, take turns: ``floor``, ``orders`` and ``reads``
    are of one turn, and of a floor the first ``floor_warm_up`` seconds do not count. ``uploads`` says how many large
    files are uploaded, and how many small ones; ``documents`` how many are made of orders; ``suppliers`` how many are
    imported.
    """

    warm_up: int
    turns: int
    floor_warm_up: int
    floor: int
    orders: int
    reads: int
    lists: int
    workers: tuple[int, ...]
    purchases: tuple[int, ...]
    starts: int
    uploads: tuple[int, int]
    documents: int
    suppliers: int


WHOLE: Final = Sizes(
    warm_up=3,
    turns=5,
    floor_warm_up=1,
    floor=4,
    orders=4,
    reads=2,
    lists=4,
    workers=(1, 2),
    purchases=(10_000, 1_000_000),
    starts=5,
    uploads=(10, 500),
    documents=200,
    suppliers=100_000,
)
QUICK: Final = Sizes(
    warm_up=1,
    turns=2,
    floor_warm_up=1,
    floor=2,
    orders=1,
    reads=1,
    lists=1,
    workers=(2,),
    purchases=(10_000,),
    starts=1,
    uploads=(2, 50),
    documents=20,
    suppliers=10_000,
)
