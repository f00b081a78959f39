"""The OpenAPI document, taken apart for the page that shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emplette.http.pages.snippets import Snippet, snippets_of

_SCHEMAS = "#/components/schemas/"
_PARAMETERS = "#/components/parameters/"
_PROBLEM = "application/problem+json"

Parts = list[tuple[str, str | None]]
"""Words of a type, each with the schema that it names, if it names one."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a schema."""

    name: str
    kind: Parts
    mandatory: bool
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """The problems of one status."""

    status: str
    codes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A successful answer."""

    status: str
    text: str
    kind: Parts


@dataclass(frozen=True, slots=True)
class OperationShown:
    """An operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    ours: bool
    permissions: list[str]
    parameters: list[Field]
    body: Parts
    snippets: list[Snippet]
    outcomes: list[Outcome]
    problems: list[Problem]


class Reference:
    """Everything that the page shows."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.info: Mapping[str, Any] = document["info"]
        self.tags: dict[str, list[OperationShown]] = {tag["name"]: [] for tag in document["tags"]}
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                self.tags[described["tags"][0]].append(self._operation(method.upper(), path, described))
        schemas: Mapping[str, Any] = document["components"]["schemas"]
        self.schemas = {name: self._schema(schema) for name, schema in schemas.items()}
        self.schema_texts = {name: schema.get("description", "") for name, schema in schemas.items()}

    @property
    def operations(self) -> Iterator[OperationShown]:
        """All operations, one after the other."""
        for operations in self.tags.values():
            yield from operations

    def _operation(self, method: str, path: str, described: Mapping[str, Any]) -> OperationShown:
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        answers: Mapping[str, Any] = described["responses"]
        good = {status: answer for status, answer in answers.items() if _PROBLEM not in answer.get("content", {})}
        return OperationShown(
            name=described["operationId"],
            method=method,
            path=path,
            summary=described["summary"],
            description=described.get("description", ""),
            ours=described.get("x-emplette", False),
            permissions=described.get("x-permissions", []),
            parameters=[self._parameter(each) for each in described["parameters"]],
            body=kind_of(content["schema"]) if content else [],
            snippets=snippets_of(method, path, described),
            outcomes=[_outcome(status, answer) for status, answer in good.items()],
            problems=[_problem(status, answer) for status, answer in answers.items() if status not in good],
        )

    def _parameter(self, described: Mapping[str, Any]) -> Field:
        if "$ref" in described:
            described = self._document["components"]["parameters"][described["$ref"].removeprefix(_PARAMETERS)]
        text = described.get("description", "")
        return Field(described["name"], kind_of(described["schema"]), described["required"], text, described["in"])

    def _schema(self, schema: Mapping[str, Any]) -> list[Field]:
        mandatory = schema.get("required", [])
        fields: Mapping[str, Any] = schema.get("properties", {})
        if not fields:
            return [Field("", kind_of(schema), mandatory=False, text="")]
        return [
            Field(name, kind_of(field), name in mandatory, field.get("description", ""))
            for name, field in fields.items()
        ]


def _outcome(status: str, answer: Mapping[str, Any]) -> Outcome:
    contents = list(answer.get("content", {}).values())
    return Outcome(status, answer["description"], kind_of(contents[0]["schema"]) if contents else [])


def _problem(status: str, answer: Mapping[str, Any]) -> Problem:
    """Read the codes back from the lines of the description: "- `code`: title"."""
    codes: dict[str, str] = {}
    for line in answer["description"].splitlines():
        code, _, title = line.removeprefix("- ").partition(": ")
        codes[code.strip("`")] = title
    return Problem(status, codes)


def kind_of(schema: Mapping[str, Any]) -> Parts:
    """Say a schema's type in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return [(name, name)]
    if "anyOf" in schema:
        return _joined([kind_of(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return [(" | ".join(str(value) for value in schema["enum"]), None)]
    if schema.get("type") == "array":
        return [("list of ", None), *kind_of(schema.get("items", {}))]
    words = [str(schema.get("type", "anything"))]
    if "format" in schema:
        words.append(f"({schema['format']})")
    words.extend(_limits(schema))
    return [(" ".join(words), None)]


def _joined(kinds: list[Parts]) -> Parts:
    parts: Parts = []
    for kind in kinds:
        parts.extend([(" or ", None), *kind] if parts else kind)
    return parts


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        yield f"at least {schema['minimum']}"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']:,} characters"
