"""The operations on attachments, for asyncio; written by scripts/write_client.py, never by hand."""

from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import Versioned, quoted


class AsyncAttachments:
    """The operations on attachments, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def create(
        self, *, file_id: UUID | str, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Attachment:
        """Make an attachment of an uploaded file: its number goes into the `attachmentIds` of a commitment.

        A commitment takes the file's own id as well, and makes the attachment on the way.
        """
        ask: Ask[models.Attachment] = Ask(
            method="POST",
            path="/cleemy-procurement/api/attachments",
            answer=models.Attachment,
            body={"fileId": file_id},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, attachment_id: int) -> models.Attachment:
        """Read an attachment: to whoever uploaded its file, sees a purchase on which it hangs or hung, or sees them all."""
        ask: Ask[models.Attachment] = Ask(
            method="GET", path=f"/cleemy-procurement/api/attachments/{quoted(attachment_id)}", answer=models.Attachment
        )
        return await self._sender.send(ask)
