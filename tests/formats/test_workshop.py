"""A workshop does what is asked in a process of its own, and outlives everything that can happen there."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from emplette.domain.errors import Unavailable
from emplette.formats import workshop
from emplette.formats.workshop import MB, TaskFailed, TaskKilled, Workshop
from tests.house.source import ROOT

TRIED = ("echo", "fail", "sleep", "spin", "crash", "leave", "hoard", "chatter", "boast", "lie", "write", "surroundings")


@pytest.fixture(autouse=True)
def tasks_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TRIED:
        monkeypatch.setitem(workshop.TASKS, name, f"tests.formats.workshop_tasks:{name}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("EMPLETTE_DATABASE_URL", "postgresql://not/for/children")


@asynccontextmanager
async def opened(**differently: float) -> AsyncIterator[Workshop]:
    shop = Workshop("trying", **{"memory": 300 * MB, "seconds": 20, **differently})  # type: ignore[arg-type]
    try:
        yield shop
    finally:
        await shop.close()


def is_there(pid: int | None) -> bool:
    """Tell whether a process lives; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def gone(pid: int | None) -> bool:
    """Wait until a process is no more; a moment is enough."""
    for _ in range(200):
        if not is_there(pid):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_what_goes_in_comes_out_with_its_type() -> None:
    things = {"bytes": b"\x00\xff", "text": "é", "number": 2**40, "list": [1, "two"], "nothing": None}
    async with opened() as shop:
        assert await shop.run("echo", **things) == things


async def test_one_child_does_one_task_after_the_other() -> None:
    async with opened() as shop:
        assert shop.pid is None
        answers = await asyncio.gather(*(shop.run("echo", number=number) for number in range(5)))
        pid = shop.pid
        assert answers == [{"number": number} for number in range(5)]
        await shop.run("echo")
        assert shop.pid == pid


async def test_a_task_that_fails_says_why_and_costs_nothing() -> None:
    async with opened() as shop:
        await shop.run("echo")
        pid = shop.pid
        with pytest.raises(TaskFailed, match="no such page") as failure:
            await shop.run("fail", message="no such page")
        assert failure.value.kind == "ValueError"
        assert await shop.run("echo", still=1) == {"still": 1}
        assert shop.pid == pid


@pytest.mark.parametrize(
    ("task", "arguments", "why"),
    [
        ("crash", {}, "signal 11"),
        ("leave", {"code": 3}, "exit code 3"),
        ("hoard", {"size": 400 * MB}, "more memory"),
        ("boast", {"size": 65 * MB}, "no answer"),
        ("lie", {"length": 0xFFFFFFFF}, "no answer"),
    ],
)
async def test_a_death_costs_the_child_and_the_next_task_gets_a_new_one(
    task: str, arguments: dict[str, int], why: str
) -> None:
    async with opened() as shop:
        await shop.run("echo")
        dead = shop.pid
        with pytest.raises(TaskKilled, match=why):
            await shop.run(task, **arguments)
        assert await gone(dead)
        assert await shop.run("echo", after=task) == {"after": task}
        assert shop.pid != dead


@pytest.mark.parametrize(("task", "arguments"), [("sleep", {"seconds": 60}), ("spin", {})])
async def test_a_task_that_does_not_end_is_ended(task: str, arguments: dict[str, float]) -> None:
    async with opened(seconds=1) as shop:
        with pytest.raises(TaskKilled, match="longer than 1 s"):
            await shop.run(task, **arguments)
        assert await shop.run("echo") == {}


async def test_a_task_may_be_given_less_of_a_processor_than_of_the_clock() -> None:
    async with opened(seconds=20, processor=1) as shop:
        await shop.run("sleep", seconds=2.5)
        with pytest.raises(TaskKilled, match="longer than it may"):
            await shop.run("spin")


