"""Counts the pages of a file and draws them as pictures: only ever in a workshop's child, never among the calls.

pdfium and Pillow do it, with what strangers sent; whatever else they raise, the file is broken. The same page always
gives the same bytes.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageFile, ImageOps

from emplette.domain.displays import IS_BROKEN, IS_LOCKED, LONG_SIDE, ONE_PAGE, NotDrawable, must_be_within

MOST_PIXELS: Final = 64_000_000
"""Of a picture that is opened: a page at 600 dots an inch has 35 million, a telephone's photo up to 50 million."""

_TOO_LARGE: Final = f"It has more than {MOST_PIXELS:,} pixels: too many to be drawn."
_QUALITY = 88
_FULL_COLOUR = 0  # Pillow's word for not thinning out colours: thin coloured letters stay readable.
_WHITE = (255, 255, 255)
_PASSWORD = 4  # pdfium's FPDF_ERR_PASSWORD.
_WITH_LAYERS = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})
_FORMATS: Final = {
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
}

# Bombs are refused by their claimed size, before anything is unpacked; half a picture is none.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False


def count(*, path: str, content_type: str) -> int:
    """Count the pages.

    Raises:
        NotDrawable: they can't be counted, because it is locked or broken.
    """
    if content_type == "application/pdf":
        with _document(path) as document:
            return _pages_of(document)
    if content_type in ONE_PAGE:
        return 1
    with _picture(path, content_type) as picture:
        return int(getattr(picture, "n_frames", 1))


def draw(*, path: str, content_type: str, number: int) -> bytes:
    """Draw a page as a JPEG, its longer side of at most `LONG_SIDE` pixels.

    Raises:
        PageNotFound: it has fewer pages.
        NotDrawable: it is locked, broken or too large.
    """
    drawing = _page_of_pdf(path, number) if content_type == "application/pdf" else _frame(path, content_type, number)
    out = io.BytesIO()
    drawing.save(out, "JPEG", quality=_QUALITY, subsampling=_FULL_COLOUR)
    return out.getvalue()


@contextmanager
def _document(path: str) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(Path(path))
    except pypdfium2.PdfiumError as error:
        raise NotDrawable(IS_LOCKED if error.err_code == _PASSWORD else IS_BROKEN) from None
    try:
        yield document
    finally:
        document.close()


def _pages_of(document: Any) -> int:  # noqa: ANN401 - pypdfium2 has no types
    """Count the pages that are there; a document may claim a million that are not, and pdfium believes it."""
    claimed = len(document)
    if claimed and _is_there(document, claimed):
        return claimed
    there = 0
    while there < claimed:
        middle = (there + claimed + 1) // 2
        there, claimed = (middle, claimed) if _is_there(document, middle) else (there, middle - 1)
    if not there:
        raise NotDrawable(IS_BROKEN)
    return there


def _is_there(document: Any, number: int) -> bool:  # noqa: ANN401 - as above
    try:
        document.get_page_size(number - 1)
    except pypdfium2.PdfiumError:
        return False
    return True


def _page_of_pdf(path: str, number: int) -> Image.Image:
    with _document(path) as document:
        if number > len(document) or not _is_there(document, number):
            must_be_within(number, _pages_of(document))
        width, height = document.get_page_size(number - 1)
        if not 0 < min(width, height) <= max(width, height) < math.inf:
            raise NotDrawable(IS_BROKEN)
        page = document[number - 1]
        return _on_paper(page.render(scale=LONG_SIDE / max(width, height), may_draw_forms=False).to_pil())


def _frame(path: str, content_type: str, number: int) -> Image.Image:
    with _picture(path, content_type) as picture:
        must_be_within(number, 1 if content_type in ONE_PAGE else int(getattr(picture, "n_frames", 1)))
        picture.seek(number - 1)
        picture.draft(None, (LONG_SIDE, LONG_SIDE))
        if picture.width * picture.height > MOST_PIXELS:
            raise NotDrawable(_TOO_LARGE)
        drawing = _smooth(picture)
        drawing.thumbnail((LONG_SIDE, LONG_SIDE))
        ImageOps.exif_transpose(drawing, in_place=True)
        return _on_paper(drawing)


@contextmanager
def _picture(path: str, content_type: str) -> Iterator[Image.Image]:
    """Open a picture as what it is known to be, and as nothing else."""
    form = _FORMATS.get(content_type)
    if form is None:
        raise NotDrawable(f"Nothing here draws {content_type}.")
    with Image.open(path, formats=[form]) as picture:
        yield picture


def _smooth(picture: Image.Image) -> Image.Image:
    """Give a picture of shades, which can be made smaller: others have only points, of this colour or that."""
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in {"P", "PA"}:
        return picture.convert("RGBA" if picture.mode == "PA" or "transparency" in picture.info else "RGB")
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture


def _on_paper(drawing: Image.Image) -> Image.Image:
    """Lay a picture on white paper, in grey or in colours."""
    if drawing.mode in _WITH_LAYERS or "transparency" in drawing.info:
        layers = drawing.convert("RGBA")
        paper = Image.new("RGB", layers.size, _WHITE)
        paper.paste(layers, mask=layers.getchannel("A"))
        return paper
    return drawing.convert("L" if drawing.mode == "L" else "RGB")
