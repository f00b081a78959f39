"""What the tests of several machines share: two servers on one PostgreSQL, and a company that calls all of them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Unpack

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.runtime.cluster import OWNER_ROLE
from tests.fixtures.clusters import Park, PostgresServer
from tests.fixtures.companies import Company, Wishes, found_company
from tests.fixtures.database import OwnerConnection
from tests.machines.serving import machines
from tests.runtime.servers import Server


@dataclass(frozen=True, slots=True)
class Site:
    """A company and the servers that it calls."""

    company: Company
    servers: Sequence[Server]

    @asynccontextmanager
    async def callers(self, **wishes: Unpack[Wishes]) -> AsyncIterator[list[httpx2.AsyncClient]]:
        """Make an API key, and a client with it for each server."""
        made = [self.client(server.url, await self.company.key(**wishes)) for server in self.servers[:1]]
        made += [self.client(server.url, made[0].headers["Authorization"].split("=")[1]) for server in self.servers[1:]]
        try:
            yield made
        finally:
            for client in made:
                await client.aclose()

    def client(self, url: str, secret: str, **headers: Any) -> httpx2.AsyncClient:  # noqa: ANN401  names of headers
        """Make a client of one server."""
        told = {"Authorization": f"lucca application={secret}", "Host": self.company.host} | headers
        return httpx2.AsyncClient(base_url=url, headers=told, timeout=30.0)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """Lend a PostgreSQL with empty databases."""
    with Park() as park:
        server = park.server("alone")
        server.make()
        yield server


@pytest.fixture(scope="module")
def servers(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Start two servers at the same moment on an empty database; they share a folder of files."""
    files = f"file://{tmp_path_factory.mktemp('shared')}"
    with machines(2, postgres.url(), postgres.url(OWNER_ROLE), files_url=files, request_timeout=20) as started:
        yield started


@pytest_asyncio.fixture(scope="module")
async def behind(postgres: PostgresServer, servers: list[Server]) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of the owner, once the schema is there."""
    assert servers
    owner: OwnerConnection = await asyncpg.connect(postgres.url(OWNER_ROLE))
    yield owner
    await owner.close()


@pytest_asyncio.fixture
async def site(servers: list[Server], behind: OwnerConnection) -> Site:
    """Found a company that calls both."""
    return Site(await found_company(Router(), behind), servers)
