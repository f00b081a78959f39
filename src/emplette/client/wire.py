"""Between Python and the wire: names, exact decimals, dates; what we don't know of an answer does no harm."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote
from uuid import UUID

import msgspec

from emplette.client.errors import AnswerUnreadable


class Unset(Enum):
    """What a parameter is that nobody gave: it isn't sent, which is something else than sending null."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        """Nothing was given."""
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

ABSENT: Final[Any] = None
"""What a field is that the server left out, though it is promised: other servers of this API promise less."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that the server told; fields that this version doesn't know are left out."""


class Versioned(Answer, frozen=True, kw_only=True, rename="camel"):
    """An answer about something that can change."""

    etag: str | None = msgspec.field(default=None, name="ETag")
    """What to give as ``if_match``, so that a change is made to this version or to none."""


Json: TypeAlias = Mapping[str, Any]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_PLAIN: Final = msgspec.json.Decoder(float_hook=Decimal)
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)


def camel(name: str) -> str:
    """Write a name as the wire does: `purchase_id` is `purchaseId`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def encode(body: object) -> bytes:
    """Write a body as JSON, decimals digit by digit.

    Raises:
        TypeError: there is a float in it, whose digits nobody can vouch for.
        ValueError: there is something infinite in it.
    """
    return _ENCODER.encode(_sendable(body))


def _sendable(value: object) -> object:
    if isinstance(value, Mapping):
        return {camel(name): _sendable(each) for name, each in value.items() if each is not UNSET}
    if isinstance(value, list | tuple):
        return [_sendable(each) for each in value]
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float, and its digits are not exact: write a Decimal or an int.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is no amount.")
    return value


def query_text(value: object) -> str:
    """Write a parameter of a query."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(query_text(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("An instant needs a time zone: without one nobody knows when it is.")
    return value.isoformat() if isinstance(value, date) else str(value)


def decode(content: bytes, kind: Any) -> Any:  # noqa: ANN401 - something of that kind
    """Read an answer.

    Raises:
        AnswerUnreadable: it is not what this API answers.
    """
    decoder: msgspec.json.Decoder[Any] = _decoder(kind)
    try:
        return decoder.decode(content)
    except _UNREADABLE as fault:
        return _without_nulls_where_none_are_promised(content, kind, fault)


def plain(content: bytes) -> Json:
    """Read an object of any kind; nothing, when it is none."""
    try:
        found = _PLAIN.decode(content)
    except _UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=512)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - any type
    return msgspec.json.Decoder(kind)


def _without_nulls_where_none_are_promised(content: bytes, kind: Any, fault: Exception) -> Any:  # noqa: ANN401
    """Read an answer once more, null being absent: another server of this API may write one where ours has none."""
    try:
        return msgspec.convert(_without_nulls(_PLAIN.decode(content)), kind)
    except _UNREADABLE:
        raise AnswerUnreadable(f"The answer can't be read: {fault}") from fault


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value


def quoted(variable: int | str | UUID) -> str:
    """Write a variable of a path.

    Raises:
        ValueError: it would lead to another path.
    """
    text = str(variable)
    if text.strip(".") == "":
        raise ValueError(f"{text!r} is no id.")
    return quote(text, safe="")
