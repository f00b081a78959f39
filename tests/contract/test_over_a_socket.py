"""The contract behind the real server, over a real socket: what only shows there."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from emplette.http.contract import ANY, GET, POST, Download, operation
from emplette.http.contract.receive import Limits
from tests.contract.toys import HEADERS, ONCE, Gate, Work, contract

CLOSE = "Connection: close"
EVENTS: list[str] = []
LET_GO = asyncio.Event()


@operation(POST, "/api/slow", answers={201: str})
async def be_slow(work: Work) -> str:
    """Begin, and take as long as the test wants."""
    work.begun = True
    await LET_GO.wait()
    EVENTS.append("written")
    return "done"


PIECES = 20_000
LEFT: "asyncio.Queue[int]" = asyncio.Queue()


@operation(GET, "/api/films/{length}", answers={200: bytes}, media_type=ANY, tag="Films")
async def show_film(length: int) -> Download:
    """Show a film of some pieces, and note how many were shown."""

    async def read(_: int, __: int) -> AsyncGenerator[bytes, None]:
        async def pieces() -> AsyncGenerator[bytes, None]:
            shown = 0
            try:
                while shown < length:
                    shown += 1
                    yield bytes(1000)
                    await asyncio.sleep(0)
            finally:
                LEFT.put_nowait(shown)

        return pieces()

    return Download("film.bin", "application/octet-stream", 1000 * length, "film", read)


@asynccontextmanager
async def listening(limits: Limits) -> AsyncIterator[int]:
    """Serve the toys at a port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    app: Any = contract(Gate(), be_slow, show_film, limits=limits)
    server = Server(app, port=number, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(3000):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.close()
            break
        await asyncio.sleep(0.02)
    yield number
    server.stop()  # type: ignore[no-untyped-call]
    await serving


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    """Lend a server that gives everybody time."""
    async with listening(Limits(between_bytes=60, whole_body=60, answer=60)) as number:
        yield number


@pytest.fixture(scope="module")
async def hasty() -> AsyncIterator[int]:
    """Lend one that gives nobody time."""
    async with listening(Limits(between_bytes=0.3, whole_body=1.0, answer=0.3, download_pause=0.3)) as number:
        yield number


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """Write a request by hand: no client tidies it up."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items()), *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def converse(
    port: int, *parts: bytes, pause: float = 0.0, at_most: int = 100
) -> list[tuple[int, dict[str, str], bytes]]:
    """Send raw bytes and read the answers until the server closes, or has given as many as are waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        with suppress(ConnectionError):
            writer.write(part)
            await writer.drain()
        await asyncio.sleep(pause)
    answers: list[tuple[int, dict[str, str], bytes]] = []
    with suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError):
        while len(answers) < at_most:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
            first, *lines = head.decode("latin-1").strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            answers.append((int(first.split()[1]), headers, body))
    writer.close()
    return answers


async def test_answers_follow_each_other_on_one_connection(port: int) -> None:
    order = json.dumps(ONCE).encode()
    headers = (f"Content-Length: {len(order)}", "Content-Type: application/json")
    create = request("POST", "/api/orders", *headers, body=order)
    answers = await converse(port, create + request("GET", "/api/orders/7", CLOSE))
    assert [status for status, _, _ in answers] == [201, 200]


@pytest.mark.parametrize(
    "path", ["/api/../api/orders", "/api/orders/%00", "//api/orders", "/api/orders/%zz", "/caf\xc3\xa9"]
)
async def test_a_strange_path_is_a_problem(port: int, path: str) -> None:
    ((status, headers, _),) = await converse(port, request("GET", path, CLOSE))
    assert (status, headers["content-type"]) == (404, "application/problem+json")


async def test_a_refusal_before_the_body_leaves_the_connection_in_order(port: int) -> None:
    order = json.dumps(ONCE).encode()
    refused = request("POST", "/nowhere", f"Content-Length: {len(order)}", body=order)
    answers = await converse(port, refused, request("GET", "/api/orders/7", CLOSE), pause=0.05)
    assert [status for status, _, _ in answers] == [404, 200]


