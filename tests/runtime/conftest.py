"""What the tests of the running program share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emplette.runtime.embedded import EmbeddedPostgres
from tests.runtime.servers import Server, folder_of_its_own, served


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
