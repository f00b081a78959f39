"""A copy of the embedded database's files, put in its place again; along its archived log to a moment, when asked."""

import asyncio
import gzip
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from emplette.domain.backups import BackupDamaged
from emplette.runtime.accounts import Account, own_account, postgres_account
from emplette.runtime.binaries import find_binaries
from emplette.runtime.cluster import Cluster
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.folders import DataFolder, make_for, open_to
from emplette.runtime.kept import KeptBackup, fetch
from emplette.settings import Settings
from emplette.storage.depots import LOG

_FIRST_PIECE = re.compile(r"\(file ([0-9A-F]{24})\)")
_PACKED = ".gz"
# With hot_standby a server with fewer connections than the one that wrote the log would refuse it.
_RECOVERY = ("restore_command", "recovery_target_time", "recovery_target_action", "hot_standby")


async def unpack_base(
    kept: KeptBackup, parts: Path, settings: Settings, *, until: datetime | None, say: Callable[[str], None]
) -> None:
    """Lay the files of a base where the embedded database has its own, to be started from.

    Raises:
        BackupDamaged: what is in it is no base.
    """
    account = postgres_account()
    folder = DataFolder(settings.data_dir.absolute())
    open_to(account, folder, folder.postgres)
    cluster = Cluster(find_binaries(settings.postgres_bin, account, folder), account, folder)
    open_to(account, folder, cluster.home)
    workshop = cluster.home / "new"
    await asyncio.to_thread(shutil.rmtree, workshop, ignore_errors=True)
    make_for(account, workshop)
    data = workshop / "data"
    say("unpacking the database")
    await asyncio.to_thread(unpack, parts / "database" / "base.tar.gz", data)
    await asyncio.to_thread(unpack, parts / "database" / "pg_wal.tar.gz", data / "pg_wal")
    if until is not None:
        pieces = await _fetch_log(kept, data, _log_folder(cluster.home), say)
        say(f"going on to {until:%Y-%m-%dT%H:%M:%SZ}, along {pieces:,} pieces of the archived log")
        _write_recovery(data, _log_folder(cluster.home), until)
        await asyncio.to_thread(_give, account, _log_folder(cluster.home))
    await asyncio.to_thread(_give, account, data)
    data.rename(cluster.data)
    workshop.rmdir()


async def forget_recovery(database: EmbeddedPostgres, settings: Settings) -> None:
    """Take away what led the database to its moment, once it is there."""
    connection = await asyncpg.connect(database.url_of())
    try:
        for name in _RECOVERY:
            await connection.execute(f"ALTER SYSTEM RESET {name}")
    finally:
        await connection.close()
    folder = DataFolder(settings.data_dir.absolute())
    for version in folder.versions():
        await asyncio.to_thread(shutil.rmtree, _log_folder(folder.of_version(version)), ignore_errors=True)


def _log_folder(home: Path) -> Path:
    return home / "log-to-replay"


def unpack(packed: Path, target: Path) -> None:
    """Unpack the files of a database.

    Raises:
        BackupDamaged: they can't be.
    """
    target.mkdir(mode=0o700, exist_ok=True)
    try:
        with tarfile.open(packed, "r:gz") as archive:
            # Our own copy, whose hash was looked at: what PostgreSQL made, its links and modes included.
            # Set here and not as an argument, which Pythons before 3.11.4, as that of Debian 12, don't know.
            archive.extraction_filter = getattr(tarfile, "tar_filter", None)
            archive.extractall(target)  # noqa: S202  (filtered, in the line above)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupDamaged(f"{packed.name} can't be unpacked: {error}.") from None


async def _fetch_log(kept: KeptBackup, data: Path, target: Path, say: Callable[[str], None]) -> int:
    """Fetch the pieces of the archived log from where the base begins."""
    label = _FIRST_PIECE.search((data / "backup_label").read_text())
    if label is None:
        detail = "database/base.tar.gz does not say where its log begins."
        raise BackupDamaged(detail)
    await asyncio.to_thread(shutil.rmtree, target, ignore_errors=True)
    make_for(own_account(), target)
    above = f"{LOG}/{kept.manifest.history}"
    wanted = _pieces_from(label[1], sorted(await kept.depot.sizes(above)))
    for number, path in enumerate(wanted, 1):
        name = path.rpartition("/")[2]
        await fetch(kept.depot, path, target / name)
        await asyncio.to_thread(_unzip, target / name)
        if number % 100 == 0:
            say(f"fetched {number:,} of {len(wanted):,} pieces of the log")
    return len(wanted)


def _pieces_from(first: str, paths: Sequence[str]) -> list[str]:
    """Choose the pieces that are not before the first one, on whichever time line, and all that is no piece."""
    found = []
    for path in paths:
        name = path.rpartition("/")[2].removesuffix(_PACKED)
        if len(name) != len(first) or name[8:] >= first[8:]:
            found.append(path)
    return found


def _unzip(path: Path) -> None:
    with gzip.open(path) as packed, path.with_suffix("").open("wb") as file:
        shutil.copyfileobj(packed, file)
    path.unlink()


def _write_recovery(data: Path, log: Path, until: datetime) -> None:
    """Say how far to go; PostgreSQL reads this file last, and takes what is asked of it away itself."""
    values = (f'cp "{log}/%f" "%p"', f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00", "promote", "off")
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        for name, value in zip(_RECOVERY, values, strict=True):
            escaped = value.replace("'", "''")
            file.write(f"{name} = '{escaped}'\n")
    (data / "recovery.signal").touch()


def _give(account: Account, folder: Path) -> None:
    """Give all of a folder to PostgreSQL's user, and to nobody else."""
    for above, folders, files in os.walk(folder):
        for path in (Path(above), *(Path(above, name) for name in (*folders, *files))):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
