"""A back-up that is there: found, read, and held against what it says of itself, before anything is made of it."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emplette.domain.backups import (
    BackupDamaged,
    BackupNotFound,
    BackupRefused,
    BackupTooNew,
    BackupUnfinished,
    BackupUnfit,
    Form,
    KnownFile,
    Manifest,
    newest_before,
)
from emplette.formats.backups import read_known, read_manifest
from emplette.runtime.lent import lend_folder
from emplette.storage.depots import FILES, LIST, MANIFEST, Depot
from emplette.storage.migrate import migrations

_NAMED = re.compile(r"(.*?)/?(\d{8}T\d{6}Z)/?")


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """One whole back-up in a depot."""

    depot: Depot
    manifest: Manifest

    @asynccontextmanager
    async def parts(self) -> AsyncIterator[Path]:
        """Lend its parts as local files, each one looked at.

        Raises:
            BackupDamaged: a part is missing, or is not what it was; it says which.
        """
        if self.depot.folder is not None:
            folder = self.depot.folder / self.manifest.name
            for part in self.manifest.parts:
                path = folder / part.path
                await self._check(part.path, await asyncio.to_thread(_hash_if_there, path), part.sha256)
            yield folder
            return
        async with lend_folder() as folder:
            for part in self.manifest.parts:
                found = await fetch(self.depot, f"{self.manifest.name}/{part.path}", folder / part.path)
                await self._check(part.path, found, part.sha256)
            yield folder

    async def _check(self, path: str, found: str | None, wanted: str) -> None:
        if found is None:
            raise BackupDamaged(f"{path} of the back-up {self.manifest.name} is missing.")
        if found != wanted:
            raise BackupDamaged(f"{path} of the back-up {self.manifest.name} is not what it was: its SHA-256 differs.")

    def refuse_stranger(self, own: str | None, expected: str | None) -> None:
        """Refuse a back-up that was signed with another key than the one that is expected, or than one's own.

        Raises:
            BackupUnfit: it was; it names the key.
        """
        found = self.manifest.public_key
        if found == (expected or own or found):
            return
        detail = f"The back-up {self.manifest.name} in {self.depot.url} was signed with the key {found}, and"
        if expected is not None:
            raise BackupUnfit(f"{detail} not with {expected}.")
        raise BackupUnfit(f"{detail} not with that of this data folder: name it with --signed-by when you trust it.")

    async def absent_files(self, folder: Path) -> Sequence[str]:
        """List files that should be in the depot and are not, by their sizes; without those that never were."""
        there = await self.depot.sizes(FILES)
        never = set(self.manifest.files.missing)
        return [
            file.path
            for file in known_in(folder)
            if file.path not in never and there.get(f"{FILES}/{file.path}") != file.size
        ]

    def refuse_newer(self, *, server_major: int, programs_major: int) -> None:
        """Refuse what is newer than what would take it back.

        Raises:
            BackupTooNew: it is, and it says what is needed.
            BackupUnfit: it is a base, which only the very same major version can take back.
        """
        made = self.manifest
        known = {step.number: step.name for step in migrations()}
        if known.get(made.schema.number) != made.schema.name:
            detail = f"It has the step {made.schema.name} of the schema, which this Emplette does not know: use a newer"
            raise BackupTooNew(f"{detail} one ({made.emplette} made it).")
        if made.postgres_major > server_major or made.programs_major > programs_major:
            newer = max(made.postgres_major, made.programs_major)
            detail = f"It comes from PostgreSQL {newer}, and here is {min(server_major, programs_major)}: use"
            raise BackupTooNew(f"{detail} PostgreSQL {newer} or a newer one.")
        if made.form is Form.BASE and made.postgres_major != server_major:
            detail = f"It is a copy of the files of PostgreSQL {made.postgres_major}, and here is {server_major}: name"
            raise BackupUnfit(f"{detail} the programs of {made.postgres_major} with EMPLETTE_POSTGRES_BIN.")


def split_source(source: str) -> tuple[str, str | None]:
    """Part what somebody typed into where the back-ups are, and the name of one of them; None is the newest."""
    named = _NAMED.fullmatch(source)
    return (named[1] or ".", named[2]) if named else (source, None)


async def find_backup(depot: Depot, name: str | None) -> KeptBackup:
    """Find a back-up, the newest whole one when none is named.

    Raises:
        BackupNotFound, BackupUnfinished, BackupDamaged, BackupTooNew: it is not there, or can't be read.
    """
    names = await depot.names()
    if name is not None:
        if name not in names:
            raise BackupNotFound(f"There is no back-up {name} in {depot.url}.")
        found = await read_kept(depot, name)
        if found is None:
            raise BackupUnfinished(f"The back-up {name} in {depot.url} was never finished: take another one.")
        return found
    for each in reversed(names):
        found = await read_kept(depot, each)
        if found is not None:
            return found
    if names:
        raise BackupUnfinished(f"No back-up in {depot.url} was ever finished.")
    raise BackupNotFound(f"There is no back-up in {depot.url}.")


async def find_base(depot: Depot, moment: datetime) -> KeptBackup:
    """Find the newest base whose log may lead on to a moment: one that was still being made then holds what is later.

    Raises:
        BackupUnfit: there is none.
        BackupDamaged, BackupTooNew: it can't be read.
    """
    for name in newest_before(await depot.names(), moment):
        found = await read_kept(depot, name)
        if found is not None and found.manifest.form is Form.BASE and found.manifest.ended_at <= moment:
            return found
    before = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    detail = f"No base back-up in {depot.url} was finished before {before}, from which the log could lead on to it."
    raise BackupUnfit(f"{detail} Bases are made while EMPLETTE_LOG_ARCHIVE is on.")


def known_in(folder: Path) -> list[KnownFile]:
    """Read the list of files among the parts of a back-up."""
    return [read_known(line) for line in (folder / LIST).read_text("utf-8").splitlines()]


async def fetch(depot: Depot, path: str, target: Path) -> str | None:
    """Copy something out of a depot; answer its SHA-256, None when it is not there."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with target.open("wb") as file:
            async for piece in depot.pieces(path):
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


async def hash_in_depot(depot: Depot, path: str) -> str | None:
    """Hash something in a depot; None when it is not there."""
    digest = hashlib.sha256()
    try:
        async for piece in depot.pieces(path):
            digest.update(piece)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Hash a file; in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_if_there(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except FileNotFoundError:
        return None


async def read_kept(depot: Depot, name: str) -> KeptBackup | None:
    """Read what a back-up says of itself; None when it was never finished.

    Raises:
        BackupDamaged, BackupTooNew: it can't be read.
    """
    try:
        manifest = read_manifest(await depot.read(f"{name}/{MANIFEST}"))
    except FileNotFoundError:
        return None
    except BackupRefused as refused:
        raise type(refused)(f"The back-up {name} in {depot.url}: {refused}") from None
    if manifest.name != name:
        raise BackupDamaged(f"The back-up {name} in {depot.url}: manifest.json is that of {manifest.name}.")
    return KeptBackup(depot, manifest)
