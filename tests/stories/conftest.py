"""Who acts in the stories: each with the product's own client, in this process."""

from collections.abc import AsyncIterator

import pytest_asyncio

from emplette.client import AsyncEmplette
from tests.fixtures.companies import Company


@pytest_asyncio.fixture
async def buyer(company: Company) -> AsyncIterator[AsyncEmplette]:
    """Lend a program that may do everything, and whose requests are approved at once."""
    async with await company.emplette() as client:
        yield client


@pytest_asyncio.fixture
async def asker(company: Company) -> AsyncIterator[AsyncEmplette]:
    """Lend a program whose requests the policy's people decide."""
    async with await company.emplette(auto_approve=False) as client:
        yield client


@pytest_asyncio.fixture
async def alma(company: Company) -> AsyncIterator[AsyncEmplette]:
    """Lend the approver, user 36, who may write purchases as well."""
    permissions = ("purchases:all", "view:all", "approve", "manage")
    async with await company.emplette(permissions=permissions, person=36) as client:
        yield client
