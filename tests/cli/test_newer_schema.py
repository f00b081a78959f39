"""A database that a newer Emplette has gone on with is refused by every command, with what to do, and not touched."""

import asyncio
from collections.abc import AsyncIterator
from importlib.metadata import version

import asyncpg
import pytest
import pytest_asyncio

from emplette.storage.migrate import migrate, migrations
from tests.cli.conftest import Type
from tests.cli.test_documentation import COMMANDS
from tests.fixtures.database import OwnerConnection, Urls
from tests.migrations.conftest import at
from tests.runtime.servers import EMPLETTE, environment_of, run

NEWEST = migrations()[-1].name
SAID = (
    f"The database stands at step 9999_later, where Emplette 7.0.0 brought it; this is Emplette {version('emplette')}, "
    f"which knows the steps up to {NEWEST}. Run Emplette 7.0.0 or a later one, or restore the back-up made before the "
    "upgrade: nothing leads back."
)
ACME = "--tenant acme"
TYPED = [
    "emplette migrate",
    "emplette verify",
    "emplette checkpoint",
    "emplette tenant list",
    "emplette tenant create acme --host acme.test --name Acme",
    f"emplette key list {ACME}",
    f"emplette key create {ACME} --name x --contact it@acme.test",
    f"emplette policy show {ACME}",
    f"emplette vat-rates add {ACME} --territory FR --type Normal --percentage 0.21 --from 2027-01-01",
    f"emplette recovery-rules set {ACME} --rate-type 45 --cost-family 1 --coefficient 0.8",
    f"emplette exchange-rates set {ACME} --currency MAD --date 2025-04-14 --rate 10.6",
    f"emplette export suppliers {ACME}",
]
SERVERS = ["emplette serve", "emplette demo"]


@pytest_asyncio.fixture(scope="module")
async def newer(urls: Urls) -> AsyncIterator[Urls]:
    """Lend a database that a newer program has gone on with."""
    server: OwnerConnection = await asyncpg.connect(urls.owner)
    if not await server.fetchval("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        pytest.skip("The server that a setting names does not let us make databases.")
    await server.execute("CREATE DATABASE newer")
    made = Urls(at(urls.serving, "newer"), at(urls.owner, "newer"), urls.serving_role)
    owner: OwnerConnection = await asyncpg.connect(made.owner)
    await migrate(owner, serving_role=urls.serving_role)
    await owner.execute("INSERT INTO migrations VALUES (9999, '9999_later', 'x', now(), '7.0.0')")
    await owner.close()
    yield made
    await server.execute("DROP DATABASE newer")
    await server.close()


@pytest.fixture
def migrated(newer: Urls) -> Urls:
    """Have the command line find that database instead of the one that the other tests share."""
    return newer


def test_what_is_typed_here_exists() -> None:
    assert [line for line in [*TYPED, *SERVERS] if not any(line.startswith(name) for name in COMMANDS)] == []


@pytest.mark.parametrize("line", TYPED)
async def test_a_command_refuses_it_with_what_to_do(emplette: Type, line: str) -> None:
    said = await emplette(*line.split()[1:])
    assert said.code == 70
    assert said.err[-1].startswith("emplette: ")
    assert said.err[-1].endswith(SAID)
    assert said.out == []


@pytest.mark.parametrize("line", SERVERS)
async def test_a_server_does_not_start_on_it(newer: Urls, tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    folder = tmp_path_factory.mktemp("data")
    environment = environment_of(folder, database_url=newer.serving, owner_database_url=newer.owner, workers=1)
    ended = await asyncio.to_thread(run, [*EMPLETTE, *line.split()[1:]], environment)
    assert (ended.returncode, ended.stdout) == (70, "")
    assert SAID in ended.stderr


async def test_status_says_it_and_nothing_was_written_there(emplette: Type, newer: Urls) -> None:
    said = await emplette("status")
    assert f"schema       not up to date: {SAID}" in said.out
    owner: OwnerConnection = await asyncpg.connect(newer.owner)
    assert await owner.fetchval("SELECT count(*) FROM tenants") == 0
    assert await owner.fetchval("SELECT max(number) FROM migrations") == 9999
    await owner.close()
