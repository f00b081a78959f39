"""Time: who sends too slowly, what takes too long, and what has begun."""

import asyncio
from typing import Any

import pytest

from emplette.http.contract import GET, POST, Contract, operation
from emplette.http.contract.gate import Handler
from emplette.http.contract.receive import MEBIBYTE, Limits, Message
from tests.contract.toys import HEADERS, Gate, Work, contract

QUICK = Limits(between_bytes=0.05, whole_body=0.15, answer=0.05)


class Exchange:
    """One call, seen message by message."""

    def __init__(self, *chunks: bytes, pause: float = 0.0, ends: bool = True, **headers: str) -> None:
        self.chunks = list(chunks)
        self.pause = pause
        self.ends = ends
        self.sent: list[Message] = []
        self.answered = asyncio.Event()
        self.left_when_answered = 0
        self.headers = {**HEADERS, "Content-Type": "application/json"}
        announced = headers or {"Transfer_Encoding": "chunked"}
        self.headers.update({name.replace("_", "-"): value for name, value in announced.items()})

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.pause)
        if not self.chunks:
            await asyncio.sleep(60)
        chunk = self.chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks) or not self.ends}

    async def send(self, message: Message) -> None:
        if not self.sent:
            self.left_when_answered = len(self.chunks)
        self.sent.append(message)
        self.answered.set()

    async def call(self, app: Contract, path: str, method: str = "POST") -> tuple[int, bytes, dict[str, str]]:
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
        }
        await app(scope, self.receive, self.send)
        told = {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}
        return self.sent[0]["status"], self.sent[1]["body"], told


@pytest.mark.parametrize("chunks", [(), (b'{"type":',), (b"", b"")])
async def test_a_body_that_stops_coming_is_a_408(chunks: tuple[bytes, ...]) -> None:
    gate = Gate()
    status, body, headers = await Exchange(*chunks, ends=False).call(contract(gate, limits=QUICK), "/api/orders")
    assert (status, headers["connection"]) == (408, "close")
    assert b"body.too_slow" in body
    assert gate.works == []


async def test_a_body_that_comes_drop_by_drop_is_a_408() -> None:
    drops = Exchange(*[b" "] * 1_000, pause=0.01)
    status, _, _ = await drops.call(contract(limits=QUICK), "/api/orders")
    assert status == 408
    assert len(drops.chunks) > 900


async def test_the_time_for_a_body_is_not_taken_from_the_time_for_an_answer() -> None:
    slow = Exchange(b"{", b"}", pause=0.6)
    patient = Limits(between_bytes=30, whole_body=60, answer=1.0)
    status, _, _ = await slow.call(contract(limits=patient), "/api/orders/7/closing")
    assert status == 201


async def test_a_body_announced_as_too_large_is_refused_without_waiting_for_it() -> None:
    announced = Exchange(ends=False, Content_Length=str(MEBIBYTE + 1))
    status, body, headers = await announced.call(contract(limits=QUICK), "/api/orders")
    assert (status, headers["connection"]) == (413, "close")
    assert b'"limit":1048576' in body


async def test_a_body_that_turns_out_too_large_is_refused_as_soon_as_it_is() -> None:
    endless = Exchange(*[b" " * 65_536] * 100)
    status, _, _ = await endless.call(contract(), "/api/orders")
    assert status == 413
    assert endless.left_when_answered == 100 - 17
    assert endless.chunks == [], "the sender can come to read the answer"


async def test_a_mebibyte_is_not_too_large() -> None:
    body = b"{}" + b" " * (MEBIBYTE - 2)
    whole = Exchange(body, Content_Length=str(len(body)))
    assert (await whole.call(contract(), "/api/orders/7/closing"))[0] == 201


async def test_who_hung_up_is_answered_once_and_waited_for_no_longer() -> None:
    gone = Exchange()

    async def hang_up() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/api/orders", "raw_path": b"/api/orders", "query_string": b""}
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    await contract()({**scope, "headers": headers}, hang_up, gone.send)
    assert [message.get("status") for message in gone.sent] == [400, None]


def slow_operation(events: list[str], over: asyncio.Event, *, begins: bool) -> Handler:
    @operation(POST, "/api/slow", answers={201: str})
    async def be_slow(work: Work) -> str:
        try:
            work.begun = begins
            await over.wait()
            events.append("written")
        except asyncio.CancelledError:
            events.append("cancelled")
            raise
        return "done"

    return be_slow


async def test_what_was_not_begun_in_time_is_a_503_and_does_not_happen() -> None:
    events: list[str] = []
    exchange = Exchange(b"")
    app = contract(None, slow_operation(events, asyncio.Event(), begins=False), limits=QUICK)
    status, body, headers = await exchange.call(app, "/api/slow")
    assert (status, headers["retry-after"]) == (503, "2")
    assert b'"code":"unavailable"' in body
    assert events == ["cancelled"]


async def test_what_was_begun_is_a_504_at_once_and_goes_on() -> None:
    events: list[str] = []
    exchange = Exchange(b"")
    # It ends once it is answered, and not before.
    app = contract(None, slow_operation(events, exchange.answered, begins=True), limits=QUICK)
    status, body, _ = await exchange.call(app, "/api/slow")
    assert status == 504
    assert b'"code":"outcome.unknown"' in body
    assert events == ["written"]
    assert len(exchange.sent) == 2, "one answer, not two"


async def test_what_is_exempt_may_take_its_time() -> None:
    @operation(GET, "/api/export", answers={200: str}, timed=False)
    async def export(work: Work) -> str:
        await asyncio.sleep(0.1)
        return work.call.path

    status, _, _ = await Exchange().call(contract(None, export, limits=QUICK), "/api/export", "GET")
    assert status == 200


async def test_a_cancellation_from_outside_stays_one() -> None:
    events: list[str] = []
    app = contract(None, slow_operation(events, asyncio.Event(), begins=False))
    exchange = Exchange(b"")
    task = asyncio.create_task(exchange.call(app, "/api/slow"))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exchange.sent == []
