"""The toys, behind the contract."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.contract.toys import Gate, client_of, contract


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def client(gate: Gate) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(contract(gate)) as client:
        yield client
