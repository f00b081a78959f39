"""Where orders are made into documents: typst in a workshop of its own, told apart by what went wrong."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from emplette.domain.order_documents import DocumentUnmade, Letter, TemplateBroken
from emplette.formats.workshop import TaskFailed, TaskKilled, Workshop

TEMPLATES: Final = "templates"
"""The folder, within the data folder, of templates that somebody has put there."""

_TASK: Final = "order_documents.make"
_NAME: Final = "making of orders"
_TEMPLATE_FAILED: Final = "TemplateFailed"
_MEMORY: Final = 1536 * 1024 * 1024
"""Bytes of address space: most of it is the program of typst and its fonts."""
_SECONDS: Final = 20


class Made(msgspec.Struct, frozen=True):
    """A document, and with what it was made: which template, and the SHA-256 of that."""

    pdf: bytes
    template: str
    template_sha256: bytes


class Press:
    """Makes the documents of orders, one after the other.

    Args:
        templates: the folder in which somebody may have put templates of their own.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._workshop = Workshop(_NAME, memory=_MEMORY, seconds=_SECONDS)

    @property
    def pid(self) -> int | None:
        """The process that works now, None when there is none."""
        return self._workshop.pid

    async def make(self, letter: Letter, *, made_at: datetime) -> Made:
        """Make a document.

        Raises:
            TemplateBroken: the template can't be used; the detail says what is wrong, and where.
            DocumentUnmade: it took too long, or too much memory, or the process was ended.
            Unavailable: too many wait already.
        """
        told = {
            "letter": msgspec.to_builtins(letter),
            "templates": str(self._templates.absolute()),
            "made_at": made_at.isoformat(),
        }
        try:
            answer = await self._workshop.run(_TASK, **told)
        except TaskFailed as failed:
            if failed.kind != _TEMPLATE_FAILED:
                raise
            raise TemplateBroken(str(failed), retryAfter=_SECONDS) from None
        except TaskKilled as killed:
            raise DocumentUnmade(str(killed)) from None
        return msgspec.convert(answer, Made)

    async def close(self) -> None:
        """Make nothing more."""
        await self._workshop.close()
