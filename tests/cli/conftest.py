"""What the tests of the command line share: a way to type a command, and companies to type it for."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from emplette.cli.main import app
from emplette.domain.people import Tenant
from emplette.storage.database import Database
from emplette.storage.people import tenant_of_account
from tests.fixtures.database import OwnerConnection, Urls

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: list[str]
    err: list[str]


Type = Callable[..., Awaitable[Said]]


@pytest.fixture
def emplette(migrated: Urls, tmp_path: Path) -> Type:
    """Lend the command line, with the tests' database set as one's own."""
    environment = {
        "EMPLETTE_DATABASE_URL": migrated.serving,
        "EMPLETTE_OWNER_DATABASE_URL": migrated.owner,
        "EMPLETTE_DATA_DIR": str(tmp_path),
    }

    async def type_command(*words: str, piped: str | None = None) -> Said:
        """Type a command; it runs in a thread, because it has an event loop of its own."""
        result = await asyncio.to_thread(CliRunner().invoke, app, words, input=piped, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout.splitlines(), result.stderr.splitlines())

    return type_command


@pytest_asyncio.fixture
async def acme(emplette: Type, database: Database) -> Tenant:
    """Make a company for this test alone, from the command line."""
    account = f"acme-{next(_NUMBERS)}"
    made = await emplette("tenant", "create", account, "--host", f"{account}.test", "--name", "Acme")
    assert made.code == 0, made.err
    tenant = await tenant_of_account(database.session(), account)
    assert tenant is not None
    return tenant


@pytest_asyncio.fixture
async def zoe(acme: Tenant, owner: OwnerConnection) -> int:
    """Let somebody work there."""
    await owner.execute(
        "INSERT INTO users (tenant_id, user_id, first_name, last_name) VALUES ($1, 36, 'Zoe', 'Zander')", acme.id
    )
    return 36
