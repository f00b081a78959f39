"""Pages of files, counted and drawn in a workshop: what the rest of the program sees of it."""

from collections import OrderedDict
from logging import getLogger
from pathlib import Path
from typing import Final

from emplette.domain.displays import (
    IS_BROKEN,
    IS_TOO_MUCH,
    MANY_PAGES,
    ONE_PAGE,
    NotDrawable,
    PageNotFound,
)
from emplette.formats.workshop import MB, TaskFailed, TaskKilled, Workshop

MEMORY: Final = 1024 * MB
"""Bytes of address space of the child that draws: a picture of 64 million pixels, twice, and what opens it."""

SECONDS: Final = 4
"""What a page may take: less than the time limit of a call."""

REMEMBERED: Final = 16 * MB
"""Bytes of pictures that a worker keeps, because pages are looked at again."""

_REFUSALS: Final = {kind.__name__: kind for kind in (PageNotFound, NotDrawable)}

log = getLogger("emplette.displays")


class Drawing:
    """Counts and draws pages, and remembers the pictures that were looked at last.

    Uploads wait until their pages are counted. So that is done apart: nobody's slow pages stop uploads.
    """

    def __init__(self) -> None:
        self._counting = Workshop("counting of pages", memory=MEMORY, seconds=SECONDS)
        self._drawing = Workshop("drawing of pages", memory=MEMORY, seconds=SECONDS)
        self._pictures: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()
        self._size = 0

    async def count(self, path: Path, content_type: str) -> int | None:
        """Count the pages of a file; None when its kind has none, or when they can't be counted.

        Raises:
            Unavailable: too much is being counted.
        """
        if content_type in ONE_PAGE:
            return 1
        if content_type not in MANY_PAGES:
            return None
        try:
            found: int = await self._counting.run("pages.count", path=_from_anywhere(path), content_type=content_type)
        except (TaskFailed, TaskKilled) as failure:
            log.info("pages were not counted: %s", failure)
            return None
        return found

    def remembered(self, sha256: bytes, number: int) -> bytes | None:
        """Give the picture of a page of these bytes, if it was drawn not long ago."""
        picture = self._pictures.get((sha256, number))
        if picture is not None:
            self._pictures.move_to_end((sha256, number))
        return picture

    async def draw(self, path: Path, content_type: str, sha256: bytes, number: int) -> bytes:
        """Draw a page, counted from 1.

        Raises:
            PageNotFound: there are fewer.
            NotDrawable: it is locked, broken, or too much.
            Unavailable: too much is being drawn.
        """
        arguments = {"path": _from_anywhere(path), "content_type": content_type, "number": number}
        try:
            picture: bytes = await self._drawing.run("pages.draw", **arguments)
        except TaskKilled as death:
            log.warning("a page was not drawn: %s", death)
            raise NotDrawable(IS_TOO_MUCH) from death
        except TaskFailed as failure:
            known = _REFUSALS.get(failure.kind)
            if known is not None:
                raise known(str(failure)) from None
            log.info("a page was not drawn: %s: %s", failure.kind, failure)
            raise NotDrawable(IS_BROKEN) from None
        self._remember((sha256, number), picture)
        return picture

    async def close(self) -> None:
        """End what is being counted and drawn."""
        await self._counting.close()
        await self._drawing.close()

    def _remember(self, key: tuple[bytes, int], picture: bytes) -> None:
        self._size += len(picture) - len(self._pictures.pop(key, b""))
        self._pictures[key] = picture
        while self._size > REMEMBERED:
            _, oldest = self._pictures.popitem(last=False)
            self._size -= len(oldest)


def _from_anywhere(path: Path) -> str:
    """Write a path so that it can be followed by the child, which stands elsewhere."""
    return str(path.absolute())
