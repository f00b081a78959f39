"""Empty databases, to be migrated from wherever a test wants to begin."""

from collections.abc import AsyncIterator
from itertools import count
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from tests.fixtures.database import OwnerConnection, Urls

_NUMBERS = count(1)


def at(url: str, database: str) -> str:
    """Name another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@pytest_asyncio.fixture
async def empty(urls: Urls) -> AsyncIterator[Urls]:
    """Lend an empty database."""
    server: OwnerConnection = await asyncpg.connect(urls.owner)
    if not await server.fetchval("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        await server.close()
        pytest.skip("The server that a setting names does not let us make databases.")
    name = f"migrations_{next(_NUMBERS)}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield Urls(at(urls.serving, name), at(urls.owner, name), urls.serving_role)
    finally:
        await server.execute(f"DROP DATABASE {name}")
        await server.close()


@pytest_asyncio.fixture
async def connection(empty: Urls) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of the owner to it."""
    connection: OwnerConnection = await asyncpg.connect(empty.owner)
    yield connection
    await connection.close()
