"""Taking a back-up back, into an empty place; a place in which it was interrupted says so, and nothing serves there.

The mark of a half restored place is made first and taken away last, together with the beginning of the new epoch.
"""

import asyncio
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from emplette.domain.backups import BackupDamaged, BackupUnfit, Form, KnownFile, PlaceNotEmpty, is_inside
from emplette.domain.text import number_of
from emplette.formats.checkpoints import public_key_in
from emplette.runtime.backup import told_by_the_disk
from emplette.runtime.bases import forget_recovery, unpack_base
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import DataFolder, open_data_folder, unmade_when_refused
from emplette.runtime.kept import KeptBackup, fetch, find_backup, find_base, split_source
from emplette.runtime.lent import clear_lent
from emplette.runtime.occupation import occupy
from emplette.runtime.programs import Programs
from emplette.runtime.schema import Urls, bring_up_to_date, connect, told_as_failure
from emplette.runtime.threads import to_its_end
from emplette.settings import Settings
from emplette.storage import backups
from emplette.storage.backups import BegunEpoch, OwnerConnection
from emplette.storage.depots import FILES, Depot
from emplette.storage.hosts import Hosts
from emplette.storage.stores import open_spool, open_store

_CONNECTIONS = 20
_AT_ONCE = 4

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has made: the epochs that begin with it, and the files that it could not bring back."""

    name: str
    epochs: Sequence[BegunEpoch]
    files: int
    lost: Sequence[str] = field(default_factory=list)


async def find_source(
    settings: Settings, source: str, *, until: datetime | None = None, signed_by: str | None = None, now: datetime
) -> KeptBackup:
    """Find the back-up that somebody means.

    Args:
        settings: the data folder, whose key is expected when there is one, and the way to a bucket.
        source: the place of the back-ups, or one of them.
        until: the moment to go on to.
        signed_by: the public key with which it has to be signed.
        now: a log leads to no later moment.

    Raises:
        BackupRefused: there is none, or none that fits; it says why.
    """
    if until is not None and until > now:
        raise BackupUnfit(f"{until:%Y-%m-%dT%H:%M:%SZ} is still to come: it is {now:%Y-%m-%dT%H:%M:%SZ}.")
    found = await _find(settings, source, until)
    found.refuse_stranger(public_key_in(settings.data_dir), signed_by)
    return found


async def _find(settings: Settings, source: str, until: datetime | None) -> KeptBackup:
    place, name = split_source(source)
    depot = Depot(place, endpoint=settings.backup_s3_endpoint)
    if until is None:
        return await find_backup(depot, name)
    if name is None:
        return await find_base(depot, until)
    found = await find_backup(depot, name)
    if found.manifest.form is not Form.BASE or found.manifest.history is None:
        detail = f"The back-up {name} is a dump: it holds one moment, and no log leads on from it."
        raise BackupUnfit(detail)
    if until < found.manifest.ended_at:
        raise BackupUnfit(f"The back-up {name} ended only at {found.manifest.ended_at:%Y-%m-%dT%H:%M:%SZ}.")
    return found


async def restore(
    settings: Settings, kept: KeptBackup, command: str, *, until: datetime | None, with_losses: bool, say: Say
) -> Restored:
    """Restore a back-up into the empty place that the settings name.

    Args:
        settings: the data folder, the database and the store of files to restore into.
        kept: the back-up.
        command: what was typed, for others who find the data folder in use.
        until: the moment to go on to, along the archived log of a base.
        with_losses: whether to go on when files are missing or damaged, which are told then.
        say: told what goes on.

    Raises:
        Refusal, StartRefused: it can't be restored there; what is said before the first mark was changed nothing.
    """
    clear_lent(say=say)
    folder = open_data_folder(settings.data_dir)
    with unmade_when_refused(folder):
        occupation = occupy(folder, command, lasting=False, say=say)
        try:
            with told_by_the_disk(), told_as_failure():
                return await _restore(settings, folder, occupation.lock, kept, until, with_losses=with_losses, say=say)
        finally:
            occupation.end()


async def _restore(
    settings: Settings,
    folder: DataFolder,
    lock: int,
    kept: KeptBackup,
    until: datetime | None,
    *,
    with_losses: bool,
    say: Say,
) -> Restored:
    say(f"looking at the back-up {kept.manifest.name} in {kept.depot.url}")
    async with kept.parts() as parts:
        absent = await kept.absent_files(parts)
        if absent and not with_losses:
            lacks = f"lacks {number_of(len(absent), 'file')}: files/{absent[0]}"
            raise BackupDamaged(f"The back-up {kept.manifest.name} {lacks}. With --with-losses the rest is restored.")
        place = _Embedded if settings.database_url is None else _Own
        return await place(settings, folder, lock, say).take(kept, parts, until, with_losses=with_losses)


class _Place(ABC):
    """An empty place to restore into; what is the same for the embedded database and for one's own."""

    def __init__(self, settings: Settings, folder: DataFolder, lock: int, say: Say) -> None:
        self.settings = settings
        self.folder = folder
        self.lock = lock
        self.say = say
        self.programs = Programs(settings.postgres_bin, say=say)
        self.store = open_store(
            settings.files_url, endpoint=settings.files_s3_endpoint, data_dir=settings.data_dir.absolute()
        )

    async def take(self, kept: KeptBackup, parts: Path, until: datetime | None, *, with_losses: bool) -> Restored:
        """Restore a back-up whose parts are here."""
        await self.refuse_if_taken()
        async with self.database(kept, parts, until) as urls:
            for step in await bring_up_to_date(urls, say=self.say, is_restoring=True):
                self.say(f"brought the database up to date: {step}")
            owner = await connect(urls.owner, patience=0, say=self.say)
            try:
                files, lost = await self._bring_files(owner, kept.depot, with_losses=with_losses)
                self.say("looking at what the tables hold")
                await owner.execute("ANALYZE")
                epochs = await backups.end_restore(owner)
            finally:
                await owner.close()
        await asyncio.to_thread(self.folder.half_restored.unlink, missing_ok=True)
        return Restored(kept.manifest.name, epochs, files, lost)

    @abstractmethod
    async def refuse_if_taken(self) -> None:
        """Refuse a place where something is, unless an interrupted restore has left it.

        Raises:
            PlaceNotEmpty: it is one.
        """

    @abstractmethod
    def database(self, kept: KeptBackup, parts: Path, until: datetime | None) -> AbstractAsyncContextManager[Urls]:
        """Mark the place, restore the database there, and lend it."""

    async def refuse_files(self) -> None:
        """Refuse a store in which something is."""
        if not await self.store.is_empty():
            where = self.settings.files_url or self.settings.data_dir / "files"
            raise PlaceNotEmpty(f"There are files in {where}: restore into an empty place.")

    def mark(self, kept: KeptBackup) -> None:
        """Mark the data folder as half restored, and clear away what an earlier attempt has left there."""
        path = self.folder.half_restored
        path.touch(mode=0o600)
        path.write_text(f"{kept.depot.url} {kept.manifest.name}\n")
        _sync(path)
        _sync(path.parent)
        shutil.rmtree(self.folder.postgres, ignore_errors=True)

    async def _bring_files(self, owner: OwnerConnection, depot: Depot, *, with_losses: bool) -> tuple[int, list[str]]:
        """Bring the files back that the database knows."""
        count, lost = 0, list[str]()
        async with owner.transaction(readonly=True):
            some = list[KnownFile]()
            async for file in backups.known_files(owner):
                some.append(file)
                if len(some) == _AT_ONCE:
                    lost += await self._bring(depot, some)
                    count += len(some)
                    some = []
            lost += await self._bring(depot, some)
        count += len(some)
        if lost and not with_losses:
            detail = f"Missing or not what it was: {number_of(len(lost), 'file')}, the first of them files/{lost[0]}."
            raise BackupDamaged(f"{detail} With --with-losses the rest is restored.")
        self.say(f"files: {count - len(lost):,} of {count:,}")
        return count, lost

    async def _bring(self, depot: Depot, files: Sequence[KnownFile]) -> list[str]:
        """Bring some files back; answer those that are not there, or not what they were."""
        fine = await asyncio.gather(*(self._bring_one(depot, file) for file in files))
        return [file.path for file, is_fine in zip(files, fine, strict=True) if not is_fine]

    async def _bring_one(self, depot: Depot, file: KnownFile) -> bool:
        here = open_spool(self.settings.data_dir).new()
        try:
            if not is_inside(file.path) or await fetch(depot, f"{FILES}/{file.path}", here) != file.sha256:
                return False
            await self.store.put(file.tenant, file.place, here)
            return True
        finally:
            here.unlink()


