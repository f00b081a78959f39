"""What an operation answers, and how answers are written."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from emplette.http.contract.fields import Amount

T = TypeVar("T")

RawHeaders = list[tuple[bytes, bytes]]

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a handler answers.

    Without a status it is the first that the operation declares. A body of bytes is sent as it is.
    """

    body: T
    status: int | None = None
    etag: str | None = None
    location: str | None = None
    replayed: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer ready to be sent; one with a ``stream`` says its length itself."""

    status: int
    body: bytes
    headers: RawHeaders
    stream: AsyncGenerator[bytes, None] | None = None


def _plain(value: object) -> object:
    if isinstance(value, Amount):
        return Decimal(value)
    raise NotImplementedError(f"{type(value)} has no place in an answer.")


encode = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain).encode
"""Write a struct as JSON: decimals are numbers, and exact."""

_NOTHING_ACTIVE = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
EVERYWHERE: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""What browsers are told with every answer: to believe its type, to tell nobody, and to let no other site have it."""

_HTML = "text/html"
_OF_PAGES: RawHeaders = [(b"cross-origin-opener-policy", b"same-origin")]
_UNLESS_SAID: RawHeaders = [(b"cache-control", b"no-store"), (b"content-security-policy", _NOTHING_ACTIVE)]
_OF_DATA: RawHeaders = [*EVERYWHERE, *_UNLESS_SAID]
_OF_JSON: RawHeaders = [*_OF_DATA, (b"content-type", JSON.encode())]


def response_to(reply: Reply[object], *, status: int, media_type: str) -> Response:
    """Make the answer of an operation."""
    body = reply.body
    content = b"" if body is None else body if isinstance(body, bytes) else encode(body)
    if media_type == JSON:
        headers = _OF_JSON.copy() if content else _OF_DATA.copy()
    else:
        said = {name.lower().encode() for name, _ in reply.headers}
        headers = [*EVERYWHERE, *(pair for pair in _UNLESS_SAID if pair[0] not in said)]
        headers += _OF_PAGES if media_type.startswith(_HTML) else []
        headers.append((b"content-type", media_type.encode()))
    if reply.etag is not None:
        headers.append((b"etag", reply.etag.encode()))
    if reply.location is not None:
        headers.append((b"location", reply.location.encode()))
    if reply.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    headers.extend((name.lower().encode(), value.encode()) for name, value in reply.headers)
    return Response(status if reply.status is None else reply.status, content, headers)


def response_of_problem(status: int, problem: dict[str, object], headers: RawHeaders) -> Response:
    """Make the answer of a refusal."""
    return Response(status, encode(problem), [*_OF_DATA, (b"content-type", PROBLEM.encode()), *headers])
