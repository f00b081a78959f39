"""Where orders are made into documents: typst in a workshop of its own, told apart by what went wrong."""

from datetime import datetime
from logging import getLogger
from pathlib import Path
from typing import Final

import msgspec

from emplette.domain.order_documents import DocumentUnmade, Letter, TemplateBroken
from emplette.formats.workshop import MB, ChildMissing, TaskFailed, TaskKilled, Workshop

TEMPLATES: Final = "templates"
"""The folder, within the data folder, of templates that somebody has put there."""

_TASK: Final = "order_documents.make"
_NAME: Final = "making of orders"
_TEMPLATE_FAILED: Final = "TemplateFailed"
_MEMORY: Final = 1536 * MB
"""Bytes of address space: most of it is the program of typst and its fonts."""
_SECONDS: Final = 20
_PROCESSOR: Final = 3
"""Seconds of a processor, of which an order needs a tenth of one: an endless template ends while its call waits."""
_TAKES_TOO_MUCH: Final = (
    f"It takes too long or too much memory: an order may take {_PROCESSOR} s of a processor, {_SECONDS} s by the clock "
    f"and {_MEMORY // MB} MB."
)

log = getLogger("emplette.order_documents")


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
        self._workshop = Workshop(_NAME, memory=_MEMORY, seconds=_SECONDS, processor=_PROCESSOR)

    @property
    def pid(self) -> int | None:
        """The process that works now, None when there is none."""
        return self._workshop.pid

    async def make(self, letter: Letter, *, made_at: datetime) -> Made:
        """Make a document.

        Raises:
            TemplateBroken: the template can't be used; the detail says what is wrong, and where.
            DocumentUnmade: no process could be started that makes it.
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
        except ChildMissing as missing:
            raise DocumentUnmade(str(missing)) from None
        except TaskKilled as killed:
            # What takes too much ends in many ways: typst aborts where it gets no memory.
            log.warning("an order was not made: %s", killed)
            raise TemplateBroken(_TAKES_TOO_MUCH, retryAfter=_SECONDS) from None
        return msgspec.convert(answer, Made)

    async def close(self) -> None:
        """Make nothing more."""
        await self._workshop.close()
