"""Write docs/openapi.json, and from it docs/reference/: one page a resource, every operation on it.

The pages are for reading; what counts is the document. Tests write both anew and compare, so that a change of the wire
is seen in a review.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emplette.domain.events import EVENT_TYPES
from emplette.http.app import openapi_document
from emplette.http.pages.snippets import snippets_of

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "openapi.json"
REFERENCE = ROOT / "docs" / "reference"
SHAPES = "shapes.md"
EVENTS = "event-types.md"
MANY = 40
METHODS = ("get", "post", "put")

Json = Mapping[str, Any]


class Reference:
    """The pages of one OpenAPI document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        answers = [operation["responses"].items() for _, _, operation in self._operations() if operation["security"]]
        coded = [{(status, code) for status, answer in each for code in _codes(answer)} for each in answers]
        self._everywhere = set[tuple[str, str]].intersection(*coded) if coded else set[tuple[str, str]]()

    def pages(self) -> dict[str, str]:
        """Write all pages, by file name."""
        by_tag: dict[str, list[str]] = {}
        for path, method, operation in self._operations():
            tag = operation.get("tags", ["Other"])[0]
            by_tag.setdefault(tag, []).append(self._operation(path, method, operation))
        pages = {_file_name(tag): f"# {tag}\n\n" + "\n".join(parts) for tag, parts in by_tag.items()}
        return {"index.md": self._index(), SHAPES: self._shapes(), EVENTS: _event_types(), **pages}

    def _operations(self) -> Iterator[tuple[str, str, Json]]:
        for path, item in self._document["paths"].items():
            yield from ((path, method, item[method]) for method in METHODS if method in item)

    def _index(self) -> str:
        lines = [
            "# Reference",
            "",
            "Every operation, by resource. Written from the OpenAPI document by `make reference`; a running server",
            "shows the same at `/docs`. What is marked *ours* is not in the public documentation of the Lucca",
            "Invoices API. Every POST takes an `Idempotency-Key`, every change an `If-Match`; optional fields of a",
            "request may be null, which is as good as absent. [Problems](../problems.md) explains the codes.",
            "",
            "Each call is shown with curl and with [the Python client](../sdk.md). The ids are those of the",
            "demo company, and 201 stands for the number that your own purchase, commitment, request or order has.",
            "",
            f"What events are called stands [on a page of its own]({EVENTS}).",
            "",
            "```sh",
            "HOST=http://127.0.0.1:8377 KEY=...",
            "```",
            "",
            "```python",
            "from datetime import date",
            "from decimal import Decimal",
            "from uuid import UUID",
            "",
            "from emplette.client import Emplette",
            "",
            'client = Emplette("http://127.0.0.1:8377", "...")',
            "```",
        ]
        lines += ["", "Any call that needs a key may also be answered with:", "", "| status | codes |", "|---|---|"]
        for status in sorted({status for status, _ in self._everywhere}):
            codes = sorted(code for common, code in self._everywhere if common == status)
            lines.append(f"| {status} | {', '.join(f'`{code}`' for code in codes)} |")
        tag = ""
        for path, method, operation in sorted(self._operations(), key=lambda entry: entry[2].get("tags", ["Other"])[0]):
            if tag != operation.get("tags", ["Other"])[0]:
                tag = operation.get("tags", ["Other"])[0]
                lines += ["", f"## {tag}", "", "| call | purpose |", "|---|---|"]
            name = f"{method.upper()} {path}"
            lines.append(f"| [`{name}`]({_file_name(tag)}#{_anchor(name)}) | {_summary(operation)} |")
        return "\n".join(lines) + "\n"

    def _operation(self, path: str, method: str, operation: Json) -> str:
        lines = [f"## {method.upper()} {path}", "", _summary(operation), ""]
        rest = operation.get("description", "")
        if rest and rest != operation.get("summary"):
            lines += [rest.strip(), ""]
        if needed := operation.get("x-permissions"):
            lines += ["Needs the permission " + " or ".join(f"`{permission}`" for permission in needed) + ".", ""]
        lines += self._parameters(operation)
        lines += self._body(operation)
        lines += self._calls(path, method, operation)
        lines += self._answers(operation)
        return "\n".join(lines)

    def _parameters(self, operation: Json) -> list[str]:
        parameters = [self._resolved(parameter) for parameter in operation.get("parameters", [])]
        shown = [parameter for parameter in parameters if parameter["in"] in {"path", "query"}]
        if not shown:
            return []
        rows = [
            f"| `{parameter['name']}` | {parameter['in']} | {self._type(parameter['schema'])} | "
            f"{_cell(parameter.get('description', ''))} |"
            for parameter in shown
        ]
        return ["| parameter | in | type | |", "|---|---|---|---|", *rows, ""]

    def _body(self, operation: Json) -> list[str]:
        body = self._resolved(operation.get("requestBody", {}))
        lines: list[str] = []
        for content in body.get("content", {}).values():
            for title, schema in self._alternatives(content["schema"]):
                lines += [f"**Body**{title}", "", *self._fields(schema), ""]
        return lines

    @staticmethod
    def _calls(path: str, method: str, operation: Json) -> list[str]:
        """Show how it is called: with curl, and with the Python client."""
        lines: list[str] = []
        for snippet in snippets_of(method, path, operation):
            lines += [f"Example ({snippet.name}):", ""] if snippet.name else []
            lines += ["```sh", snippet.curl, "```", "", "```python", snippet.python, "```", ""]
        return lines

    def _alternatives(self, schema: Json) -> list[tuple[str, Json]]:
        resolved = self._resolved(schema)
        kinds = resolved.get("oneOf") or resolved.get("anyOf")
        if not kinds:
            return [("", resolved)]
        return [(f", as `{_name(kind)}`", self._resolved(kind)) for kind in kinds if kind.get("type") != "null"]

    def _fields(self, schema: Json) -> list[str]:
        required = set(schema.get("required", []))
        rows = [
            f"| `{name}` | {self._type(content)} | {'yes' if name in required else ''} | "
            f"{_cell(self._resolved(content).get('description', content.get('description', '')))} |"
            for name, content in schema.get("properties", {}).items()
        ]
        return ["| field | type | mandatory | |", "|---|---|---|---|", *rows]

    def _answers(self, operation: Json) -> list[str]:
        rows = []
        for status, answer in operation["responses"].items():
            codes = _codes(answer)
            special = [f"`{code}`" for code in codes if (status, code) not in self._everywhere]
            if special:
                rows.append(f"| {status} | problem | {', '.join(special)} |")
            elif not codes:
                contents = answer.get("content", {}).values()
                kinds = [self._type(content["schema"]) for content in contents if "schema" in content]
                rows.append(
                    f"| {status} | {', '.join(dict.fromkeys(kinds))} | {_cell(answer.get('description', ''))} |"
                )
        return ["| answer | body | |", "|---|---|---|", *rows, ""]

    def _shapes(self) -> str:
        lines = ["# Shapes", "", "What bodies and answers are made of.", ""]
        for name, schema in self._document["components"]["schemas"].items():
            lines += [f"## {name}", ""]
            if schema.get("description"):
                lines += [_cell(schema["description"]), ""]
            if schema.get("properties"):
                lines += [*self._fields(schema), ""]
            else:
                lines += [f"{self._type(schema)}".capitalize() + ".", ""]
        return "\n".join(lines)

    def _type(self, schema: Json) -> str:
        if "$ref" in schema:
            name = _name(schema)
            return f"[`{name}`]({SHAPES}#{name.lower()})"
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                kinds = [kind for kind in schema[several] if kind.get("type") != "null"]
                return " or ".join(dict.fromkeys(self._type(kind) for kind in kinds))
        if "const" in schema or "enum" in schema:
            return _values(schema.get("enum", [schema.get("const")]))
        kind = schema.get("type", "any")
        if kind == "array":
            return f"list of {self._type(schema.get('items', {}))}"
        names = " or ".join(kind) if isinstance(kind, list) else kind
        return f"{names} ({schema['format']})" if "format" in schema else names

    def _resolved(self, part: Json) -> Json:
        target: Any = part
        while "$ref" in target:
            found: Any = self._document
            for step in target["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            target = found
        resolved: Json = target
        return resolved


def _values(values: Sequence[object]) -> str:
    """Name the values that are possible: all, or so many of them that one knows what they are."""
    shown = [f"`{value}`" for value in values]
    if len(shown) > MANY:
        return f"one of {len(shown)}: {', '.join(shown[:3])} … {shown[-1]}"
    return f"one of {', '.join(shown)}" if len(shown) > 1 else shown[0]


def _codes(answer: Json) -> list[str]:
    return re.findall(r"`([a-z_.]+)`:", answer.get("description", ""))


def _summary(operation: Json) -> str:
    mark = " *(ours)*" if operation.get("x-emplette") else ""
    summary = operation.get("summary") or operation.get("description", "").partition("\n")[0]
    return f"{summary}{mark}"


def _name(schema: Json) -> str:
    return str(schema.get("title") or schema.get("$ref", "").rpartition("/")[2] or schema.get("type", "object"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _event_types() -> str:
    lines = [
        "# Types of events",
        "",
        "What [`GET /api/events`](events.md) and [webhooks](../webhooks.md) tell, by the thing that it happened to. A",
        "name keeps its meaning for good; more may come, so pass over those that you don't know. One that is not here",
        "is refused where events are asked for.",
        "",
        "| type | what happened |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in sorted(EVENT_TYPES.items())]
    return "\n".join(lines) + "\n"


def _file_name(tag: str) -> str:
    return f"{tag.lower().replace(' ', '-')}.md"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def as_text(document: Json) -> str:
    """Write the document as it stands in the repository."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the document and the pages, and remove those of resources that are no more."""
    document = openapi_document()
    DOCUMENT.write_text(as_text(document), encoding="utf-8")
    pages = Reference(document).pages()
    REFERENCE.mkdir(exist_ok=True)
    for old in REFERENCE.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    print(f"docs/reference: {len(pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
