"""Looking into files that hold others, without unpacking them: zip folders, and the compound files of old Office.

No more is read than it takes to tell what they are, however large they say they are; what can't be followed is unknown.
"""

import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Of a zip: a member's head (method, packed size, lengths of name and extra), an entry of the directory (lengths of
# name, extra and comment, place of the member), and the end (length and place of the directory).
_MEMBER = struct.Struct("<8xH8xI4xHH")
_LISTED = struct.Struct("<28xHHH8xI")
_END = struct.Struct("<12xII2x")
_END_MARK = b"PK\x05\x06"
_LISTED_MARK = b"PK\x01\x02"
_LONGEST_COMMENT = 65_535
_MOST_OF_DIRECTORY = 2**20
_MOST_OF_MEMBER = 2**18

# Of a compound file: the head, with the size of a sector as a power of two, the first sector of the directory, and the
# sectors of the table that says which sector follows which; an entry of the directory is a name and its length.
_HEAD = 512
_HEAD_FIELDS = struct.Struct("<30xH16xI24x109I")
_POWERS = (9, 12)
_SECTOR = struct.Struct("<I")
_LAST_SECTOR = 0xFFFFFFFA
_MOST_SECTORS = 256
_ENTRY = struct.Struct("<64sH62x")


class Macros(Exception):
    """The document carries programs."""


class Locked(Exception):
    """The document is locked with a password."""


def look_into_zip(path: Path) -> str | None:
    """Tell what a zip folder is: a media type of an office document, or None for any other folder.

    Raises:
        Macros: it is an office document with programs in it.
    """
    with path.open("rb") as file:
        kind = _open_document_type(file.read(_HEAD))
        entries = dict(_zip_entries(file))
        if kind is None:
            types = entries.get("[Content_Types].xml")
            if types is None:
                return None
            written = _unpacked(file, types)
            if b"macroEnabled" in written:
                raise Macros
            kind = next((kind for main, kind in _MAIN_PARTS.items() if main in written), None)
    if kind is not None and any(_PROGRAM.search(name) for name in entries):
        raise Macros
    return kind


# Where programs lie in the documents of Microsoft, and in OpenDocument.
_PROGRAM: Final = re.compile(r"vbaProject\.bin$|^(?:Basic|Scripts)/", re.IGNORECASE)
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_MAIN_PARTS: Final = {
    f"{_OPEN_XML}.{kind}{part}+xml".encode(): f"{_OPEN_XML}.{kind}{suffix}"
    for kind, part, suffix in (
        ("wordprocessingml", ".document.main", ".document"),
        ("wordprocessingml", ".template.main", ".template"),
        ("spreadsheetml", ".sheet.main", ".sheet"),
        ("spreadsheetml", ".template.main", ".template"),
        ("presentationml", ".presentation.main", ".presentation"),
        ("presentationml", ".slideshow.main", ".slideshow"),
    )
}


def _open_document_type(head: bytes) -> str | None:
    """Read what OpenDocument puts first for this purpose: a member "mimetype" that is not packed."""
    if len(head) < _MEMBER.size:
        return None
    method, size, name, extra = _MEMBER.unpack_from(head)
    content = _MEMBER.size + name + extra
    if method != 0 or head[_MEMBER.size : _MEMBER.size + name] != b"mimetype":
        return None
    told = head[content : content + size].decode("ascii", "replace")
    return told if told.startswith(_OPEN_DOCUMENT) else None


def _zip_entries(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Walk the names in the directory at the end, each with the place of its member; the first megabyte of them."""
    size = file.seek(0, os.SEEK_END)
    tail = _read_at(file, max(0, size - _LONGEST_COMMENT - _END.size), size)
    end = tail.rfind(_END_MARK)
    if end < 0 or len(tail) - end < _END.size:
        return
    length, start = _END.unpack_from(tail, end)
    directory = _read_at(file, start, min(length, _MOST_OF_DIRECTORY))
    at = 0
    while directory.startswith(_LISTED_MARK, at) and at + _LISTED.size <= len(directory):
        name, extra, comment, member = _LISTED.unpack_from(directory, at)
        at += _LISTED.size
        yield directory[at : at + name].decode("utf-8", "replace"), member
        at += name + extra + comment


def _unpacked(file: BinaryIO, member: int) -> bytes:
    """Unpack the beginning of one member."""
    head = _read_at(file, member, _MEMBER.size)
    if len(head) < _MEMBER.size:
        return b""
    method, packed, name, extra = _MEMBER.unpack(head)
    body = _read_at(file, member + _MEMBER.size + name + extra, min(packed or _MOST_OF_MEMBER, _MOST_OF_MEMBER))
    if method == 0:
        return body
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, _MOST_OF_MEMBER)
    except zlib.error:
        return b""


_STREAMS: Final = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}
_PROGRAMS: Final = {"_VBA_PROJECT", "_VBA_PROJECT_CUR"}
_LOCKED: Final = {"EncryptedPackage"}


def look_into_ole(path: Path) -> str | None:
    """Tell what a compound file is: the media type of an old office document or of a mail, None for others.

    Raises:
        Macros: it carries programs.
        Locked: it is a newer document, locked with a password.
    """
    with path.open("rb") as file:
        names = set(_ole_names(file))
    if names & _PROGRAMS:
        raise Macros
    if names & _LOCKED:
        raise Locked
    return next((kind for name, kind in _STREAMS.items() if name in names), None)


def _ole_names(file: BinaryIO) -> Iterator[str]:
    """Walk the names of what is inside, sector after sector of the directory."""
    head = file.read(_HEAD)
    if len(head) < _HEAD:
        return
    power, sector, *tables = _HEAD_FIELDS.unpack_from(head)
    if power not in _POWERS:
        return
    size = 1 << power
    seen: set[int] = set()
    while sector < _LAST_SECTOR and sector not in seen and len(seen) < _MOST_SECTORS:
        seen.add(sector)
        entries = _read_at(file, (sector + 1) * size, size)
        for name, length in _ENTRY.iter_unpack(entries[: len(entries) // _ENTRY.size * _ENTRY.size]):
            yield name[: max(0, length - 2)].decode("utf-16-le", "replace")
        table, place = divmod(sector, size // _SECTOR.size)
        if table >= len(tables):
            return
        following = _read_at(file, (tables[table] + 1) * size + place * _SECTOR.size, _SECTOR.size)
        (sector,) = _SECTOR.unpack(following) if len(following) == _SECTOR.size else (_LAST_SECTOR,)


def _read_at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)
