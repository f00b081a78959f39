"""What the tests of the running program share."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from emplette.runtime.embedded import EmbeddedPostgres
from tests.runtime.servers import KEY, PATIENCE, Server, demo_again, folder_of_its_own, served


@pytest.fixture
def folder() -> Iterator[Path]:
    """Lend a new, empty folder."""
    with folder_of_its_own() as lent:
        yield lent


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """Lend a data folder in which the database was made before."""
    with folder_of_its_own() as lent:
        with EmbeddedPostgres(lent, durable=False):
            pass
        yield lent


@pytest.fixture
def server(prepared: Path) -> Iterator[Server]:
    """Run a server with two workers."""
    with served(prepared) as running:
        yield running


@pytest.fixture(scope="module")
def steady(prepared: Path) -> Iterator[Server]:
    """Run a server with two workers for those tests of a file that leave it as it is."""
    with folder_of_its_own() as folder:
        subprocess.run(["cp", "-a", prepared, folder / "data"], check=True)
        with served(folder / "data") as running:
            yield running


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    """Run a demo of one worker for the tests of a file."""
    with demo_again(workers=1, request_timeout=60) as running:
        yield running


@pytest.fixture
def caller(demo: Server) -> Iterator[httpx2.Client]:
    """Lend somebody who calls the demo."""
    headers = {"Authorization": f"lucca application={KEY}"}
    with httpx2.Client(base_url=demo.url, headers=headers, timeout=PATIENCE) as client:
        yield client
