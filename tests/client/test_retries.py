"""A call is tried again where that helps, for as long as somebody has patience, and never twice in effect."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path

import httpx2
import pytest

from emplette.client import (
    NEVER,
    AsyncEmplette,
    Conflict,
    Emplette,
    Forbidden,
    NoAnswer,
    OutcomeUnknown,
    Problem,
    Retries,
    TooManyRequests,
    VersionStale,
)
from emplette.client.retries import Attempts

NATURE = {"id": 1, "name": "Software", "version": 1}
PROBLEM = {"code": "server.busy", "detail": "Come back later.", "requestId": "r1"}
AT_ONCE = Retries(attempts=4, first_wait=0.0)

Handler = Callable[[httpx2.Request], httpx2.Response]


class Server:
    """A server that answers one thing after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx2.Response | type[httpx2.TransportError]) -> None:
        self._answers: Iterator[httpx2.Response | type[httpx2.TransportError]] = iter(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, httpx2.Response):
            return answer
        raise answer("the line was cut", request=request)

    def client(self, retries: Retries = AT_ONCE) -> Emplette:
        return Emplette("http://server.test/below", "a-key", retries=retries, transport=httpx2.MockTransport(self))

    @property
    def keys(self) -> set[str]:
        return {request.headers["Idempotency-Key"] for request in self.asked}


def _done() -> httpx2.Response:
    return httpx2.Response(201, json=NATURE)


def _busy(status: int = 503, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, json=PROBLEM | {"status": status}, headers=named)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long was waited, and don't wait."""
    waits: list[float] = []
    monkeypatch.setattr("emplette.client.sending.time.sleep", waits.append)
    return waits


@pytest.mark.parametrize(
    "lost", [httpx2.ConnectError, httpx2.ReadError, httpx2.ReadTimeout, httpx2.RemoteProtocolError]
)
def test_a_lost_connection_is_tried_again_with_the_same_key(lost: type[httpx2.TransportError]) -> None:
    server = Server(lost, lost, _done())
    with server.client() as client:
        assert client.natures.create(name="Software").name == "Software"
    assert len(server.asked) == 3
    assert len(server.keys) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(status: int) -> None:
    server = Server(_busy(status), _done())
    with server.client() as client:
        client.natures.create(name="Software")
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 422, 500, 501])
def test_a_refusal_is_final(status: int) -> None:
    server = Server(_busy(status))
    with server.client() as client, pytest.raises(Problem) as refused:
        client.natures.create(name="Software")
    assert (refused.value.status, len(server.asked)) == (status, 1)


def test_every_call_has_a_key_of_its_own_and_takes_the_one_it_is_given() -> None:
    server = Server(_done(), _done(), _done())
    with server.client() as client:
        client.natures.create(name="Software")
        client.natures.create(name="Software")
        client.natures.create(name="Software", idempotency_key="order-4711")
    assert len(server.keys) == 3
    assert server.asked[-1].headers["Idempotency-Key"] == "order-4711"


@pytest.mark.parametrize("key", ["commande-été", "", "x" * 256, "two words", "line\n"])
def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent(key: str) -> None:
    server = Server(_done())
    with server.client() as client, pytest.raises(ValueError, match="1 to 255 visible ASCII characters") as refused:
        client.natures.create(name="Software", idempotency_key=key)
    assert not isinstance(refused.value, UnicodeError)
    assert server.asked == []


def test_who_gives_up_says_under_which_key_to_go_on() -> None:
    server = Server(*[httpx2.ReadTimeout] * 4)
    with server.client() as client, pytest.raises(NoAnswer, match="the line was cut") as lost:
        client.natures.create(name="Software")
    assert {lost.value.idempotency_key} == server.keys
    assert len(server.asked) == AT_ONCE.attempts


def test_the_last_answer_is_told_when_patience_ends() -> None:
    server = Server(*[_busy(504) for _ in range(4)])
    with server.client() as client, pytest.raises(OutcomeUnknown) as unknown:
        client.natures.create(name="Software")
    assert {unknown.value.idempotency_key} == server.keys


@pytest.mark.parametrize(("status", "kind"), [(409, Conflict), (412, VersionStale)])
def test_what_is_in_the_way_after_a_lost_answer_may_be_ones_own_change(status: int, kind: type[Problem]) -> None:
    server = Server(httpx2.ReadError, _busy(status))
    with server.client() as client, pytest.raises(kind) as refused:
        client.natures.update(1, name="Software", if_match='"1"')
    assert "no answer" in refused.value.__notes__[0]


def test_nobody_tries_again_who_was_told_not_to() -> None:
    server = Server(_busy())
    with server.client(NEVER) as client, pytest.raises(Problem):
        client.natures.get(1)
    assert len(server.asked) == 1


def test_a_server_that_says_how_long_to_wait_is_obeyed(slept: list[float]) -> None:
    server = Server(_busy(Retry_After="7"), _busy(429, Retry_After="3"), _done())
    with server.client() as client:
        client.natures.create(name="Software")
    assert slept == [7, 3]