async def test_calls_that_announce_no_body_follow_each_other_on_one_connection(port: int) -> None:
    unsaid = request("POST", "/api/orders/7/closing")
    nothing = request("POST", "/api/orders/7/closing", "Content-Length: 0")
    chunked = request("POST", "/api/orders/7/closing", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")
    answers = await converse(port, unsaid + nothing, chunked, request("POST", "/api/orders/7/closing", CLOSE))
    assert [status for status, _, _ in answers] == [201] * 4


async def test_a_body_that_stops_coming_is_a_408(hasty: int) -> None:
    headers = ("Content-Length: 100", "Content-Type: application/json")
    ((status, told, _),) = await converse(hasty, request("POST", "/api/orders", *headers, body=b'{"type":'))
    assert (status, told["content-type"]) == (408, "application/problem+json")


async def test_a_body_announced_as_too_large_is_a_413_at_once(port: int) -> None:
    headers = ("Content-Length: 1048577", "Content-Type: application/json")
    ((status, told, _),) = await converse(port, request("POST", "/api/orders", *headers), at_most=1)
    assert (status, told["content-type"]) == (413, "application/problem+json")


async def test_a_body_in_chunks_is_a_413_once_it_is_too_large(port: int) -> None:
    headers = ("Transfer-Encoding: chunked", "Content-Type: application/json")
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answers = await converse(port, request("POST", "/api/orders", *headers), *[chunk] * 20, at_most=1)
    assert answers[0][0] == 413


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"3\r\n{}\r\n0\r\n\r\n", b"-1\r\n{\r\n", b"2\r\n{}zz", b"\r\n\r\n"])
@pytest.mark.parametrize("pause", [0.0, 0.1])
async def test_chunks_that_are_none_are_a_400(port: int, chunks: bytes, pause: float) -> None:
    headers = ("Transfer-Encoding: chunked", "Content-Type: application/json")
    ((status, told, body),) = await converse(port, request("POST", "/api/orders", *headers), chunks, pause=pause)
    assert (status, told["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["code"] == "body.broken"


async def test_ten_kilobytes_of_headers_are_a_431(port: int) -> None:
    ((status, headers, _),) = await converse(port, request("GET", "/api/orders/7", f"X-Long: {'x' * 10_000}", CLOSE))
    assert (status, headers["content-type"]) == (431, "application/problem+json")


async def test_two_hosts_are_refused(port: int) -> None:
    ((status, _, _),) = await converse(port, request("GET", "/api/orders/7", "Host: other.example", CLOSE))
    assert status == 400


@pytest.mark.parametrize("path", ["/api/open", "/api/orders/7", "/nowhere"])
@pytest.mark.parametrize("host", ["", "Host:\r\n", "Host: \r\n"])
async def test_without_a_host_a_call_is_refused(port: int, path: str, host: str) -> None:
    ((status, headers, body),) = await converse(port, f"GET {path} HTTP/1.1\r\n{host}{CLOSE}\r\n\r\n".encode())
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["errors"] == {"Host": ["Must be given."]}


async def test_before_version_1_1_there_was_no_host(port: int) -> None:
    ((status, _, _),) = await converse(port, b"GET /api/open HTTP/1.0\r\n\r\n")
    assert status == 200


async def test_what_was_begun_is_answered_504_at_once_and_goes_on(hasty: int) -> None:
    ((status, _, body), *_) = await converse(hasty, request("POST", "/api/slow", CLOSE))
    assert status == 504
    assert b"outcome.unknown" in body
    assert EVENTS == []
    LET_GO.set()
    async with asyncio.timeout(60):
        while not EVENTS:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_both_versions_of_http_are_spoken_in_clear(port: int, version: str) -> None:
    async with httpx2.AsyncClient(http1=version == "1.1", http2=version == "2", headers=HEADERS) as client:
        created = await client.post(f"http://127.0.0.1:{port}/api/orders", json=ONCE)
        refused = await client.post(f"http://127.0.0.1:{port}/api/orders", json={})
        large = await client.post(f"http://127.0.0.1:{port}/api/orders", content=b" " * 1_048_577)
    assert created.http_version == f"HTTP/{version}"
    assert [created.status_code, refused.status_code, large.status_code] == [201, 400, 413]


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_who_leaves_a_film_is_shown_no_more_of_it(port: int, version: str) -> None:
    async with (
        httpx2.AsyncClient(http1=version == "1.1", http2=version == "2", headers=HEADERS) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/api/films/{PIECES}") as answer,
    ):
        assert answer.status_code == 200
        await anext(answer.aiter_bytes())
    assert await asyncio.wait_for(LEFT.get(), 60) < PIECES


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_films_follow_each_other_on_one_connection(port: int, version: str) -> None:
    async with httpx2.AsyncClient(http1=version == "1.1", http2=version == "2", headers=HEADERS) as client:
        for length in (1, 50, 2, 50):
            film = await client.get(f"http://127.0.0.1:{port}/api/films/{length}")
            assert len(film.content) == 1000 * length
            assert await asyncio.wait_for(LEFT.get(), 60) == length


async def test_who_asks_for_a_film_and_does_not_look_is_hung_up_on(hasty: int) -> None:
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", hasty))
        line.sendall(request("GET", f"/api/films/{PIECES}"))
        assert await asyncio.wait_for(LEFT.get(), 60) < PIECES
        line.settimeout(60)
        taken = 0
        with suppress(ConnectionError):
            while piece := await asyncio.to_thread(line.recv, 2**16):
                taken += len(piece)
    assert taken < 1000 * PIECES
