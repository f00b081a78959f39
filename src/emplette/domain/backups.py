"""Back-ups: what one says of itself, and why one can't be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emplette.domain.checkpoints import Checkpoint


class BackupRefused(Exception):
    """A back-up can't be made or taken back; the message says why in a line, to whoever typed the command."""


class BackupNotFound(BackupRefused):
    """There is no such back-up."""


class BackupUnfinished(BackupRefused):
    """The back-up was never finished: it was interrupted, or is still being made."""


class BackupDamaged(BackupRefused):
    """A part of the back-up is missing, or is not what it was."""


class BackupTooNew(BackupRefused):
    """The back-up was made by something newer than what is here."""


class BackupUnfit(BackupRefused):
    """The back-up can't do what is asked of it."""


class PlaceNotEmpty(BackupRefused):
    """Something is there already, and a restore would mix with it."""


class Form(StrEnum):
    """The form in which the database is in a back-up.

    A dump is what was there at one moment, to be written into any PostgreSQL that is not older. A base is a copy of the
    embedded database's own files, from which its log leads on to any later moment.
    """

    DUMP = "dump"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a back-up, by its path in it: bytes, and SHA-256 in hexadecimal digits."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """The last step of the schema that a database has."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that the database knows: where the store keeps it, below the company's number, and what it holds."""

    path: str
    size: int
    sha256: str

    @property
    def tenant(self) -> int:
        """The company's number."""
        return int(self.path.partition("/")[0])

    @property
    def place(self) -> str:
        """Where it is among the company's."""
        return self.path.partition("/")[2]


@dataclass(frozen=True, slots=True)
class LogPiece:
    """A piece of the database's own log in its archive, before it was packed, or what PostgreSQL notes beside them.

    ``history`` names the log it belongs to, ``name`` is PostgreSQL's; then its bytes, and their SHA-256 in hexadecimal
    digits. Within a history no two pieces have the same name.
    """

    history: str
    name: str
    size: int
    sha256: str

    def form(self) -> bytes:
        """Write the lines that are signed."""
        lines = ("emplette log 1", self.history, self.name, self.size, self.sha256)
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class FilesInside:
    """How many files the database knows, their bytes, and those that the store could not give."""

    count: int
    size: int
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up says of itself; it is written last, so what has one is whole.

    ``heads`` are how far the companies' logs had come: exactly so far in a dump, at least so far in a base.
    ``programs`` and ``postgres`` are the versions of pg_dump and of the server. ``history`` names the log that leads on
    from a base; None when there is none.
    """

    name: str
    form: Form
    began_at: datetime
    ended_at: datetime
    emplette: str
    schema: SchemaStep
    postgres: str
    programs: str
    heads: Sequence[Checkpoint]
    public_key: str
    files: FilesInside
    parts: Sequence[Part]
    history: str | None = None

    @property
    def postgres_major(self) -> int:
        """The major version of the server."""
        return int(self.postgres.partition(".")[0])

    @property
    def programs_major(self) -> int:
        """The major version of the programs that wrote it."""
        return int(self.programs.partition(".")[0])


def is_inside(path: str) -> bool:
    """Tell whether a path leads from a folder to something in it, on every system, and not elsewhere."""
    return not set(path.split("/")) & {"", ".", ".."} and not set(path) & set(":\\\0")


def name_of(moment: datetime) -> str:
    """Name the back-up that is begun at a moment of UTC, so that names sort as moments do."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


def newest_before(names: Sequence[str], moment: datetime) -> Sequence[str]:
    """List the back-ups that were begun before a moment, the newest first."""
    return sorted((name for name in names if name < name_of(moment)), reverse=True)
