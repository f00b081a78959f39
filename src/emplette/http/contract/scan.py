"""The first look at a JSON body: everything that a typed decoder would let pass.

A clean body pays a few microseconds. Text that is suspicious, a doubled key or a key with a stray quote sends the
body to the second pass (readers.py), which looks at every value and names every fault.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from emplette.domain.errors import Faults
from emplette.http.contract.refusals import MalformedJson

DEEPEST = 64
"""How many objects and arrays may lie within each other."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Control characters (raw above the C0 range, escaped anywhere) and escaped surrogates, of which pairs are right.
_SUSPICIOUS = re.compile(rb"\\[bf]|\\u(?:00[01]|007[fF]|00[89]|[dD][89a-fA-F])|\x7f|\xc2[\x80-\x9f]")
_STRAY_QUOTE = re.compile(rb'(?:\\"|\\u0022)"[ \t\r\n]*:')
_SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as its sender wrote it: no digit is lost, and no exponent is ever expanded."""

    __slots__ = ()


class Doubled(dict[str, object]):
    """An object in which keys stand more than once."""

    __slots__ = ("keys_at_fault",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.keys_at_fault = [key for key, found in times.items() if found > 1]


class Scanned(NamedTuple):
    """A body that is JSON, and whether the typed decoder may be asked about it first."""

    tree: object
    trusted: bool


class _KeysNeedCare(Exception):
    """A key stands twice in one object."""


def _plain_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeysNeedCare
    return found


def _careful_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    clean = [(key.removesuffix('"'), value) for key, value in pairs]
    found = dict(clean)
    return found if len(found) == len(clean) else Doubled(clean)


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJson(f"contains {name}, which is not a JSON number")


_PLAIN = json.JSONDecoder(
    object_pairs_hook=_plain_object, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
)
_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_careful_object, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
)


def scan(raw: bytes, faults: Faults) -> Scanned:
    """Parse the body once, without types, and note keys and text that no field may have.

    Raises:
        MalformedJson: it is not JSON, not UTF-8, cut off or too deep; the message says where.
    """
    if raw.startswith(_BYTE_ORDER_MARK):
        raw = raw[3:]
    suspicious = stray = False
    if b"\\" in raw or b"\x7f" in raw or b"\xc2" in raw:
        suspicious = _SUSPICIOUS.search(raw) is not None
        stray = _STRAY_QUOTE.search(raw) is not None
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson(f"is not UTF-8 at byte {error.start + 1}") from None
    tree, doubled = _parse(text, careful=stray)
    if raw.count(b"{") + raw.count(b"[") > DEEPEST:
        _refuse_too_deep(tree)
    if doubled or suspicious:
        _note_faults(tree, faults)
    return Scanned(tree, trusted=not (suspicious or stray or doubled))


def _parse(text: str, *, careful: bool) -> tuple[object, bool]:
    """Parse; say also whether the objects may hold doubled keys."""
    try:
        if not careful:
            try:
                return _PLAIN.decode(text), False
            except _KeysNeedCare:
                pass
        return _CAREFUL.decode(text), True
    except json.JSONDecodeError as error:
        raise MalformedJson(_what_is_wrong(error, text)) from None
    except RecursionError:
        raise MalformedJson(_TOO_DEEP) from None


def _what_is_wrong(error: json.JSONDecodeError, text: str) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"ends too early: something is not closed at {where}"
    return f"is not JSON at {where} ({error.msg[0].lower()}{error.msg[1:]})"


_TOO_DEEP = f"is nested too deeply: at most {DEEPEST} levels are read"


def _refuse_too_deep(tree: object) -> None:
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    if any(isinstance(node, (dict, list)) for node in level):
        raise MalformedJson(_TOO_DEEP)


def _children(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _note_faults(tree: object, faults: Faults) -> None:
    """Walk everything, also what no field reads, for doubled keys, NUL and halves of surrogate pairs.

    A path is put together only for what is named: what is at fault may lie deep, below keys of any length, and there
    may be very much of it.
    """
    for trail, message in _unfit(tree, ()):
        if faults.full:
            faults.add_unnamed()
        else:
            faults.add(_path(trail), message)


_Trail = tuple[Any, ...]
"""The way to a value: the trail to what holds it, and its key or index there; empty at the root."""


def _unfit(node: object, trail: _Trail) -> Iterator[tuple[_Trail, str]]:
    if isinstance(node, dict):
        if isinstance(node, Doubled):
            for key in node.keys_at_fault:
                yield (trail, key), "Must be given once; the key is doubled."
        for key, value in node.items():
            below = (trail, key)
            for message in _faults_of_text(key):
                yield below, message
            yield from _unfit(value, below)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unfit(value, (trail, index))
    elif isinstance(node, str):
        for message in _faults_of_text(node):
            yield trail, message


def _faults_of_text(text: str) -> list[str]:
    found = []
    if "\x00" in text:
        found.append("Must not contain the character NUL.")
    if _SURROGATE.search(text):
        found.append("Must not contain half a surrogate pair.")
    return found


def _path(trail: _Trail) -> str:
    """Write a path so that it can itself be answered: what has no place in text is escaped."""
    steps: list[str | int] = []
    while trail:
        trail, step = trail
        steps.append(step)
    path = ""
    for step in reversed(steps):
        path = f"{path}[{step}]" if isinstance(step, int) else join(path, step)
    return path.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")


def join(path: str, name: str) -> str:
    """Name a field within the object at the path."""
    return f"{path}.{name}" if path else name
