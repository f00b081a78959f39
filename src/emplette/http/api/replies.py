"""Replies about a purchase and what is under it: each carries the one version, and says whether it is a repeat."""

from typing import TypeVar

from emplette.domain.dossiers import Dossier
from emplette.domain.registers import Entry
from emplette.http.contract import Reply
from emplette.services import registers
from emplette.services.commands import Done, version_tag
from emplette.services.registers import Written

T = TypeVar("T")
E = TypeVar("E", bound=Entry)


def reply_with(body: T, done: Done, *, location: str | None = None) -> Reply[T]:
    """Answer a command."""
    return Reply(
        body, status=done.status, etag=f'"{version_tag(done.dossier)}"', location=location, replayed=done.replayed
    )


def reply_to_reading(body: T, dossier: Dossier) -> Reply[T]:
    """Answer a reading."""
    return Reply(body, etag=f'"{version_tag(dossier)}"')


def reply_with_entry(body: T, done: Written[E], *, location: str | None = None) -> Reply[T]:
    """Answer with an entry of a register, at its version."""
    etag = f'"{registers.version_tag(done.entry)}"'
    return Reply(body, status=done.status, etag=etag, location=location, replayed=done.replayed)
