"""Where the database's own log is archived, any moment can be gone back to."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from emplette.runtime.cluster import OWNER_ROLE, SUPERUSER
from emplette.runtime.folders import DataFolder
from emplette.runtime.occupation import Running, read_running
from tests.backups.shops import Shop, opened, titles
from tests.runtime.servers import folder_of_its_own, wait_until

OFFER = b"article;price\nLamp;45.00\n"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Run a shop whose log is archived."""
    with folder_of_its_own() as folder, opened(folder, log_archive=True) as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_its_own() as lent:
        yield lent


def _running(shop: Shop) -> Running:
    running = read_running(DataFolder(shop.server.folder))
    assert running is not None
    return running


async def _say(shop: Shop, statement: str) -> object:
    """Say something to the shop's database as its superuser."""
    url = _running(shop).owner_database_url
    assert url is not None
    connection = await asyncpg.connect(url.replace(f"{OWNER_ROLE}@", f"{SUPERUSER}@"))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _ship(shop: Shop) -> None:
    """Have all of the log shipped, which takes a minute by itself, and a moment behind it."""
    await _say(shop, "SELECT pg_logical_emit_message(true, 'test', 'later')")
    name = await _say(shop, "SELECT pg_walfile_name(pg_switch_wal())")
    wait_until(lambda: list((shop.depot / "log").glob(f"*/{name}.gz")), f"{name} is shipped")


async def test_a_restore_until_a_moment_has_what_was_before_it_and_nothing_after(shop: Shop, folder: Path) -> None:
    base = shop.back_up()
    assert base["form"] == "base"
    shop.buy("Before")
    shop.upload(OFFER)
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    shop.buy("After")
    await _ship(shop)
    data = folder / "data"
    done = shop.type("restore", str(shop.depot), "--until", moment, data_dir=data, log_archive=False)
    assert done.returncode == 0, done.stderr
    assert re.match(r"example: epoch \d{10} of its log begins after position \d+\n", done.stdout)
    verified = shop.type("verify", "--json", data_dir=data, log_archive=False)
    with shop.client() as client:
        all_but_the_last = len(titles(client)) - 1
    assert (verified.returncode, f'"purchases":{all_but_the_last},' in verified.stdout) == (0, True), verified.stdout
    (file,) = [path for path in (data / "files").rglob("*") if path.is_file()]
    assert file.read_bytes() == OFFER


@pytest.mark.long
def test_a_moment_that_the_log_does_not_reach_is_refused(shop: Shop, folder: Path) -> None:
    base = shop.back_up()
    later = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    shutil.copytree(shop.depot, folder / "depot", ignore=shutil.ignore_patterns("log"))
    far = shop.type("restore", str(folder / "depot"), "--until", later, data_dir=folder / "data")
    assert (far.returncode, "does not reach" in far.stderr) == (1, True), far.stderr
    early = shop.type_here("restore", str(shop.depot), "--until", "2020-01-01T00:00:00Z", data_dir=folder / "data")
    assert (early.exit_code, "was finished before 2020-01-01T00:00:00Z" in early.stderr) == (1, True), early.stderr
    dump = shop.back_up("--portable")
    assert dump["form"] == "dump"
    named = shop.type_here("restore", f"{shop.depot}/{dump['name']}", "--until", later, data_dir=folder / "data")
    assert (named.exit_code, "no log leads on from it" in named.stderr) == (1, True), named.stderr
    proved = shop.type("verify-backup", f"{shop.depot}/{base['name']}", log_archive=False)
    assert (proved.returncode, proved.stdout.splitlines()[-1]) == (
        0,
        "the back-up is good: 1 company, 1 file looked at",
    ), proved
