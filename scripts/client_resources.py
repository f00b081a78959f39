"""The resources of the Python client, written from the operations: each once for threads, once for asyncio."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from scripts.client_shapes import Json, Shapes, item_of_list, reference_of, snake

PROBLEM: Final = "application/problem+json"

_HEAD: Final = '''"""{title}; written by scripts/write_client.py, never by hand."""

import builtins
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, overload
from uuid import UUID

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing, Listing
from emplette.client.sending import AsyncSender, Sender
from emplette.client.uploads import Source, Upload
from emplette.client.wire import UNSET, Unset, Versioned, quoted
'''
_KEY: Final = "idempotency_key: str | None = None"
_MATCH: Final = "if_match: str | Versioned | None = None"
_MATCH_NEEDED: Final = "if_match: str | Versioned"
_OPTIONS: Final = {"IdempotencyKey": _KEY, "IfMatch": _MATCH, "IfMatchNeeded": _MATCH_NEEDED}
"""How the client takes what is said in headers, by the name of the parameter in the document."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method."""

    wire: str
    annotation: str
    mandatory: bool

    @property
    def name(self) -> str:
        """What it is called in Python."""
        plain = snake(self.wire)
        return f"{plain}_" if keyword.iskeyword(plain) else plain

    @property
    def written(self) -> str:
        """Write it as a signature has it."""
        if self.mandatory:
            return f"{self.name}: {self.annotation}"
        kind, null, _ = self.annotation.partition(" | None")
        return f"{self.name}: {kind} | Unset{null} = UNSET"


@dataclass(frozen=True, slots=True)
class Style:
    """How one of the two clients is written."""

    folder: str
    prefix: str
    define: str
    wait: str


STYLES: Final = (
    Style("resources", "", "def", ""),
    Style("async_resources", "Async", "async def", "await "),
)


