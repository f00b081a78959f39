"""What people do with files: upload one, read one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from emplette.domain.attachments import Name, readable_by
from emplette.domain.errors import Refusal, Unavailable
from emplette.domain.files import File, FileNotFound, extension_of, kind_as_called, name_as, split_name
from emplette.formats.sniffing import kind_of
from emplette.services.commands import ATTEMPTS
from emplette.services.work import Work
from emplette.storage import attachments
from emplette.storage import files as storage
from emplette.storage.files import Bytes, BytesGone
from emplette.storage.stores import new_place


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has arrived: what its sender calls it, and where it lies for now."""

    name: str
    path: Path
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file after its upload, and how that is answered."""

    file: File
    status: int
    replayed: bool = False


async def upload_file(work: Work, received: Received) -> Uploaded:
    """Keep a file. Its bytes are in the store before anything says so; those that the company has are kept once.

    Raises:
        FileRefused: it is of no kind that is taken, or not what its name says.
        KeyReused: the idempotency key was used for another upload.
        PreconditionFailed: the call is meant for a version of what does not exist yet.
    """
    for _ in range(ATTEMPTS):
        try:
            work.refuse_version()
            known = await storage.find_bytes(work.db, work.tenant.id, received.sha256)
            file = _file(work, received, known or await _look_at(work, received))
        except Refusal:
            done = await _done_before(work)
            if done is not None:
                return done
            raise
        try:
            if known is None:
                is_kept = await _store_and_keep(work, received, file)
            else:
                is_kept = (await _keep(work, file, is_new=False)).is_kept
        except BytesGone:
            continue
        if is_kept:
            return Uploaded(file, work.status)
        done = await _done_before(work)
        if done is not None:
            return done
    raise Unavailable("Too many others are uploading the same just now.")


async def read_file(work: Work, file_id: UUID) -> File:
    """Look at a file.

    Raises:
        FileNotFound: it is not there for this caller.
    """
    found = readable_by(work.who, await attachments.find(work.db, work.tenant.id, [file_id]))
    if file_id not in found:
        raise FileNotFound
    return found[file_id].file


async def names_of_files(work: Work, named: Sequence[Name]) -> dict[Name, str]:
    """Tell what files are called that a form names by their ids, or their attachments by number; of others nothing."""
    if not named:
        return {}
    found = readable_by(work.who, await attachments.find(work.db, work.tenant.id, named))
    return {name: candidate.file.name for name, candidate in found.items()}


async def open_file(work: Work, file: File, *, first: int, last: int) -> AsyncGenerator[bytes, None]:
    """Begin to read the bytes of a file, from the first to the last one of them."""
    return await work.store.open(work.tenant.id, file.place, first=first, last=last)


async def _look_at(work: Work, received: Received) -> Bytes:
    """Find out what the bytes are, how many pages they make, and a place where they can be kept."""
    kind = await asyncio.to_thread(kind_of, received.path, received.name)
    pages = await work.shelf.drawing.count(received.path, kind.content_type)
    return Bytes(kind.content_type, received.size, pages, new_place(received.sha256))


def _file(work: Work, received: Received, what: Bytes) -> File:
    kind = kind_as_called(what.content_type, split_name(received.name)[1].lower())
    name = name_as(received.name, kind)
    return File(
        id=uuid4(),
        name=name,
        extension=extension_of(name, kind),
        content_type=kind.content_type,
        size=what.size,
        sha256=received.sha256,
        total_pages=what.total_pages,
        place=what.place,
        created_at=work.now,
        author_id=work.who.user.id,
    )


async def _store_and_keep(work: Work, received: Received, file: File) -> bool:
    """Store new bytes, then write the file down; what somebody else stored first is kept, and ours is not.

    As long as nobody knows how it ended, a note of the place stays for the job worker to clear up.
    """
    note = work.spool.note(work.tenant.id, file.place)
    await work.store.put(work.tenant.id, file.place, received.path)
    keeping = await _keep(work, file, is_new=True)
    if not (keeping.is_kept and keeping.is_first):
        await work.store.remove(work.tenant.id, file.place)
    note.forget()
    return keeping.is_kept


async def _keep(work: Work, file: File, *, is_new: bool) -> storage.Keeping:
    return await storage.keep(work.db, work.tenant.id, file, is_new=is_new, author=work.author, key=work.key)


async def _done_before(work: Work) -> Uploaded | None:
    """Find what was uploaded under the call's idempotency key, if it has one.

    Raises:
        KeyReused: it was another file.
    """
    kept = await work.kept(storage.find_kept)
    if kept is None:
        return None
    return Uploaded(kept.file, kept.status, replayed=True)
