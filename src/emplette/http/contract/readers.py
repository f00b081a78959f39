"""The second pass over a body: it reads value by value, and names every field at fault.

A reader is made once for each type, from what msgspec knows about it. It is asked only when the typed decoder
refused or may not be trusted, so it can afford to be thorough. What it reads counts: where it finds no fault, there
is none (35.0 is the whole number 35).
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import inspect

from emplette.domain.errors import WHOLE, Faults
from emplette.domain.text import SHOWN, fault_of_name, fault_of_text
from emplette.http.contract import messages
from emplette.http.contract.fields import NOT_A_NUMBER, NUMERIC
from emplette.http.contract.scan import Number, join

Reader = Callable[[object, str, Faults], object]
"""Reads a value found at a path; what it can't read is a fault, and None."""

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_INTEGER = 20


def reader_of(kind: inspect.Type) -> Reader:
    """Make the reader of a type."""
    if isinstance(kind, inspect.Metadata):
        return reader_of(kind.type)
    maker = _MAKERS.get(type(kind))
    if maker is None:
        raise TypeError(f"The wire has no reader for {kind}.")
    return maker(kind)


def _whole_number(kind: inspect.IntType) -> Reader:
    message = messages.whole_number(kind.ge, kind.le)
    lowest = kind.ge if kind.ge is not None else -(10**_LONGEST_INTEGER)
    highest = kind.le if kind.le is not None else 10**_LONGEST_INTEGER

    def read(value: object, path: str, faults: Faults) -> int | None:
        found = _integer(value) if isinstance(value, Number) else None
        if found is None or not lowest <= found <= highest:
            faults.add(path, message)
            return None
        return found

    return read


def _integer(text: Number) -> int | None:
    """Read a whole number, also when it is written as 35.0 or 3.5E1."""
    if _WHOLE.fullmatch(text):
        return int(text)
    number = _decimal(text)
    if number is None or not number.is_finite() or number.adjusted() > _LONGEST_INTEGER:
        return None
    return int(number) if number == number.to_integral_value() else None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _number_of_our_own(kind: inspect.CustomType) -> Reader:
    take = NUMERIC[kind.cls]

    def read(value: object, path: str, faults: Faults) -> object:
        number = _decimal(value) if isinstance(value, Number) else None
        if number is None:
            faults.add(path, NOT_A_NUMBER)
            return None
        try:
            return take(number)
        except ValueError as error:
            faults.add(path, str(error))
            return None

    return read


def _text(kind: inspect.StrType) -> Reader:
    if kind.max_length is None:
        raise TypeError("Every text of a request needs a greatest length.")
    longest = kind.max_length
    shortest = kind.min_length or 0
    if kind.pattern not in {None, SHOWN}:
        raise TypeError("A text may have to show something; no other pattern has words for what would be right.")
    fault_of = fault_of_name if kind.pattern else fault_of_text

    def read(value: object, path: str, faults: Faults) -> str | None:
        if type(value) is not str:
            faults.add(path, messages.NOT_TEXT)
            return None
        fault = fault_of(value, longest=longest) or (messages.NOTHING_SHOWN if len(value) < shortest else None)
        if fault:
            if path not in faults:
                faults.add(path, fault)
            return None
        return value

    return read


def _boolean(_: inspect.BoolType) -> Reader:
    def read(value: object, path: str, faults: Faults) -> bool | None:
        if isinstance(value, bool):
            return value
        faults.add(path, messages.NOT_BOOLEAN)
        return None

    return read


def _choice(values: Mapping[object, object]) -> Reader:
    message = messages.one_of(values)

    def read(value: object, path: str, faults: Faults) -> object:
        if type(value) is str and value in values:
            return values[value]
        faults.add(path, message)
        return None

    return read


def _enumeration(kind: inspect.EnumType) -> Reader:
    members: list[Enum] = list(kind.cls)
    return _choice({member.value: member for member in members})


def _literal(kind: inspect.LiteralType) -> Reader:
    return _choice({value: value for value in kind.values})


def _parsed(parse: Callable[[str], object], message: str) -> Reader:
    def read(value: object, path: str, faults: Faults) -> object:
        if type(value) is str:
            try:
                return parse(value)
            except ValueError:
                pass
        faults.add(path, message)
        return None

    return read


def parse_date(text: str) -> date:
    """Read a day as the wire writes it, and in no other form of ISO 8601."""
    if not _DATE.fullmatch(text):
        raise ValueError(messages.NOT_DATE)
    return date.fromisoformat(text)


def _instant(kind: inspect.DateTimeType) -> Reader:
    if kind.tz is not True:
        raise TypeError("An instant of a request says its offset: Annotated[datetime, Meta(tz=True)].")
    return _parsed(parse_instant, messages.NOT_INSTANT)


def parse_instant(text: str) -> datetime:
    """Read an instant, which says its offset from UTC."""
    return msgspec.convert(text, _AWARE)


_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]


