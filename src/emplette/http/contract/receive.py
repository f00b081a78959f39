"""Receiving a body: no larger than announced, no larger than allowed, and not for ever."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from emplette.http.contract.headers import Headers
from emplette.http.contract.refusals import BrokenBody, ReceivedTooSlowly, TooLarge

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MEBIBYTE = 2**20
_FREE_PIECES = 4096
"""So many pieces a body may have, however small they are."""
_LEAST_ON_AVERAGE = 32
"""Bytes in each piece of a body that has more of them."""
_MOST_DRAINED = 16 * MEBIBYTE
_LEAST_DRAINED = 1024
"""A piece of what is refused anyway counts as so many bytes, however few it has."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, in seconds.

    Between the bytes of an upload passes what ``upload_pause`` allows, between the pieces of a download that are taken
    what ``download_pause`` does.
    """

    between_bytes: float = 5.0
    whole_body: float = 30.0
    answer: float = 5.0
    upload_pause: float = 30.0
    download_pause: float = 300.0


async def body_of(headers: Headers, receive: Receive, largest: int, limits: Limits) -> bytes:
    """Receive the whole body.

    Raises:
        TooLarge: it is announced, or turns out, to be larger than allowed, or comes in crumbs.
        ReceivedTooSlowly: its bytes did not come in time.
        BrokenBody: the caller hung up, or sent chunks that are none; the server does not say which.
    """
    if announced_length(headers) > largest:
        raise too_large(largest)
    loop = asyncio.get_running_loop()
    end = loop.time() + limits.whole_body
    chunks: list[bytes] = []
    size = pieces = 0
    try:
        async with asyncio.timeout(limits.between_bytes) as patience:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise BrokenBody
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                if size > largest:
                    raise too_large(largest)
                pieces += 1
                refuse_crumbs(pieces, size)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return b"".join(chunks)
                if chunk:
                    patience.reschedule(min(end, loop.time() + limits.between_bytes))
    except TimeoutError:
        raise ReceivedTooSlowly(
            f"Send the body without pauses of more than {limits.between_bytes:g} s, within {limits.whole_body:g} s."
        ) from None


def is_bodiless(scope: Scope, headers: Headers) -> bool:
    """Tell whether the head alone says that no body comes; in HTTP/2 one may come unannounced."""
    if headers.get(b"transfer-encoding") is not None:
        return False
    announced = headers.get(b"content-length")
    if announced is not None:
        return announced == "0"
    version: str = scope.get("http_version", "")
    return version.startswith("1")


async def drain(receive: Receive, limits: Limits) -> None:
    """Let a body that was refused unread run out, within reason, so that its sender comes to read the answer."""
    left = _MOST_DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.between_bytes):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                left -= max(len(message.get("body", b"")), _LEAST_DRAINED)


def announced_length(headers: Headers) -> int:
    """Read how many bytes of a body are announced; 0 when none are."""
    announced = headers.get(b"content-length") or ""
    return int(announced) if announced.isascii() and announced.isdigit() else 0


def refuse_crumbs(pieces: int, size: int) -> None:
    """Refuse a body whose pieces are so small that taking them costs a hundred times what their bytes would.

    Raises:
        TooLarge: it has come in thousands of pieces, which hold next to nothing on average.
    """
    if pieces > _FREE_PIECES and size < pieces * _LEAST_ON_AVERAGE:
        detail = f"Of a body in more than {_FREE_PIECES} pieces each has at least {_LEAST_ON_AVERAGE} bytes on average."
        raise TooLarge(detail, limit=_FREE_PIECES)


def too_large(largest: int) -> TooLarge:
    """Refuse a body for its size."""
    return TooLarge(f"At most {largest} bytes are accepted here.", limit=largest)
