"""Making a back-up beside a running server: the database as it was at one moment, then every file that it knows.

Whatever it is interrupted by, what has no manifest is no back-up, and the next one clears it away.
"""

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec

from emplette.domain.backups import BackupRefused, FilesInside, Form, KnownFile, Manifest, Part, SchemaStep, name_of
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Unavailable
from emplette.formats.backups import read_known, write_known, write_manifest
from emplette.formats.checkpoints import own_key, public_key_of
from emplette.formats.press import TEMPLATES
from emplette.runtime.cluster import SUPERUSER
from emplette.runtime.folders import open_data_folder
from emplette.runtime.kept import sha256_of
from emplette.runtime.lent import clear_lent, lend_folder
from emplette.runtime.log_archive import history_of
from emplette.runtime.programs import Programs
from emplette.runtime.pruning import clear_unfinished, prune, tell_of_later
from emplette.runtime.schema import Urls, connect, told_as_failure
from emplette.settings import Settings
from emplette.storage import backups
from emplette.storage.backups import LogHead, OwnerConnection
from emplette.storage.depots import FILES, LIST, MANIFEST, MARK, Depot
from emplette.storage.hosts import Hosts
from emplette.storage.stores import Store, open_store

DATABASE = "database"
SETTINGS = "settings.json"

_SAY_EVERY = 2.0
_AT_ONCE = 4
_MEGABYTE = 2**20
_OTHERS_END_WITHIN = "10s"


class BackupUnderWay(BackupRefused):
    """Another back-up of this database is being made."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database said of itself at the moment of the back-up."""

    step: SchemaStep
    heads: list[LogHead]
    postgres: str
    files: int


