"""Pages of files, counted and drawn in a workshop: what the rest of the program sees of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Final
from uuid import UUID

from emplette.domain.displays import (
    IS_BROKEN,
    IS_TOO_MUCH,
    MANY_PAGES,
    ONE_PAGE,
    NotDrawable,
    PageNotFound,
)
from emplette.domain.errors import Unavailable
from emplette.formats.workshop import MB, ChildMissing, TaskFailed, TaskKilled, Workshop

MEMORY: Final = 1024 * MB
"""Bytes of address space of the child that draws: a picture of 64 million pixels, twice, and what opens it."""

SECONDS: Final = 4
"""What a page may take: less than the time limit of a call."""

REMEMBERED: Final = 16 * MB
"""Bytes of pictures that a worker keeps, because pages are looked at again."""

REMEMBERED_FAILURES: Final = 1_000
"""Pages of which a worker knows that they took too much."""

FORGOTTEN_AFTER: Final = 300.0
"""Seconds after which such a page is tried again: it may have been the machine."""

_REFUSALS: Final = {kind.__name__: kind for kind in (PageNotFound, NotDrawable)}

log = getLogger("emplette.displays")

Lend = Callable[[], AbstractAsyncContextManager[Path]]
"""Lends the bytes of a file for as long as somebody works with them."""


@dataclass(slots=True)
class _UnderWay:
    """A page that is being drawn, and how many wait for it."""

    task: "asyncio.Task[bytes]"
    waiting: int = 0


class Drawing:
    """Counts and draws pages, and remembers the pictures that were looked at last, and which pages took too much.

    Whoever wants a page that is being drawn waits for that drawing; it ends with the last one who waits. Uploads wait
    until their pages are counted. So that is done apart: nobody's slow pages stop uploads.
    """

    def __init__(self) -> None:
        self._counting = Workshop("counting of pages", memory=MEMORY, seconds=SECONDS)
        self._drawing = Workshop("drawing of pages", memory=MEMORY, seconds=SECONDS)
        self._pictures: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()
        self._size = 0
        self._failed_at: OrderedDict[tuple[bytes, int], float] = OrderedDict()
        self._under_way: dict[tuple[bytes, int], _UnderWay] = {}

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
        """Give the picture of a page of these bytes, if it was drawn not long ago.

        Raises:
            NotDrawable: not long ago, it took too much.
        """
        failed_at = self._failed_at.get((sha256, number))
        if failed_at is not None and asyncio.get_running_loop().time() < failed_at + FORGOTTEN_AFTER:
            raise NotDrawable(IS_TOO_MUCH)
        picture = self._pictures.get((sha256, number))
        if picture is not None:
            self._pictures.move_to_end((sha256, number))
        return picture

    async def draw(self, lend: Lend, content_type: str, sha256: bytes, number: int, *, file_id: UUID) -> bytes:
        """Draw a page, counted from 1.

        Args:
            lend: lends the file; it is not asked when somebody draws the same page already.
            content_type: of the file.
            sha256: of its bytes: these and the number say which picture it is.
            number: of the page.
            file_id: by which the log calls the file.

        Raises:
            PageNotFound: there are fewer.
            NotDrawable: it is locked, broken, or too much.
            Unavailable: too much is being drawn, or nothing can be just now.
        """
        key = (sha256, number)
        drawn = self._under_way.get(key)
        if drawn is None:
            task = asyncio.create_task(self._draw(lend, content_type, key, file_id))
            drawn = self._under_way[key] = _UnderWay(task)
        drawn.waiting += 1
        try:
            return await asyncio.shield(drawn.task)
        finally:
            drawn.waiting -= 1
            if not drawn.waiting:
                drawn.task.cancel()
            if self._under_way.get(key) is drawn and (drawn.task.done() or not drawn.waiting):
                del self._under_way[key]

    async def _draw(self, lend: Lend, content_type: str, key: tuple[bytes, int], file_id: UUID) -> bytes:
        number = key[1]
        try:
            async with lend() as path:
                told = {"path": _from_anywhere(path), "content_type": content_type, "number": number}
                picture: bytes = await self._drawing.run("pages.draw", **told)
        except ChildMissing as failure:
            log.error("page %d of file %s was not drawn: %s", number, file_id, failure)  # noqa: TRY400 - no fault of ours
            raise Unavailable("No page can be drawn just now.") from failure
        except TaskKilled as death:
            log.warning("page %d of file %s was not drawn: %s", number, file_id, death)
            self._remember_failure(key)
            raise NotDrawable(IS_TOO_MUCH) from death
        except TaskFailed as failure:
            known = _REFUSALS.get(failure.kind)
            if known is not None:
                raise known(str(failure)) from None
            log.info("page %d of file %s was not drawn: %s: %s", number, file_id, failure.kind, failure)
            raise NotDrawable(IS_BROKEN) from None
        self._remember(key, picture)
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

    def _remember_failure(self, key: tuple[bytes, int]) -> None:
        self._failed_at.pop(key, None)
        self._failed_at[key] = asyncio.get_running_loop().time()
        if len(self._failed_at) > REMEMBERED_FAILURES:
            self._failed_at.popitem(last=False)


def _from_anywhere(path: Path) -> str:
    """Write a path so that it can be followed by the child, which stands elsewhere."""
    return str(path.absolute())
