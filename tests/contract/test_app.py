"""The application of a worker, without a database: what it still answers, and what it says about itself."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator

import httpx2
import pytest
from structlog.testing import capture_logs

from emplette.domain.errors import Unavailable
from emplette.http.app import create_app, openapi_document
from emplette.http.contract import Contract, Registry
from emplette.http.health import Check, Finding, HealthState, health_operations
from emplette.http.journal import note_call
from emplette.http.recent import Recent
from emplette.settings import Settings
from tests.contract.toys import KEY, ONCE, Gate, client_of, contract

NOWHERE = Settings(database_url="postgresql://nobody@127.0.0.1:9/nothing")


@pytest.fixture
async def app() -> AsyncIterator[httpx2.AsyncClient]:
    program = create_app(NOWHERE)
    async with program.lifespan_context(program), client_of(program) as client:
        yield client


async def test_it_lives_without_a_database_but_is_not_ready(app: httpx2.AsyncClient) -> None:
    assert (await app.get("/health/live")).json() == {"status": "ok", "checks": {}}
    answer = await app.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert answer.json()["checks"]["database"]["status"] == "failed"


async def test_who_calls_while_the_database_is_away_is_told_when_to_come_back(app: httpx2.AsyncClient) -> None:
    answer = await app.get("/openapi.json")
    assert answer.status_code == 200
    async with client_of(create_app(NOWHERE)) as early:
        assert (await early.get("/health/ready")).status_code == 503


async def test_a_worker_that_was_told_no_database_does_not_start() -> None:
    program = create_app(Settings())
    with pytest.raises(ValueError, match="database"):
        async with program.lifespan_context(program):
            pass


async def fine() -> Finding:
    return Finding(status=HealthState.OK)


async def stale() -> Finding:
    return Finding(status=HealthState.WARNING, detail="Load newer rates.")


async def broken() -> Finding:
    raise Unavailable


async def stuck() -> Finding:
    await asyncio.sleep(60)
    return Finding(status=HealthState.OK)


@pytest.mark.parametrize(
    ("checks", "status", "state"),
    [
        ({"a": fine}, 200, "ok"),
        ({"a": fine, "b": stale}, 200, "warning"),
        ({"a": stale, "b": broken}, 503, "failed"),
        ({"a": fine, "b": stuck}, 503, "failed"),
    ],
)
async def test_a_warning_does_not_make_a_server_unready_and_a_failure_does(
    checks: dict[str, Check], status: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.http.health._PATIENCE", 0.05)
    async with client_of(Contract(Registry(health_operations(checks)), Gate())) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (status, state)
    assert set(answer.json()["checks"]) == set(checks)


async def test_prometheus_reads_calls_by_operation_and_status(app: httpx2.AsyncClient) -> None:
    await app.get("/health/live")
    await app.get("/nowhere")
    text = (await app.get("/metrics")).text
    assert 'emplette_calls_total{operation="get_liveness",status="200"} 1.0' in text
    assert 'emplette_calls_total{operation="unknown",status="404"} 1.0' in text
    assert 'emplette_call_seconds_count{operation="get_liveness"} 1.0' in text
    for name in ("emplette_pool_connections", "emplette_worker_resident_bytes", "emplette_worker_cpu_seconds"):
        assert f"\n{name}" in text


@pytest.mark.parametrize("peer", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", ""])
async def test_measures_are_not_for_others(peer: str) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(NOWHERE), client=(peer, 1)), base_url="http://localhost"
    ) as there:
        answer = await there.get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (403, "caller.elsewhere")


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
async def test_measures_are_for_programs_here(peer: str) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(NOWHERE), client=(peer, 1)), base_url="http://localhost"
    ) as here:
        assert (await here.get("/metrics")).status_code == 200


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"])
@pytest.mark.parametrize("trusted", ["", "127.0.0.0/8"])
async def test_measures_are_not_for_whom_a_proxy_here_speaks(header: str, trusted: str) -> None:
    settings = Settings(database_url=NOWHERE.database_url, trusted_proxies=(trusted,) if trusted else ())
    async with client_of(create_app(settings)) as client:
        assert (await client.get("/metrics", headers={header: "127.0.0.1"})).status_code == 403


async def test_what_everybody_may_ask_is_found_once_a_second() -> None:
    times = 0

    async def count() -> Finding:
        nonlocal times
        times += 1
        await asyncio.sleep(0)
        return Finding(status=HealthState.OK)

    async with client_of(Contract(Registry(health_operations({"a": count})), Gate())) as client:
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert times == 1


async def test_what_was_found_is_found_anew_after_a_while() -> None:
    numbers = iter(range(10))

    async def find() -> int:
        return next(numbers)

    recent = Recent(find, seconds=60)
    assert [await recent.get(), await recent.get()] == [0, 0]
    fleeting = Recent(find, seconds=0.01)
    assert await fleeting.get() == 1
    await asyncio.sleep(0.02)
    assert await fleeting.get() == 2


async def test_what_could_not_be_found_is_looked_for_again() -> None:
    tries = iter(range(10))

    async def find() -> int:
        if next(tries) == 0:
            raise Unavailable("Not yet.")
        return 7

    recent = Recent(find)
    with pytest.raises(Unavailable):
        await recent.get()
    assert await recent.get() == 7


async def test_measures_are_written_beside_the_loop_and_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def write(_: object) -> bytes:
        threads.append(threading.get_ident())
        return b""

    monkeypatch.setattr("emplette.http.metrics.generate_latest", write)
    async with client_of(create_app(NOWHERE)) as client:
        for _ in range(3):
            assert (await client.get("/metrics")).status_code == 200
    assert len(threads) == 1
    assert threads != [threading.get_ident()]


async def test_the_reference_is_readable_without_scripts_and_without_another_host(app: httpx2.AsyncClient) -> None:
    page = await app.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in page.text
    assert not re.search(r'(?:src|href|action)\s*=\s*"?(?:[a-z]+:)?//', page.text), (
        "examples may name other hosts, only"
    )
    style = await app.get("/docs/docs.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "url(" not in style.text


async def test_the_reference_shows_every_operation_and_schema(app: httpx2.AsyncClient) -> None:
    page = (await app.get("/docs")).text
    document = openapi_document()
    for methods in document["paths"].values():
        for described in methods.values():
            assert f'<article id="{described["operationId"]}">' in page
            assert f"client.{described['x-python'].partition('.')[0]}." in page
    assert "<code>Idempotency-Key</code>" in page
    assert "&lt;code" not in page
    for name in document["components"]["schemas"]:
        assert f'<article id="schema-{name}">' in page


async def test_the_type_of_a_problem_leads_to_its_page(app: httpx2.AsyncClient) -> None:
    answer = await app.get("/nowhere")
    page = await app.get(answer.json()["type"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Nothing answers at this path." in page.text
    assert (await app.get("/problems/unheard.of")).status_code == 404


async def test_the_document_that_is_answered_is_the_one_that_is_written(app: httpx2.AsyncClient) -> None:
    assert (await app.get("/openapi.json")).json() == openapi_document()


async def test_a_call_is_one_line_in_the_log_without_anything_that_people_wrote() -> None:
    async with client_of(contract(observers=[note_call])) as client:
        with capture_logs() as lines:
            answer = await client.post("/api/orders?_=private", json={**ONCE, "title": "private"})
    (line,) = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "call",
        "log_level": "info",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "operation": "create_order",
        "status": 201,
        "tenant": "toys",
        "key": 7,
        "user": None,
    }
    assert "private" not in str(lines)
    assert KEY not in str(lines)
