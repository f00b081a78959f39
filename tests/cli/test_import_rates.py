"""The bank's files are loaded for everybody: wholly or not at all, as often as one likes, with a report."""

import asyncio
import os
import signal
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from tests.cli.conftest import Type
from tests.fixtures.database import OwnerConnection, Urls

DAY = date(2026, 11, 20)
HEAD = "Date,USD,CHF,XYZ,\n"
LATER = f"{HEAD}2026-11-20,1.1562,0.9311,5,\n2026-11-19,1.1540,0.9300,N/A,\n"


@pytest_asyncio.fixture(autouse=True)
async def _as_it_was(owner: OwnerConnection) -> AsyncIterator[None]:
    """Put the table back: it is everybody's."""
    of_the_day = "(currency, date) = ('USD', '2025-04-14')"
    published = await owner.fetchval(f"SELECT rate FROM exchange_rates WHERE {of_the_day}")  # noqa: S608
    yield
    await owner.execute("DELETE FROM exchange_rates WHERE date > '2026-11-01'")
    await owner.execute(f"UPDATE exchange_rates SET rate = $1 WHERE {of_the_day}", published)  # noqa: S608


Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Lend a way to write a file; it answers the file's name."""

    def to_file(content: str) -> str:
        path = tmp_path / "eurofxref.csv"
        path.write_text(content)
        return str(path)

    return to_file


async def is_somebody_waiting(owner: OwnerConnection, *, expected: bool) -> None:
    """Wait until somebody waits for a lock, or nobody does any more."""
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    async with asyncio.timeout(60):
        while await owner.fetchval(waiting) is not expected:  # noqa: ASYNC110  nobody tells of locks
            await asyncio.sleep(0.05)


async def known(owner: OwnerConnection, currency: str, day: date) -> Decimal | None:
    found: Decimal | None = await owner.fetchval(
        "SELECT rate FROM exchange_rates WHERE currency = $1 AND date = $2", currency, day
    )
    return found


async def test_what_is_new_is_added_and_a_repeat_changes_nothing(
    emplette: Type, write: Write, owner: OwnerConnection
) -> None:
    file = write(LATER)
    done = await emplette("exchange-rates", "import", file)
    assert (done.code, done.out) == (
        0,
        [
            "new 4",
            "corrected 0",
            "unchanged 0",
            "left out XYZ: no currency that a purchase can be made in",
            "known until 2026-11-20",
        ],
    )
    assert done.err == [
        "emplette: read 5 rates, 2026-11-19 to 2026-11-20",
        "emplette: sent 4 of 4 rates",
    ]
    assert await known(owner, "USD", DAY) == Decimal("1.1562")
    again = await emplette("exchange-rates", "import", file, "--json")
    assert msgspec.json.decode(again.out[0]) == {
        "new": 0,
        "corrected": 0,
        "unchanged": 4,
        "leftOut": ["XYZ"],
        "knownUntil": "2026-11-20",
    }


async def test_what_the_bank_has_corrected_is_corrected_and_named(
    emplette: Type, write: Write, owner: OwnerConnection
) -> None:
    assert await known(owner, "USD", date(2025, 4, 14)) == Decimal("1.1377")
    done = await emplette("exchange-rates", "import", write(f"{LATER}2025-04-14,1.1378,N/A,N/A,\n"))
    assert done.out[1:3] == ["corrected 1", "  USD 2025-04-14: 1.1377 -> 1.1378"]
    assert await known(owner, "USD", date(2025, 4, 14)) == Decimal("1.1378")


async def test_a_zip_is_taken_and_so_is_what_is_piped_in(emplette: Type, tmp_path: Path) -> None:
    path = tmp_path / "eurofxref-hist.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("eurofxref-hist.csv", LATER)
    assert (await emplette("exchange-rates", "import", str(path))).out[0] == "new 4"
    assert (await emplette("exchange-rates", "import", "-", piped=LATER)).out[2] == "unchanged 4"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{HEAD}2026-11-20,1.1562,nothing,N/A,\n", "FILE: Line 2: 'nothing' is no rate of CHF"),
        (f"{LATER}1998-12-31,1.1,N/A,N/A,\n", "FILE: Has a rate of 1998-12-31: the bank's begin on 1999-01-04."),
        ("Date,EUR,\n2026-11-20,1,\n", "FILE: Has a rate of the euro"),
        ("Date,XYZ,XAU,\n2026-11-20,1,2,\n", "FILE: Holds no rate of a currency that we know."),
        ("<!DOCTYPE x><x/>", "FILE: Is XML with a DOCTYPE"),
    ],
)
async def test_what_can_not_be_the_banks_is_refused_and_nothing_of_it_loaded(
    emplette: Type, write: Write, owner: OwnerConnection, content: str, reason: str
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM exchange_rates")
    refused = await emplette("exchange-rates", "import", write(content))
    assert refused.code == 1
    assert refused.err[-1].startswith(f"emplette: {reason}")
    assert await owner.fetchval("SELECT count(*) FROM exchange_rates") == before


async def test_a_day_that_is_yet_to_come_is_refused(emplette: Type, write: Write) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    refused = await emplette("exchange-rates", "import", write(f"Date,USD,\n{tomorrow},1.1,\n"))
    assert refused.err[-1].startswith(f"emplette: FILE: Has a rate of {tomorrow}, and today is ")


async def test_a_file_that_is_not_there_is_refused(emplette: Type, tmp_path: Path) -> None:
    refused = await emplette("exchange-rates", "import", str(tmp_path / "none.zip"))
    assert (refused.code, len(refused.err)) == (1, 1)
    assert refused.err[0].endswith("none.zip cannot be read: No such file or directory.")


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
async def test_an_import_that_is_killed_or_interrupted_has_loaded_nothing_and_is_repeated(
    migrated: Urls, emplette: Type, write: Write, owner: OwnerConnection, ending: signal.Signals
) -> None:
    urls = {"EMPLETTE_DATABASE_URL": migrated.serving, "EMPLETTE_OWNER_DATABASE_URL": migrated.owner}
    file = write(LATER)
    holder: OwnerConnection = await asyncpg.connect(migrated.owner)
    # Somebody holds a rate, so that the import waits inside its one transaction.
    hold = holder.transaction()
    await hold.start()
    await holder.execute("INSERT INTO exchange_rates VALUES ('USD', '2026-11-20', 9, 'held')")
    try:
        importing = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "emplette.cli.main", "exchange-rates", "import", file),
            env=os.environ | urls,
            stderr=asyncio.subprocess.PIPE,
        )
        await is_somebody_waiting(owner, expected=True)
        importing.send_signal(ending)
        _, said = await asyncio.wait_for(importing.communicate(), timeout=60)
        assert importing.returncode == (-signal.SIGKILL if ending is signal.SIGKILL else 130), said
    finally:
        await hold.rollback()
        await holder.close()
    await is_somebody_waiting(owner, expected=False)
    assert await known(owner, "CHF", DAY) is None
    assert (await emplette("exchange-rates", "import", file)).out[0] == "new 4"
