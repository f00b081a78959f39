"""What waits at the same moment is said together, and nobody can tell."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from emplette.domain.errors import OutcomeUnknown, Unavailable
from emplette.storage import merging
from emplette.storage.merging import MOST, Arguments, Item, Kind, Merger

WRITE = Kind("INSERT", "SELECT what was inserted")
OTHER_WRITE = Kind("UPDATE", "SELECT what was updated")
READ = Kind("SELECT")
US, THEM = 1, 2


@dataclass
class Table:
    """Stands for the database: takes a moment, notes what it is told together, and refuses or loses some of it."""

    told: list[list[Any]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    """Which items the database gives up, as `Database` tells it."""
    lost: frozenset[str] = frozenset()
    error: Exception | None = None
    is_full: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether a connection is free."""
    writing: int = 0
    most_writing: int = 0
    """How many writes were under way at the same moment at most."""
    locked: dict[str, asyncio.Event] = field(default_factory=dict)
    """Which items wait for a row, and until when."""

    def __post_init__(self) -> None:
        self.is_full.set()

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        return await self.write(sql, arguments)

    async def write(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        await self.is_full.wait()
        items: Any = arguments()[1]
        if sql != WRITE.found:
            self.told.append(items)
        if sql in (WRITE.sql, OTHER_WRITE.sql):
            self.writing += 1
            self.most_writing = max(self.most_writing, self.writing)
        await asyncio.sleep(0.01)
        for item in self.locked.keys() & set(items):
            await self.locked[item].wait()
        self.writing -= sql in (WRITE.sql, OTHER_WRITE.sql)
        if self.error is not None and sql != WRITE.found:
            raise self.error
        if self.refused & set(items):
            raise asyncpg.ForeignKeyViolationError("one of them refers to nothing")
        if self.stopped & set(items):
            raise Unavailable("stopped") from asyncpg.LockNotAvailableError("somebody holds one of them")
        rows: list[Any] = [{"n": n, "item": item} for n, item in enumerate(items, 1) if item not in self.lost]
        return rows

    def merger(self, *, merges: bool = True) -> Merger:
        return Merger(self, merges=merges)


async def say(
    merger: Merger, subject: int, *, kind: Kind = WRITE, tenant: int = US, sent: list[int] | None = None
) -> Any:  # noqa: ANN401  a stand-in's row
    told = [] if sent is None else sent
    return await merger.say(kind, tenant, Item(subject, str(subject)), begin=lambda: told.append(subject))


async def test_what_waits_goes_together_and_each_gets_its_own_row() -> None:
    table = Table()
    merger = table.merger()
    rows = await asyncio.gather(*(say(merger, number) for number in range(10)))
    assert [row["item"] for row in rows] == [str(number) for number in range(10)]
    assert len(table.told) == 1


async def test_one_alone_does_not_wait_and_those_who_come_later_go_next() -> None:
    table = Table()
    merger = table.merger()
    first = asyncio.create_task(say(merger, 0))
    await asyncio.sleep(0.005)
    assert table.told == [["0"]]
    await asyncio.gather(first, *(say(merger, number) for number in range(1, 4)))
    assert table.told == [["0"], ["1", "2", "3"]]


async def test_two_writes_about_the_same_never_go_together() -> None:
    table = Table()
    merger = table.merger()
    await asyncio.gather(*(say(merger, subject) for subject in (1, 2, 1, 3, 1)))
    assert table.told == [["1", "2", "3"], ["1"], ["1"]]


async def test_who_reads_the_same_shares_it() -> None:
    table = Table()
    merger = table.merger()
    rows = await asyncio.gather(*(say(merger, subject, kind=READ) for subject in (1, 2, 1)))
    assert [row["item"] for row in rows] == ["1", "2", "1"]
    assert table.told == [["1", "2"]]


async def test_what_is_read_is_never_older_than_the_question() -> None:
    table = Table()
    merger = table.merger()
    first = asyncio.create_task(say(merger, 1, kind=READ))
    await asyncio.sleep(0.005)
    await asyncio.gather(first, say(merger, 1, kind=READ))
    assert table.told == [["1"], ["1"]], "the second one asked while the first answer was on its way"


async def test_companies_and_kinds_never_go_together() -> None:
    table = Table()
    merger = table.merger()
    await asyncio.gather(say(merger, 1), say(merger, 2, tenant=THEM), say(merger, 3, kind=READ))
    assert sorted(table.told) == [["1"], ["2"], ["3"]]


async def test_writes_for_one_company_take_turns_whatever_their_kind() -> None:
    table = Table()
    merger = table.merger()
    say_them = [say(merger, number, kind=kind) for kind in (WRITE, OTHER_WRITE) for number in range(3)]
    await asyncio.gather(*say_them)
    assert (len(table.told), table.most_writing) == (2, 1)


async def test_writes_for_different_companies_wait_for_each_other_not_at_all() -> None:
    table = Table()
    merger = table.merger()
    await asyncio.gather(say(merger, 1), say(merger, 2, kind=OTHER_WRITE, tenant=THEM))
    assert table.most_writing == 2


async def test_a_write_that_waits_for_a_row_holds_up_no_other_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "LONGEST_TURN", 20)
    row_is_free = asyncio.Event()
    table = Table(locked={"1": row_is_free})
    merger = table.merger()
    waits = asyncio.create_task(say(merger, 1))
    await asyncio.sleep(0)
    others = [asyncio.create_task(say(merger, 2, kind=OTHER_WRITE)), asyncio.create_task(say(merger, 3))]
    assert (await asyncio.wait_for(others[0], 60))["item"] == "2"
    assert not waits.done()
    row_is_free.set()
    assert [(await one)["item"] for one in (waits, others[1])] == ["1", "3"]