def _list(kind: inspect.ListType) -> Reader:
    read_item = reader_of(kind.item_type)
    shortest, longest = kind.min_length or 0, kind.max_length
    null_is_one = isinstance(kind.item_type, inspect.AnyType)

    def read(value: object, path: str, faults: Faults) -> list[object] | None:
        if not isinstance(value, list):
            faults.add(path, messages.NOT_LIST)
            return None
        if len(value) < shortest or (longest is not None and len(value) > longest):
            faults.add(path, messages.list_length(shortest, longest))
            return None
        items = [read_item(item, f"{path}[{index}]", faults) for index, item in enumerate(value)]
        return items if null_is_one or None not in items else None

    return read


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field of a struct is read."""

    name: str
    attribute: str
    kind: inspect.Type
    read: Reader
    mandatory: bool
    nullable: bool
    kept: bool
    default: Callable[[], object]

    def value(self, found: Mapping[str, object], path: str, faults: Faults) -> object:
        value = found.get(self.name)
        if value is not None:
            return self.read(value, join(path, self.name), faults)
        if self.mandatory:
            faults.add(join(path, self.name), messages.MISSING)
            return None
        if self.kept and self.name in found:
            faults.add(join(path, self.name), messages.NOT_CLEARED)
            return None
        return None if self.nullable and self.name in found else self.default()


def _fields(kind: inspect.StructType) -> list[_Field]:
    return [_field(field, f"{kind.cls.__name__}.{field.name}") for field in kind.fields]


def _field(field: inspect.Field, called: str) -> _Field:
    nullable = isinstance(field.type, inspect.UnionType) and field.type.includes_none
    factory, constant = field.default_factory, field.default
    if constant is msgspec.NODEFAULT and factory is msgspec.NODEFAULT:
        constant = msgspec.UNSET
    if nullable and (field.required or constant not in {None, msgspec.UNSET}):
        raise TypeError(f"{called} takes null, so its default has to be None or UNSET.")
    return _Field(
        name=field.encode_name,
        attribute=field.name,
        kind=field.type,
        read=reader_of(field.type),
        mandatory=field.required,
        nullable=nullable,
        kept=not field.required and not nullable and constant is msgspec.UNSET,
        default=(lambda: constant) if factory is msgspec.NODEFAULT else factory,
    )


def _struct(kind: inspect.StructType) -> Reader:
    make: Callable[..., object] = kind.cls
    fields = _fields(kind)
    tag_field, tag = kind.tag_field, kind.tag
    ignored_beside: Mapping[str, Collection[str]] = getattr(kind.cls, "ignored_beside", {})

    def read(value: object, path: str, faults: Faults) -> object:
        if not isinstance(value, dict):
            faults.add(path or WHOLE, messages.NOT_OBJECT)
            return None
        if tag_field is not None and value.get(tag_field) != tag:
            faults.add(join(path, tag_field), messages.one_of([tag]))
        ignored = {name for given, names in ignored_beside.items() if value.get(given) is not None for name in names}
        found = {name: value[name] for name in value.keys() - ignored}
        return make(**{field.attribute: field.value(found, path, faults) for field in fields})

    return read


def _union(kind: inspect.UnionType) -> Reader:
    kinds = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
    if len(kinds) == 1:
        return reader_of(kinds[0])
    structs = [each for each in kinds if isinstance(each, inspect.StructType)]
    if len(structs) == len(kinds):
        return _tagged(structs)
    return _scalars(kinds)


def _tagged(kinds: list[inspect.StructType]) -> Reader:
    """Read one of several structs, the one that the tag names; without a tag, what they have in common."""
    tag_field = kinds[0].tag_field or ""
    by_tag = {kind.tag: _struct(kind) for kind in kinds}
    message = messages.one_of(by_tag)
    shared = [field for field in _fields(kinds[0]) if all(_has(kind, field) for kind in kinds[1:])]

    def read(value: object, path: str, faults: Faults) -> object:
        if not isinstance(value, dict):
            faults.add(path or WHOLE, messages.NOT_OBJECT)
            return None
        tag = value.get(tag_field)
        if type(tag) is str and tag in by_tag:
            return by_tag[tag](value, path, faults)
        faults.add(join(path, tag_field), message)
        for field in shared:
            field.value(value, path, faults)
        return None

    return read


def _has(kind: inspect.StructType, shared: _Field) -> bool:
    return any(field.encode_name == shared.name and field.type == shared.kind for field in kind.fields)


def _scalars(kinds: list[inspect.Type]) -> Reader:
    """Read a value that may be of several simple types: the first that can."""
    readers = [reader_of(kind) for kind in kinds]

    def read(value: object, path: str, faults: Faults) -> object:
        said: list[str] = []
        for reader in readers:
            attempt = Faults()
            found = reader(value, path, attempt)
            if not attempt:
                return found
            said.extend(message for _, texts in attempt for message in texts)
        faults.add(path, messages.either(said))
        return None

    return read


def _anything(_: inspect.AnyType) -> Reader:
    """Take a value as it came, whatever it is: what it means, something else decides."""

    def read(value: object, path: str, faults: Faults) -> object:
        try:
            return _as_it_came(value)
        except InvalidOperation:
            faults.add(path, "Holds a number with an exponent beyond all reach.")
            return None

    return read


def _as_it_came(value: object) -> object:
    if isinstance(value, Number):
        return int(value) if _WHOLE.fullmatch(value) else Decimal(value)
    if isinstance(value, dict):
        return {key: _as_it_came(each) for key, each in value.items()}
    return [_as_it_came(each) for each in value] if isinstance(value, list) else value


_MAKERS: dict[type[inspect.Type], Callable[..., Reader]] = {
    inspect.AnyType: _anything,
    inspect.IntType: _whole_number,
    inspect.CustomType: _number_of_our_own,
    inspect.StrType: _text,
    inspect.BoolType: _boolean,
    inspect.EnumType: _enumeration,
    inspect.LiteralType: _literal,
    inspect.DateType: lambda _: _parsed(parse_date, messages.NOT_DATE),
    inspect.DateTimeType: _instant,
    inspect.UUIDType: lambda _: _parsed(UUID, messages.NOT_UUID),
    inspect.ListType: _list,
    inspect.StructType: _struct,
    inspect.UnionType: _union,
}
