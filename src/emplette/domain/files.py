"""Files: what people upload, under which names they are kept, and which kinds are taken.

What a file is, its bytes say; its name is what somebody called it. Which kinds there are, the public API lists as media
types: mail, pictures, PDF, office documents, tables, archives. We take what can be kept without harm: nothing that a
browser would run, and no macros.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from emplette.domain.errors import Invalid, NotFound

LARGEST_FILE: Final = 100 * 2**20
"""Bytes of a file."""

LONGEST_NAME: Final = 255
"""Bytes of a name in UTF-8: what file systems take."""

FIELD: Final = "file"
"""The field of an upload that holds the file."""


class FileNotFound(NotFound):
    """There is no such file."""

    code = "file.not_found"


class FileRefused(Invalid):
    """The file is of no kind that is taken, or not what its name says."""

    code = "file.refused"


class Family(StrEnum):
    """Kinds that people take for each other; a name may say any kind of its family."""

    PDF = "PDF"
    PICTURE = "picture"
    MAIL = "mail"
    OFFICE = "office document"
    TEXT = "text"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file can be: its media type, and the extensions that names of such files have, the usual one first."""

    content_type: str
    family: Family
    extensions: tuple[str, ...]

    @property
    def extension(self) -> str:
        """The usual extension, without a dot."""
        return self.extensions[0]


_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument"

KINDS: Final[tuple[Kind, ...]] = (
    Kind("application/pdf", Family.PDF, ("pdf",)),
    Kind("image/jpeg", Family.PICTURE, ("jpg", "jpeg", "jpe", "jfif")),
    Kind("image/png", Family.PICTURE, ("png",)),
    Kind("image/gif", Family.PICTURE, ("gif",)),
    Kind("image/bmp", Family.PICTURE, ("bmp", "dib")),
    Kind("image/tiff", Family.PICTURE, ("tiff", "tif")),
    Kind("image/webp", Family.PICTURE, ("webp",)),
    Kind("image/heic", Family.PICTURE, ("heic",)),
    Kind("image/heif", Family.PICTURE, ("heif",)),
    Kind("message/rfc822", Family.TEXT, ("eml",)),
    Kind("application/vnd.ms-outlook", Family.MAIL, ("msg",)),
    Kind("application/msword", Family.OFFICE, ("doc", "dot")),
    Kind("application/vnd.ms-excel", Family.OFFICE, ("xls", "xlt")),
    Kind("application/vnd.ms-powerpoint", Family.OFFICE, ("ppt", "pps", "pot")),
    Kind(f"{_OPEN_XML}.wordprocessingml.document", Family.OFFICE, ("docx",)),
    Kind(f"{_OPEN_XML}.wordprocessingml.template", Family.OFFICE, ("dotx",)),
    Kind(f"{_OPEN_XML}.spreadsheetml.sheet", Family.OFFICE, ("xlsx",)),
    Kind(f"{_OPEN_XML}.spreadsheetml.template", Family.OFFICE, ("xltx",)),
    Kind(f"{_OPEN_XML}.presentationml.presentation", Family.OFFICE, ("pptx",)),
    Kind(f"{_OPEN_XML}.presentationml.slideshow", Family.OFFICE, ("ppsx",)),
    Kind(f"{_OPEN_DOCUMENT}.text", Family.OFFICE, ("odt",)),
    Kind(f"{_OPEN_DOCUMENT}.spreadsheet", Family.OFFICE, ("ods",)),
    Kind(f"{_OPEN_DOCUMENT}.presentation", Family.OFFICE, ("odp",)),
    Kind(f"{_OPEN_DOCUMENT}.graphics", Family.OFFICE, ("odg",)),
    Kind("application/rtf", Family.OFFICE, ("rtf",)),
    Kind("text/csv", Family.TEXT, ("csv", "tsv")),
    Kind("text/plain", Family.TEXT, ("txt", "text", "log", "md")),
    Kind("application/xml", Family.TEXT, ("xml",)),
    Kind("application/zip", Family.ARCHIVE, ("zip",)),
    Kind("application/vnd.rar", Family.ARCHIVE, ("rar",)),
    Kind("application/x-7z-compressed", Family.ARCHIVE, ("7z",)),
)
"""Every kind that is taken."""

BY_CONTENT_TYPE: Final = {kind.content_type: kind for kind in KINDS}
_CSV: Final = BY_CONTENT_TYPE["text/csv"]
_PLAIN: Final = BY_CONTENT_TYPE["text/plain"]
_BY_EXTENSION: Final = {extension: kind for kind in KINDS for extension in kind.extensions}


