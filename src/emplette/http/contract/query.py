"""Query parameters: known ones only, each once, each read by its type."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

from msgspec import inspect

from emplette.domain.errors import Faults
from emplette.http.contract import messages
from emplette.http.contract.readers import parse_date, parse_instant, reader_of
from emplette.http.contract.scan import Number
from emplette.http.contract.structs import Query

QueryReader = Callable[[str, str, Faults, ZoneInfo], object]

_NUMBER = re.compile(r"-?[0-9]{1,20}")
_SPACE_FOR_PLUS = re.compile(r"(T[0-9:.]+) ([0-9]{2}:[0-9]{2})$")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
# What lies hours beyond the calendar in UTC is taken for its end: nothing happened, or will, in between.
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class QueryDecoder:
    """Decodes the query parameters of one operation; made once."""

    def __init__(self, kind: type[Query]) -> None:
        info = inspect.type_info(kind)
        fields = info.fields if isinstance(info, inspect.StructType) else ()
        self._kind = kind
        self._readers = {field.encode_name: (field.name, _reader(field.type)) for field in fields}
        self._mandatory = [(field.encode_name, field.name) for field in fields if field.required]

    def decode(self, raw: bytes, faults: Faults, zone: ZoneInfo | None) -> Query | None:
        """Decode a query string; dates are days in the zone. None when something is wrong with it."""
        values: dict[str, Any] = {}
        for name, text in _pairs(raw, faults):
            known = self._readers.get(name)
            if known is None:
                if not name.startswith("_"):
                    faults.add(
                        name or "query", f"Is not a parameter here; there are {', '.join(self._readers) or 'none'}."
                    )
                continue
            attribute, read = known
            if attribute in values:
                faults.add(name, messages.ONCE)
            values[attribute] = read(text, name, faults, zone or _UTC)
        for name, attribute in self._mandatory:
            if attribute not in values:
                faults.add(name, messages.MISSING)
        if faults:
            self._kind.check_rest(values, faults)
            return None
        query = self._kind(**values)
        query.check(faults)
        return query


def refuse_parameters(raw: bytes, faults: Faults) -> None:
    """Refuse every parameter of an operation that has none."""
    _NONE.decode(raw, faults, None)


def _pairs(raw: bytes, faults: Faults) -> list[tuple[str, str]]:
    pairs = []
    for part in raw.decode("latin-1").split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        try:
            pairs.append((_unescaped(name), _unescaped(value)))
        except ValueError:
            faults.add(name if name.isascii() and name.isprintable() else "query", "Must be UTF-8, percent-encoded.")
    return pairs


def _unescaped(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    if _BAD_ESCAPE.search(text):
        raise ValueError(text)
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()


def _reader(kind: inspect.Type) -> QueryReader:
    if isinstance(kind, inspect.Metadata):
        return _reader(kind.type)
    if isinstance(kind, inspect.UnionType):
        kinds = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        if len(kinds) != 1:
            raise TypeError(f"A query parameter has one type, not {kind}.")
        return _reader(kinds[0])
    if isinstance(kind, inspect.ListType):
        return _comma_separated(kind)
    if isinstance(kind, inspect.DateTimeType):
        return _moment
    if isinstance(kind, inspect.IntType):
        return _whole_number(kind)
    return _simple(kind)


def _simple(kind: inspect.Type) -> QueryReader:
    read = reader_of(kind)
    if isinstance(kind, inspect.BoolType):
        words = {"true": True, "false": False}
        return lambda text, path, faults, _: read(words.get(text.lower()), path, faults)
    return lambda text, path, faults, _: read(text, path, faults)


def _whole_number(kind: inspect.IntType) -> QueryReader:
    read = reader_of(kind)

    def read_number(text: str, path: str, faults: Faults, _: ZoneInfo) -> object:
        return read(Number(text) if _NUMBER.fullmatch(text) else None, path, faults)

    return read_number


def _comma_separated(kind: inspect.ListType) -> QueryReader:
    read = _reader(kind.item_type)

    def read_all(text: str, path: str, faults: Faults, zone: ZoneInfo) -> object:
        return [read(part.strip(), path, faults, zone) for part in text.split(",")]

    return read_all


def _moment(text: str, path: str, faults: Faults, zone: ZoneInfo) -> datetime | None:
    """Read an instant, or a date: midnight where the company is. A `+` that became a space is taken for what it was."""
    try:
        if len(text) == len("2025-04-14"):
            moment = datetime.combine(parse_date(text), time(), tzinfo=zone)
        else:
            moment = parse_instant(_SPACE_FOR_PLUS.sub(r"\1+\2", text))
    except ValueError:
        faults.add(path, messages.NOT_INSTANT_OR_DATE)
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if moment.year == 1 else _LATEST


class _NoParameters(Query):
    """The parameters of an operation that has none."""


_NONE = QueryDecoder(_NoParameters)
_UTC = ZoneInfo("UTC")