class BackupMaker:
    """Makes one back-up.

    Args:
        settings: of the server.
        urls: its database.
        depot: where the back-up goes.
        say: told what goes on.
    """

    def __init__(self, settings: Settings, urls: Urls, depot: Depot, *, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._urls = urls
        self._depot = depot
        self._say = say
        self._hosts = Hosts(urls.owner)
        self._key = own_key(open_data_folder(settings.data_dir).path)
        self._programs = Programs(settings.postgres_bin, say=say)
        self._store = open_store(settings.files_url, endpoint=settings.files_s3_endpoint, data_dir=settings.data_dir)

    async def make(self, *, portable: bool, keep: int | None = None) -> Manifest:
        """Make it; as a dump when it shall be portable, or when there is no log that could lead on from a base.

        With ``keep``, only so many whole ones of this installation are left then.

        Raises:
            BackupRefused, DatabaseFailed: it could not be made, and nothing is left that looks like one.
        """
        clear_lent(say=self._say)
        with told_by_the_disk(), told_as_failure():
            return await self._make(portable=portable, keep=keep)

    async def _make(self, *, portable: bool, keep: int | None) -> Manifest:
        history = None if portable else history_of(self._settings)
        form = Form.DUMP if history is None else Form.BASE
        began_at = datetime.now(UTC)
        owner = await connect(self._urls.owner, patience=0, say=self._say, hosts=self._hosts)
        try:
            await _hold(owner)
            own = public_key_of(self._key)
            await clear_unfinished(self._depot, own, say=self._say)
            name = await self._take_name(began_at, own)
            async with _workshop(self._depot, name) as workshop:
                self._say(f"back-up {name} into {self._depot.url}")
                copy = self._dump if form is Form.DUMP else self._copy_base
                seen = await copy(owner, workshop)
                files = await self._copy_files(workshop, seen.files)
                self._write_settings(workshop)
                parts = [_part(MARK, _mark(own)), *await self._keep_parts(name, workshop)]
                manifest = Manifest(
                    name=name,
                    form=form,
                    began_at=began_at,
                    ended_at=datetime.now(UTC),
                    emplette=version("emplette"),
                    schema=seen.step,
                    postgres=seen.postgres,
                    programs=await self._programs.version(),
                    heads=[_checkpoint(head, began_at) for head in seen.heads],
                    public_key=own,
                    files=files,
                    parts=parts,
                    history=history,
                )
                await self._depot.put_bytes(f"{name}/{MANIFEST}", write_manifest(manifest, self._key))
            await tell_of_later(self._depot, own, made=name, say=self._say)
            if keep is not None and not files.missing:
                now = history_of(self._settings)
                await prune(self._depot, own, made=name, keep=keep, history=now, say=self._say)
        finally:
            await owner.close()
        return manifest

    async def _dump(self, owner: OwnerConnection, workshop: Path) -> _Seen:
        async with owner.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await backups.snapshot(owner)
            files = await _write_list(owner, workshop)
            seen = await _look(owner, files)
            await self._programs.dump(self._hosts.address_of(owner), workshop / DATABASE, snapshot=snapshot)
        return seen

    async def _copy_base(self, owner: OwnerConnection, workshop: Path) -> _Seen:
        """Copy the server's files; what the database knows once that is done is all that it can know in the copy."""
        seen = await _look(owner, 0)
        superuser = urlsplit(self._urls.owner)
        address = superuser._replace(netloc=f"{SUPERUSER}@").geturl()
        await self._programs.copy_base(address, workshop / DATABASE)
        async with owner.transaction(isolation="repeatable_read", readonly=True):
            files = await _write_list(owner, workshop)
        return replace(seen, files=files)

    async def _copy_files(self, workshop: Path, count: int) -> FilesInside:
        """Copy the files that the depot does not have, several at a time."""
        there = await self._depot.sizes(FILES)
        copying = _FileCopies(self._store, self._depot)
        done = size = 0
        said_at = time.monotonic()
        for some in _chunks(_known(workshop / LIST)):
            wanted = [file for file in some if there.get(f"{FILES}/{file.path}") != file.size]
            await asyncio.gather(*(copying.copy(file) for file in wanted))
            done += len(some)
            size += sum(file.size for file in some)
            if time.monotonic() - said_at > _SAY_EVERY:
                said_at = time.monotonic()
                self._say(f"files: {done:,} of {count:,}, {copying.bytes / _MEGABYTE:,.0f} MB copied")
        self._say(f"files: {done:,} known, {copying.count:,} copied ({copying.bytes / _MEGABYTE:,.1f} MB)")
        return FilesInside(count, size, copying.missing)

    def _write_settings(self, workshop: Path) -> None:
        """Write the settings, for people to read, and the template, when there is one."""
        told = msgspec.json.encode(self._settings.without_secrets())
        (workshop / SETTINGS).write_bytes(msgspec.json.format(told))
        template = self._settings.data_dir / TEMPLATES / "order.typ"
        if template.exists():
            (workshop / TEMPLATES).mkdir(mode=0o700)
            shutil.copyfile(template, workshop / TEMPLATES / template.name)

    async def _keep_parts(self, name: str, workshop: Path) -> list[Part]:
        parts = []
        for file in await asyncio.to_thread(_files_in, workshop):
            path = file.relative_to(workshop).as_posix()
            if path == MARK:
                continue
            sha256 = await asyncio.to_thread(sha256_of, file)
            parts.append(Part(path, file.stat().st_size, sha256))
            await self._depot.keep(f"{name}/{path}", file)
        return parts

    async def _take_name(self, began_at: datetime, own: str) -> str:
        """Take the name of the moment, and leave there whose it is; wait for the next one when somebody has it."""
        while True:
            name = name_of(began_at)
            if name not in await self._depot.names() and await self._depot.put_new(f"{name}/{MARK}", _mark(own)):
                return name
            await asyncio.sleep(1)
            began_at = datetime.now(UTC)


class _FileCopies:
    """Copies files from the store into a depot, looks whether they are what they should be, and counts."""

    def __init__(self, store: Store, depot: Depot) -> None:
        self._store = store
        self._depot = depot
        self.count = 0
        self.bytes = 0
        self.missing: list[str] = []

    async def copy(self, file: KnownFile) -> None:
        """Copy a file; one that the store does not have, or not as it was, is noted."""
        try:
            async with self._store.local(file.tenant, file.place) as path:
                if await asyncio.to_thread(sha256_of, path) == file.sha256:
                    await self._depot.put(f"{FILES}/{file.path}", path)
                    self.count += 1
                    self.bytes += file.size
                    return
        except Unavailable as failure:
            if not isinstance(failure.__cause__, FileNotFoundError):
                raise
        self.missing.append(file.path)


@contextmanager
def told_by_the_disk() -> Iterator[None]:
    """Tell what a file system refuses as what it is for who typed a command.

    Raises:
        BackupRefused: with the file, as far as it is known.
    """
    try:
        yield
    except OSError as error:
        raise BackupRefused(f"{error.filename or 'A file'} cannot be written or read: {error.strerror}.") from None


async def _hold(owner: OwnerConnection) -> None:
    """Keep the bytes of files from being removed meanwhile, and others from making a back-up."""
    await owner.execute(f"SET lock_timeout = '{_OTHERS_END_WITHIN}'")
    try:
        await backups.hold_sweeping(owner)
    except asyncpg.LockNotAvailableError:
        detail = "Another back-up of this database is being made: wait until it ends."
        raise BackupUnderWay(detail) from None
    await owner.execute("RESET lock_timeout")


async def _look(owner: OwnerConnection, files: int) -> _Seen:
    server = owner.get_server_version()
    postgres = f"{server.major}.{server.micro or server.minor}"
    return _Seen(await backups.schema_step(owner), await backups.heads(owner), postgres, files)


def _checkpoint(head: LogHead, at: datetime) -> Checkpoint:
    return Checkpoint(head.account, head.epoch, head.position, head.hash, at)


async def _write_list(owner: OwnerConnection, workshop: Path) -> int:
    """Write down every file that the database knows; answer how many."""
    count = 0
    with (workshop / LIST).open("w", encoding="utf-8") as file:
        async for known in backups.known_files(owner):
            file.write(write_known(known))
            count += 1
    return count


def _mark(own: str) -> bytes:
    """Write whose a back-up is: the installation's public key, in a line."""
    return f"{own}\n".encode()


def _part(path: str, content: bytes) -> Part:
    return Part(path, len(content), hashlib.sha256(content).hexdigest())


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _known(path: Path) -> Iterator[KnownFile]:
    with path.open(encoding="utf-8") as file:
        yield from map(read_known, file)


def _chunks(files: Iterator[KnownFile]) -> Iterator[list[KnownFile]]:
    while some := list(islice(files, _AT_ONCE)):
        yield some


@asynccontextmanager
async def _workshop(depot: Depot, name: str) -> AsyncIterator[Path]:
    """Lend a folder to make the back-up in: in the depot itself when that is a folder, else one for the time being."""
    if depot.folder is not None:
        yield await depot.make_folder(name)
        return
    async with lend_folder() as folder:
        yield folder
