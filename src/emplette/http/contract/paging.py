"""Pages of a list: `limit`, `page` and `fields.root`, and the opaque tokens of `next` and `prev`."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from emplette.domain.errors import Faults
from emplette.http.contract.fields import LARGEST_INT32, ShortText
from emplette.http.contract.structs import Answer, Query

T = TypeVar("T")

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1_000
_LONGEST_TOKEN = 255
_SEAL_LENGTH = 9
_TOKEN_MARK = "k"  # noqa: S105 - a token is no secret; the mark tells it from a page number
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


class Listed(Answer, Generic[T]):
    """A page of a list; `prev`, `next` and `count` only when they were asked for."""

    items: list[T]
    prev: str | UnsetType = UNSET
    next: str | UnsetType = UNSET
    count: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class RootField(StrEnum):
    """What a list answers besides its items, when asked to."""

    PREV = "prev"
    NEXT = "next"
    COUNT = "count"


class Direction(StrEnum):
    """Which way a token leads."""

    NEXT = "next"
    PREV = "prev"


@dataclass(frozen=True, slots=True)
class PageNumber:
    """A page counted from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the page before, or after, the row with these keys."""

    direction: Direction
    keys: tuple[Any, ...]


Position = PageNumber | Cursor


class PagedQuery(Query):
    """The parameters that every list has; a list adds its filters, and says by what it is ordered.

    ``ordered_by`` is the type of the keys of a row, such as ``tuple[datetime, int]``: instants and ids.
    """

    ordered_by: ClassVar[Any] = tuple[int]

    limit: Annotated[int, Meta(ge=0, le=LARGEST_LIMIT, description="How many items a page has at most.")] = (
        DEFAULT_LIMIT
    )
    page: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=_LONGEST_TOKEN,
            description="A page number from 1, or the token of a `next` or `prev`.",
            extra_json_schema={"pattern": f"^([1-9][0-9]{{0,9}}|{_TOKEN_MARK}[A-Za-z0-9_-]+)$"},
        ),
    ] = "1"
    fields_root: Annotated[ShortText, Meta(description="A comma-separated list of `prev`, `next` and `count`.")] = (
        msgspec.field(name="fields.root", default="")
    )

    def check(self, faults: Faults) -> None:
        """Find a page that can't be one: zero, garbled, or of a list with other filters."""
        try:
            _ = self.position
        except ValueError as error:
            faults.add("page", str(error))

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Find a page that is neither number nor token beside what else is wrong; a token belongs to its filters."""
        page = read.get("page")
        if page is not None and not page.startswith(_TOKEN_MARK) and not _is_number(page):
            faults.add("page", _NO_PAGE)

    @property
    def position(self) -> Position:
        """Where the page lies."""
        if _is_number(self.page):
            return PageNumber(int(self.page))
        if not self.page.startswith(_TOKEN_MARK):
            raise ValueError(_NO_PAGE)
        return self._cursor(self.page[len(_TOKEN_MARK) :])

    def asks_for(self, field: RootField) -> bool:
        """Tell whether the caller wants this besides the items."""
        return field in (word.strip() for word in self.fields_root.split(","))

    def token(self, direction: Direction, keys: tuple[Any, ...]) -> str:
        """Name the page before, or after, the row with these keys: for this list and these filters only."""
        content = msgspec.json.encode([direction, keys])
        return _TOKEN_MARK + urlsafe_b64encode(self._seal(content) + content).rstrip(b"=").decode()

    def _cursor(self, token: str) -> Cursor:
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            found = msgspec.json.decode(raw[_SEAL_LENGTH:])
            cursor = Cursor(Direction(found[0]), msgspec.convert(found[1], self.ordered_by))
        except (ValueError, LookupError, TypeError, RecursionError, binascii.Error):
            raise ValueError(_NO_PAGE) from None
        if not all(_can_be_key(key) for key in cursor.keys):
            raise ValueError(_NO_PAGE)
        if self.token(cursor.direction, cursor.keys) != _TOKEN_MARK + token:
            raise ValueError(_NO_PAGE)
        return cursor

    def _seal(self, content: bytes) -> bytes:
        """Bind a token to this list and its filters, whatever the limit is.

        This tells a mistake, not a forgery: there is no secret in it, and a token lets nobody see more.
        """
        filters = msgspec.structs.replace(self, limit=DEFAULT_LIMIT, page="1", fields_root="")
        bound = [type(self).__name__.encode(), msgspec.json.encode(filters, order="deterministic"), content]
        return sha256(b"\n".join(bound)).digest()[:_SEAL_LENGTH]


def _can_be_key(key: object) -> bool:
    """Tell whether a row could have this key; whoever makes up a token may write any."""
    if isinstance(key, int):
        return -LARGEST_INT32 <= key <= LARGEST_INT32
    if not isinstance(key, datetime):
        return isinstance(key, date)
    if key.tzinfo is None:
        return False
    try:
        key.astimezone(UTC)
    except OverflowError:
        return False
    return True


_NO_PAGE = "Must be a page number from 1, or a token that `next` or `prev` of the same list and filters gave."


def _is_number(page: str) -> bool:
    return _NUMBER.fullmatch(page) is not None and int(page) <= LARGEST_INT32
