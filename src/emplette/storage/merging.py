"""Saying together what waits at the same moment: one statement for all of a kind, instead of one for each.

The start of a large statement costs more than its rows, and every commit waits for the disk. So while a statement of
one kind is under way in this process, others of that kind and company wait, and then go together; alone, nobody waits.
A company has one statement of each kind under way at most, however many call: nobody is crowded out by another's calls.
Those that write take turns, since the database is quicker with few at a time; but no turn is longer than a statement
should take, so that one which waits for a row holds up nobody.

Whoever stops waiting before the statement is sent takes it back. Once it was sent it is everybody's who is in it, and
nobody's time-out ends it. What the database refuses, it refuses for all that is in the statement, and did nothing: then
each is said for itself. So it is with what it gives up, like a statement that waits too long for a row that somebody
holds. After a lost connection nothing is written again: what was written is looked up.
"""

import asyncio
import copy
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import asyncpg

from emplette.domain.errors import OutcomeUnknown, Unavailable

MOST: Final = 40
"""How many go together at most."""

LONGEST_TURN: Final = 50
"""Milliseconds after which the next statement of a company goes, even if the one before is still under way."""

RACES: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
UNDONE: Final = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, asyncpg.InsufficientResourcesError)
"""The statement was stopped and did nothing: cancelled from outside, or for want of memory, disk or a lock in time."""

_LOOKS: Final = (0, 100, 300, 600)
"""Pauses before each look at what a lost connection left behind, in milliseconds."""

Arguments = Callable[[], tuple[object, ...]]
"""Makes a statement's parameters, at the moment when it is sent."""


class Line(Protocol):
    """The way to the database."""

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Say a statement that changes nothing."""
        ...

    async def write(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Say a statement that changes everything or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of what is said: its statement, and for a write another one that finds out what was written.

    Both take the company as $1 and an array of items as $2, and answer rows that have the number ``n`` of their item,
    from 1.
    """

    sql: str
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What one call wants to say, and about what: of two writes about the same, the second goes after the first."""

    subject: int
    content: str | int


@dataclass(slots=True, eq=False)
class _Waiting:
    item: Item
    begin: Callable[[], None]
    answer: "asyncio.Future[asyncpg.Record | None]"


@dataclass(slots=True)
class _Lane:
    """What is said of one kind for one company, and who waits; those in ``together`` are in the statement."""

    kind: Kind
    tenant: int
    waiting: deque[_Waiting] = field(default_factory=deque)
    together: dict[int, list[_Waiting]] = field(default_factory=dict)

    def arguments(self) -> tuple[object, ...]:
        """Take those who go together, unless they are taken, and tell them that it begins."""
        if not self.together:
            self.take()
        for one in self.everybody():
            one.begin()
        return self.tenant, [ones[0].item.content for ones in self.together.values()]

    def take(self) -> None:
        """Take who still waits, up to the most; those who read the same share it."""
        left: list[_Waiting] = []
        while self.waiting and len(self.together) < MOST:
            one = self.waiting.popleft()
            if one.answer.done():
                continue
            ones = self.together.setdefault(one.item.subject, [])
            if ones and self.kind.found is not None:
                left.append(one)
            else:
                ones.append(one)
        self.waiting.extendleft(reversed(left))

    def everybody(self) -> list[_Waiting]:
        """List those who are in the statement."""
        return [one for ones in self.together.values() for one in ones]

    def alone(self) -> "list[_Lane]":
        """Part those who are in the statement: a lane for each."""
        return [_Lane(self.kind, self.tenant, together={one.item.subject: [one]}) for one in self.everybody()]

    def answer(self, rows: Sequence[asyncpg.Record], otherwise: Exception | None = None) -> None:
        """Give each its row; who has none is told so, or told the error."""
        by_number = {row["n"]: row for row in rows}
        for number, ones in enumerate(self.together.values(), 1):
            for one in ones:
                _answer(one, by_number.get(number) or copy.copy(otherwise))
        self.together = {}

    def fail(self, error: Exception) -> None:
        """Tell everybody the error, those too who have not been taken yet when nothing could be sent."""
        for one in self.everybody() or list(self.waiting):
            _answer(one, copy.copy(error))
        self.together = {}


@dataclass(slots=True)
class _Turns:
    """Who writes for one company just now, and who does next."""

    holder: "asyncio.Future[None] | None" = None
    waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    async def take(self) -> "asyncio.Future[None]":
        """Wait for a turn; answer what to pass it on with."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.holder is None:
            self.holder = turn
        else:
            self.waiting.append(turn)
            await turn
        return turn

    def pass_on(self, turn: "asyncio.Future[None]") -> None:
        """Let the next one go, unless this turn is over already."""
        if self.holder is not turn:
            return
        self.holder = None
        while self.waiting and self.holder is None:
            following = self.waiting.popleft()
            if not following.done():
                self.holder = following
                following.set_result(None)


