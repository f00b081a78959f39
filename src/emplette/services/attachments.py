"""What people do with attachments: make one of a file, look at one."""

from dataclasses import dataclass
from uuid import UUID

from emplette.domain.attachments import Attachment, AttachmentNotFound, made_of, readable_by
from emplette.domain.errors import Refusal, Unavailable
from emplette.services.commands import ATTEMPTS
from emplette.services.work import Work
from emplette.storage import attachments as storage
from emplette.storage.attachments import Creation


@dataclass(frozen=True, slots=True)
class Made:
    """An attachment after a call, and how that is answered."""

    attachment: Attachment
    status: int
    replayed: bool = False


async def create_attachment(work: Work, file_id: UUID) -> Made:
    """Make an attachment of a file that the caller may read.

    Raises:
        Invalid: there is no such file.
        AttachmentExists: with the attachment that it is already.
        KeyReused: the idempotency key was used for another request.
        PreconditionFailed: the call is meant for a version of what does not exist yet.
    """
    attachment_id = await work.new_id("attachment")
    for _ in range(ATTEMPTS):
        try:
            work.refuse_version()
            found = readable_by(work.who, await storage.find(work.db, work.tenant.id, [file_id]))
            attachment = made_of(file_id, found, attachment_id=attachment_id, at=work.now)
        except Refusal:
            done = await _done_before(work)
            if done is not None:
                return done
            raise
        if await storage.create(work.db, work.tenant.id, Creation(attachment, work.author, work.key)):
            return Made(attachment, work.status)
        done = await _done_before(work)
        if done is not None:
            return done
    reason = "Too many others are using this file just now."
    raise Unavailable(reason)


async def read_attachment(work: Work, attachment_id: int) -> Attachment:
    """Look at an attachment.

    Raises:
        AttachmentNotFound: it is not there for this caller.
    """
    found = readable_by(work.who, await storage.find(work.db, work.tenant.id, [attachment_id]))
    attachment = found[attachment_id].attachment if attachment_id in found else None
    if attachment is None:
        raise AttachmentNotFound
    return attachment


async def _done_before(work: Work) -> Made | None:
    """Find what was done under the call's idempotency key, if it has one.

    Raises:
        KeyReused: it was another request.
    """
    kept = await work.kept(storage.find_kept)
    if kept is None:
        return None
    return Made(kept.attachment, kept.status, replayed=True)
