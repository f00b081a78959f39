"""One server and one browser for all journeys."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.async_api import Browser, async_playwright
from starlette.routing import Router

from scripts.find_chromium import HOW, chromium
from tests.fixtures.browsers import Tally, Tour, must_run, touring
from tests.fixtures.companies import Company

CERTIFICATE: Final = Path(__file__).resolve().parents[1] / "runtime" / "certificate"
TALLY: Final = Path(__file__).resolve().parents[2] / "build" / "browser" / "tally.json"
EVERYTHING: Final = os.environ.get("BROWSER") == "everything"
"""Whether every journey is made in both languages and at both sizes."""
ALL_WAYS: Final = [("en", "desktop"), ("fr", "phone"), ("en", "phone"), ("fr", "desktop")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make each journey in one language and at one size, those that are marked in two ways, or all in all."""
    if "tour" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker("both") is not None
    ways = ALL_WAYS if EVERYTHING else ALL_WAYS[: 2 if marked else 1]
    metafunc.parametrize(("language", "size"), ways)


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    """Lend the figures of all journeys, and write them down at the end."""
    figures = Tally()
    yield figures
    figures.write(TALLY)


@pytest_asyncio.fixture(scope="session")
async def port(app: Router) -> AsyncIterator[int]:
    """Serve the application of the tests on a port of its own."""
    async with _serving(app) as number:
        yield number


@pytest_asyncio.fixture(scope="session")
async def secure_port(app: Router) -> AsyncIterator[int]:
    """Serve it over TLS, where browsers speak HTTP/2."""
    async with _serving(app, ssl_cert=CERTIFICATE / "localhost.pem", ssl_key=CERTIFICATE / "localhost.key") as number:
        yield number


@asynccontextmanager
async def _serving(app: Router, **tls: Any) -> AsyncIterator[int]:  # noqa: ANN401  granian's own settings
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
    server = Server(app, address="127.0.0.1", port=number, interface=Interfaces.ASGINL, log_enabled=False, **tls)
    serving = asyncio.create_task(server.serve())
    for _ in range(600):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.close()
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("The server of the journeys did not begin to listen.")
    yield number
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait([serving], timeout=60)


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Lend the browser; without one nothing is tried, and that is said loudly."""
    path = chromium()
    if path is None:
        reason = f"browser: NOT RUN: there is no Chromium here. {HOW}"
        if must_run():
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        await opened.close()


@pytest_asyncio.fixture
async def tour(
    request: pytest.FixtureRequest,
    browser: Browser,
    company: Company,
    port: int,
    tally: Tally,
    language: str,
    size: str,
) -> AsyncIterator[Tour]:
    """Lend a window of the browser, before the sign-in of a company of its own."""
    name = request.node.originalname.removeprefix("test_")
    async with touring(browser, company, port, tally, name, language=language, size=size, dark=size == "phone") as made:
        yield made


@pytest_asyncio.fixture
async def secure_tour(browser: Browser, company: Company, secure_port: int, tally: Tally) -> AsyncIterator[Tour]:
    """Lend a window of the browser that goes over TLS, before the sign-in of a company of its own."""
    way = {"language": "en", "size": "desktop"}
    async with touring(browser, company, secure_port, tally, "tls", dark=False, scheme="https", **way) as made:
        yield made
