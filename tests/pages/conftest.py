"""People who look at pages."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting, visiting


@pytest_asyncio.fixture
async def buyer(company: Company) -> AsyncIterator[Visiting]:
    """Lend the owner, user 35, signed in."""
    async with await visiting(company, 35) as visitor:
        yield visitor


@pytest_asyncio.fixture
async def decider(company: Company) -> AsyncIterator[Visiting]:
    """Lend the approver, user 36, signed in."""
    async with await visiting(company, 36) as visitor:
        yield visitor


@pytest_asyncio.fixture
async def accountant(company: Company) -> AsyncIterator[Visiting]:
    """Lend somebody who sees all purchases and manages what they refer to, user 37."""
    async with await visiting(company, 37, "accountant") as visitor:
        yield visitor
