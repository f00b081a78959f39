"""Answering with a file: in pieces, whole or the range that was asked for, or not at all when the caller has it.

Files come from strangers. So nothing in an answer lets a browser run one: it is told what it is, to believe that, and
to save it; or, of a kind that can be looked at, that what it shows has no rights and no page of another site gets it.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from emplette.domain.errors import PreconditionFailed
from emplette.http.contract.headers import ENTITY_TAG, Headers
from emplette.http.contract.refusals import RangeUnsatisfiable
from emplette.http.contract.replies import EVERYWHERE, RawHeaders, Response
from emplette.http.contract.statuses import NOT_MODIFIED, OK, PARTIAL_CONTENT

ANY: Final = "*/*"
"""The media type of an operation that answers with files: each has its own."""

_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[^A-Za-z0-9 !#$&+.^_`|~(){}\[\],;=@'-]")
_UNQUOTED: Final = "!#$&+-.^_`|~"
_HARMLESS: Final[RawHeaders] = [*EVERYWHERE, (b"content-security-policy", b"sandbox; default-src 'none'")]


@dataclass(frozen=True, slots=True)
class Download:
    """A file as an answer.

    ``tag`` names the bytes, without quotes. ``read`` begins to read them from the first to the last that is asked for,
    counted from 0. What is ``shown`` may be seen in a browser, where it has no rights; all else is saved.
    """

    name: str
    content_type: str
    size: int
    tag: str
    read: Callable[[int, int], Awaitable[AsyncGenerator[bytes, None]]]
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a file that are answered, from the first to the last."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.last + 1 - self.first


async def response_with(
    download: Download, headers: Headers, *, if_match: tuple[str, ...] | None, head: bool
) -> Response:
    """Make the answer: the file, a part of it, or the word that the caller has it.

    Raises:
        PreconditionFailed: the caller wants other bytes.
        RangeUnsatisfiable: the part that is asked for lies beyond the end.
    """
    tag = f'"{download.tag}"'
    told: RawHeaders = [(b"etag", tag.encode()), (b"cache-control", b"private, no-cache")]
    if if_match is not None and download.tag not in if_match:
        raise PreconditionFailed("The file has other bytes than these.", etag=tag)
    if _has(headers.get(b"if-none-match"), download.tag):
        return Response(NOT_MODIFIED, b"", [*told, *EVERYWHERE])
    whole = Part(0, download.size - 1)
    part = None if head else _part_of(headers, download)
    sent = part or whole
    told += [
        *_HARMLESS,
        (b"accept-ranges", b"bytes"),
        (b"content-type", download.content_type.encode()),
        (b"content-disposition", disposition(download.name, shown=download.shown).encode()),
        (b"content-length", str(sent.size).encode()),
    ]
    if part is not None:
        told.append((b"content-range", f"bytes {part.first}-{part.last}/{download.size}".encode()))
    stream = None if head else await download.read(sent.first, sent.last)
    return Response(OK if part is None else PARTIAL_CONTENT, b"", told, stream)


def disposition(name: str, *, shown: bool) -> str:
    """Write what a browser is to do with a file, and its name: in ASCII, and as it is where that is not the same."""
    letters = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    plain = _PLAIN.sub("_", letters)
    written = f'{"inline" if shown else "attachment"}; filename="{plain}"'
    return written if plain == name else f"{written}; filename*=UTF-8''{quote(name, safe=_UNQUOTED)}"


def _has(tags: str | None, tag: str) -> bool:
    """Tell whether the caller has these bytes: a weak tag is as good, and `*` is any."""
    if tags is None:
        return False
    return tags == "*" or any(known == tag for _, known in ENTITY_TAG.findall(tags))


def _part_of(headers: Headers, download: Download) -> Part | None:
    """Find the part that is asked for; None for the whole, also when several parts are, or when the bytes changed."""
    found = _RANGE.fullmatch((headers.get(b"range") or "").strip(" \t"))
    unchanged = headers.get(b"if-range")
    if found is None or (unchanged is not None and unchanged != f'"{download.tag}"'):
        return None
    end = download.size - 1
    if found[3] is not None:
        first, last = max(0, download.size - int(found[3])), end
    else:
        first, last = int(found[1]), min(end, int(found[2])) if found[2] else end
        if found[2] and int(found[2]) < first:
            return None
    if first > end:
        raise RangeUnsatisfiable(f"The file has {download.size} bytes.", size=download.size)
    return Part(first, last)
