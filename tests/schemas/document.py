"""The OpenAPI document as its readers take it: operations, their examples, their links."""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
JSON = "application/json"
FORM = "multipart/form-data"
_MANY = 10


@dataclass(frozen=True)
class Example:
    """One way to call an operation, as the document shows it."""

    name: str
    query: dict[str, str]
    body: Any = None


@dataclass(frozen=True)
class Described:
    """An operation of a document."""

    name: str
    method: str
    path: str
    says: Document

    @property
    def permissions(self) -> list[str]:
        """The permissions of which a key needs one."""
        needed: list[str] = self.says.get("x-permissions", [])
        return needed

    @property
    def takes_file(self) -> bool:
        """Tell whether its body is a file."""
        return FORM in self.says.get("requestBody", {}).get("content", {})

    def examples(self) -> Iterator[Example]:
        """List the ways to call it: with each example of its body and of each parameter, or just so."""
        shown = {each["name"]: each["schema"]["examples"] for each in self.says["parameters"] if _is_shown(each)}
        bodies = (
            self.says.get("requestBody", {}).get("content", {}).get(JSON, {}).get("examples", {"": {"value": None}})
        )
        for values in itertools.product(*shown.values()):
            query = dict(zip(shown, values, strict=True))
            yield from (Example(" ".join([*values, name]), query, body["value"]) for name, body in bodies.items())

    def links(self, status: int) -> dict[str, Document]:
        """List what an answer of this status leads to."""
        found: dict[str, Document] = self.says["responses"].get(str(status), {}).get("links", {})
        return found


def operations(document: Document) -> dict[str, Described]:
    """List the operations of a document by name."""
    found = [
        Described(says["operationId"], method.upper(), path, says)
        for path, methods in document["paths"].items()
        for method, says in methods.items()
    ]
    return {each.name: each for each in found}


def narrowed(document: Document) -> Document:
    """Copy a document so that nothing may be sent but the examples, and what links say."""
    document = copy.deepcopy(document)
    for described in operations(document).values():
        says = described.says
        says["parameters"] = [each for each in says["parameters"] if _is_needed(each) or _is_shown(each)]
        for parameter in filter(_is_shown, says["parameters"]):
            shown = parameter["schema"]["examples"]
            parameter["schema"] = {"enum": shown, "examples": shown}
        for media_type, content in says.get("requestBody", {}).get("content", {}).items():
            if media_type == FORM:
                content["schema"]["properties"]["file"] |= {"enum": ["A note, which is a file of plain text."]}
            else:
                content["schema"] = {"enum": [example["value"] for example in content["examples"].values()]}
    return document


def shortened(document: Document) -> Document:
    """Copy a document so that of many possible values only the first and the last stand: each would be tried."""
    document = copy.deepcopy(document)
    _shorten(document["components"]["schemas"])
    return document


def _shorten(node: Any) -> None:  # noqa: ANN401  any part of a document
    if isinstance(node, list):
        for each in node:
            _shorten(each)
    elif isinstance(node, dict):
        if len(node.get("enum", ())) > _MANY:
            node["enum"] = [node["enum"][0], node["enum"][-1]]
        for each in node.values():
            _shorten(each)


def _is_shown(parameter: Document) -> bool:
    return "examples" in parameter.get("schema", {})


def _is_needed(parameter: Document) -> bool:
    if "$ref" in parameter:
        return bool(parameter["$ref"].endswith(("/Authorization", "/IfMatchNeeded")))
    return bool(parameter["required"])
