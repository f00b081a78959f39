"""Sealing what happened, all the time: an event can be read at most a second after its commit."""

from datetime import datetime, timedelta
from typing import Final

from emplette.storage import seals
from emplette.storage.database import Session

BUSY: Final = timedelta(milliseconds=50)
AT_REST: Final = timedelta(milliseconds=400)
"""The pauses: while there is something to seal, and when there has been nothing for a while."""

_AT_ONCE: Final = 1_000
_ROUNDS: Final = 20


async def seal_what_waits(db: Session, _: datetime) -> int:
    """Seal what waits of all companies, each in turn, so that one with much to seal holds up nobody; answer how much.

    Several servers may do so at once: while one seals a company's log, the others pass it by.
    """
    done = 0
    for _round in range(_ROUNDS):
        sealed = [await seals.seal(db, tenant, _AT_ONCE) for tenant in await seals.waiting(db)]
        done += sum(sealed)
        if max(sealed, default=0) < _AT_ONCE:
            break
    return done
