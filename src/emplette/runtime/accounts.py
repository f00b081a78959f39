"""Who runs PostgreSQL: ourselves, or the system user ``emplette`` when we are root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from emplette.runtime.exits import NoSystemUser

SYSTEM_USER = "emplette"

# As each family of systems spells "a user without a home, a password or a shell". The first that exists is used.
_MAKE_USER = (
    f"useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {SYSTEM_USER}",
    f"adduser -S -D -H -h /nonexistent -s /sbin/nologin {SYSTEM_USER}",
)


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Tell whether this program runs as that user already."""
        return self.uid == os.geteuid()

    def credentials(self) -> dict[str, Any]:
        """List what ``subprocess`` needs to start a program as this user; nothing when it is us."""
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}


def own_account() -> Account:
    """Look up who runs this program.

    Raises:
        NoSystemUser: the uid has no name, and PostgreSQL, which goes by names, would refuse it.
    """
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        message = (
            f"the user id {os.geteuid()} has no name on this machine, and the embedded PostgreSQL needs one: "
            "add it to /etc/passwd, or name a database with EMPLETTE_DATABASE_URL"
        )
        raise NoSystemUser(message) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def postgres_account() -> Account:
    """Choose who runs PostgreSQL; as root, the system user ``emplette`` is made when it is missing."""
    if os.geteuid() != 0:
        return own_account()
    return _system_account() or _make_system_account()


def _system_account() -> Account | None:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        raise NoSystemUser(f"the user {SYSTEM_USER} is root by another name, and PostgreSQL refuses to run as root")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_system_account() -> Account:
    said = "there is neither useradd nor adduser"
    for command in _MAKE_USER:
        name, *arguments = command.split()
        program = shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin")
        if program is None:
            continue
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        account = _system_account()
        if account is not None:
            return account
        said = (done.stderr or done.stdout).strip().replace("\n", "; ") or said
    message = (
        f"PostgreSQL refuses to run as root, and the system user {SYSTEM_USER} could not be made ({said}): "
        "make it, start as an ordinary user, or name a database with EMPLETTE_DATABASE_URL"
    )
    raise NoSystemUser(message)
