"""Files to be looked at: in a browser, or page by page as pictures."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from emplette.domain.displays import PICTURE, NotDisplayable, NotDrawable, PageNotFound
from emplette.domain.files import FileNotFound, split_name
from emplette.http.api.files import download_of
from emplette.http.contract import ANY, GET, Download, operation
from emplette.http.contract.places import BASE
from emplette.services import displays
from emplette.services.work import Work

_EDITION: Final = 1
"""Part of the tag of every picture: counted up when pages are drawn differently, so that old pictures are not kept."""


@operation(
    GET,
    f"{BASE}/api/files/{{file_id}}/display",
    answers={200: bytes, 206: bytes, 304: None},
    tag="Files",
    problems=(FileNotFound, NotDisplayable),
    media_type=ANY,
)
async def display_file(work: Work, file_id: UUID) -> Download:
    """Show a file in a browser: PDF, JPEG, PNG, GIF, WebP and BMP, as they are.

    Every other kind is a 409: download it, or look at its pages as pictures. Whatever is shown may run nothing and load
    nothing. Who may read the file may look at it.
    """
    file = await displays.display_file(work, file_id)
    return replace(download_of(work, file), shown=True)


@operation(
    GET,
    f"{BASE}/api/files/{{file_id}}/display/pages/{{page_number}}",
    answers={200: bytes, 206: bytes, 304: None},
    tag="Files",
    problems=(FileNotFound, PageNotFound, NotDrawable),
    media_type=PICTURE,
)
async def display_page(work: Work, file_id: UUID, page_number: int) -> Download:
    """Look at a page of a PDF, a TIFF or another picture, as a JPEG whose longer side has at most 1,600 pixels.

    Pages count from 1; beyond the last one, and of a kind without pages, the answer is 404. A file that is locked with
    a password, broken, or takes too much to be drawn is a 409 that says which.
    """
    page = await displays.display_page(work, file_id, page_number)

    async def read(first: int, last: int) -> AsyncGenerator[bytes, None]:
        return _piece(page.picture[first : last + 1])

    name = f"{split_name(page.file.name)[0]}-{page.number}.jpg"
    tag = sha256(b"%b %d %d" % (page.file.sha256, page.number, _EDITION)).hexdigest()
    return Download(name, PICTURE, len(page.picture), tag, read, shown=True)


async def _piece(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content