async def test_who_is_no_longer_waiting_when_the_turn_comes_passes_it_on() -> None:
    table = Table()
    merger = table.merger()
    first = asyncio.create_task(say(merger, 1))
    gone = asyncio.create_task(say(merger, 2, kind=OTHER_WRITE))
    await asyncio.sleep(0.001)
    gone.cancel()
    await first
    assert (await asyncio.wait_for(say(merger, 3, kind=OTHER_WRITE), 60))["item"] == "3"


async def test_no_statement_has_more_than_it_may() -> None:
    table = Table()
    merger = table.merger()
    await asyncio.gather(*(say(merger, number) for number in range(2 * MOST + 1)))
    assert [len(together) for together in table.told] == [MOST, MOST, 1]


async def test_one_that_is_refused_does_not_take_the_others_with_it() -> None:
    table = Table(refused=frozenset({"2"}))
    merger = table.merger()
    rows: list[Any] = await asyncio.gather(*(say(merger, number) for number in range(4)), return_exceptions=True)
    assert isinstance(rows[2], asyncpg.ForeignKeyViolationError)
    assert [row["item"] for number, row in enumerate(rows) if number != 2] == ["0", "1", "3"]


@pytest.mark.parametrize("kind", [WRITE, READ], ids=["write", "read"])
async def test_one_that_the_database_gives_up_does_not_take_the_others_with_it(kind: Kind) -> None:
    table = Table(stopped=frozenset({"2"}))
    merger = table.merger()
    rows: list[Any] = await asyncio.gather(
        *(say(merger, number, kind=kind) for number in range(4)), return_exceptions=True
    )
    assert isinstance(rows[2], Unavailable)
    assert [row["item"] for number, row in enumerate(rows) if number != 2] == ["0", "1", "3"]
    assert table.told == [["0", "1", "2", "3"], ["0"], ["1"], ["2"], ["3"]]


async def test_where_the_database_is_away_nobody_is_tried_alone() -> None:
    table = Table(error=Unavailable("away"))
    merger = table.merger()
    rows = await asyncio.gather(*(say(merger, number) for number in range(3)), return_exceptions=True)
    assert [type(row) for row in rows] == [Unavailable] * 3
    assert len(table.told) == 1