class Merger:
    """What this process is saying and what waits for it; with ``merges`` off, everything is said for itself."""

    def __init__(self, line: Line, *, merges: bool = True) -> None:
        self._line = line
        self._merges = merges
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._turns: dict[int, _Turns] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def say(self, kind: Kind, tenant: int, item: Item, *, begin: Callable[[], None]) -> asyncpg.Record | None:
        """Say one item of a kind, with the others that wait; answer its row. ``begin`` is called when it is sent.

        Raises:
            Unavailable: nothing was sent.
            OutcomeUnknown: the connection broke, and what was written could not be found out.
            asyncpg.PostgresError: the database refused it.
        """
        one = _Waiting(item, begin, asyncio.get_running_loop().create_future())
        lane = self._lanes.get((kind.sql, tenant))
        if lane is not None:
            lane.waiting.append(one)
        else:
            lane = _Lane(kind, tenant, deque([one]))
            if not self._merges:
                await self._go(lane)
                return one.answer.result()
            self._lanes[kind.sql, tenant] = lane
            task = asyncio.create_task(self._run(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await one.answer

    async def _run(self, lane: _Lane) -> None:
        try:
            while any(not one.answer.done() for one in lane.waiting):
                await (self._go(lane) if lane.kind.found is None else self._go_in_turn(lane))
        finally:
            del self._lanes[lane.kind.sql, lane.tenant]

    async def _go_in_turn(self, lane: _Lane) -> None:
        """Say what waits once it is this kind's turn among all that is written for the company."""
        turns = self._turns.setdefault(lane.tenant, _Turns())
        turn = await turns.take()
        over = asyncio.get_running_loop().call_later(LONGEST_TURN / 1000, turns.pass_on, turn)
        try:
            await self._go(lane)
        finally:
            over.cancel()
            turns.pass_on(turn)
            if turns.holder is None and self._turns.get(lane.tenant) is turns:
                del self._turns[lane.tenant]

    async def _go(self, lane: _Lane) -> None:
        """Say what waits once, and answer everybody who was in it."""
        say = self._line.read if lane.kind.found is None else self._line.write
        try:
            lane.answer(await say(lane.kind.sql, lane.arguments))
        except (asyncpg.PostgresError, Unavailable) as error:
            if len(lane.everybody()) <= 1 or not _is_the_databases_own(error):
                lane.fail(error)
                return
            apart, lane.together = lane.alone(), {}
            for one in apart:
                await self._go(one)
        except OutcomeUnknown as unknown:
            lane.answer(await self._look(lane), otherwise=unknown)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            lane.fail(error)

    async def _look(self, lane: _Lane) -> list[asyncpg.Record]:
        """Find out which of a lost statement's items were written; what is not found may still be."""
        rows: list[asyncpg.Record] = []
        for pause in _LOOKS if lane.together else ():
            await asyncio.sleep(pause / 1000)
            try:
                rows = await self._line.read(lane.kind.found or "", lane.arguments)
            except (Unavailable, asyncpg.PostgresError):
                # Not even looking works: those who wait are told so all the same.
                continue
            if len(rows) == len(lane.together):
                break
        return rows


def _is_the_databases_own(error: Exception) -> bool:
    """Tell whether the database itself reported what went wrong in a statement, so that nothing of it was done."""
    return isinstance(error, asyncpg.PostgresError) or isinstance(error.__cause__, (*RACES, *UNDONE))


def _answer(one: _Waiting, answer: asyncpg.Record | Exception | None) -> None:
    if one.answer.done():
        return
    if isinstance(answer, Exception):
        one.answer.set_exception(answer)
    else:
        one.answer.set_result(answer)
