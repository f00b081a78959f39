"""Shipping the database's own log, with the files that are new, whatever the clock does meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from emplette.formats.checkpoints import own_key
from emplette.jobs.log_archive import BEAT_EVERY, Shipping
from emplette.storage.database import Database, Session
from emplette.storage.depots import FILES, LOG, Depot
from emplette.storage.folder import Folder
from tests.fixtures.companies import Company

HISTORY = "0123456789abcdef"
DAY = timedelta(days=1)


class Shipper:
    """Ships pieces that the test puts down where PostgreSQL does."""

    def __init__(self, folder: Path, files: Path) -> None:
        self.pieces = folder / "pieces"
        self.pieces.mkdir()
        self.depot = Depot(str(folder / "depot"))
        self.shipping = Shipping(self.pieces, HISTORY, own_key(folder), self.depot, Folder(files))

    async def ship(self, db: Session, number: int, now: datetime) -> None:
        """Ship one more piece."""
        name = f"0000000100000000000000{number:02X}"
        (self.pieces / name).write_bytes(b"what happened")
        assert await self.shipping.ship(db, now) == 1
        assert f"{LOG}/{HISTORY}/{name}.gz" in await self.depot.sizes(LOG)

    async def files_of(self, company: Company) -> int:
        """Count a company's files in the depot."""
        return sum(path.startswith(f"{FILES}/{company.tenant_id}/") for path in await self.depot.sizes(FILES))


@pytest.fixture
def shipper(tmp_path: Path, data_dir: Path) -> Shipper:
    return Shipper(tmp_path, data_dir / "files")


async def _upload(client: httpx2.AsyncClient, content: bytes) -> None:
    answer = await client.post("/lucca-files/api/uploads", files={"file": ("prices.csv", content)})
    assert answer.status_code == 201, answer.text


async def _piece_of_now(company: Company) -> str:
    name: str = await company.owner.fetchval("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    return name


async def test_a_clock_that_was_set_back_holds_up_neither_files_nor_pieces(
    shipper: Shipper, database: Database, client: httpx2.AsyncClient, company: Company
) -> None:
    db, now = database.session(), datetime.now(UTC)
    await _upload(client, b"article;price\nchair;120\n")
    await shipper.ship(db, 1, now + DAY)
    await _upload(client, b"article;price\ntable;240\n")
    with capture_logs() as lines:
        await shipper.ship(db, 2, now)
        assert await shipper.files_of(company) == 2
        # PostgreSQL would end a piece that is not full only when the clock is where it was: each minute fills one.
        for minute in (1, 2):
            before = await _piece_of_now(company)
            await shipper.ship(db, 2 + minute, now + minute * BEAT_EVERY)
            assert await _piece_of_now(company) > before
    assert _said_of_the_clock(lines) == ["the clock was set back: the database's log goes on by it"]


async def test_while_the_clock_goes_on_nothing_is_said_of_it(
    shipper: Shipper, database: Database, client: httpx2.AsyncClient, company: Company
) -> None:
    db, now = database.session(), datetime.now(UTC)
    for number in (1, 2, 3):
        await _upload(client, b"article;price\nchair;%d\n" % number)
        with capture_logs() as lines:
            await shipper.ship(db, number, now + number * timedelta(seconds=40))
        assert _said_of_the_clock(lines) == []
    assert await shipper.files_of(company) == 3


def _said_of_the_clock(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """List what was said of it: the files of other tests, which are gone by now, are told of beside."""
    return [line["event"] for line in lines if "clock" in line["event"]]
