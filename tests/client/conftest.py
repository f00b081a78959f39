"""What the tests of the client share: clients that speak to a company of their own, in this process."""

from collections.abc import AsyncIterator

import pytest_asyncio

from emplette.client import AsyncEmplette
from tests.fixtures.companies import Company


@pytest_asyncio.fixture
async def emplette(company: Company) -> AsyncIterator[AsyncEmplette]:
    """Lend a client whose requests are approved at once."""
    async with await company.emplette() as client:
        yield client
