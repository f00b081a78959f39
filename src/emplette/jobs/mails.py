"""Sending mails about what happened, all the time, and beside everything else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog
from prometheus_client import Counter

from emplette.formats.mailing import Mailer
from emplette.services.mails import make_mails, send_mails
from emplette.storage import mails
from emplette.storage.database import Session

log = structlog.get_logger("emplette.jobs")

BUSY: Final = timedelta(milliseconds=100)
AT_REST: Final = timedelta(seconds=1)
"""The pauses: while there is something to send, and when there has been nothing for a while."""

LEASE: Final = timedelta(minutes=10)
"""So long a claim is good: longer than it takes to send all of it, however slowly the server listens."""

KEPT_FOR: Final = timedelta(days=90)
"""So long it is kept which mails were sent."""

_AT_ONCE: Final = 20
_COMPANIES_AT_ONCE: Final = 50

MAILS: Final = Counter("emplette_mails", "Mails, by what came of an attempt to send them.", ["state"], registry=None)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Writes to people, over one server."""

    mailer: Mailer

    async def look(self, db: Session, now: datetime) -> int:
        """Make mails of what happened, and send what is due; answer how much there was to do."""
        done = 0
        for one in await mails.behind(db, most=_COMPANIES_AT_ONCE):
            await make_mails(db, one, now)
            done += 1
        return done + await self._send(db)

    async def sweep(self, db: Session, _: datetime) -> int:
        """Forget mails that were sent long ago."""
        return await mails.sweep(db, older_than=KEPT_FOR)

    async def _send(self, db: Session) -> int:
        claim = uuid4()
        claimed = await mails.claim(db, claim, most=_AT_ONCE, lease=LEASE)
        if not claimed:
            return 0
        try:
            for one in await send_mails(db, claim, claimed, self.mailer):
                MAILS.labels(str(one.state)).inc(one.count)
                if one.error is not None:
                    log.warning("mail not sent", state=str(one.state), reason=one.error, count=one.count)
        finally:
            await mails.release(db, claim)
        return len(claimed)