def test_a_server_may_name_the_moment_to_come_back(slept: list[float]) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server = Server(_busy(Retry_After=moment), _done())
    with server.client() as client:
        client.natures.create(name="Software")
    assert slept[0] == pytest.approx(20, abs=2)


def test_who_asks_for_more_patience_than_there_is_gets_none(slept: list[float]) -> None:
    server = Server(_busy(429, Retry_After="3600"))
    with server.client() as client, pytest.raises(TooManyRequests, match="Come back later"):
        client.natures.create(name="Software")
    assert slept == []


def test_waits_grow_differ_and_end_with_the_patience() -> None:
    now = 0.0
    attempts = Attempts(
        Retries(attempts=100, patience=60, first_wait=1, longest_wait=8), repeatable=True, clock=lambda: now
    )
    waits: list[float] = []
    while (wait := attempts.wait_after_loss()) is not None:
        waits.append(wait)
        now += wait
    assert [longest / 2 <= wait <= longest for wait, longest in zip(waits, [1, 2, 4, 8, 8], strict=False)] == [True] * 5
    assert 52 <= now < 60
    assert len(set(waits)) == len(waits)


def test_an_attempt_gets_no_more_time_than_is_left() -> None:
    server = Server(_done())
    with server.client(Retries(patience=0.5)) as client:
        client.natures.create(name="Software")
    assert server.asked[0].extensions["timeout"]["read"] <= 0.5


def test_a_server_may_live_below_a_path() -> None:
    server = Server(_done())
    with server.client() as client:
        client.natures.get(1)
    assert server.asked[0].url.path == "/below/cleemy-procurement/api/natures/1"


def test_a_redirect_is_not_followed_with_the_key() -> None:
    server = Server(httpx2.Response(302, headers={"Location": "http://elsewhere.test/"}))
    with server.client() as client, pytest.raises(Problem):
        client.natures.get(1)


def test_answers_that_are_no_problems_are_told_as_far_as_they_go() -> None:
    server = Server(httpx2.Response(403, text="<h1>No</h1>"))
    with server.client() as client, pytest.raises(Forbidden, match="without a problem") as refused:
        client.natures.get(1)
    assert (refused.value.code, refused.value.errors) == ("", {})


def test_a_server_can_tell_who_calls() -> None:
    server = Server(_done())
    with server.client() as client:
        client.natures.get(1)
    assert server.asked[0].headers["User-Agent"].startswith(f"emplette-client/{version('emplette')} python/3.")
    assert server.asked[0].headers["Authorization"] == "lucca application=a-key"


def test_a_body_says_its_kind_and_nothing_has_none() -> None:
    server = Server(_done(), httpx2.Response(201, json={"id": 1}))
    with server.client() as client:
        client.natures.create(name="Software")
        client.requests.create(1)
    assert [request.headers.get("Content-Type") for request in server.asked] == ["application/json", None]
    assert (server.asked[1].headers["Content-Length"], server.asked[1].content) == ("0", b"")


async def test_the_client_for_asyncio_is_as_patient(tmp_path: Path) -> None:
    server = Server(httpx2.ReadError, _busy(), _done(), httpx2.ReadTimeout, httpx2.Response(200, content=b"%PDF"))

    async def answer(request: httpx2.Request) -> httpx2.Response:
        return server(request)

    transport = httpx2.MockTransport(answer)
    async with AsyncEmplette("http://server.test", "a-key", retries=AT_ONCE, transport=transport) as client:
        assert (await client.natures.create(name="Software")).name == "Software"
        assert len(server.keys) == 1
        saved = await client.orders.save_pdf(1, tmp_path / "order.pdf")
    assert saved.read_bytes() == b"%PDF"
    assert len(server.asked) == 5


async def test_the_client_for_asyncio_gives_up_as_well() -> None:
    server = Server(*[httpx2.ReadError] * 4, _busy(504), _busy(504), _busy(504), _busy(504))

    async def answer(request: httpx2.Request) -> httpx2.Response:
        return server(request)

    transport = httpx2.MockTransport(answer)
    async with AsyncEmplette("http://server.test", "a-key", retries=AT_ONCE, transport=transport) as client:
        with pytest.raises(NoAnswer):
            await client.natures.create(name="Software")
        with pytest.raises(OutcomeUnknown):
            await client.natures.create(name="Software")
    assert len(server.keys) == 2


def test_a_call_that_is_to_wait_for_news_is_given_that_time_as_well() -> None:
    page = {"items": [], "next": "1-1", "hasMore": False}
    server = Server(httpx2.Response(200, json=page), httpx2.Response(200, json=page))
    with server.client() as client:
        client.events.list(wait=30)
        client.events.list()
    patient, plain = (request.extensions["timeout"]["read"] for request in server.asked)
    assert patient == plain + 30