class _Embedded(_Place):
    """A data folder without a database."""

    async def refuse_if_taken(self) -> None:
        """Refuse a data folder that holds a database, and a store that holds files."""
        if self.folder.half_restored.exists():
            self.say(f"{self.folder.path} is half restored; starting again from the beginning")
            return
        if self.folder.versions():
            raise PlaceNotEmpty(f"There is a database in {self.folder.path}: restore into an empty place.")
        await self.refuse_files()

    @asynccontextmanager
    async def database(self, kept: KeptBackup, parts: Path, until: datetime | None) -> AsyncIterator[Urls]:
        """Make a database of a dump, or take over a base; lend it, and stop it."""
        await refuse_unfit(kept, self.programs)
        await to_its_end(self.mark, kept)
        async with embedded_from(
            kept, parts, self.settings, until=until, lock=self.lock, durable=True, say=self.say
        ) as urls:
            yield urls


class _Own(_Place):
    """A PostgreSQL of one's own, with an empty database."""

    async def refuse_if_taken(self) -> None:
        """Refuse a database that has tables, and a store that holds files."""
        owner = await connect(self._urls.owner, patience=0, say=self.say)
        try:
            if not await backups.is_empty(owner):
                raise PlaceNotEmpty("There are tables in the database: restore into an empty one.")
            if await backups.is_half_restored(owner):
                self.say("the database is half restored; starting again from the beginning")
                return
        finally:
            await owner.close()
        await self.refuse_files()

    @asynccontextmanager
    async def database(self, kept: KeptBackup, parts: Path, until: datetime | None) -> AsyncIterator[Urls]:
        """Restore a dump into it, and lend it."""
        if kept.manifest.form is Form.BASE or until is not None:
            detail = "It is a copy of the files of an embedded database, which your own can't take over: unset"
            raise BackupUnfit(f"{detail} EMPLETTE_DATABASE_URL, or take one that was made with --portable.")
        urls, hosts = self._urls, Hosts(self._urls.owner)
        owner = await connect(urls.owner, patience=0, say=self.say, hosts=hosts)
        try:
            server = owner.get_server_version().major
            await refuse_unfit(kept, self.programs, server_major=server)
            address = hosts.address_of(owner)
            await backups.begin_restore(owner)
        finally:
            await owner.close()
        await self.programs.restore(address, parts / "database", server_major=server)
        yield urls

    @property
    def _urls(self) -> Urls:
        url = self.settings.database_url or ""
        return Urls(serving=url, owner=self.settings.migrating_url or url)


