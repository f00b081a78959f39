"""How an operation is called, to be copied: with curl, and with the Python client.

Both are written from the examples of the contract, with the ids of the demo company. The shell has $HOST and $KEY, and
Python has a `client`, `date`, `Decimal` and `UUID`.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]

_WIDTH: Final = 100
_VARIABLE: Final = re.compile(r"{(\w+)}")
_DATE: Final = re.compile(r"([0-9]{4})-0?([0-9]{1,2})-0?([0-9]{1,2})")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FILE: Final = "quote.pdf"

_VALUES: Final[Mapping[str, object]] = {
    "axisId": 1,
    "axisSectionId": 361,
    "costCenterId": 3,
    "date": "2025-04-14",
    "departmentId": 14,
    "establishmentId": 1,
    "fileId": "6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10",
    "legalUnitId": 1,
    "natureId": 1,
    "pageNumber": 1,
    "supplierId": 6,
    "territoryId": "FR",
    "userId": 35,
}
_ANY_NUMBER: Final = 201
"""The number of a purchase, and of what is under it, in the guide."""
_VERSION: Final = f'"{_ANY_NUMBER}.1"'
"""The version with which such a one was read, where a call has to say it."""
_VERSION_NEEDED: Final = "#/components/parameters/IfMatchNeeded"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One example of a call, written twice."""

    name: str
    curl: str
    python: str


def snippets_of(method: str, path: str, operation: Json) -> list[Snippet]:
    """Write how an operation is called: once for each of its examples, and at least once."""
    content: Mapping[str, Json] = operation.get("requestBody", {}).get("content", {})
    examples: Mapping[str, Json] = content.get("application/json", {}).get("examples", {})
    call = _Call(method.upper(), path, operation)
    if not examples:
        return [Snippet("", call.curl(None), call.python({}))]
    return [Snippet(name, call.curl(each["value"]), call.python(each["value"])) for name, each in examples.items()]


class _Call:
    def __init__(self, method: str, path: str, operation: Json) -> None:
        self._method = method
        self._path = path
        self._operation = operation
        self._place: str = operation["x-python"]
        self._uploads = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
        self._query = {
            each["name"]: _value_of(each["name"])
            for each in operation["parameters"]
            if each.get("in") == "query" and each["required"]
        }
        self._says_version = any(each.get("$ref") == _VERSION_NEEDED for each in operation["parameters"])

    def curl(self, body: object) -> str:
        """Write the call for a shell."""
        path = _VARIABLE.sub(lambda found: str(_value_of(found[1])), self._path)
        query = "&".join(f"{name}={value}" for name, value in self._query.items())
        lines = [f'curl "$HOST{path}{"?" if query else ""}{query}"']
        if self._operation["security"]:
            lines.append('--header "Authorization: lucca application=$KEY"')
        if self._says_version:
            lines.append(f"--header {shlex.quote(f'If-Match: {_VERSION}')}")
        if body is not None:
            written = shlex.quote(json.dumps(body, indent=2, ensure_ascii=False, default=str))
            lines.append(("" if self._method == "POST" else f"--request {self._method} ") + f"--json {written}")
        elif self._uploads:
            lines.append(f"--form file=@{_FILE}")
        elif self._method != "GET":
            lines.append(f"--request {self._method}")
        if saved := self._saved():
            lines.append(f"--output {saved}")
        return " \\\n  ".join(lines)

    def python(self, body: Json) -> str:
        """Write the call in Python."""
        in_path = _VARIABLE.findall(self._path)
        arguments = [_inline(_value_of(name)) for name in in_path]
        if self._uploads:
            arguments.append(_inline(_FILE))
        given = {name: value for name, value in {**body, **self._query}.items() if name not in in_path}
        arguments += [f"{_snake(name)}={_written(value, 4)}" for name, value in given.items()]
        if self._says_version:
            arguments.append(f"if_match={_VERSION!r}")
        noun, _, verb = self._place.partition(".")
        if saved := self._saved():
            verb = "save" if verb == "get" else f"save_{verb}"
            arguments.append(_inline(saved))
        call = _joined(f"client.{noun}.{verb}(", arguments, ")")
        return f"for each in {call}:\n    print(each)" if self._lists() else call

    def _good(self) -> Iterator[tuple[str, Json]]:
        for status, answer in self._operation["responses"].items():
            if status.startswith("2"):
                yield from answer.get("content", {}).items()

    def _lists(self) -> bool:
        return any(parameter.get("name") == "fields.root" for parameter in self._operation["parameters"])

    def _saved(self) -> str | None:
        """Name the file into which an answer goes that is none to be read on a terminal."""
        for media, content in self._good():
            if content.get("schema", {}).get("format") == "binary":
                return {"application/pdf": "order.pdf", "image/jpeg": "page.jpg"}.get(media, _FILE)
        return None


def _value_of(name: str) -> object:
    return _VALUES.get(name, _ANY_NUMBER)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.replace(".", "_")).lower()


def _inline(value: object) -> str:
    """Write a value in one line, typed as the client wants it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{_snake(name)}": {_inline(each)}' for name, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    if isinstance(value, str):
        return _typed(value)
    if isinstance(value, bool | int) or value is None:
        return repr(value)
    return f'Decimal("{value}")'


def _typed(text: str) -> str:
    if found := _DATE.fullmatch(text):
        return f"date({', '.join(found.groups())})"
    quoted = json.dumps(text, ensure_ascii=False)
    return f"UUID({quoted})" if _UUID.fullmatch(text) else quoted


def _written(value: object, indent: int) -> str:
    """Write a value, over several lines when one is too short for it."""
    inline = _inline(value)
    if len(inline) + indent <= _WIDTH or not isinstance(value, Mapping | list):
        return inline
    if isinstance(value, Mapping):
        parts = [f'"{_snake(name)}": {_written(each, indent + 4)}' for name, each in value.items()]
        return _joined("{", parts, "}", indent)
    return _joined("[", [_written(each, indent + 4) for each in value], "]", indent)


def _joined(opening: str, parts: Sequence[str], closing: str, indent: int = 0) -> str:
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(line) + indent <= _WIDTH and "\n" not in line:
        return line
    space = " " * (indent + 4)
    return f"{opening}\n" + "".join(f"{space}{part},\n" for part in parts) + " " * indent + closing
