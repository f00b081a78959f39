"""The archive of the embedded database's own log: what leads on from a base back-up to any later moment.

PostgreSQL copies each piece of its log, 16 MB or what came in a minute, into a folder of ours beside the data; the job
worker takes it from there to where the back-ups are. The pieces of one data folder are one history: a restored one
begins another, and so does one that ran without the archive for a while.
"""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from emplette.runtime.accounts import Account
from emplette.runtime.folders import DataFolder, make_for
from emplette.settings import BadSetting, Settings
from emplette.storage.depots import Depot

EVERY_SECONDS = 60
"""The longest that a piece of the log is waited for."""


@dataclass(frozen=True, slots=True)
class LogArchive:
    """What lies in the folder of a major version for it."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where PostgreSQL puts pieces of its log."""
        return self.home / "log"

    @property
    def name(self) -> Path:
        """The file with the name of the history."""
        return self.home / "history"

    @property
    def history(self) -> str | None:
        """The name of the history; None when the log is not archived."""
        return self.name.read_text().strip() if self.name.exists() else None

    def begin(self, account: Account) -> None:
        """Have a history: the one there is, or a new one."""
        make_for(account, self.folder)
        if not self.name.exists():
            new = self.name.with_suffix(".new")
            new.write_text(secrets.token_hex(8))
            new.chmod(0o600)
            new.replace(self.name)

    def end(self) -> None:
        """End the history: what is written from now on is in no archive."""
        self.name.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def values(self) -> list[tuple[str, object]]:
        """List the settings of PostgreSQL with which it is written."""
        if self.history is None:
            return [("archive_mode", "off")]
        target = f'"{_in_a_shell(self.folder)}/%f"'
        part = f'"{_in_a_shell(self.folder)}/%f.part"'
        command = f'cp "%p" {part} && sync {part} && mv {part} {target}'
        return [
            ("archive_mode", "on"),
            ("archive_timeout", f"{EVERY_SECONDS}s"),
            ("archive_command", command.replace("'", "''")),
        ]


def archive_of(settings: Settings) -> LogArchive | None:
    """Find the archive of the embedded database in a data folder; None when there is no data."""
    versions = DataFolder(settings.data_dir.absolute()).versions()
    if not versions:
        return None
    return LogArchive(DataFolder(settings.data_dir.absolute()).of_version(versions[-1]))


def history_of(settings: Settings) -> str | None:
    """Name the history that a base back-up would belong to; None when the log is not archived."""
    if settings.database_url is not None:
        return None
    archive = archive_of(settings)
    return None if archive is None else archive.history


def depot_of(settings: Settings) -> Depot:
    """Find where back-ups are kept: where the settings say, or in the data folder."""
    url = settings.backup_to or str(settings.data_dir.absolute() / "backups")
    return Depot(url, endpoint=settings.backup_s3_endpoint)


def refuse_archive_elsewhere(settings: Settings) -> None:
    """Refuse to archive the log of a database that is not ours.

    Raises:
        BadSetting: that is what the settings say.
    """
    if settings.log_archive and settings.database_url is not None:
        told = "is for the embedded database; the one of EMPLETTE_DATABASE_URL has means of its own"
        raise BadSetting(f"EMPLETTE_LOG_ARCHIVE {told}")


def _in_a_shell(path: Path) -> str:
    """Write a path for use between double quotes in a shell, in a command in which PostgreSQL replaces what has a %."""
    text = str(path)
    for char in '\\"$`':
        text = text.replace(char, f"\\{char}")
    return text.replace("%", "%%")
