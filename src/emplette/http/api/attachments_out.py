"""How an answer tells an attachment: a file, where it is read, and where its pages are seen."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from emplette.domain.attachments import Attachment
from emplette.domain.files import File
from emplette.http.contract import Answer, Instant, instant
from emplette.http.contract.places import place_of_file

_TEMPLATE = Meta(description="Where a page is seen: put its number, from 1 on, in the place of `{pageNumber}`.")
_COUNT = Meta(description="How many pages can be seen; 0 for a file of a kind that has none.")


class FileOut(Answer):
    """A reference to a file."""

    id: UUID
    href: str
    name: str
    display_href: str


class PagesOut(Answer):
    """The pages of a file."""

    display_href_template: Annotated[str, _TEMPLATE]
    count: Annotated[int, _COUNT]


class AttachmentOut(Answer):
    """A file that hangs on something."""

    id: int
    file: FileOut
    created_at: Instant
    pages: PagesOut


def file_out(file: File) -> FileOut:
    """Point at a file."""
    place = place_of_file(file.id)
    return FileOut(id=file.id, href=place, name=file.name, display_href=f"{place}/display")


def attachment_out(attachment: Attachment) -> AttachmentOut:
    """Tell an attachment."""
    file = attachment.file
    template = f"{place_of_file(file.id)}/display/pages/{{pageNumber}}"
    return AttachmentOut(
        id=attachment.id,
        file=file_out(file),
        created_at=instant(attachment.created_at),
        pages=PagesOut(display_href_template=template, count=file.total_pages or 0),
    )
