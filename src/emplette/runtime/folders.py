"""The data folder: what lies where, who may enter, and what is refused as a data folder.

::

    DATA_DIR/
      emplette.lock             held by whoever runs; makes the folder one of ours
      checkpoint-key.pem        what signs checkpoints of the log, for us alone
      running.json              who runs and how to reach the database
      half-restored             there while a back-up is being restored
      measures/                 what the workers count, until the next start
      files/                    what people upload, unless a setting names another store
      uploads/                  files on their way into the store
      templates/                order.typ, when somebody puts one there, even before the first start
      postgres/
        socket/                 the only way in (a link when the path is too long for a socket)
        18/
          program-18.6.3/       the binaries, beside the data they belong to
          configuration/        written anew at every start
          data/                 the databases
          server.log            what PostgreSQL said since its last start
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emplette.formats.checkpoints import KEY_FILE
from emplette.formats.press import TEMPLATES
from emplette.runtime.accounts import Account
from emplette.runtime.exits import FolderUnusable, NoSystemUser

# The longest path a socket can have: 107 bytes on Linux, 103 elsewhere; PostgreSQL adds its own name to the folder's.
_LONGEST_SOCKET = 103
_SOCKET_NAME = "/.s.PGSQL.5432"

# What an administrator may put there before the first start.
_BEFORE_US = frozenset({TEMPLATES, KEY_FILE})

_PRIVATE = 0o700
_PRIVATE_BUT_FOR_GROUP = 0o710


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The one folder that everything of ours lies in; ``made`` is what was made for it just now, outermost first."""

    path: Path
    made: tuple[Path, ...] = ()

    @property
    def lock(self) -> Path:
        """The file whose lock says that somebody runs here."""
        return self.path / "emplette.lock"

    @property
    def running(self) -> Path:
        """The file that says who runs and how to reach the database."""
        return self.path / "running.json"

    @property
    def measures(self) -> Path:
        """The folder of what the workers count."""
        return self.path / "measures"

    @property
    def half_restored(self) -> Path:
        """The file that is there while a back-up is being restored into this folder."""
        return self.path / "half-restored"

    @property
    def postgres(self) -> Path:
        """The folder of the embedded PostgreSQL, all its versions."""
        return self.path / "postgres"

    def of_version(self, major: int) -> Path:
        """Name the folder of one major version."""
        return self.postgres / str(major)

    def versions(self) -> list[int]:
        """List the major versions of PostgreSQL that have data here, oldest first."""
        return sorted(int(found.parents[1].name) for found in self.postgres.glob("[0-9]*/data/PG_VERSION"))


def open_data_folder(path: Path) -> DataFolder:
    """Make the data folder, or take it when it is one of ours or empty, and close it to everybody else.

    Raises:
        FolderUnusable: it can't be made or written, belongs to somebody else, or holds something else.
    """
    path = path.absolute()
    lacking = [part for part in (DataFolder(path).lock, path, *path.parents) if not os.path.lexists(part)]
    folder = DataFolder(path, made=tuple(reversed(lacking)))
    try:
        folder.path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        _refuse_what_is_not_ours(folder)
        # Once it is ours, its group is PostgreSQL's user, who may pass.
        allowed = _PRIVATE_BUT_FOR_GROUP if folder.lock.exists() else _PRIVATE
        folder.path.chmod(stat.S_IMODE(folder.path.stat().st_mode) & allowed | _PRIVATE)
        folder.lock.touch(mode=0o600)
    except FolderUnusable:
        raise
    except OSError as error:
        raise FolderUnusable(f"the data folder {folder.path} cannot be used: {error.strerror or error}") from None
    return folder


@contextmanager
def unmade_when_refused(folder: DataFolder) -> Iterator[None]:
    """Take away again what was made for a data folder in which PostgreSQL can't run.

    Whoever else tries to start there meanwhile is refused for the same reason.
    """
    try:
        yield
    except (FolderUnusable, NoSystemUser):
        with suppress(OSError):
            _unmake(folder)
        raise


