"""Receiving a file: multipart/form-data (RFC 7578), written to the disk while it comes, never held in memory.

An upload is one file in one part of the form, whatever the part's field is called; fields beside it are not looked at.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from emplette.domain.errors import Faults, Invalid, Unavailable
from emplette.domain.files import FIELD
from emplette.http.contract import messages
from emplette.http.contract.headers import Headers
from emplette.http.contract.receive import MEBIBYTE, Receive, announced_length, refuse_crumbs, too_large
from emplette.http.contract.refusals import BrokenBody, MalformedForm, MediaTypeUnsupported, ReceivedTooSlowly

T = TypeVar("T")

MULTIPART: Final = "multipart/form-data"
BESIDE_THE_FILE: Final = 16 * 1024
"""Bytes of a form that are not its file: boundaries, names, other fields."""

# It warns of every form that is broken, which is its sender's business alone.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

_WRITTEN_AT_ONCE: Final = MEBIBYTE // 2
_LONGEST_HEADER: Final = BESIDE_THE_FILE
_MOST_PARTS: Final = 16
_AS_IT_IS: Final = frozenset({"", "binary", "8bit", "7bit"})
# What a browser escapes in a name (the HTML standard), and how other clients write one that is not ASCII (RFC 8187):
# some, such as .NET, beside a name in the words of mail, which says less.
_ESCAPED: Final = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_EXTENDED_NAME: Final = re.compile(r"""filename\*\s*=\s*"?(utf-8|iso-8859-1)'[^']*'([^;"\s]+)""", re.IGNORECASE)

_TWO: Final = "Must be one file; send each by itself."
_EMPTY: Final = "Must not be empty: this file has no bytes."
_NO_FILE: Final = "Must be a file: its part of the form needs a `filename`."
_ENCODED: Final = "Must be sent as it is, without a Content-Transfer-Encoding."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received: what its sender calls it, and where it lies until the call is answered."""

    name: str
    path: Path
    size: int
    sha256: bytes

    @property
    def meant(self) -> bytes:
        """Hash what was sent: the same for every boundary and every way of writing the form."""
        return sha256(self.sha256 + self.name.encode("utf-8", "surrogatepass")).digest()

    def discard(self) -> None:
        """Remove what was received, if nobody has taken it."""
        self.path.unlink(missing_ok=True)


async def upload_of(
    headers: Headers, receive: Receive, faults: Faults, *, room: Callable[[], Path], largest: int, pause: float
) -> Upload | None:
    """Receive a form with one file; what is wrong with the form goes to the faults.

    Args:
        headers: those of the call.
        receive: takes the next piece of its body.
        faults: where it is noted.
        room: makes the file that it is received in; when it is not answered, it is gone again.
        largest: bytes of the file.
        pause: seconds that may pass without a byte.

    Raises:
        MediaTypeUnsupported: the body is no form.
        MalformedForm: the form can't be read, or ends before its end.
        TooLarge: it is announced, or turns out, to be larger than allowed, or comes in crumbs.
        ReceivedTooSlowly: no bytes came for too long.
        BrokenBody: the caller hung up, or sent chunks that are none.
    """
    boundary = _boundary(headers.get(b"content-type") or "")
    if announced_length(headers) > largest + BESIDE_THE_FILE:
        raise too_large(largest)
    form = await _on_the_disk(lambda: _Form(boundary, room, largest))
    try:
        await _receive(form, receive, largest + BESIDE_THE_FILE, pause)
        upload = await _on_the_disk(lambda: form.finish(faults))
    except BaseException:
        form.discard()
        raise
    if upload is None:
        form.discard()
    return upload


async def _receive(form: "_Form", receive: Receive, largest: int, pause: float) -> None:
    """Hand the body on in large pieces, as fast as the disk takes them: what waits meanwhile is not the sender."""
    loop = asyncio.get_running_loop()
    received, taken, more = 0, 0, True
    try:
        async with asyncio.timeout(pause) as patience:
            while more:
                pieces, waiting = [], 0
                while more and waiting < _WRITTEN_AT_ONCE:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise BrokenBody
                    piece, more = message.get("body", b""), message.get("more_body", False)
                    taken += 1
                    refuse_crumbs(taken, received + waiting + len(piece))
                    if piece:
                        pieces.append(piece)
                        waiting += len(piece)
                        patience.reschedule(loop.time() + pause)
                received += waiting
                if received > largest:
                    raise too_large(largest - BESIDE_THE_FILE)
                patience.reschedule(None)
                await _on_the_disk(partial(form.take, pieces))
                patience.reschedule(loop.time() + pause)
    except TimeoutError:
        raise ReceivedTooSlowly(f"Send the file without pauses of more than {pause:g} s.") from None


