"""The databases on disk: made once, as a whole, with two roles; configured anew at every start."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emplette.runtime.accounts import Account, own_account
from emplette.runtime.binaries import Binaries
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import DataFolder, make_for, open_to
from emplette.runtime.log_archive import LogArchive

SUPERUSER = "postgres"
OWNER_ROLE = "emplette_owner"
SERVING_ROLE = "emplette"
DATABASE = "emplette"

# The owner makes the schema and hands out the rights to it; the serving role has none but those.
_FIRST_STATEMENTS = f"""
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB
CREATE ROLE {SERVING_ROLE} LOGIN
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
GRANT CONNECT ON DATABASE {DATABASE} TO {SERVING_ROLE}
REVOKE ALL ON DATABASE {SUPERUSER} FROM PUBLIC
"""

# The kernel says who connects: the users below may take any role, everybody else none.
_WHO_MAY_CONNECT = """\
local all         all peer map=emplette
local replication all peer map=emplette
"""

_MEGABYTE = 2**20
_FAULT = re.compile(r"\b(?:FATAL|PANIC|ERROR|error):")
_BUILTIN_LOCALES_SINCE = 17
_IO_WORKERS_SINCE = 18

# Of the database's own log: what PostgreSQL keeps by itself, and what a burst of a hundred thousand commands writes.
_LEAST_LOG_MB = 80
_MOST_LOG_MB = 512

# Quick, and all is lost with the machine.
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# What PostgreSQL's programs see of our environment: nothing that could point them elsewhere.
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL instance on disk, and the programs and the user it runs with."""

    binaries: Binaries
    account: Account
    folder: DataFolder

    @property
    def home(self) -> Path:
        """The folder of this major version."""
        return self.folder.of_version(self.binaries.major)

    @property
    def data(self) -> Path:
        """The data itself, which PostgreSQL's user owns."""
        return self.home / "data"

    @property
    def configuration(self) -> Path:
        """The configuration, which PostgreSQL's user can only read."""
        return self.home / "configuration"

    @property
    def log(self) -> Path:
        """What PostgreSQL said since its last start."""
        return self.home / "server.log"


def make_cluster(cluster: Cluster, *, say: Callable[[str], None]) -> None:
    """Make the databases unless they exist.

    Raises:
        DatabaseFailed: they exist, but the newest of them is of another major version; the message says what to do.
    """
    versions = cluster.folder.versions()
    # What an upgrade left behind is not gone on with in silence: its successor may have taken writes since.
    if versions and versions[-1] != cluster.binaries.major:
        _refuse_other_version(cluster, versions[-1])
    if versions:
        return
    say("making the database (once)")
    open_to(cluster.account, cluster.folder, cluster.home)
    # Made under another name and renamed: what is called "data" is whole, whenever we are killed.
    workshop = cluster.home / "new"
    shutil.rmtree(workshop, ignore_errors=True)
    make_for(cluster.account, workshop)
    run(cluster, initdb(cluster.binaries, workshop / "data"))
    run(
        cluster,
        [
            cluster.binaries.program("postgres"),
            "--single",
            "-D",
            str(workshop / "data"),
            "-c",
            "exit_on_error=on",
            SUPERUSER,
        ],
        statements=_FIRST_STATEMENTS,
    )
    (workshop / "data").rename(cluster.data)
    workshop.rmdir()


def initdb(binaries: Binaries, data: Path) -> list[str]:
    """Spell the command: UTF-8, sorted by code point on every machine, with checksums."""
    locale = ["--locale=C"]
    if binaries.major >= _BUILTIN_LOCALES_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    fixed = ["--encoding=UTF8", "--data-checksums", "--auth=peer", f"--username={SUPERUSER}", "--no-instructions"]
    return [binaries.program("initdb"), f"--pgdata={data}", *fixed, *locale]


