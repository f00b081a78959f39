"""Carrying the embedded database over to another major version of PostgreSQL; the old one stays as it was.

The new data is made beside the old one under another name, and gets its name when it is whole: whoever is killed
meanwhile leaves the old data to start from, or to carry over once more.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Final

from emplette.runtime.accounts import postgres_account
from emplette.runtime.binaries import Binaries, find_binaries
from emplette.runtime.cluster import SUPERUSER, Cluster, initdb, run, write_configuration
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import (
    DataFolder,
    make_for,
    open_data_folder,
    open_to,
    refuse_half_restored,
    socket_folder,
)
from emplette.runtime.log_archive import LogArchive
from emplette.runtime.occupation import Occupation, occupy
from emplette.settings import Settings

_CONNECTIONS: Final = 20
_EMPTY_CLUSTER: Final = 128 * 2**20
"""Bytes of a new cluster before anything is in it: its templates and its first segments of the write-ahead log."""


def upgrade_database(settings: Settings, command: str, *, say: Callable[[str], None]) -> None:
    """Upgrade the newest data in the folder to the major version that is installed; nothing to do is fine.

    Raises:
        StartRefused: something runs there, there is too little room on the disk, or PostgreSQL's own upgrade failed;
            the old data is untouched.
    """
    folder = open_data_folder(settings.data_dir)
    occupation = occupy(folder, command, lasting=False, say=say)
    try:
        refuse_half_restored(folder)
        account = postgres_account()
        open_to(account, folder, folder.postgres)
        new = Cluster(find_binaries(settings.postgres_bin, account, folder), account, folder)
        versions = folder.versions()
        if not versions or versions[-1] == new.binaries.major:
            say(f"nothing to upgrade: the data is of PostgreSQL {new.binaries.major} already")
            return
        old = Cluster(_binaries_of(folder, versions[-1]), account, folder)
        if old.binaries.major > new.binaries.major:
            raise DatabaseFailed(f"PostgreSQL {old.binaries.major} cannot be turned into {new.binaries.major}")
        say(f"upgrading from PostgreSQL {old.binaries.major} to {new.binaries.major}; this needs as much space again")
        _forget_attempts(new)
        _refuse_without_room(old, new)
        # Only what was stopped in order can be upgraded; a killed server's data recovers here.
        log = LogArchive(old.home)
        is_archived = log.history is not None
        with EmbeddedPostgres(
            folder.path,
            own_binaries=old.binaries.folder,
            # Without it the history would end, and what is not yet where the back-ups are would go.
            archives=is_archived,
            say=say,
            keep_open=(occupation.lock,),
        ):
            pass
        _upgrade(old, new, occupation)
        if is_archived:
            say(f"the archived log ends here, its last pieces are in {log.folder}: make a new back-up at once")
        say(f"done: `emplette verify` checks what is in it; once all is well, {old.home} can be removed")
    finally:
        occupation.end()


def _binaries_of(folder: DataFolder, major: int) -> Binaries:
    """Find the programs that the data was last run with."""
    record = folder.of_version(major) / "configuration" / "binaries"
    programs = Path(record.read_text()) if record.exists() else Path("?")
    if not (programs / "postgres").exists():
        raise DatabaseFailed(f"the programs of PostgreSQL {major}, which the data was run with, are gone: {programs}")
    return Binaries(programs, major)


def _forget_attempts(new: Cluster) -> None:
    """Remove what an attempt that was killed has left; whatever it had started has ended, or we would not be here."""
    shutil.rmtree(_workshop(new), ignore_errors=True)


def _refuse_without_room(old: Cluster, new: Cluster) -> None:
    """Refuse before anything is begun what could only end half way, on a disk that is full for everybody then."""
    files = (Path(folder, name) for folder, _, names in os.walk(old.data) for name in names)
    needed = _EMPTY_CLUSTER + sum(file.stat().st_size for file in files)
    open_to(new.account, new.folder, new.home)
    free = shutil.disk_usage(new.home).free
    if free < needed:
        raise DatabaseFailed(
            f"upgrading needs {_megabytes(needed)} of room in {new.home}, and there are {_megabytes(free)}: "
            "make room and repeat this; nothing was changed"
        )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"


def _upgrade(old: Cluster, new: Cluster, occupation: Occupation) -> None:
    workshop = _workshop(new)
    make_for(new.account, workshop)
    try:
        run(new, initdb(new.binaries, workshop / "data"))
        for cluster in (old, new):
            write_configuration(cluster, connections=_CONNECTIONS, durable=True)
        # Killed, we leave PostgreSQL's upgrade and its servers behind: as long as they run, the folder is taken.
        run(new, _command(old, new, workshop), folder=workshop, keep_open=(occupation.lock,))
    except DatabaseFailed as failure:
        shutil.rmtree(workshop, ignore_errors=True)
        raise DatabaseFailed(f"the upgrade failed, and the old data is as it was: {failure}") from None
    (workshop / "data").rename(new.data)
    shutil.rmtree(workshop)


def _workshop(new: Cluster) -> Path:
    """Name the folder in which the new data is made."""
    return new.home / "new"


def _command(old: Cluster, new: Cluster, workshop: Path) -> list[str]:
    return [
        new.binaries.program("pg_upgrade"),
        f"--username={SUPERUSER}",
        f"--jobs={os.cpu_count() or 1}",
        f"--socketdir={socket_folder(new.account, new.folder)}",
        f"--old-bindir={old.binaries.folder}",
        f"--new-bindir={new.binaries.folder}",
        f"--old-datadir={old.data}",
        f"--new-datadir={workshop / 'data'}",
        f"--old-options={_options(old)}",
        f"--new-options={_options(new)}",
    ]


def _options(cluster: Cluster) -> str:
    files = {"config_file": "postgresql.conf", "hba_file": "pg_hba.conf", "ident_file": "pg_ident.conf"}
    return " ".join(f"-c {name}={quote(str(cluster.configuration / file))}" for name, file in files.items())
