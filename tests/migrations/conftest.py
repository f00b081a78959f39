"""Empty databases, to be migrated from wherever a test wants to begin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from tests.fixtures.database import OwnerConnection, Urls, drop_database

_NUMBERS = count(1)


def at(url: str, database: str) -> str:
    """Name another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@asynccontextmanager
async def empty_database(urls: Urls) -> AsyncIterator[Urls]:
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
        await drop_database(server, name)
        await server.close()


@asynccontextmanager
async def connected(empty: Urls) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of a database's owner."""
    connection: OwnerConnection = await asyncpg.connect(empty.owner)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def empty(urls: Urls) -> AsyncIterator[Urls]:
    """Lend an empty database to one test."""
    async with empty_database(urls) as lent:
        yield lent


@pytest_asyncio.fixture
async def connection(empty: Urls) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of the owner to it."""
    async with connected(empty) as lent:
        yield lent
