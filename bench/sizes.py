"""How long and how much the bench measures."""

from dataclasses import dataclass
from typing import Final

CLIENTS: Final = (1, 8, 32)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long each run takes, in seconds; with how many workers, and over how many purchases; how many starts.

    ``uploads`` says how many large files are uploaded, and how many small ones; ``documents`` how many are made of
    orders; ``suppliers`` how many are imported.
    """

    warm_up: int
    floor: int
    orders: int
    lists: int
    workers: tuple[int, ...]
    purchases: tuple[int, ...]
    starts: int
    uploads: tuple[int, int]
    documents: int
    suppliers: int


WHOLE: Final = Sizes(
    warm_up=3,
    floor=10,
    orders=10,
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
    floor=2,
    orders=2,
    lists=1,
    workers=(2,),
    purchases=(10_000,),
    starts=1,
    uploads=(2, 50),
    documents=20,
    suppliers=10_000,
)