@dataclass(frozen=True, slots=True)
class File:
    """One upload: a name given to bytes, by somebody, at a moment.

    ``place`` says where the store keeps the bytes, which uploads of the same bytes share; ``size`` counts them.
    ``total_pages`` is None of what has no pages, or whose pages could not be counted.
    """

    id: UUID
    name: str
    extension: str
    content_type: str
    size: int
    sha256: bytes
    total_pages: int | None
    place: str
    created_at: datetime
    author_id: int


def kind_as_called(content_type: str, extension: str) -> Kind:
    """Say what a file is: its bytes do, but whether text is CSV, only the name does, and the same bytes have many."""
    kind = BY_CONTENT_TYPE[content_type]
    if kind not in {_CSV, _PLAIN}:
        return kind
    return _CSV if extension in _CSV.extensions else _PLAIN


def extension_of(name: str, kind: Kind) -> str:
    """Say by which extension a file goes: its name's own when that is one of its kind, else the usual one.

    Raises:
        FileRefused: the name says something else altogether, which people would open as what it is not.
    """
    told = split_name(name)[1].lower()
    if told in kind.extensions:
        return told
    other = _BY_EXTENSION.get(told)
    if other is not None and other.family is not kind.family:
        message = (
            f"Its name says .{told}, and its content is {kind.content_type}: "
            f"send what the name says, or name it .{kind.extension}."
        )
        raise FileRefused({FIELD: [message]})
    return kind.extension


# What no file name should hold: what some system forbids in one, and what steers or hides the writing.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,12}")
_JOINERS: Final = "\u200c\u200d"
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³")]
)
_NAMELESS: Final = "file"


# Extensions that something would run, whatever the bytes are: a browser, Windows, a shell or an interpreter.
_RUNS: Final = re.compile(
    "aspx?|css|html?|jar|jsp?|jse|mjs|php|shtml|svg|swf|ts|wasm|xhtml?|xht|xslt?|"
    "bat|cmd|com|cpl|dll|exe|hta|lnk|msi|ps1|psm1|reg|scr|url|vb[es]?|ws[fh]|"
    "bin|cgi|desktop|lua|pl|py|rb|(?:ba|c|k|z)?sh"
)


def name_as(name: str, kind: Kind) -> str:
    """Clean a name for a file of a kind; what would be run by its name also gets the extension of what it is.

    A picture can be a script as well, to whom its name says so: `scan.js` becomes `scan.js.gif`.

    Raises:
        FileRefused: it is text, which would be run as it is.
    """
    cleaned = clean_name(name)
    told = split_name(cleaned)[1].lower()
    if not _RUNS.fullmatch(told):
        return cleaned
    if kind.family is Family.TEXT:
        message = f"Its name ends in .{told}, which is a program or a page: text is taken as .txt or .csv."
        raise FileRefused({FIELD: [message]})
    return clean_name(f"{cleaned}.{kind.extension}")


def split_name(name: str) -> tuple[str, str]:
    """Part a name into what stands before its extension, and the extension without the dot; empty when it has none."""
    stem, dot, extension = name.rpartition(".")
    return (stem, extension) if dot and _EXTENSION.fullmatch(extension) else (name, "")


def clean_name(name: str) -> str:
    """Make a file name of what somebody sent as one: without folders, without what steers or hides the writing.

    It can be used as a name on any system: no reserved words, no characters that some system forbids, no more
    than `LONGEST_NAME` bytes. Its extension stays.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    spaced = _SPACES.sub(" ", last)
    shown = "".join(char for char in spaced if char in _JOINERS or unicodedata.category(char) not in _DROPPED)
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", shown)).strip(f" .{_JOINERS}")
    stem, extension = split_name(plain)
    if not extension and shown.strip().startswith(".") and _EXTENSION.fullmatch(stem) and stem.lower() in _BY_EXTENSION:
        stem, extension = "", stem
    stem = stem.rstrip(" .") or _NAMELESS
    if stem.partition(".")[0].rstrip(" ").lower() in _RESERVED:
        stem = f"_{stem}"
    ending = f".{extension}" if extension else ""
    return _cut(stem, LONGEST_NAME - len(ending)) + ending


def _cut(text: str, length: int) -> str:
    """Cut a text to so many bytes, between two characters."""
    if len(text.encode()) <= length:
        return text
    kept = text.encode()[:length].decode(errors="ignore")
    while kept and (text[len(kept)] in _JOINERS or unicodedata.combining(text[len(kept)])):
        kept = kept[:-1]
    return kept.rstrip(f" .{_JOINERS}") or _NAMELESS
