"""Nobody takes all connections by saying nothing; where a call, or its answer, is under way they are left alone."""

import asyncio
import contextlib
import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from emplette.runtime.connections import OF_TOO_MANY, PATIENCE, WHEN_CROWDED, Doorkeeper, room_for
from tests.runtime.servers import Server, served

MOST = 64
_GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=MOST) as made:
        yield made


@contextlib.contextmanager
def connected(listener: socket.socket, count: int) -> Iterator[tuple[list[socket.socket], list[socket.socket]]]:
    """Open connections: both their ends."""
    with contextlib.ExitStack() as open_ones:
        theirs = [open_ones.enter_context(socket.create_connection(listener.getsockname(), 5)) for _ in range(count)]
        ours = [open_ones.enter_context(listener.accept()[0]) for _ in range(count)]
        yield theirs, ours


def test_only_our_own_connections_are_looked_at(listener: socket.socket) -> None:
    keeper = Doorkeeper(listener.fileno(), MOST)
    with (
        socket.create_server(("127.0.0.1", 0)) as another,
        connected(another, 2),
        connected(listener, 3) as (theirs, _),
    ):
        looked_at = keeper.look()
        assert set(looked_at) == {each.getsockname() for each in theirs}
        for each in looked_at.values():
            each.close()


@pytest.mark.parametrize(
    ("count", "patience"),
    [(3, PATIENCE), (MOST // 2 + 1, OF_TOO_MANY)],
    ids=["few", "too many of one address"],
)
def test_a_connection_without_a_call_is_closed_when_its_time_is_over(
    listener: socket.socket, count: int, patience: float
) -> None:
    clock = Clock()
    keeper = Doorkeeper(listener.fileno(), MOST, clock=clock)
    with connected(listener, count) as (theirs, _):
        assert keeper.tidy(keeper.look()) == 0
        clock.now += patience - 0.1
        assert keeper.tidy(keeper.look()) == 0
        clock.now += 0.2
        assert keeper.tidy(keeper.look()) == count
        assert {each.recv(1) for each in theirs} == {b""}


def test_when_many_are_open_those_of_an_address_with_few_have_some_seconds(listener: socket.socket) -> None:
    clock = Clock()
    keeper = Doorkeeper(listener.fileno(), MOST, clock=clock)
    with connected(listener, MOST // 2 + 1):
        spread = {(f"192.0.2.{number}", port): ours for number, ((_, port), ours) in enumerate(keeper.look().items())}
        assert keeper.tidy(spread) == 0
        clock.now += WHEN_CROWDED - 0.1
        again = dict(zip(spread, keeper.look().values(), strict=True))
        assert keeper.tidy(again) == 0
        clock.now += 0.2
        again = dict(zip(spread, keeper.look().values(), strict=True))
        assert keeper.tidy(again) == len(spread)


async def test_a_call_under_way_is_left_alone_and_its_connection_counts_from_its_end(listener: socket.socket) -> None:
    clock, over = Clock(), asyncio.Event()
    keeper = Doorkeeper(listener.fileno(), MOST, clock=clock)

    async def app(*_: Any) -> None:  # noqa: ANN401  ASGI
        await over.wait()

    with connected(listener, 1) as (theirs, _):
        address, port = theirs[0].getsockname()
        scope: MutableMapping[str, Any] = {"type": "http", "client": (address, str(port))}
        call = asyncio.ensure_future(keeper.watching(app)(scope, _nothing, _nothing))
        await asyncio.sleep(0)
        clock.now += 10 * PATIENCE
        assert keeper.tidy(keeper.look()) == 0
        over.set()
        await call
        clock.now += PATIENCE - 1
        assert keeper.tidy(keeper.look()) == 0
        clock.now += 2
        assert keeper.tidy(keeper.look()) == 1


async def _nothing(*_: Any) -> Any:  # noqa: ANN401  ASGI
    return {}


def test_who_still_takes_an_answer_is_not_silent(listener: socket.socket) -> None:
    clock = Clock()
    keeper = Doorkeeper(listener.fileno(), MOST, clock=clock)
    with connected(listener, 1) as (_, ours):
        assert keeper.tidy(keeper.look()) == 0
        for _ in range(3):
            ours[0].sendall(b"a piece" * 1000)
            clock.now += PATIENCE + 1
            assert keeper.tidy(keeper.look()) == 0
        # As much as keeps a line alive is no answer.
        ours[0].sendall(b"a ping")
        clock.now += PATIENCE + 1
        assert keeper.tidy(keeper.look()) == 1


def test_what_has_just_come_is_read_before_its_connection_is_closed_but_only_once(listener: socket.socket) -> None:
    clock = Clock()
    keeper = Doorkeeper(listener.fileno(), MOST, clock=clock)
    with connected(listener, 1) as (theirs, _):
        assert keeper.tidy(keeper.look()) == 0
        clock.now += PATIENCE + 1
        theirs[0].sendall(b"GET")
        assert keeper.tidy(keeper.look()) == 0
        theirs[0].sendall(b" /")
        assert keeper.tidy(keeper.look()) == 1


def test_looking_leaves_no_file_open(listener: socket.socket) -> None:
    keeper = Doorkeeper(listener.fileno(), MOST)
    with connected(listener, 2):
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            keeper.tidy(keeper.look())
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_there_is_room_for_as_many_as_the_system_allows() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert room_for(64) == 64
    assert room_for(hard if hard > 0 else 10**9) <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@pytest.fixture(scope="module")
def small(prepared: Path) -> Iterator[Server]:
    """Run a server whose one worker keeps few connections."""
    with served(prepared, workers=1, connections=MOST) as running:
        yield running


@pytest.mark.parametrize(
    "said",
    [b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"],
    ids=["a letter", "HTTP/2 and nothing more"],
)
def test_who_takes_all_connections_keeps_nobody_out(small: Server, said: bytes) -> None:
    with contextlib.ExitStack() as open_ones:
        for _ in range(MOST + 8):
            line = open_ones.enter_context(_caller(small))
            line.sendall(said)
        assert small.ask(timeout=60)[0] == "200"


def test_who_calls_again_and_again_on_one_connection_is_never_cut_off(small: Server) -> None:
    with contextlib.ExitStack() as open_ones:
        lines = [open_ones.enter_context(_caller(small)) for _ in range(MOST // 2 + 4)]
        readers = [open_ones.enter_context(line.makefile("rb")) for line in lines]
        answers = Counter[bytes]()
        # Together they are too many of one address: of silent ones, none would be left after the second call.
        for _ in range(int(2 * OF_TOO_MANY) + 2):
            for line in lines:
                line.sendall(_GET % b"/slow")
            answers.update(_status_of_answer(reader) for reader in readers)
        assert answers == {b"200": len(lines) * (int(2 * OF_TOO_MANY) + 2)}


def test_who_reads_a_long_answer_slowly_gets_all_of_it(small: Server) -> None:
    with contextlib.ExitStack() as open_ones:
        # While they call they are too many of one address, and whoever is silent has two seconds.
        crowd = [open_ones.enter_context(_caller(small)) for _ in range(MOST // 2 + 4)]
        slow = open_ones.enter_context(_caller(small))
        slow.sendall(_GET.replace(b"Host", b"Connection: close\r\nHost") % b"/long")
        got = open_ones.enter_context(slow.makefile("rb"))
        for _ in range(int(4 * OF_TOO_MANY)):
            assert got.read(1_500_000)
            for caller in crowd:
                caller.sendall(_GET % b"/")
                assert caller.recv(4096).startswith(b"HTTP/1.1 200 OK")
            time.sleep(0.6)
        assert got.read().endswith(b"and so on ")


@pytest.mark.long
def test_a_proxy_may_keep_a_connection_for_a_minute(small: Server) -> None:
    with _caller(small) as caller:
        for minutes in (1, 0):
            caller.sendall(_GET % b"/")
            assert caller.recv(4096).startswith(b"HTTP/1.1 200 OK")
            time.sleep(62 * minutes)


def _caller(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 60)


def _status_of_answer(reader: BinaryIO) -> bytes:
    """Read one answer; nothing when the connection was closed instead."""
    status, length = reader.readline(), 0
    while (header := reader.readline().strip().lower()) != b"":
        name, _, value = header.partition(b":")
        length = int(value) if name == b"content-length" else length
    reader.read(length)
    return status.split()[1] if status else b""
