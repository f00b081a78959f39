"""Counting what is spent, all the time: sums are exact without it too, but take longer the more is not counted yet."""

from datetime import datetime, timedelta
from typing import Final

from emplette.storage import spending_counts
from emplette.storage.database import Session

BUSY: Final = timedelta(seconds=1)
AT_REST: Final = timedelta(seconds=4)
"""The pauses: while there is something to count, and when there has been nothing for a while."""

_AT_ONCE: Final = 1_000
_ROUNDS: Final = 50


async def count_what_happened(db: Session, _: datetime) -> int:
    """Count what happened in all companies, each in turn; answer how much there was.

    Several servers may do so at once: while one counts a company, the others pass it by.
    """
    done = 0
    for _round in range(_ROUNDS):
        counted = [await spending_counts.count(db, tenant, _AT_ONCE) for tenant in await spending_counts.behind(db)]
        done += sum(counted)
        if max(counted, default=0) < _AT_ONCE:
            break
    return done
