"""Attachments: files that hang on commitments.

One belongs to one commitment at a time. What a revision drops, and what hangs on a commitment that was denied or
cancelled, can be used again; the commitment that was denied still shows what it was made of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from emplette.domain.errors import Conflict, Faults, Invalid, NotFound
from emplette.domain.files import File
from emplette.domain.people import Principal

MOST_ATTACHMENTS: Final = 3
"""How many hang on one commitment."""

Name = int | UUID
"""How a caller names an attachment: by its number, or by its file, which becomes an attachment on the way."""

Names = Mapping[str, Name]
"""What a caller names, in order, by the field that says it."""


class AttachmentNotFound(NotFound):
    """There is no such attachment."""

    code = "attachment.not_found"


class AttachmentExists(Conflict):
    """The file is an attachment already."""

    code = "attachment.exists"


class AttachmentInUse(Conflict):
    """The attachment hangs on another commitment."""

    code = "attachment.in_use"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on something, or can. ``commitment_id`` has it, or had it last."""

    id: int
    file: File
    created_at: datetime
    commitment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read a file: who uploaded it, whoever sees a purchase on which it hangs or hung, and whoever sees all.

    ``uploaders`` are the user who uploaded it, and the person that this was; ``people`` are those of the purchases,
    ``asked`` those who are asked to approve one of them, and ``cost_centers`` what these are charged to.
    """

    uploaders: frozenset[int]
    people: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()
    cost_centers: frozenset[int] = frozenset()

    def include(self, who: Principal) -> bool:
        """Tell whether this caller is one of them: who sees every purchase, sees those of nobody as well."""
        is_theirs = not who.user.identities.isdisjoint(self.uploaders)
        charged = any(who.sees((), cost_center_id) for cost_center_id in self.cost_centers)
        return is_theirs or who.sees(self.people) or charged or who.is_asked(self.asked)


@dataclass(frozen=True, slots=True)
class Holder:
    """The commitment that has an attachment, or had it last; one that is not live lets go of it."""

    id: int
    state: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that somebody wants to hang on a commitment: with its attachment, if it is one, and who has that."""

    file: File
    readers: Readers
    attachment: Attachment | None = None
    holder: Holder | None = None


Found = Mapping[Name, Candidate]
"""What was found of the attachments that a caller names."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """An attachment as it hangs after a command; ``had`` is the commitment that had it before, None for nobody."""

    attachment: Attachment
    had: int | None
    is_new: bool = False

    @property
    def is_change(self) -> bool:
        """Tell whether it changes hands."""
        return self.is_new or self.had != self.attachment.commitment_id


def made_of(file_id: UUID, found: Found, *, attachment_id: int, at: datetime) -> Attachment:
    """Make an attachment of a file.

    Raises:
        Invalid: there is no such file.
        AttachmentExists: with the attachment that it is already.
    """
    candidate = found.get(file_id)
    if candidate is None:
        raise Invalid.field("fileId", f"There is no file {file_id}.")
    if candidate.attachment is not None:
        detail = f"{candidate.file.name} is attachment {candidate.attachment.id}."
        raise AttachmentExists(detail, kind="attachment", id=candidate.attachment.id)
    return Attachment(attachment_id, candidate.file, at)


def readable_by(who: Principal, found: Found) -> Found:
    """Leave out what the caller may not read: for them it is not there."""
    return {name: candidate for name, candidate in found.items() if candidate.readers.include(who)}


def note_missing(names: Names, found: Found, faults: Faults) -> None:
    """Note every name of what is not there, and every file that is named a second time."""
    seen: set[UUID] = set()
    for path, name in names.items():
        candidate = found.get(name)
        if candidate is None:
            kind = "file" if isinstance(name, UUID) else "attachment"
            faults.add(path, f"There is no {kind} {name}.")
        elif candidate.file.id in seen:
            faults.add(path, f"Names {candidate.file.name} a second time.")
        else:
            seen.add(candidate.file.id)


def hang(names: Names, found: Found, *, onto: int, new_ids: Iterator[int], at: datetime) -> tuple[Hanging, ...]:
    """Hang what was named, all of which must have been found, onto a commitment; files become attachments on the way.

    Raises:
        AttachmentInUse: with the live commitment that has one of them.
    """
    return tuple(_hung(found[name], onto, new_ids, at) for name in names.values())


def _hung(candidate: Candidate, onto: int, new_ids: Iterator[int], at: datetime) -> Hanging:
    attachment, holder = candidate.attachment, candidate.holder
    if attachment is None:
        return Hanging(Attachment(next(new_ids), candidate.file, at, onto), had=None, is_new=True)
    if holder is not None and holder.is_live and holder.id != onto:
        detail = f"{candidate.file.name} hangs on commitment {holder.id}, which is {holder.state}."
        raise AttachmentInUse(detail, kind="commitment", id=holder.id, state=holder.state)
    return Hanging(replace(attachment, commitment_id=onto), had=attachment.commitment_id)


def let_go(before: Sequence[Attachment], after: Sequence[Hanging]) -> tuple[Hanging, ...]:
    """List what a commitment drops, which is nobody's then."""
    return dropped(before, [hanging.attachment for hanging in after])


def dropped(before: Sequence[Attachment], after: Sequence[Attachment]) -> tuple[Hanging, ...]:
    """List what hangs no longer when those hang that come after, and is nobody's then."""
    kept = {attachment.id for attachment in after}
    return tuple(
        Hanging(replace(attachment, commitment_id=None), had=attachment.commitment_id)
        for attachment in before
        if attachment.id not in kept
    )