async def _on_the_disk(do: Callable[[], T]) -> T:
    """Do what waits for the disk where nobody waits for it.

    Raises:
        Unavailable: the disk is full, or can't be written.
    """
    try:
        return await asyncio.to_thread(do)
    except OSError as error:
        raise Unavailable(f"The file can't be received just now: {error.strerror or error}.") from error


def _boundary(content_type: str) -> bytes:
    """Read what parts the parts of the form.

    Raises:
        MediaTypeUnsupported: it is no form.
        Invalid: it does not say.
    """
    media_type, options = parse_options_header(content_type)
    if media_type != MULTIPART.encode():
        raise MediaTypeUnsupported(f"Send the file as `Content-Type: {MULTIPART}`.")
    boundary = options.get(b"boundary")
    if not boundary:
        raise Invalid.field("Content-Type", f"Must name its boundary: `{MULTIPART}; boundary=...`.")
    return boundary


class _Form:
    """A form while it is received. What it does waits for the disk, so it is done in threads, one after the other."""

    def __init__(self, boundary: bytes, room: Callable[[], Path], largest: int) -> None:
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._take_header_name,
                    "on_header_value": self._take_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._take_data,
                    "on_end": self._end,
                },
                max_header_size=_LONGEST_HEADER,
            )
        except FormParserError as error:
            raise Invalid.field("Content-Type", f"Its boundary can't be used: {error}.") from None
        self._largest = largest
        self._path = room()
        self._file = self._path.open("wb")
        self._hash = sha256()
        self._size = 0
        self._name: str | None = None
        self._messages: list[str] = []
        self._parts = 0
        self._headers: dict[str, bytes] = {}
        self._header_name = self._header_value = b""
        self._is_file = self._is_whole = False

    def take(self, pieces: Sequence[bytes]) -> None:
        """Take the next pieces of the body."""
        try:
            for piece in pieces:
                self._parser.write(piece)
        except FormParserError:
            raise MalformedForm("is not made as a form with this boundary") from None

    def finish(self, faults: Faults) -> Upload | None:
        """Say what was received, once everything was; what is wrong goes to the faults."""
        self._file.close()
        if not self._is_whole:
            raise MalformedForm("ends before the form does")
        if self._name is None:
            self._messages = self._messages or [messages.MISSING]
        elif not self._size:
            self._messages = self._messages or [_EMPTY]
        for message in self._messages:
            faults.add(FIELD, message)
        if self._messages or self._name is None:
            return None
        return Upload(self._name, self._path, self._size, self._hash.digest())

    def discard(self) -> None:
        """Remove what was received."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise MalformedForm(f"has more than {_MOST_PARTS} parts")
        self._headers = {}
        self._is_file = False

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        """Find out what the part is: a file has a name, and the first one is taken."""
        disposition = self._headers.get("content-disposition", b"")
        field, name = _names_in(disposition)
        if name is None:
            if field == FIELD:
                self._messages.append(_NO_FILE)
            return
        if self._name is not None:
            self._messages = [_TWO]
            return
        self._name = name
        self._is_file = True
        coding = self._headers.get("content-transfer-encoding", b"").decode("latin-1").strip().lower()
        if coding not in _AS_IT_IS:
            self._messages.append(_ENCODED)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            return
        piece = memoryview(data)[start:end]
        self._size += len(piece)
        if self._size > self._largest:
            raise too_large(self._largest)
        self._hash.update(piece)
        self._file.write(piece)

    def _end(self) -> None:
        self._is_whole = True


def _names_in(disposition: bytes) -> tuple[str, str | None]:
    """Read the names of a part: of its field, and of its file when it is one."""
    kind, options = parse_options_header(disposition)
    if kind != b"form-data":
        raise MalformedForm("has a part without `Content-Disposition: form-data`")
    field = _text(options.get(b"name", b""))
    extended = _EXTENDED_NAME.search(disposition.decode("latin-1"))
    if extended:
        return field, unquote(extended[2], encoding=extended[1])
    if b"filename" in options:
        return field, re.sub("%22|%0[DA]", lambda found: _ESCAPED[found[0]], _text(options[b"filename"]))
    return field, None


def _text(value: bytes) -> str:
    """Read a name, which is UTF-8, or from old programs one of the codes in which every byte is a letter."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