class Method:
    """An operation, as a method of a resource."""

    def __init__(self, shapes: Shapes, verb: str, http_method: str, path: str, operation: Json) -> None:
        self._shapes = shapes
        self._verb = verb
        self._method = http_method.upper()
        self._path = path
        self._operation = operation
        self._parameters: list[Json] = [each for each in operation["parameters"] if "$ref" not in each]
        content: Mapping[str, Json] = operation.get("requestBody", {}).get("content", {})
        self._uploads = "multipart/form-data" in content
        self._body: Json = content.get("application/json", {}).get("schema", {})

    def lines(self, style: Style) -> Iterator[str]:
        """Write the method, indented."""
        text = "\n".join(self._written(style))
        yield from (f"    {line}" if line else "" for line in text.splitlines())
        yield ""

    def _written(self, style: Style) -> Iterator[str]:
        answer = self._answer()
        bodies = self._bodies()
        if item := item_of_list(self._shapes.schemas.get(answer, {})):
            yield from self._listing(style, self._shapes.name(item))
            return
        kind = self._answer_type()
        if len(bodies) > 1:
            yield from (line for body in bodies for line in self._overloaded(style, body, kind))
            yield from self._signature(
                style, self._verb, [*self._in_path(), "*", *self._options(), "**body: Any"], kind
            )
            yield from self._sent(style, kind, "body")
            return
        fields = self._fields(bodies[0]) if bodies else []
        yield from self._signature(style, self._verb, self._arguments(fields), kind)
        yield from self._sent(style, kind, _dictionary(fields) if bodies else None)
        if kind == "bytes":
            yield from self._saving(style)

    def _listing(self, style: Style, item: str) -> Iterator[str]:
        """A list asks nothing before it is iterated over, so that both clients make it without waiting."""
        kind = f"{style.prefix}Listing[models.{item}]"
        plain = replace(style, define="def")
        yield from self._signature(plain, self._verb, self._arguments([]), kind)
        query = _dictionary(self._in_query())
        yield f"    return {style.prefix}Listing(self._sender, {self._place()}, models.{item}, {query})"

    def _overloaded(self, style: Style, body: Json, kind: str) -> Iterator[str]:
        yield "@overload"
        arguments = ", ".join(["self", *self._arguments(self._fields(body))])
        yield f"{style.define} {self._verb}({arguments}) -> {kind}: ..."
        yield ""

    def _signature(self, style: Style, verb: str, arguments: list[str], kind: str) -> Iterator[str]:
        yield f"{style.define} {verb}({', '.join(['self', *arguments])}) -> {kind}:"
        yield f'    """{self._documentation()}"""'

    def _sent(self, style: Style, kind: str, body: str | None) -> Iterator[str]:
        yield f"    ask: Ask[{kind}] = {self._ask(kind, body)}"
        yield f"    return {style.wait}self._sender.send(ask)"

    def _saving(self, style: Style) -> Iterator[str]:
        """What is answered as bytes can go into a file as well, piece by piece."""
        verb = "save" if self._verb == "get" else f"save_{self._verb}"
        head, star, rest = _split(self._arguments([]))
        path = "path: str | os.PathLike[str]"
        yield ""
        yield f"{style.define} {verb}({', '.join(['self', *head, path, *star, *rest])}) -> Path:"
        yield f'    """Write into a file what `{self._verb}` answers, piece by piece."""'
        yield f"    ask: Ask[bytes] = {self._ask('bytes', None)}"
        yield f"    return {style.wait}self._sender.save(ask, path)"

    def _ask(self, kind: str, body: str | None) -> str:
        parts = [f'method="{self._method}"', f"path={self._place()}", f"answer={kind}"]
        if self._in_query():
            parts.append(f"query={_dictionary(self._in_query())}")
        if body is not None:
            parts.append(f"body={body}")
        if self._uploads:
            parts.append("upload=Upload.of(source, name=name, content_type=content_type)")
        parts.extend(f"{option.partition(':')[0]}={option.partition(':')[0]}" for option in self._options())
        return f"Ask({', '.join(parts)})"

    def _arguments(self, fields: list[Parameter]) -> list[str]:
        named = sorted([*fields, *self._in_query()], key=lambda each: not each.mandatory)
        keywords = [*(each.written for each in named), *self._options()]
        first = [*self._in_path()]
        if self._uploads:
            first.append("source: Source")
            keywords = ["name: str | None = None", "content_type: str | None = None", *keywords]
        return [*first, *(["*", *keywords] if keywords else [])]

    def _in_path(self) -> list[str]:
        found = [each for each in self._parameters if each["in"] == "path"]
        return [f"{snake(each['name'])}: {self._shapes.type_of(each['schema'], sent=True)}" for each in found]

    def _in_query(self) -> list[Parameter]:
        found = [each for each in self._parameters if each["in"] == "query" and each["name"] != "fields.root"]
        return [Parameter(each["name"], _in_models(self._shapes, each["schema"]), each["required"]) for each in found]

    def _fields(self, body: Json) -> list[Parameter]:
        schema = self._shapes.schemas[reference_of(body) or ""]
        mandatory = schema.get("required", [])
        in_path = {each["name"] for each in self._parameters if each["in"] == "path"}
        return [
            Parameter(name, _in_models(self._shapes, each), name in mandatory)
            for name, each in schema["properties"].items()
            if name not in in_path
        ]

    def _bodies(self) -> list[Json]:
        if not self._body:
            return []
        return list(self._body.get("anyOf") or self._body.get("oneOf") or [self._body])

    def _options(self) -> list[str]:
        named = {each.get("$ref", "").rpartition("/")[2] for each in self._operation["parameters"]}
        return [written for name, written in _OPTIONS.items() if name in named]

    def _place(self) -> str:
        if "{" not in self._path:
            return f'"{self._path}"'
        return 'f"' + re.sub(r"{(\w+)}", lambda found: "{quoted(" + snake(found[1]) + ")}", self._path) + '"'

    def _schema_answered(self) -> tuple[str, Json]:
        for status, answer in self._operation["responses"].items():
            if status.startswith("2"):
                for media, content in answer.get("content", {}).items():
                    if media != PROBLEM:
                        return media, content.get("schema", {})
        return "", {}

    def _answer(self) -> str:
        return reference_of(self._schema_answered()[1]) or ""

    def _answer_type(self) -> str:
        media, schema = self._schema_answered()
        if not media:
            return "None"
        if media == "application/json":
            return re.sub(r"\blist\[", "builtins.list[", _in_models(self._shapes, schema, sent=False))
        return "str" if media.startswith("text/plain") else "bytes"

    def _documentation(self) -> str:
        summary = self._operation["summary"]
        more = self._operation.get("description", "")
        needs = " or ".join(f"`{each}`" for each in self._operation.get("x-permissions", []))
        paragraphs = [summary, *([more] if more else []), *([f"Needs the permission {needs}."] if needs else [])]
        indented = ["\n".join(f"    {line}".rstrip() for line in each.splitlines()).strip() for each in paragraphs]
        return ("\n\n    ".join(indented) + ("\n    " if len(indented) > 1 else "")).replace("\\", "\\\\")


def _in_models(shapes: Shapes, schema: Json, *, sent: bool = True) -> str:
    """Write a type as the resources see it: what is a model has its module's name before it."""
    names = {shapes.name(each) for each in (*shapes.answered, *shapes.sent)} | set(shapes.unions.values())
    names |= {shapes.input_name(each) for each in shapes.sent}
    plain = {"Any", "Decimal", "Literal", "Mapping", "None", "Sequence", "UUID"}
    written = shapes.type_of(schema, sent=sent)
    return re.sub(
        r"'[^']*'|[\w.]+", lambda found: f"models.{found[0]}" if found[0] in names - plain else found[0], written
    )


def _dictionary(parameters: list[Parameter]) -> str:
    return "{" + ", ".join(f'"{each.wire}": {each.name}' for each in parameters) + "}"


def _split(arguments: list[str]) -> tuple[list[str], list[str], list[str]]:
    if "*" not in arguments:
        return arguments, [], []
    at = arguments.index("*")
    return arguments[:at], ["*"], arguments[at + 1 :]


def resource_module(noun: str, methods: list[Method], style: Style) -> str:
    """Write a resource of one of the clients, before it is formatted."""
    ending = ", for asyncio" if style.prefix else ""
    about = f"The operations on {noun.replace('_', ' ')}{ending}"
    head = f'class {style.prefix}{class_of(noun)}:\n    """{about}."""\n'
    made = f"    def __init__(self, sender: {style.prefix}Sender) -> None:\n        self._sender = sender\n"
    body = "\n".join(line for method in methods for line in method.lines(style))
    return f"{_HEAD.format(title=about)}\n\n{head}\n{made}\n{body}\n"


def class_of(noun: str) -> str:
    """Name the class of a resource."""
    return "".join(part.capitalize() for part in noun.split("_"))