def run(
    cluster: Cluster,
    command: list[str],
    *,
    statements: str = "",
    folder: Path = Path("/"),
    keep_open: tuple[int, ...] = (),
) -> None:
    """Run one of PostgreSQL's programs as its user, to the end; what it starts holds ``keep_open`` as long as it lives.

    Raises:
        DatabaseFailed: with what it said.
    """
    done = subprocess.run(
        command,
        input=statements.strip() + "\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=CLEAN_ENVIRONMENT,
        start_new_session=True,
        pass_fds=keep_open,
        **cluster.account.credentials(),
    )
    if done.returncode != 0:
        why = fault_in(done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}")
        raise DatabaseFailed(f"the database in {cluster.home} could not be made: {Path(command[0]).name}: {why}")


def fault_in(said: str) -> str:
    """Choose of what a program of PostgreSQL said the faults that it names, or else its last lines.

    What it says last may only be that it tidies up: why, as a disk that is full, stands before that.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    faults = [line for line in lines if _FAULT.search(line)]
    return "; ".join((faults or lines)[-3:])


def _refuse_other_version(cluster: Cluster, other: int) -> None:
    mine = cluster.binaries.major
    theirs = cluster.folder.of_version(other)
    if other > mine:
        advice = f"use a version of Emplette with PostgreSQL {other}, or set EMPLETTE_POSTGRES_BIN to its programs"
    else:
        advice = "upgrade it with: emplette upgrade-database"
    raise DatabaseFailed(f"the data in {theirs} is of PostgreSQL {other}, and this is PostgreSQL {mine}: {advice}")


def write_configuration(
    cluster: Cluster, *, connections: int, durable: bool, archive: LogArchive | None = None
) -> None:
    """Write the three files that PostgreSQL is configured with, and beside them where its programs are.

    What an administrator sets with ALTER SYSTEM wins, save for the ways in.

    Args:
        cluster: whose configuration.
        connections: how many may be open at once.
        durable: False trades the data's safety for speed; for tests alone.
        archive: where the database's own log is archived to.
    """
    values = _values(connections) + (_kept_log(cluster.home) if durable else list(_FAST.items()))
    values += [] if archive is None else archive.values()
    if cluster.binaries.major >= _IO_WORKERS_SINCE:
        # Whoever wants a page reads it: PostgreSQL waits for ever for a worker that is killed while it recovers.
        values.append(("io_method", "sync"))
    open_to(cluster.account, cluster.folder, cluster.configuration)
    _write(cluster, "postgresql.conf", "".join(f"{name} = '{value}'\n" for name, value in values))
    _write(cluster, "pg_hba.conf", _WHO_MAY_CONNECT)
    _write(cluster, "binaries", str(cluster.binaries.folder))
    users = dict.fromkeys((own_account().name, cluster.account.name))
    roles = (SUPERUSER, OWNER_ROLE, SERVING_ROLE)
    _write(cluster, "pg_ident.conf", "".join(f'emplette "{user}" {role}\n' for user in users for role in roles))


def _write(cluster: Cluster, name: str, text: str) -> None:
    path = cluster.configuration / name
    path.write_text(text)
    path.chmod(0o640)
    os.chown(path, os.geteuid(), cluster.account.gid)


def _values(connections: int) -> list[tuple[str, object]]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEGABYTE
    return [
        ("max_connections", connections),
        ("shared_buffers", f"{min(max(memory // 16, 64), 512)}MB"),
        ("effective_cache_size", f"{max(memory // 2, 128)}MB"),
        ("random_page_cost", "1.1"),
        ("jit", "off"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("update_process_title", "off"),
        # Refused statements are our everyday compare-and-set, and their text may name people: neither is logged.
        ("log_min_messages", "log"),
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
        ("log_checkpoints", "off"),
        ("log_line_prefix", "%m "),
    ]


def _kept_log(folder: Path) -> list[tuple[str, object]]:
    """Keep files of the database's own log, to be written over: while a new one is made, all that write wait for it."""
    disk = shutil.disk_usage(folder).total // _MEGABYTE
    return [("min_wal_size", f"{min(max(disk // 32, _LEAST_LOG_MB), _MOST_LOG_MB)}MB")]
