"""A server as anybody runs it, with a PostgreSQL of its own and a line between them that can be bad."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest
from starlette.routing import Router

from emplette.runtime.cluster import OWNER_ROLE
from tests.fixtures.behind import contradictions
from tests.fixtures.clusters import Park, PostgresServer
from tests.fixtures.companies import found_company
from tests.runtime.servers import EMPLETTE, Server, folder_of_its_own, served
from tests.trouble.customers import Customer
from tests.trouble.proxy import BadLine

_COUNTED = ("purchases", "idempotency_keys")


@dataclass(frozen=True)
class House:
    """What can be brought into trouble, and who suffers from it."""

    server: Server
    database: PostgresServer
    line: BadLine
    tenant_id: int
    host: str
    secret: str

    def customer(self) -> Customer:
        """Let a customer in."""
        headers = {"Authorization": f"lucca application={self.secret}", "Host": self.host}
        return Customer(httpx2.Client(base_url=self.server.url, headers=headers, timeout=60.0))

    def expect_nothing_lost_or_doubled(self, customer: Customer) -> None:
        """Say everything again, and expect each purchase once, and no row that contradicts another."""
        ids = customer.insist()
        assert len(ids) == len(set(ids))
        # Everything here was bought under a key: there are as many of the one as of the other.
        purchases, keys = (self.database.say(f"SELECT count(*) FROM {table}") for table in _COUNTED)  # noqa: S608
        assert purchases == keys
        assert asyncio.run(self._contradictions()) == {}

    async def _contradictions(self) -> Mapping[str, object]:
        owner = await asyncpg.connect(self.database.url(OWNER_ROLE))
        try:
            return await contradictions(owner, self.tenant_id)
        finally:
            await owner.close()


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    """Run a server of two workers that waits two seconds for an answer, over a line that can be bad."""
    with Park() as park, folder_of_its_own() as folder:
        database = park.server("north")
        database.make()
        with BadLine(database.port) as line:
            here = database.place, f"127.0.0.1:{line.port}"
            settings: dict[str, Any] = {
                "database_url": database.url().replace(*here),
                "owner_database_url": database.url(OWNER_ROLE).replace(*here),
                "request_timeout": 2,
            }
            with served(folder, command=[*EMPLETTE, "serve"], **settings) as server:
                tenant_id, host, secret = asyncio.run(_found(database))
                yield House(server, database, line, tenant_id, host, secret)
                assert "ended" not in server.log.replace("database ended", "")


async def _found(database: PostgresServer) -> tuple[int, str, str]:
    owner = await asyncpg.connect(database.url(OWNER_ROLE))
    company = await found_company(Router(), owner)
    secret = await company.key(created_status=201)
    await owner.close()
    return company.tenant_id, company.host, secret


@pytest.fixture
def customer(house: House) -> Iterator[Customer]:
    """Let a customer in who finds everything well; see to it that the next one does too."""
    with house.customer() as customer:
        customer.wait_until_served()
        yield customer
        house.database.go_on()
        house.line.be_slow(0)
        house.line.speak_again()