async def test_one_that_lost_its_race_is_answered_nothing() -> None:
    table = Table(lost=frozenset({"1"}))
    merger = table.merger()
    rows = await asyncio.gather(*(say(merger, number) for number in range(3)))
    assert [row and row["item"] for row in rows] == ["0", None, "2"]


async def test_after_a_lost_connection_nothing_is_said_again_and_what_was_written_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merging, "_LOOKS", (0, 0))
    table = Table(error=OutcomeUnknown("gone"), lost=frozenset({"1"}))
    merger = table.merger()
    rows: list[Any] = await asyncio.gather(*(say(merger, number) for number in range(3)), return_exceptions=True)
    assert [row["item"] for row in (rows[0], rows[2])] == ["0", "2"]
    assert isinstance(rows[1], OutcomeUnknown)
    assert len(table.told) == 1


async def test_who_cannot_be_told_what_was_written_is_told_that_even_when_the_looking_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Blind(Table):
        async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:  # noqa: ARG002
            raise asyncpg.ConfigFileError("the server reads nothing any more")

    monkeypatch.setattr(merging, "_LOOKS", (0, 0))
    merger = Blind(error=OutcomeUnknown("gone")).merger()
    async with asyncio.timeout(60):
        rows = await asyncio.gather(*(say(merger, number) for number in range(3)), return_exceptions=True)
    assert [type(row) for row in rows] == [OutcomeUnknown] * 3


async def test_who_comes_after_a_lost_statement_of_nobody_is_not_told_that_it_was_theirs() -> None:
    class Lost(Table):
        async def write(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
            is_first, before = not self.told, await super().write(sql, arguments)
            if is_first:
                raise OutcomeUnknown("gone")
            return before

    table = Lost()
    merger = table.merger()
    table.is_full.clear()
    first = asyncio.create_task(say(merger, 1))
    await asyncio.sleep(0.005)
    first.cancel()
    await asyncio.sleep(0)
    table.is_full.set()
    await asyncio.sleep(0.005)
    assert table.told == [[]]
    assert (await say(merger, 2))["item"] == "2"


async def test_all_who_wait_are_told_when_there_is_no_connection() -> None:
    class Nowhere(Table):
        async def write(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:  # noqa: ARG002
            raise Unavailable("full")

    merger, sent = Nowhere().merger(), list[int]()
    rows = await asyncio.gather(*(say(merger, number, sent=sent) for number in range(3)), return_exceptions=True)
    assert [type(row) for row in rows] == [Unavailable] * 3
    assert len({id(row) for row in rows}) == len(rows), "each has its own to raise"
    assert sent == []


async def test_who_stops_waiting_before_it_is_sent_takes_it_back() -> None:
    table = Table()
    merger, sent = table.merger(), list[int]()
    table.is_full.clear()
    first, second = (asyncio.create_task(say(merger, number, sent=sent)) for number in range(2))
    await asyncio.sleep(0.005)
    second.cancel()
    await asyncio.sleep(0)
    table.is_full.set()
    await first
    assert sent == [0]
    assert table.told == [["0"]]


async def test_who_stops_waiting_after_it_was_sent_stops_nothing() -> None:
    table = Table()
    merger = table.merger()
    first, second = (asyncio.create_task(say(merger, number)) for number in range(2))
    await asyncio.sleep(0.005)
    first.cancel()
    row = await second
    assert row["item"] == "1"
    with pytest.raises(asyncio.CancelledError):
        await first
    assert table.told == [["0", "1"]]


async def test_everything_is_said_for_itself_when_that_is_wanted() -> None:
    table = Table()
    merger = table.merger(merges=False)
    rows = await asyncio.gather(*(say(merger, number) for number in range(3)))
    assert [row["item"] for row in rows] == ["0", "1", "2"]
    assert table.told == [["0"], ["1"], ["2"]]


@pytest.mark.parametrize("merges", [True, False])
async def test_nothing_is_kept_of_what_is_done(*, merges: bool) -> None:
    table = Table()
    merger = table.merger(merges=merges)
    await say(merger, 1)
    await say(merger, 2)
    await asyncio.sleep(0)
    assert merger._lanes == {}
    assert merger._tasks == set()
    assert merger._turns == {}