async def test_a_child_that_somebody_kills_is_replaced() -> None:
    async with opened() as shop:
        await shop.run("echo")
        assert shop.pid is not None
        sleeping = asyncio.create_task(shop.run("sleep", seconds=60))
        await asyncio.sleep(0.1)
        os.kill(shop.pid, signal.SIGKILL)
        with pytest.raises(TaskKilled, match="signal 9"):
            await sleeping
        assert await shop.run("echo") == {}


async def test_who_stops_waiting_stops_the_work() -> None:
    async with opened() as shop:
        await shop.run("echo")
        first = shop.pid
        sleeping = asyncio.create_task(shop.run("sleep", seconds=60))
        await asyncio.sleep(0.1)
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        assert await gone(first)
        assert await shop.run("echo", whose="the next") == {"whose": "the next"}


async def test_more_than_may_wait_are_refused_before_anything_is_begun() -> None:
    async with opened(waiting=2) as shop:
        tasks = [asyncio.create_task(shop.run("echo", number=number)) for number in range(5)]
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert done[:3] == [{"number": 0}, {"number": 1}, {"number": 2}]
        assert [type(refusal) for refusal in done[3:]] == [Unavailable, Unavailable]


async def test_a_child_with_nothing_to_do_ends() -> None:
    async with opened(idle=0.1) as shop:
        await shop.run("echo")
        assert await gone(shop.pid)
        assert shop.pid is None
        assert await shop.run("echo", again=1) == {"again": 1}


async def test_nothing_is_left_of_a_workshop_that_was_closed_while_it_worked() -> None:
    async with opened() as shop:
        await shop.run("echo")
        pid = shop.pid
        sleeping = asyncio.create_task(shop.run("sleep", seconds=60))
        waiting = asyncio.create_task(shop.run("echo"))
        await asyncio.sleep(0.1)
        await shop.close()
        with pytest.raises(TaskKilled):
            await sleeping
        with pytest.raises(Unavailable):
            await waiting
        with pytest.raises(Unavailable):
            await shop.run("echo")
        assert await gone(pid)


async def test_the_child_has_no_settings_no_folder_and_little_room(tmp_path: Path) -> None:
    async with opened() as shop:
        found = await shop.run("surroundings")
        assert found["settings"] == []
        assert (found["folder"], found["core"], found["files"], found["interrupted"]) == ("/", 0, 64, True)
        assert found["nice"] >= 5
        with pytest.raises(TaskFailed, match="File too large"):
            await shop.run("write", path=str(tmp_path / "note"))


def test_the_child_closes_what_its_parent_had_open() -> None:
    arguments = (str(os.getpid()), str(300 * MB), "5", "5")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = subprocess.Popen(
            [sys.executable, "-m", "emplette.formats.workbench", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
        with child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdout.read(1)
            held = [str(entry.readlink()) for entry in Path(f"/proc/{child.pid}/fd").iterdir()]
            child.stdin.close()
    assert not [name for name in held if name.startswith("socket:")]


async def test_what_libraries_print_is_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    async with opened() as shop:
        assert await shop.run("chatter") == "done"
        assert await shop.run("echo") == {}
    assert capfd.readouterr() == ("", "")


PARENT = """
import asyncio, sys
from emplette.formats import workshop
workshop.TASKS["sleep"] = "tests.formats.workshop_tasks:sleep"
async def main():
    shop = workshop.Workshop("trying", memory=300 * workshop.MB, seconds=50)
    await shop.run("sleep", seconds=0)
    print(shop.pid, flush=True)
    await shop.run("sleep", seconds={seconds})
    print("idle", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(params=[0, 50], ids=["idle", "at work"])
def parent(request: pytest.FixtureRequest) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    program = PARENT.format(seconds=request.param)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


async def test_a_child_ends_with_a_parent_that_was_killed(parent: tuple["subprocess.Popen[str]", int]) -> None:
    process, child = parent
    assert is_there(child)
    process.kill()
    assert await gone(child)
