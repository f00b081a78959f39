"""What a file is, as its bytes say: an allow-list. What is on it can be kept and handed out again without harm.

Names are hints at most: for text, which nothing else tells apart. The list of kinds is `emplette.domain.files.KINDS`.
"""

import re
from pathlib import Path
from typing import Final

from emplette.domain.files import BY_CONTENT_TYPE, FIELD, FileRefused, Kind, split_name
from emplette.formats.containers import OLE, ZIP, Locked, Macros, look_into_ole, look_into_zip
from emplette.formats.texts import Runs, look_into_text

_HEAD: Final = 64 * 1024
_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1024

_SIGNATURES: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), content_type)
    for pattern, content_type in (
        # Some programs put a line break or a byte-order mark before it. Nothing that shows may stand there.
        (rb"(?:\xef\xbb\xbf)?[\0\t\n\f\r ]{0,1000}%PDF-\d", "application/pdf"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"BM.{4}\0\0\0\0.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "image/bmp"),
        (rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]", "image/tiff"),
        (rb"RIFF.{4}WEBPVP8", "image/webp"),
        (rb"\0\0\0.ftyp(?:heic|heix|heim|heis)|\0\0\0.ftypmif1.{4,40}?heic", "image/heic"),
        (rb"\0\0\0.ftyp(?:mif1(?!.{4,40}?avif)|hevc|hevx)", "image/heif"),
        (rb"\{\\rtf1", "application/rtf"),
        (rb"Rar!\x1a\x07(?:\0|\x01\0)", "application/vnd.rar"),
        (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    )
)

# What people try to send and can't, and is no text: for a refusal that names it.
_KNOWN_STRANGERS: Final = tuple(
    (re.compile(pattern, re.DOTALL), what)
    for pattern, what in (
        (
            rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|\0asm|L\0\0\0\x01\x14\x02",
            "a program",
        ),
        (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a packed file of a kind that is not taken (zip, 7z and rar are)"),
        (rb"\0\0\0.ftyp(?:avif|avis|mif1.{4,40}?avif)", "an AVIF picture: save it as JPEG or PNG"),
        (rb"....ftyp|\x1aE\xdf\xa3|OggS|ID3|RIFF", "a film or a sound"),
    )
)

_UNKNOWN: Final = "What it is can't be told from its content"
_TAKEN: Final = (
    "PDF, pictures (JPEG, PNG, GIF, TIFF, WebP, HEIC, BMP), office documents, mails, CSV, text, XML and zip are"
)


def kind_of(path: Path, name: str = "") -> Kind:
    """Tell what a file is by its content.

    It reads the file: not for the event loop.

    Args:
        path: where the file lies.
        name: what its sender calls it; it tells CSV from other text.

    Raises:
        FileRefused: it is of no kind that is taken; the message says what it is, and what would be right.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise _refusal("The file is empty: nothing arrived, or there was nothing to send.")
    content_type = next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), None)
    if content_type is None and head.startswith((OLE, *ZIP)):
        content_type = _kind_of_container(path, head)
    if content_type is None:
        if _PDF in head[:_PDF_WITHIN]:
            raise _refusal("Something stands before the beginning of the PDF: save or print it anew.")
        content_type = _kind_of_text(path, head, split_name(name)[1].lower())
    return BY_CONTENT_TYPE[content_type]


def _kind_of_container(path: Path, head: bytes) -> str:
    try:
        if head.startswith(OLE):
            found = look_into_ole(path)
            if found is None:
                raise _refusal("It is neither an office document nor a mail, though it is made like one.")
            return found
        found = look_into_zip(path)
    except Macros:
        raise _refusal("It carries macros: save it without them, or as PDF.") from None
    except Locked:
        raise _refusal("It is locked with a password, so that nobody else could read it: send it without.") from None
    return found if found in BY_CONTENT_TYPE else "application/zip"


def _kind_of_text(path: Path, head: bytes, extension: str) -> str:
    try:
        found = look_into_text(path, head, extension)
    except Runs as why:
        raise _refusal(str(why)) from None
    if found is None:
        known = next((what for pattern, what in _KNOWN_STRANGERS if pattern.match(head)), None)
        raise _refusal(f"{f'It is {known}' if known else _UNKNOWN}; {_TAKEN} taken.")
    return found


def _refusal(message: str) -> FileRefused:
    return FileRefused({FIELD: [message]})
