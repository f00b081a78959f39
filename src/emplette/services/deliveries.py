"""Telling webhooks: one turn of one webhook, from the place in the log up to which it has been told.

A turn is short. What it led to is written at its end in one statement; when it never ends, because somebody pulled
the plug, the next one tells the same again. So everything is told at least once.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from emplette.domain.deliveries import (
    MANY_FAIL,
    MOST_WAITING,
    Answered,
    Lanes,
    Tried,
    Verdict,
    Waiting,
    gives_up,
    rest_after,
)
from emplette.domain.events import SealedEvent
from emplette.domain.seals import Cursor, Head
from emplette.domain.webhooks import Target, signatures
from emplette.formats import events
from emplette.formats.posting import Line, Poster
from emplette.storage import deliveries, seals, webhooks
from emplette.storage.database import Session
from emplette.storage.deliveries import Claimed, Outcome
from emplette.storage.feeds import STRIDE

LEASE: Final = timedelta(seconds=10)
"""So long a claim is good: longer than a turn takes, whatever the receiver does."""

_LASTS: Final = 4.0
_AT_ONCE: Final = 100
_WIDTH: Final = 4
"""A turn begins no new attempt after so many seconds; so many events it takes, and so many objects go at once."""

_AGENT: Final = "Emplette-Webhooks/1"

Note = Callable[[Answered], None]
"""Hears of every attempt."""


@dataclass(slots=True)
class Turn:
    """One turn: who is told, over which line, and what has come of it so far."""

    claimed: Claimed
    head: Head
    secrets: Sequence[bytes]
    line: Line
    note: Note
    ends: float = field(default_factory=lambda: time.monotonic() + _LASTS)
    told: list[int] = field(default_factory=list)
    failed: list[Answered] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    delivered: bool = False

    @property
    def is_over(self) -> bool:
        """Whether no new attempt is made: it took long, or the receiver is not there, or wants rest or nothing more."""
        refuses = any(answered.verdict is Verdict.GONE or answered.rest for answered in self.failed)
        return refuses or time.monotonic() > self.ends or (len(self.failed) >= MANY_FAIL and not self.delivered)

    async def send(self, name: str, body: bytes) -> Answered:
        """Make one attempt: signed now, whenever it happened."""
        signed = signatures(list(self.secrets), f"{self.claimed.account}_{name}", body, datetime.now(UTC))
        headers = {"Content-Type": "application/json", "User-Agent": _AGENT} | signed
        answered = await self.line.post(headers, body)
        self.note(answered)
        return answered

    async def tell(self, lane: Sequence[Waiting], known: Mapping[int, SealedEvent]) -> None:
        """Tell what happened to one object, one event after the other, until one fails."""
        for one in lane:
            event = known.get(one.position)
            if event is None or self.is_over:
                return
            answered = await self.send(str(Cursor(event.epoch, event.position)), events.write_event(event))
            if answered.verdict is not Verdict.DELIVERED:
                one.fail(answered, random.random())  # noqa: S311  (spreads load, hides nothing)
                self.changed.add(one.position)
                self.failed.append(answered)
                return
            self.delivered = True
            self.told.append(one.position)


async def serve(db: Session, claim: UUID, claimed: Claimed, poster: Poster, *, note: Note) -> bool:
    """Tell a claimed webhook what it was not told yet, for a while; False when the claim was lost meanwhile."""
    head = await seals.head(db, claimed.tenant)
    secrets = list((await webhooks.secrets_of(db, claimed.tenant, claimed.webhook_id)).values())
    if secrets:
        async with poster.line(Target.parse(claimed.url), width=_WIDTH) as line:
            turn = Turn(claimed, head, secrets, line, note)
            outcome = await (_announce(db, turn) if claimed.epoch != head.epoch else _tell(db, turn))
    else:
        outcome = Outcome(epoch=claimed.epoch, position=claimed.position, told=[], waiting=[])
        outcome.suspended_because = "It has no secret that is still valid."
    return await deliveries.settle(db, claimed.tenant, claimed.webhook_id, claim, outcome)


async def _announce(db: Session, turn: Turn) -> Outcome:
    """Tell that the log is another one from some position on, before anything of it is told."""
    claimed, head = turn.claimed, turn.head
    onward = head.shared(Cursor(claimed.epoch, claimed.position))
    begins_after = head.begins_after.get(head.epoch, 0)
    message = events.write_restored(epoch=head.epoch, begins_after=begins_after, now=datetime.now(UTC))
    answered = await turn.send(f"{head.epoch}-restored", message)
    outcome = Outcome(epoch=claimed.epoch, position=claimed.position, told=[], waiting=[], retries_in=0.0)
    if answered.verdict is Verdict.DELIVERED:
        waiting = await deliveries.waiting(db, claimed.tenant, claimed.webhook_id)
        outcome.epoch, outcome.position, outcome.delivered = head.epoch, onward, True
        outcome.told = [one.position for one in waiting if one.position > onward]
        return outcome
    failing_for = claimed.failing_for or 0.0
    outcome.failed, outcome.is_failing = answered, True
    outcome.rests_for = rest_after(answered, failing_for, random.random())  # noqa: S311  (spreads load, hides nothing)
    if gives_up(answered, failing_for):
        outcome.suspended_because = answered.reason
    return outcome


async def _tell(db: Session, turn: Turn) -> Outcome:
    """Tell what waits and what is new; a receiver that is stuck gets one attempt, and all is well when that goes."""
    claimed = turn.claimed
    waiting = await deliveries.waiting(db, claimed.tenant, claimed.webhook_id)
    before = Lanes.of(waiting)
    struggles = claimed.failing_for is not None and before.is_stuck
    wanted = (0 if before.ready() else 1) if struggles else _AT_ONCE
    position, found = await _look(db, turn, min(wanted, MOST_WAITING - len(waiting)))
    there = {one.position for one in waiting}
    new = [event for event in found if event.position not in there]
    lanes = Lanes.of(waiting, [Waiting(one.position, (one.object_type, one.object_id)) for one in new])
    await _attempt(db, turn, lanes.ready()[: 1 if struggles else None], new)
    told = set(turn.told)
    left = Lanes.of([one for lane in lanes.lanes.values() for one in lane if one.position not in told])
    if struggles and turn.delivered:
        return _outcome(turn, position, left, written=left.due_at_once())
    return _outcome(turn, position, left, written=turn.changed.union(one.position for one in new))


async def _attempt(db: Session, turn: Turn, ready: Sequence[Sequence[Waiting]], new: Sequence[SealedEvent]) -> None:
    """Tell what is due, several objects at once; what waited is read again for it."""
    known = {event.position: event for event in new}
    old = [one.position for lane in ready for one in lane if one.position not in known][:_AT_ONCE]
    if old:
        known |= {event.position: event for event in await deliveries.events_at(db, turn.claimed.tenant, old)}
    # What was removed past the log can't be told; `emplette verify` says that it is missing.
    lost = {position for position in old if position not in known}
    turn.told += lost
    queue = iter(ready)

    async def take_lanes() -> None:
        for lane in queue:
            await turn.tell([one for one in lane if one.position not in lost], known)

    await asyncio.gather(*(take_lanes() for _ in range(_WIDTH)))


async def _look(db: Session, turn: Turn, most: int) -> tuple[int, list[SealedEvent]]:
    """Take so many new events from the log; answer up to where that was.

    Some of them may wait already: a replay begins anew at the moment when a turn writes down what failed in it.
    """
    claimed = turn.claimed
    until = min(turn.head.position, claimed.position + STRIDE)
    if most <= 0 or until <= claimed.position:
        return claimed.position, []
    new = await deliveries.new_events(db, claimed.tenant, claimed, until=until, most=most)
    return (new[-1].position if len(new) == most else until), new


def _outcome(turn: Turn, position: int, left: Lanes, *, written: Collection[int]) -> Outcome:
    """Say what a turn led to; of what is left only what changed is ``written``."""
    tried = Tried(turn.delivered, turn.failed, turn.claimed.failing_for, left)
    return Outcome(
        epoch=turn.claimed.epoch,
        position=position,
        told=turn.told,
        waiting=[one for lane in left.lanes.values() for one in lane if one.position in written],
        delivered=turn.delivered,
        failed=turn.failed[-1] if turn.failed else None,
        is_failing=tried.is_failing,
        is_full=tried.is_full,
        rests_for=tried.rests_for,
        retries_in=left.next_due_in(),
        suspended_because=tried.suspended_because,
    )
