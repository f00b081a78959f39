"""What is sent and answered: files; written by scripts/write_client.py, never by hand."""

import datetime as dt
from typing import Required, TypedDict
from uuid import UUID

from emplette.client.wire import ABSENT, Answer


class UploadedFile(Answer, frozen=True, kw_only=True, rename="camel"):
    """A file as it was kept: its id goes into the `attachmentIds` of a commitment, or becomes an attachment."""

    id: UUID = ABSENT
    name: str = ABSENT
    created_at: dt.datetime = ABSENT
    deleted_at: dt.datetime | None = None
    content_length: int = ABSENT
    content_type: str = ABSENT
    extension: str = ABSENT
    total_pages: int | None = None


class AttachmentInput(TypedDict, total=False):
    """The file that shall become an attachment."""

    file_id: Required[UUID | str]
