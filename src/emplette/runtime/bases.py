"""A copy of the embedded database's files, put in its place again; along its archived log to a moment, when asked."""

import asyncio
import gzip
import hashlib
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import asyncpg

from emplette.domain.backups import BackupDamaged, LogPiece, is_inside
from emplette.domain.text import number_of
from emplette.formats.log_archive import read_piece
from emplette.runtime.accounts import Account, own_account, postgres_account
from emplette.runtime.binaries import find_binaries
from emplette.runtime.cluster import Cluster
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.folders import DataFolder, make_for, open_to
from emplette.runtime.kept import KeptBackup, fetch
from emplette.runtime.lent import lend_folder
from emplette.runtime.threads import to_its_end
from emplette.settings import Settings
from emplette.storage.depots import LOG, SIGNED

_FIRST_PIECE = re.compile(r"\(file ([0-9A-F]{24})\)")
_PIECE = re.compile(r"[0-9A-F]{24}")
_PACKED = ".gz"
_AT_ONCE = 4
_SAY_EVERY = 100
_TIME_LINE = 8
_PER_FILE = 256
_MEGABYTE = 2**20
# With hot_standby a server with fewer connections than the one that wrote the log would refuse it.
_RECOVERY = ("restore_command", "recovery_target_time", "recovery_target_action", "hot_standby")


async def unpack_base(
    kept: KeptBackup, parts: Path, settings: Settings, *, until: datetime | None, say: Callable[[str], None]
) -> None:
    """Lay the files of a base where the embedded database has its own, to be started from.

    Raises:
        BackupDamaged: what is in it is no base, or the log that leads on from it is not what this installation wrote.
    """
    account = postgres_account()
    folder = DataFolder(settings.data_dir.absolute())
    open_to(account, folder, folder.postgres)
    cluster = Cluster(find_binaries(settings.postgres_bin, account, folder), account, folder)
    open_to(account, folder, cluster.home)
    workshop = cluster.home / "new"
    await to_its_end(shutil.rmtree, workshop, ignore_errors=True)
    make_for(account, workshop)
    data = workshop / "data"
    say("unpacking the database")
    await to_its_end(unpack, parts / "database" / "base.tar.gz", data)
    await to_its_end(unpack, parts / "database" / "pg_wal.tar.gz", data / "pg_wal")
    if until is not None:
        pieces = await fetch_log(kept, data, _log_folder(cluster.home), say)
        say(f"going on to {until:%Y-%m-%dT%H:%M:%SZ}, along {number_of(pieces, 'piece')} of the archived log")
        _write_recovery(data, _log_folder(cluster.home), until)
        await to_its_end(_give, account, _log_folder(cluster.home))
    await to_its_end(_give, account, data)
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
        await to_its_end(shutil.rmtree, _log_folder(folder.of_version(version)), ignore_errors=True)


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
            # Set here and not as an argument, which Pythons before 3.11.4, as that of Debian 12, don't know.
            archive.extraction_filter = getattr(tarfile, "tar_filter", None)
            archive.extractall(target, members=_files_of_a_database(archive))  # noqa: S202  (each one is looked at)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupDamaged(f"{packed.name} can't be unpacked: {error}.") from None


