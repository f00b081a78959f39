"""Telling webhooks what happened, all the time: many of them at once, none of them at another's cost."""

import asyncio
import collections
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog
from prometheus_client import Counter, Gauge

from emplette.domain.deliveries import Answered, Verdict
from emplette.domain.errors import Refusal
from emplette.formats.posting import Poster
from emplette.services.deliveries import LEASE, serve
from emplette.storage import deliveries, webhooks
from emplette.storage.database import Session
from emplette.storage.deliveries import Claimed

log = structlog.get_logger("emplette.jobs")

BUSY: Final = timedelta(milliseconds=50)
AT_REST: Final = timedelta(milliseconds=250)
"""The pauses between two looks: while there is something to tell, and when there has been nothing for a while."""

MOST: Final = 32
EACH: Final = 8
FAILING: Final = 12
"""How many webhooks are told at once: in all, of one company, and of those that could not be reached last."""

_STOPS_WITHIN: Final = 5.0

ATTEMPTS: Final = Counter(
    "emplette_webhook_attempts", "Messages sent to webhooks, by what came of it.", ["outcome"], registry=None
)
WEBHOOKS: Final = Gauge(
    "emplette_webhooks",
    "Webhooks: all that are active, those that can't be reached, those that are suspended.",
    ["state"],
    registry=None,
    multiprocess_mode="livemostrecent",
)


@dataclass(slots=True)
class Deliverer:
    """Tells webhooks, each in a task of its own."""

    poster: Poster
    _turns: "dict[asyncio.Task[None], tuple[int, UUID]]" = field(default_factory=dict)

    async def look(self, db: Session, _: datetime) -> int:
        """Begin to tell those who have something to be told, as far as there is room; answer how many."""
        busy = collections.Counter(tenant for tenant, _claim in self._turns.values())
        room = MOST - len(self._turns)
        if room <= 0:
            return 0
        claim = uuid4()
        found = await deliveries.claim(db, claim, busy, each=EACH, room=room, failing=FAILING, lease=LEASE)
        for claimed in found:
            turn = asyncio.create_task(self._serve(db, claim, claimed))
            self._turns[turn] = (claimed.tenant, claim)
            turn.add_done_callback(self._turns.pop)
        return len(found)

    async def close(self, db: Session) -> None:
        """Let what is under way come to its end, for a while, and leave the rest to others."""
        claims = {claim for _, claim in self._turns.values()}
        if self._turns:
            await asyncio.wait(list(self._turns), timeout=_STOPS_WITHIN)
        for turn in list(self._turns):
            turn.cancel()
        await asyncio.gather(*self._turns, return_exceptions=True)
        await self.poster.resolver.close()
        for claim in claims:
            await deliveries.release(db, claim)

    async def count(self, db: Session, _: datetime) -> int:
        """Count the webhooks that are told, those that can't be reached and those that are suspended."""
        counted = await webhooks.count_all(db)
        for state, count in counted.items():
            WEBHOOKS.labels(state).set(count)
        return counted["suspended"]

    async def _serve(self, db: Session, claim: UUID, claimed: Claimed) -> None:
        """Tell one; when that fails here, and not there, its claim runs out and somebody goes on."""
        which = {"tenant": claimed.account, "webhook": claimed.webhook_id}

        def note(answered: Answered) -> None:
            ATTEMPTS.labels(answered.verdict.value).inc()
            if answered.verdict is not Verdict.DELIVERED:
                log.warning("webhook not told", reason=answered.reason, **which)

        try:
            await serve(db.database.session(), claim, claimed, self.poster, note=note)
        except Refusal as refusal:
            log.warning("webhook turn failed", code=refusal.code, detail=refusal.detail, **which)
        except Exception:
            log.exception("webhook turn failed", **which)