def _unmake(folder: DataFolder) -> None:
    """Remove what was made, as long as nothing else is in it."""
    if folder.lock not in folder.made:
        return
    if folder.postgres.is_dir():
        folder.postgres.rmdir()
    if [inner.name for inner in folder.path.iterdir()] == [folder.lock.name]:
        folder.lock.unlink()
        for path in reversed(folder.made[:-1]):
            path.rmdir()


def refuse_half_restored(folder: DataFolder) -> None:
    """Refuse a folder in which a restore was begun and never finished.

    Raises:
        FolderUnusable: it is one.
    """
    if folder.half_restored.exists():
        told = "finish it with `emplette restore`, which starts again from the beginning"
        raise FolderUnusable(f"the data folder {folder.path} is half restored: {told}")


def _refuse_what_is_not_ours(folder: DataFolder) -> None:
    owner = folder.path.stat().st_uid
    if owner != os.geteuid():
        name = _name_of(owner)
        raise FolderUnusable(
            f"the data folder {folder.path} belongs to {name}: run as {name}, or set EMPLETTE_DATA_DIR"
        )
    if not folder.lock.exists() and any(inner.name not in _BEFORE_US for inner in folder.path.iterdir()):
        message = (
            f"the folder {folder.path} holds something else than data of Emplette: "
            "set EMPLETTE_DATA_DIR to a new or an empty folder"
        )
        raise FolderUnusable(message)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def open_to(account: Account, folder: DataFolder, inner: Path) -> None:
    """Make the folders down to ``inner``, which the account may pass through and nobody else.

    Raises:
        FolderUnusable: a folder above ours is closed to the account; we never open those.
    """
    path = folder.path
    for part in ("", *inner.relative_to(folder.path).parts):
        path /= part
        path.mkdir(mode=_PRIVATE, exist_ok=True)
        if account.is_us:
            path.chmod(_PRIVATE)
        else:
            os.chown(path, os.geteuid(), account.gid)
            path.chmod(_PRIVATE_BUT_FOR_GROUP)
    if not _can_enter(account, inner):
        message = (
            f"the user {account.name}, as which PostgreSQL runs, cannot reach {folder.path}: a folder above it is "
            "closed to others; set EMPLETTE_DATA_DIR to a place everybody can reach, like /var/lib/emplette"
        )
        raise FolderUnusable(message)


def make_for(account: Account, path: Path) -> None:
    """Make a folder that belongs to the account alone."""
    path.mkdir(mode=_PRIVATE, exist_ok=True)
    path.chmod(_PRIVATE)
    os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _can_enter(account: Account, path: Path) -> bool:
    if account.is_us:
        return True
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd -- "$0"', str(path)],
        cwd="/",
        stderr=subprocess.DEVNULL,
        check=False,
        **account.credentials(),
    )
    return tried.returncode == 0


def socket_folder(account: Account, folder: DataFolder) -> Path:
    """Make the private folder of the socket: beside the data, or a short one below /tmp with a link to it.

    A socket's path has some hundred bytes; and a comma in it would read as two hosts in a database URL.
    """
    inside = folder.postgres / "socket"
    if len(os.fsencode(inside)) + len(_SOCKET_NAME) <= _LONGEST_SOCKET and "," not in str(inside):
        make_for(account, inside)
        return inside
    if inside.is_symlink():
        short = inside.readlink()
        if _is_private_to(account, short):
            return short
        inside.unlink()
    elif inside.exists():
        # The data folder was moved here from where its path was short.
        shutil.rmtree(inside)
    short = Path(tempfile.mkdtemp(prefix="emplette-", dir="/tmp"))
    make_for(account, short)
    inside.symlink_to(short)
    return short


def _is_private_to(account: Account, path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == _PRIVATE


def remove_socket_folder(folder: DataFolder) -> None:
    """Remove the short folder below /tmp, when there is one."""
    inside = folder.postgres / "socket"
    if inside.is_symlink():
        shutil.rmtree(inside.readlink(), ignore_errors=True)
        inside.unlink(missing_ok=True)
