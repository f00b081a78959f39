"""Telling webhooks: one turn of one webhook, from the place in the log up to which it has been told.

A turn is short. What it led to is written at its end in one statement; when it never ends, because somebody pulled
the plug, the next one tells the same again. So everything is told at least once.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from emplette.domain.deliveries import (
    KEEPS_TRYING,
    MANY_FAIL,
    MOST_WAITING,
    RESTS,
    Answered,
    Lanes,
    Verdict,
    Waiting,
)
from emplette.domain.events import SealedEvent
from emplette.domain.seals import Cursor, Head
from emplette.domain.text import number_of
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

_LONGEST_REST: Final = 4 * 3_600.0
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
    # As long again as it has lasted: each pause is twice the one before.
    pause = min(max(failing_for, 5.0), _LONGEST_REST) * random.uniform(0.75, 1.25)  # noqa: S311
    outcome.rests_for = max(pause, answered.rest_within(failing_for))
    if answered.verdict is Verdict.GONE or failing_for >= KEEPS_TRYING.total_seconds():
        outcome.suspended_because = answered.reason
    return outcome


async def _tell(db: Session, turn: Turn) -> Outcome:
    claimed = turn.claimed
    waiting = await deliveries.waiting(db, claimed.tenant, claimed.webhook_id)
    before = Lanes.of(waiting)
    struggles = claimed.failing_for is not None and before.failing >= MANY_FAIL
    wanted = (0 if before.ready() else 1) if struggles else _AT_ONCE
    position, new = await _look(db, turn, min(wanted, MOST_WAITING - len(waiting)))
    lanes = Lanes.of(waiting, [Waiting(one.position, (one.object_type, one.object_id)) for one in new])
    ready = lanes.ready()[: 1 if struggles else None]
    known = {event.position: event for event in new}
    old = [one.position for lane in ready for one in lane if one.position not in known][:_AT_ONCE]
    known |= {event.position: event for event in await deliveries.events_at(db, claimed.tenant, old)} if old else {}
    # What was removed past the log can't be told; `emplette verify` says that it is missing.
    turn.told += [each for each in old if each not in known]
    queue = iter(ready)

    async def take_lanes() -> None:
        for lane in queue:
            await turn.tell([one for one in lane if one.position not in turn.told], known)

    await asyncio.gather(*(take_lanes() for _ in range(_WIDTH)))
    fresh = {one.position for one in new}
    return _outcome(turn, position, [one for lane in lanes.lanes.values() for one in lane], fresh, struggles=struggles)


async def _look(db: Session, turn: Turn, most: int) -> tuple[int, list[SealedEvent]]:
    """Take so many new events from the log; answer up to where that was."""
    claimed = turn.claimed
    until = min(turn.head.position, claimed.position + STRIDE)
    if most <= 0 or until <= claimed.position:
        return claimed.position, []
    new = await deliveries.new_events(db, claimed.tenant, claimed, until=until, most=most)
    return (new[-1].position if len(new) == most else until), new


def _outcome(turn: Turn, position: int, all_: Sequence[Waiting], fresh: set[int], *, struggles: bool) -> Outcome:
    claimed, told = turn.claimed, set(turn.told)
    left = [one for one in all_ if one.position not in told]
    lanes = Lanes.of(left)
    written = fresh | turn.changed
    if struggles and turn.delivered:
        # It is back: nothing has to wait any longer.
        for one in left:
            one.due_in = min(one.due_in, 0.0)
        written = {one.position for one in left}
    failed = turn.failed[-1] if turn.failed else None
    is_failing = not turn.delivered and (failed is not None or claimed.failing_for is not None)
    outcome = Outcome(
        epoch=claimed.epoch,
        position=position,
        told=turn.told,
        waiting=[one for one in left if one.position in written],
        delivered=turn.delivered,
        failed=failed,
        is_failing=is_failing,
        is_full=len(left) >= MOST_WAITING,
        retries_in=lanes.next_due_in(),
    )
    many = lanes.failing >= MANY_FAIL
    if is_failing and many:
        outcome.rests_for = RESTS.total_seconds()
    # The receiver asks for it, so it holds for all that it is told, and ends before the day of anything else is over.
    asked = max((one.rest_within(lanes.longest_failing) for one in turn.failed), default=0.0)
    outcome.rests_for = max(outcome.rests_for, asked)
    gone = next((one for one in turn.failed if one.verdict is Verdict.GONE), None)
    lasted = (claimed.failing_for or 0.0) >= KEEPS_TRYING.total_seconds()
    if gone is not None or (failed is not None and is_failing and many and lasted):
        outcome.suspended_because = (gone or failed or Answered()).reason
    elif outcome.is_full and outcome.retries_in is None:
        outcome.suspended_because = f"{number_of(len(left), 'event is', 'events are')} parked, or behind one that is."
    return outcome
