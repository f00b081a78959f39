"""Looking at files without opening them in a program: as they are in a browser, or page by page as pictures."""

from typing import Final

from emplette.domain.errors import Conflict, NotFound
from emplette.domain.files import File

SHOWN_BY_BROWSERS: Final = frozenset(
    {"application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"}
)
"""The media types that every browser shows by itself."""

ONE_PAGE: Final = frozenset({"image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})
"""The media types of one page; what moves in some of them is no page."""

MANY_PAGES: Final = frozenset({"application/pdf", "image/tiff"})
"""The media types that can have several pages."""

LONG_SIDE: Final = 1_600
"""Pixels of a page's longer side as a picture: 137 dots an inch of an A4 page, enough to read its fine print."""

PICTURE: Final = "image/jpeg"
"""The media type of a page as a picture."""


IS_LOCKED: Final = "It is locked with a password."
IS_BROKEN: Final = "It is broken, or was cut off: it can't be read."
IS_TOO_MUCH: Final = "Drawing it takes more time or memory than a page may: download the file instead."


class PageNotFound(NotFound):
    """The file has no such page."""

    code = "file.page_not_found"


class NotDrawable(Conflict):
    """The page can't be drawn as a picture."""

    code = "file.not_drawable"


class NotDisplayable(Conflict):
    """The file can't be shown by a browser."""

    code = "file.not_displayable"


def must_be_displayable(file: File) -> None:
    """Refuse what browsers do not show by themselves.

    Raises:
        NotDisplayable: it is to be downloaded, or looked at page by page.
    """
    if file.content_type not in SHOWN_BY_BROWSERS:
        pages = " or look at its pages as pictures" if file.content_type in MANY_PAGES else ""
        raise NotDisplayable(f"Browsers do not show {file.content_type} by themselves: download it{pages}.")


def must_have_page(file: File, number: int) -> None:
    """Refuse pages that are known not to be there.

    Raises:
        PageNotFound: the file has fewer pages, or none.
    """
    if file.content_type not in MANY_PAGES | ONE_PAGE:
        raise PageNotFound(f"Files of the kind {file.content_type} have no pages that could be drawn.")
    must_be_within(number, file.total_pages)


def must_be_within(number: int, pages: int | None) -> None:
    """Refuse a page beyond the end, counted from 1; None is an unknown number of pages.

    Raises:
        PageNotFound: it is.
    """
    if number < 1 or (pages is not None and number > pages):
        count = "one page" if pages == 1 else f"{pages} pages"
        raise PageNotFound(f"There is no page {number}: the file has {count}." if pages else "Pages count from 1.")
