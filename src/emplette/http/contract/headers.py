"""What the header section of a call says, read strictly."""

import re
from collections.abc import Iterable
from functools import lru_cache

from emplette.domain.errors import Faults, Invalid
from emplette.http.contract import messages
from emplette.http.contract.refusals import HeadersTooLarge, KeyMalformed, KeyMissing

LARGEST_SECTION = 8 * 1024
"""Bytes of all names and values together."""

_NO_HOST = "Must be a host name, with or without a port."
_LONGEST_HOST = 262  # a name of 255, a colon, a port, and a final dot
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_CREDENTIAL = re.compile(r"lucca +application=([\x21-\x7e]{1,512})", re.IGNORECASE)
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
"""An entity tag, with the mark of a weak one before it."""

_ENTITY_TAGS = re.compile(rf"{ENTITY_TAG.pattern}(?:[ \t]*,[ \t]*{ENTITY_TAG.pattern})*")
_JSON = re.compile(r"application/(?:[a-z0-9!#$&^_.-]+\+)?json")
_JOINED = {
    b"cookie": b"; ",
    b"accept": b", ",
    b"accept-encoding": b", ",
    b"accept-language": b", ",
    b"if-none-match": b", ",
    b"x-forwarded-host": b", ",
    b"x-forwarded-proto": b", ",
}
"""What may come in several headers and means the same as in one, and what is between its parts there.

Over HTTP/2 browsers send each cookie in a header of its own, and the server before us hands them on like that.
"""


class Headers:
    """The headers of one call, by lower-case name."""

    __slots__ = ("_doubled", "_values")

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[bytes, bytes] = {}
        self._doubled: set[bytes] = set()
        size = 0
        for name, value in pairs:
            size += len(name) + len(value)
            if name in self._values:
                self._doubled.add(name)
                if name in _JOINED:
                    self._values[name] += _JOINED[name] + value
            else:
                self._values[name] = value
        if size > LARGEST_SECTION:
            raise HeadersTooLarge(f"The headers have {size} bytes; at most {LARGEST_SECTION} are read.")

    def get(self, name: bytes) -> str | None:
        """Read a header."""
        value = self._values.get(name)
        return None if value is None else value.decode("latin-1").strip()

    @property
    def cookies(self) -> dict[str, str]:
        """What we keep in the browser, by name, and what others keep there.

        Theirs may have any form, and some have none that the standard library would read: it hides nothing of ours.
        """
        pairs = (part.partition("=") for part in (self.get(b"cookie") or "").split(";"))
        return {name.strip(): value.strip() for name, equals, value in pairs if equals}

    @property
    def host(self) -> str:
        """The host name that was called: without port, in lower case.

        Raises:
            Invalid: it is malformed or given twice.
        """
        if b"host" in self._doubled:
            raise Invalid.field("Host", messages.ONCE)
        return host_name(self.get(b"host") or "")

    @property
    def api_key(self) -> str:
        """The API key.

        Raises:
            KeyMissing, KeyMalformed: there is none to be read.
        """
        value = self.get(b"authorization")
        if not value:
            raise KeyMissing("Send `Authorization: lucca application={API_KEY}`.")
        found = _CREDENTIAL.fullmatch(value)
        if found is None or b"authorization" in self._doubled:
            raise KeyMalformed("The Authorization header must be `lucca application={API_KEY}`, once.")
        return found[1]

    def idempotency_key(self, faults: Faults) -> str | None:
        """Read the key under which the call takes effect once."""
        value = self.get(b"idempotency-key")
        if value is None:
            return None
        if not _VISIBLE.fullmatch(value) or b"idempotency-key" in self._doubled:
            faults.add("Idempotency-Key", "Must be 1 to 255 visible ASCII characters, given once.")
            return None
        return value

    def if_match(self, faults: Faults) -> tuple[str, ...] | None:
        """Read the versions that the call was made for: tags without their quotes; None when any will do, as for `*`.

        A weak tag never matches, so it is left out; of nothing but weak tags nothing remains. `"*"` in quotes is a
        tag like any other.
        """
        value = self.get(b"if-match")
        if value is None or (value == "*" and b"if-match" not in self._doubled):
            return None
        if b"if-match" in self._doubled or not _ENTITY_TAGS.fullmatch(value):
            faults.add("If-Match", 'Must be `*` or entity tags in quotes, such as "7", in one header.')
            return None
        return tuple(tag for weak, tag in ENTITY_TAG.findall(value) if not weak)

    @property
    def request_id(self) -> str | None:
        """The caller's own id for this call, when it has a form that may be repeated in answers and logs."""
        value = self.get(b"x-request-id")
        return value if value and _REQUEST_ID.fullmatch(value) else None


@lru_cache(maxsize=1024)
def host_name(value: str) -> str:
    """Read the host name out of a Host header: no port, no final dot, lower case.

    Raises:
        Invalid: it is malformed.
    """
    text = value.strip().lower()
    if len(text) > _LONGEST_HOST:
        raise Invalid.field("Host", _NO_HOST)
    name, _, port = text.rpartition(":")
    if not name or not port.isascii() or not (port.isdigit() or not port) or text.endswith("]"):
        name = text
    name = name.removesuffix(".")
    if name and not _HOST.fullmatch(name):
        raise Invalid.field("Host", _NO_HOST)
    return name


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Tell whether a body of this type is JSON in UTF-8."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if not _JSON.fullmatch(media_type):
        return False
    charsets = [
        value.strip('"') for name, _, value in (part.partition("=") for part in parameters) if name == "charset"
    ]
    return all(charset in {"utf-8", "utf8"} for charset in charsets)


@lru_cache(maxsize=256)
def accepts(accept: str, media_type: str) -> bool:
    """Tell whether an Accept header allows the media type: its most specific range decides."""
    kind = media_type.partition("/")[0]
    best, allowed = 0, False
    for part in accept.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = {media_type: 3, f"{kind}/*": 2, "*/*": 1, "*": 1}.get(name, 0)
        if weight > best:
            best, allowed = weight, not any(_is_nothing(parameter) for parameter in parameters)
    return allowed


def _is_nothing(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and not value.strip().strip("0").strip(".").strip("0")
