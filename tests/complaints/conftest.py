"""Complaints are tried against the running server: one that somebody has started, and that is called over HTTP."""

from collections.abc import Iterator

import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.settings import read_settings
from tests.fixtures.companies import found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.served import ServedCompany
from tests.runtime.servers import EMPLETTE, Server, folder_of_its_own, served


@pytest.fixture(scope="package")
def running(migrated: Urls) -> Iterator[Server]:
    """Run one server for all complaints, with its job worker; it ends with them, since it works for all companies."""
    with (
        folder_of_its_own() as folder,
        served(
            folder / "data",
            command=[*EMPLETTE, "serve"],
            database_url=migrated.serving,
            owner_database_url=migrated.owner,
            workers=1,
            wrong_keys=0,
            wrong_passwords=0,
            request_timeout=60,
            merged_writes=read_settings().merged_writes,
        ) as server,
    ):
        yield server


@pytest_asyncio.fixture
async def company(app: Router, owner: OwnerConnection, running: Server) -> ServedCompany:
    """Found a company for this test alone, served by the running server."""
    return ServedCompany.of(await found_company(app, owner), running.url)


@pytest_asyncio.fixture
async def rival(app: Router, owner: OwnerConnection, running: Server) -> ServedCompany:
    """Found another company at the same server."""
    return ServedCompany.of(await found_company(app, owner), running.url)