def _files_of_a_database(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Pass on files and folders. Nothing else is in a base of ours: a link would lead whoever unpacks it elsewhere.

    Raises:
        BackupDamaged: something else is.
    """
    for member in archive:
        name = member.name.removeprefix("./")
        if not (member.isreg() or member.isdir()) or not (name == "." or is_inside(name)):
            raise BackupDamaged(f"{member.name!r} in it is no file of a database.")
        yield member


async def fetch_log(kept: KeptBackup, data: Path, target: Path, say: Callable[[str], None]) -> int:
    """Fetch the pieces of the archived log from where the base begins; answer how many there are.

    Args:
        kept: the base.
        data: its files, unpacked.
        target: the folder that is made for the pieces.
        say: told what takes long.

    Raises:
        BackupDamaged: the base does not say where its log begins, or a piece is not what this installation wrote.
    """
    label = _FIRST_PIECE.search((data / "backup_label").read_text())
    if label is None:
        detail = "database/base.tar.gz does not say where its log begins."
        raise BackupDamaged(detail)
    await to_its_end(shutil.rmtree, target, ignore_errors=True)
    make_for(own_account(), target)
    above = f"{LOG}/{kept.manifest.history}"
    wanted = _pieces_from(label[1], sorted(await kept.depot.sizes(above)))
    for start in range(0, len(wanted), _AT_ONCE):
        if start and start % _SAY_EVERY == 0:
            say(f"fetched {start:,} of {len(wanted):,} pieces of the log")
        fetching = (_fetch_piece(kept, path, target) for path in wanted[start : start + _AT_ONCE])
        for refused in await asyncio.gather(*fetching, return_exceptions=True):
            if refused is not None:
                raise refused
    return len(wanted)


async def look_at_log(kept: KeptBackup, first: str, say: Callable[[str], None]) -> list[str]:
    """Look at all that is archived of the log that leads on from a base, as a restore would before it follows it.

    Args:
        kept: the base.
        first: the piece of the log from which on it needs it, without its time line.
        say: told what takes long.

    Returns:
        What is wrong with it: what is missing in between, and what was changed.
    """
    wanted = _pieces_from(f"{0:08X}{first}", sorted(await kept.depot.sizes(f"{LOG}/{kept.manifest.history}")))
    findings = missing_pieces(first, [_name(path).removesuffix(_PACKED) for path in wanted])
    async with lend_folder() as folder:
        for number, path in enumerate(wanted, 1):
            try:
                await _fetch_piece(kept, path, folder)
            except BackupDamaged as refused:
                findings.append(str(refused))
            (folder / _name(path)).with_suffix("").unlink(missing_ok=True)
            if number % _SAY_EVERY == 0 or number == len(wanted):
                say(f"looked at {number:,} of {number_of(len(wanted), 'piece')} of the archived log")
    return findings


def missing_pieces(first: str, names: Sequence[str]) -> list[str]:
    """Say of which pieces of a log there are none, from the first on, though there are later ones."""
    numbers = sorted({_number(name[_TIME_LINE:]) for name in names if _PIECE.fullmatch(name)})
    told = []
    for before, after in pairwise([_number(first) - 1, *numbers]):
        if after != before + 1:
            place = f"{after // _PER_FILE:08X}{after % _PER_FILE:08X}"
            missing = number_of(after - before - 1, "piece is", "pieces are")
            told.append(f"Of the archived log {missing} missing before {place}.")
    return told


def _number(place: str) -> int:
    """Count a piece by its place in the log, as PostgreSQL does: 256 of them, at 16 MB each, share the first digits."""
    return int(place[:_TIME_LINE], 16) * _PER_FILE + int(place[_TIME_LINE:], 16)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


async def _fetch_piece(kept: KeptBackup, path: str, target: Path) -> None:
    """Fetch a piece of the log, and refuse one that the installation that made the back-up has not signed.

    Raises:
        BackupDamaged: it names the piece.
    """
    packed = target / _name(path)
    name = packed.name.removesuffix(_PACKED)
    try:
        beside = await kept.depot.read(f"{path}{SIGNED}")
    except FileNotFoundError:
        raise BackupDamaged(f"{path} is not signed: anybody who can write there may have made it.") from None
    history, public_key = kept.manifest.history or "", kept.manifest.public_key
    try:
        piece = read_piece(beside, history=history, name=name, public_key=public_key)
    except BackupDamaged as refused:
        raise BackupDamaged(f"{path} is not to be followed. {refused}") from None
    if await fetch(kept.depot, path, packed) is None or not await to_its_end(_unzip, packed, piece):
        raise BackupDamaged(f"{path} is not what was signed: its SHA-256 differs.")


def _pieces_from(first: str, paths: Sequence[str]) -> list[str]:
    """Choose the pieces that are not before the first one, on whichever time line, and what is noted beside them."""
    found = []
    for path in paths:
        if not path.endswith(_PACKED):
            continue
        name = _name(path).removesuffix(_PACKED)
        if len(name) != len(first) or name[8:] >= first[8:]:
            found.append(path)
    return found


def _unzip(path: Path, piece: LogPiece) -> bool:
    """Unpack a piece, and tell whether it is what was signed; of what is longer, no more is unpacked."""
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.open(path) as packed, path.with_suffix("").open("wb") as file:
            while size <= piece.size and (some := packed.read(_MEGABYTE)):
                digest.update(some)
                size += file.write(some)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return False
    finally:
        path.unlink()
    return (size, digest.hexdigest()) == (piece.size, piece.sha256)


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
