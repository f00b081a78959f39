"""Companies beside each other, for the tests of the storage."""

from collections.abc import AsyncIterator

import pytest_asyncio

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.rivals import Neighbours, made_neighbours


@pytest_asyncio.fixture
async def neighbours(
    company: Company, rival: Company, owner: OwnerConnection, database: Database
) -> AsyncIterator[Neighbours]:
    """Lend a company that has done what companies do, and a rival beside it."""
    async with made_neighbours(company, rival, owner, database) as found:
        yield found
