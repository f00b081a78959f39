"""Attachments: making one of an uploaded file, looking at one."""

from uuid import UUID

from emplette.domain.attachments import AttachmentExists, AttachmentNotFound
from emplette.http.api import examples
from emplette.http.api.attachments_out import AttachmentOut, attachment_out
from emplette.http.contract import GET, POST, Body, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import LOCATION
from emplette.services import attachments
from emplette.services.work import Work


class AttachmentIn(Body):
    """The file that shall become an attachment."""

    file_id: UUID


@operation(
    POST,
    f"{BASE}/api/attachments",
    answers={201: AttachmentOut},
    tells=(LOCATION,),
    tag="Files",
    problems=(AttachmentExists,),
    examples=examples.ATTACHMENT,
    answer_examples=examples.ATTACHED,
    links={
        "read_attachment": {"attachment_id": "id"},
        "read_file": {"file_id": "file.id"},
        "display_file": {"file_id": "file.id"},
        "display_page": {"file_id": "file.id", "page_number": "pages.count"},
    },
    ours=True,
)
async def create_attachment(work: Work, attachment: AttachmentIn) -> Reply[AttachmentOut]:
    """Make an attachment of an uploaded file: its number goes into the `attachmentIds` of a commitment.

    A commitment takes the file's own id as well, and makes the attachment on the way.
    """
    made = await attachments.create_attachment(work, attachment.file_id)
    place = href("attachment", made.attachment.id)
    return Reply(attachment_out(made.attachment), status=made.status, location=place, replayed=made.replayed)


@operation(
    GET,
    f"{BASE}/api/attachments/{{attachment_id}}",
    answers={200: AttachmentOut},
    tag="Files",
    problems=(AttachmentNotFound,),
    answer_examples=examples.ATTACHED,
    links={"read_file": {"file_id": "file.id"}},
    ours=True,
)
async def read_attachment(work: Work, attachment_id: int) -> AttachmentOut:
    """Read an attachment: to whoever uploaded its file, sees a purchase on which it hangs or hung, or sees them all."""
    return attachment_out(await attachments.read_attachment(work, attachment_id))
