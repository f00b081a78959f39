"""Carrying the embedded database over to another major version of PostgreSQL; the old one stays as it was."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from shlex import quote

from emplette.runtime.accounts import postgres_account
from emplette.runtime.binaries import Binaries, find_binaries
from emplette.runtime.cluster import SUPERUSER, Cluster, initdb, run, write_configuration
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import DataFolder, make_for, open_data_folder, open_to, socket_folder
from emplette.runtime.occupation import occupy
from emplette.settings import Settings

_CONNECTIONS = 20


def upgrade_database(settings: Settings, command: str, *, say: Callable[[str], None]) -> None:
    """Upgrade the newest data in the folder to the major version that is installed; nothing to do is fine.

    Raises:
        StartRefused: something runs there, or PostgreSQL's own upgrade failed; the old data is untouched.
    """
    folder = open_data_folder(settings.data_dir)
    occupation = occupy(folder, command, lasting=False, say=say)
    try:
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
        # Only what was stopped in order can be upgraded; a killed server's data recovers here.
        with EmbeddedPostgres(folder.path, own_binaries=old.binaries.folder, say=say):
            pass
        _upgrade(old, new)
        say(f"done; once all is well, {old.home} can be removed")
    finally:
        occupation.end()


def _binaries_of(folder: DataFolder, major: int) -> Binaries:
    """Find the programs that the data was last run with."""
    record = folder.of_version(major) / "configuration" / "binaries"
    programs = Path(record.read_text()) if record.exists() else Path("?")
    if not (programs / "postgres").exists():
        raise DatabaseFailed(f"the programs of PostgreSQL {major}, which the data was run with, are gone: {programs}")
    return Binaries(programs, major)


def _upgrade(old: Cluster, new: Cluster) -> None:
    open_to(new.account, new.folder, new.home)
    workshop = new.home / "new"
    shutil.rmtree(workshop, ignore_errors=True)
    make_for(new.account, workshop)
    run(new, initdb(new.binaries, workshop / "data"))
    for cluster in (old, new):
        write_configuration(cluster, connections=_CONNECTIONS, durable=True)
    run(new, _command(old, new, workshop), folder=workshop)
    (workshop / "data").rename(new.data)
    shutil.rmtree(workshop)


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
