"""What only a real connection shows: bodies that dawdle or never end, headers without end, paths as they are sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.guide import API, PURCHASE
from tests.fixtures.problems import rows
from tests.runtime.servers import EMPLETTE, Server, folder_of_its_own, served

MEBIBYTE = 2**20
GOOD = json.dumps(PURCHASE).encode()


@pytest.fixture(scope="module")
def wire(migrated: Urls) -> Iterator[Server]:
    """Run the real server on the database of the tests; a body may take a second to arrive."""
    with folder_of_its_own() as folder, _serve(folder, migrated) as server:
        yield server


def _serve(folder: Path, urls: Urls) -> Any:  # noqa: ANN401  a context manager
    return served(
        folder,
        command=[*EMPLETTE, "serve"],
        database_url=urls.serving,
        owner_database_url=urls.owner,
        workers=1,
        body_timeout=1,
    )


@dataclass(slots=True)
class Answer:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem that it tells."""
        assert self.headers["content-type"] == "application/problem+json"
        told: dict[str, Any] = json.loads(self.body)
        assert told["status"] == self.status
        return told


@dataclass(slots=True)
class Caller:
    """Writes calls by hand, byte by byte."""

    server: Server
    company: Company
    secret: str
    lines: list[asyncio.StreamWriter] = field(default_factory=list)

    async def call(
        self, *parts: bytes, path: str = f"{API}/purchases", method: str = "POST", pause: float = 0, **headers: object
    ) -> Answer:
        """Make a call whose body is sent part by part, and read the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        self.lines.append(writer)
        sent = {
            "Host": self.company.host,
            "Authorization": f"lucca application={self.secret}",
            "Content-Type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        sending = asyncio.create_task(_send(writer, parts, pause))
        answer = await asyncio.wait_for(_read(reader), 60)
        sending.cancel()
        return answer

    async def purchases(self) -> int:
        """Count what has been written."""
        counts = await rows(self.company)
        assert counts["events"] == counts["purchases"]
        return counts["purchases"]


async def _send(writer: asyncio.StreamWriter, parts: tuple[bytes, ...], pause: float) -> None:
    for part in parts:
        try:
            writer.write(part)
            await writer.drain()
        except ConnectionError:
            return
        await asyncio.sleep(pause)


async def _read(reader: asyncio.StreamReader) -> Answer:
    status = int((await reader.readline()).split()[1])
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


@pytest_asyncio.fixture
async def caller(wire: Server, company: Company) -> AsyncIterator[Caller]:
    """Lend somebody with a key who writes calls by hand."""
    async with await company.caller() as client:
        made = Caller(wire, company, client.headers["Authorization"].partition("=")[2])
        yield made
        for line in made.lines:
            line.close()


def _chunk(part: bytes) -> bytes:
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


async def test_a_good_call_is_answered(caller: Caller) -> None:
    answer = await caller.call(GOOD, Content_Length=len(GOOD))
    assert answer.status == 201
    assert json.loads(answer.body)["id"] == 1


async def test_a_body_may_come_in_chunks(caller: Caller) -> None:
    chunks = [_chunk(GOOD[start : start + 10]) for start in range(0, len(GOOD), 10)]
    answer = await caller.call(*chunks, b"0\r\n\r\n", Transfer_Encoding="chunked")
    assert answer.status == 201


async def test_a_body_that_stops_on_its_way_is_a_408(caller: Caller) -> None:
    answer = await caller.call(GOOD[:20], Content_Length=len(GOOD))
    assert answer.status == 408
    assert answer.problem["code"] == "body.too_slow"
    assert await caller.purchases() == 0


async def test_a_body_that_comes_drop_by_drop_is_a_408(caller: Caller) -> None:
    drops = [bytes([byte]) for byte in GOOD]
    answer = await caller.call(*drops, Content_Length=len(GOOD), pause=0.1)
    assert answer.status == 408
    assert await caller.purchases() == 0


async def test_an_announced_body_that_is_too_large_is_a_413_before_it_comes(caller: Caller) -> None:
    answer = await caller.call(b"{", Content_Length=MEBIBYTE + 1)
    assert answer.status == 413
    assert answer.problem["code"] == "body.too_large"
    assert await caller.purchases() == 0


async def test_a_body_in_chunks_that_becomes_too_large_is_a_413(caller: Caller) -> None:
    chunks = [_chunk(b" " * 65536)] * 17
    answer = await caller.call(_chunk(GOOD), *chunks, b"0\r\n\r\n", Transfer_Encoding="chunked")
    assert answer.status == 413
    assert answer.problem["code"] == "body.too_large"
    assert await caller.purchases() == 0


async def test_a_body_in_thousands_of_crumbs_is_a_413(caller: Caller) -> None:
    crumbs = _chunk(b" ") * 5000
    answer = await caller.call(_chunk(GOOD), crumbs, b"0\r\n\r\n", Transfer_Encoding="chunked")
    assert answer.status == 413
    assert answer.problem["code"] == "body.too_large"
    assert await caller.purchases() == 0


async def test_a_body_in_thousands_of_lines_is_read(caller: Caller) -> None:
    lines = _chunk(b" " * 40) * 5000
    answer = await caller.call(_chunk(GOOD), lines, b"0\r\n\r\n", Transfer_Encoding="chunked")
    assert answer.status == 201


async def test_a_body_of_exactly_a_mebibyte_is_read(caller: Caller) -> None:
    answer = await caller.call(GOOD.ljust(MEBIBYTE), Content_Length=MEBIBYTE)
    assert answer.status == 201


async def test_ten_kilobytes_of_headers_are_a_431(caller: Caller) -> None:
    answer = await caller.call(GOOD, Content_Length=len(GOOD), X_Long="x" * 10_000)
    assert answer.status == 431
    assert answer.problem["code"] == "headers.too_large"
    assert await caller.purchases() == 0


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/purchases/../purchases",
        f"{API}/./purchases",
        f"{API}/purchases/%2e%2e/purchases",
        f"{API}/purchases/%00",
        f"{API}//purchases",
        f"/{API}/purchases",
        f"{API}/purchases/",
        "*",
        f"{API}/",
    ],
)
async def test_a_path_is_taken_as_it_was_sent(caller: Caller, path: str) -> None:
    answer = await caller.call(GOOD, path=path, Content_Length=len(GOOD))
    assert answer.status in {400, 404}
    assert await caller.purchases() == 0


async def test_a_path_outside_of_ascii_is_refused(caller: Caller) -> None:
    answer = await caller.call(path=f"{API}/purchases/é", method="GET")
    assert answer.status in {400, 404}


@pytest.mark.parametrize("method", ["BREW", "get", "TRACE", "PROPFIND"])
async def test_an_unknown_method_is_a_405(caller: Caller, method: str) -> None:
    answer = await caller.call(method=method)
    assert answer.status == 405
    assert answer.problem["code"] == "method.not_allowed"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_length_that_is_a_lie_writes_nothing(caller: Caller) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    head = f"POST {API}/purchases HTTP/1.1\r\nHost: {caller.company.host}\r\nContent-Length: -1\r\n\r\n"
    writer.write(head.encode() + GOOD)
    answer = await asyncio.wait_for(reader.read(65536), 60)
    writer.close()
    assert not answer or int(answer.split()[1]) >= 400
    assert await caller.purchases() == 0


async def test_who_hangs_up_half_way_writes_nothing(caller: Caller) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    head = (
        f"POST {API}/purchases HTTP/1.1\r\nHost: {caller.company.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: lucca application={caller.secret}\r\nContent-Length: {len(GOOD)}\r\n\r\n"
    )
    writer.write(head.encode() + GOOD[:-1])
    await writer.drain()
    writer.close()
    assert (await caller.call(GOOD, Content_Length=len(GOOD))).status == 201
    assert await caller.purchases() == 1


async def test_who_asks_before_sending_a_body_is_told_to_go_on(caller: Caller) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    caller.lines.append(writer)
    head = (
        f"POST {API}/purchases HTTP/1.1\r\nHost: {caller.company.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: lucca application={caller.secret}\r\nContent-Length: {len(GOOD)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    writer.write(head.encode())
    assert (await asyncio.wait_for(reader.readline(), 60)).split()[1] == b"100"
    assert await reader.readline() == b"\r\n"
    writer.write(GOOD)
    assert (await asyncio.wait_for(_read(reader), 60)).status == 201


@pytest.mark.parametrize("length", [MEBIBYTE + 1, 10**12])
async def test_who_asks_to_send_too_much_is_told_not_to(caller: Caller, length: int) -> None:
    answer = await caller.call(Content_Length=length, Expect="100-continue")
    assert answer.status == 413
    assert await caller.purchases() == 0


async def test_a_connection_goes_on_after_a_refusal(caller: Caller) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    caller.lines.append(writer)
    for body, status in ((b"{", 400), (GOOD, 201), (b"", 400), (GOOD, 201)):
        head = (
            f"POST {API}/purchases HTTP/1.1\r\nHost: {caller.company.host}\r\nContent-Type: application/json\r\n"
            f"Authorization: lucca application={caller.secret}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        assert (await asyncio.wait_for(_read(reader), 60)).status == status


async def test_the_guides_header_section_is_enough(caller: Caller) -> None:
    answer = await caller.call(path=f"{API}/commitments/4711/requests", Content_Length=0)
    assert answer.status == 404
    assert answer.problem["code"] == "commitment.not_found"


@pytest.mark.parametrize(("http2", "version"), [(False, "HTTP/1.1"), (True, "HTTP/2")])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (GOOD, 201, None),
        (b"{", 400, "body.not_json"),
        (GOOD.ljust(MEBIBYTE + 1), 413, "body.too_large"),
    ],
    ids=["good", "cut off", "too large"],
)
async def test_both_versions_of_http_say_the_same(
    caller: Caller,
    http2: bool,  # noqa: FBT001
    version: str,
    body: bytes,
    status: int,
    code: str | None,
) -> None:
    headers = {
        "Host": caller.company.host,
        "Authorization": f"lucca application={caller.secret}",
        "Content-Type": "application/json",
    }
    async with httpx2.AsyncClient(http1=not http2, http2=http2, headers=headers, timeout=60) as client:
        answer = await client.post(f"{caller.server.url}{API}/purchases", content=body)
    assert (answer.status_code, answer.http_version) == (status, version)
    assert answer.json().get("code") == code
    assert await caller.purchases() == (1 if status == 201 else 0)
