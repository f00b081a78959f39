"""What the tests of the client share: one that speaks to a company of its own in this process, and a real server."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from emplette.client import AsyncEmplette
from tests.docs.demo import RunningDemo, running_demo
from tests.fixtures.companies import Company


@pytest_asyncio.fixture
async def emplette(company: Company) -> AsyncIterator[AsyncEmplette]:
    """Lend a client whose requests are approved at once."""
    async with await company.emplette() as client:
        yield client


@pytest.fixture(scope="session")
def demo() -> Iterator[RunningDemo]:
    """Run a server with the demo's company."""
    with running_demo() as running:
        yield running
