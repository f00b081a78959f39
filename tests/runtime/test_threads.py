"""Who is interrupted while a thread of theirs writes goes on when it has ended, and not before."""

import asyncio
from threading import Event

import pytest

from emplette.runtime.threads import to_its_end


async def test_who_is_interrupted_waits_for_the_thread() -> None:
    begun, may_end, written = Event(), Event(), list[str]()

    def write() -> None:
        begun.set()
        may_end.wait()
        written.append("to the end")

    writing = asyncio.create_task(to_its_end(write))
    await asyncio.to_thread(begun.wait)
    writing.cancel()
    await asyncio.sleep(0)
    assert not writing.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert written == ["to the end"]


async def test_what_the_thread_answers_and_what_it_is_refused_are_passed_on() -> None:
    assert await to_its_end(int, "11", base=2) == 3
    with pytest.raises(ValueError, match="invalid literal"):
        await to_its_end(int, "x")