@asynccontextmanager
async def embedded_from(
    kept: KeptBackup,
    parts: Path,
    settings: Settings,
    *,
    until: datetime | None,
    lock: int,
    durable: bool,
    say: Say,
) -> AsyncIterator[Urls]:
    """Lend an embedded database that is made of a back-up, in the data folder of the settings, which has none.

    Raises:
        Refusal, DatabaseFailed: it can't be made of it.
    """
    database = EmbeddedPostgres(
        settings.data_dir,
        own_binaries=settings.postgres_bin,
        connections=_CONNECTIONS,
        durable=durable,
        say=say,
        keep_open=(lock,),
    )
    programs = Programs(settings.postgres_bin, say=say)
    major = await refuse_unfit(kept, programs)
    if kept.manifest.form is Form.BASE:
        await unpack_base(kept, parts, settings, until=until, say=say)
    try:
        async with database:
            if until is not None:
                await forget_recovery(database, settings)
            if kept.manifest.form is Form.DUMP:
                await programs.restore(database.owner_url, parts / "database", server_major=major)
            yield Urls(serving=database.url, owner=database.owner_url)
    except DatabaseFailed:
        if until is not None and _ended_early(settings):
            detail = f"The archived log does not reach {until:%Y-%m-%dT%H:%M:%SZ}: it ends before."
            raise BackupUnfit(detail) from None
        raise


def _ended_early(settings: Settings) -> bool:
    """Tell whether PostgreSQL gave up because the log ended before the moment that it was to reach."""
    folder = DataFolder(settings.data_dir.absolute())
    logs = [folder.of_version(version) / "server.log" for version in folder.versions()]
    return any("recovery ended before configured recovery target" in log.read_text(errors="replace") for log in logs)


async def refuse_unfit(kept: KeptBackup, programs: Programs, *, server_major: int | None = None) -> int:
    """Refuse a back-up that is too new for a server, by itself that of the programs; answer its major version."""
    major = int((await programs.version()).partition(".")[0])
    kept.refuse_newer(server_major=server_major or major, programs_major=major)
    return server_major or major


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
