"""A PostgreSQL of one's own and buckets: backed up from there, restored there, with the rights that belong there."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from emplette.cli.main import app
from emplette.storage.stores import FILES, new_place, open_store
from tests.cli.conftest import Said
from tests.fixtures.buckets import BUCKET, CREDENTIALS, bucket_server
from tests.fixtures.database import OwnerConnection, Urls, drop_database

_NUMBERS = itertools.count(1)
OFFER = b"article;price\nDesk;310.00\n"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Run an S3 server."""
    with pytest.MonkeyPatch.context() as patch, bucket_server() as address:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield address


@dataclass(frozen=True, slots=True)
class House:
    """A database of one's own, a prefix of the bucket for files, and a command line for both."""

    owner_url: str
    serving_url: str
    endpoint: str
    prefix: str
    data: Path

    @property
    def files_url(self) -> str:
        """Where its files are."""
        return f"s3://{BUCKET}/{self.prefix}"

    async def type(self, *words: str) -> Said:
        """Type a command."""
        environment = {
            "EMPLETTE_DATABASE_URL": self.serving_url,
            "EMPLETTE_OWNER_DATABASE_URL": self.owner_url,
            "EMPLETTE_DATA_DIR": str(self.data),
            "EMPLETTE_FILES_URL": self.files_url,
            "EMPLETTE_FILES_S3_ENDPOINT": self.endpoint,
            "EMPLETTE_BACKUP_S3_ENDPOINT": self.endpoint,
        }
        result = await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout.splitlines(), result.stderr.splitlines())

    async def ask(self, question: str, *arguments: object) -> object:
        """Ask the database as its owner."""
        connection: OwnerConnection = await asyncpg.connect(self.owner_url)
        try:
            return await connection.fetchval(question, *arguments)
        finally:
            await connection.close()

    async def put(self, content: bytes) -> str:
        """Put a file in the store, and let the database know it; answer its place."""
        sha256 = hashlib.sha256(content).digest()
        place = new_place(sha256, above=FILES)
        store = open_store(self.files_url, endpoint=self.endpoint, data_dir=self.data)
        await store.put_bytes(1, place, content)
        await self.ask(
            "INSERT INTO blobs (tenant_id, sha256, place, size, content_type, stored_at) "
            "VALUES (1, $1, $2, $3, $4, now())",
            sha256,
            place,
            len(content),
            "text/csv",
        )
        return place

    async def read(self, place: str) -> bytes:
        """Read a file from the store."""
        return await open_store(self.files_url, endpoint=self.endpoint, data_dir=self.data).read(1, place)


@pytest_asyncio.fixture
async def empty(urls: Urls, endpoint: str, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[House]]]:
    """Lend empty databases beside the one of the tests, which are gone afterwards."""
    made: list[str] = []
    owner: OwnerConnection = await asyncpg.connect(urls.owner)

    async def make() -> House:
        name = f"own_{next(_NUMBERS)}"
        await owner.execute(f"CREATE DATABASE {name}")
        made.append(name)
        owner_url, serving_url = (
            urlsplit(url)._replace(path=f"/{name}").geturl() for url in (urls.owner, urls.serving)
        )
        return House(owner_url, serving_url, endpoint, name, tmp_path / name)

    yield make
    for name in made:
        await drop_database(owner, name)
    await owner.close()


async def test_from_a_database_and_a_bucket_to_others_and_to_them_alone_when_they_are_empty(
    empty: Callable[[], Awaitable[House]],
) -> None:
    first, second = await empty(), await empty()
    assert (await first.type("tenant", "create", "acme", "--host", "acme.test", "--name", "Acme")).code == 0
    place = await first.put(OFFER)
    depot = f"s3://{BUCKET}/kept-{first.prefix}"
    made = await first.type("backup", "--to", depot)
    assert made.code == 0, made.err
    assert made.out[0].endswith(f", 1 file of {len(OFFER)} bytes")

    proved = await second.type("verify", "--backup", depot)
    assert (proved.code, proved.out[-1]) == (0, "the back-up is good: 1 company, 1 file looked at"), proved
    restored = await second.type("restore", depot)
    assert restored.code == 0, restored.err
    assert restored.out[0].startswith("acme: epoch ")
    assert await second.read(place) == OFFER
    assert (await second.type("verify")).code == 0
    role = urlsplit(second.serving_url).username
    for right, is_theirs in (("INSERT", True), ("UPDATE", False), ("DELETE", False)):
        assert await second.ask("SELECT has_table_privilege($1, 'events', $2)", role, right) is is_theirs
    assert await second.ask("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'events'") == (
        urlsplit(second.owner_url).username
    )

    again = await second.type("restore", depot)
    assert (again.code, again.err[-1]) == (
        1,
        "emplette: There are tables in the database: restore into an empty one.",
    )
    third = await empty()
    beside = replace(third, prefix=second.prefix)
    refused = await beside.type("restore", depot)
    assert (refused.code, refused.err[-1]) == (
        1,
        f"emplette: There are files in s3://{BUCKET}/{second.prefix}: restore into an empty place.",
    )


@pytest.mark.long
async def test_a_database_that_is_half_restored_serves_nothing_until_another_restore_is_done(
    empty: Callable[[], Awaitable[House]],
) -> None:
    first, second = await empty(), await empty()
    assert (await first.type("tenant", "create", "acme", "--host", "acme.test", "--name", "Acme")).code == 0
    depot = f"s3://{BUCKET}/kept-{first.prefix}"
    assert (await first.type("backup", "--to", depot)).code == 0
    await second.ask("CREATE TABLE half_restored (begun_at timestamptz)")
    await second.ask("CREATE TABLE tenants (left_by int)")
    for words in (("tenant", "list"), ("backup", "--to", depot), ("migrate",)):
        refused = await second.type(*words)
        assert (refused.code, "A restore was begun here and never finished." in refused.err[-1]) == (70, True)
    restored = await second.type("restore", depot)
    assert (restored.code, "starting again from the beginning" in " ".join(restored.err)) == (0, True), restored
    listed = await second.type("tenant", "list", "--json")
    assert (listed.code, "acme.test" in "".join(listed.out)) == (0, True)


async def test_a_file_that_the_store_has_lost_is_named_and_all_else_is_kept(
    empty: Callable[[], Awaitable[House]],
) -> None:
    house = await empty()
    assert (await house.type("tenant", "create", "acme", "--host", "acme.test", "--name", "Acme")).code == 0
    lost, kept = await house.put(OFFER), await house.put(OFFER * 2)
    await open_store(house.files_url, endpoint=house.endpoint, data_dir=house.data).remove(1, lost)
    depot = f"s3://{BUCKET}/kept-{house.prefix}"
    made = await house.type("backup", "--to", depot)
    assert (made.code, f"the database knows 1/{lost}, and the store" in made.err[-1]) == (1, True), made
    other = await empty()
    restored = await other.type("restore", depot, "--with-losses")
    assert (restored.code, await other.read(kept)) == (1, OFFER * 2), restored
