"""The OpenAPI 3.1 document, made from the registry: nothing in it is written twice."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from emplette.domain.errors import (
    Forbidden,
    Invalid,
    KeyReused,
    OutcomeUnknown,
    Overtaken,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
    Unavailable,
)
from emplette.domain.files import FIELD
from emplette.http.contract import refusals, told
from emplette.http.contract.client_names import place_in_client
from emplette.http.contract.decode import structs_in
from emplette.http.contract.fields import LARGEST_INT32
from emplette.http.contract.registry import GET, REQUIRED, Operation
from emplette.http.contract.replies import JSON, PROBLEM
from emplette.http.contract.schemas import Schema, schemas_of
from emplette.http.contract.statuses import status_of
from emplette.http.contract.upload import MULTIPART, Upload

_PHRASES = {
    200: "Done.",
    201: "Created.",
    204: "Done; there is nothing to say.",
    206: "The part that was asked for.",
    304: "The caller has it already.",
    503: "Not ready.",
}
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_WIDEST_HEADER = 255

_PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Further members are facts of the case, such as `id`, `href`, `state`.",
    "required": ["type", "title", "status", "detail", "instance", "code", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The page that explains the code."},
        "title": {"type": "string", "description": "What kind of problem it is."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path that was called."},
        "code": {"type": "string", "description": "What kind of problem it is, for programs; it never changes."},
        "requestId": {"type": "string", "description": "The id of the call, as it is in the log."},
        "errors": {
            "type": "object",
            "description": "Every field at fault by its path, such as `supplier.name`; `$` is the body as a whole.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}

_BYTES: Schema = {"type": "string", "format": "binary"}
_FORM_SCHEMA: Schema = {
    "type": "object",
    "required": [FIELD],
    "properties": {FIELD: {**_BYTES, "description": "The file, with its name in the part's `filename`."}},
}

_PARAMETERS: dict[str, Schema] = {
    "Authorization": {
        "name": "Authorization",
        "in": "header",
        "required": True,
        "description": "API key. Value must be formatted like so: `lucca application={api_key}`.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "With the same key the call takes effect once, however often it is repeated within 30 days.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "maxLength": _WIDEST_HEADER},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the version that the call was made for; another version is a 412.",
        "schema": {"type": "string", "pattern": '^(\\*|"[!#-~]*")$', "maxLength": _WIDEST_HEADER},
    },
    "IfMatchNeeded": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The `ETag` of the version that the call was made for; another version is a 412, none a 428.",
        "schema": {"type": "string", "pattern": '^"[!#-~]*"$', "maxLength": _WIDEST_HEADER},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the bytes that the caller has; they are not sent again, and the answer is a 304.",
        "schema": {"type": "string"},
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "required": False,
        "description": "The bytes to be sent, such as `bytes=0-999`; of several ranges, the whole.",
        "schema": {"type": "string"},
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the bytes that the range is for; of others, the whole is sent.",
        "schema": {"type": "string"},
    },
}


class Document:
    """Builds the document of a set of operations."""

    def __init__(
        self, operations: Iterable[Operation], *, version: str, at_the_gate: Sequence[type[Refusal]] = ()
    ) -> None:
        self._operations = {made.name: made for made in operations if not made.hidden}
        self._version = version
        self._at_the_gate = tuple(at_the_gate)
        self._kinds = list(self._types())
        schemas, self._components = schemas_of(self._kinds)
        queries = [made.query_kind for made in self._operations.values() if made.query_kind is not None]
        self._queries = {kind: self._components.pop(kind.__name__) for kind in dict.fromkeys(queries)}
        self._schemas = {id(kind): schema for kind, schema in zip(self._kinds, schemas, strict=True)}

    def build(self) -> dict[str, Any]:
        """Make the document."""
        paths: dict[str, dict[str, Any]] = {}
        for made in self._operations.values():
            paths.setdefault(_path(made), {})[made.method.lower()] = self._describe(made)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Emplette",
                "version": self._version,
                "summary": "A procure-to-pay server that speaks the Lucca Invoices HTTP API.",
                "description": "Operations marked `x-emplette` are ours; the others follow the public documents.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": tag} for tag in dict.fromkeys(made.tag for made in self._operations.values())],
            "paths": paths,
            "components": {
                "schemas": {"Problem": _PROBLEM_SCHEMA, **dict(sorted(self._components.items()))},
                "parameters": _PARAMETERS,
                "headers": told.HEADERS,
                "securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            },
        }

    def _types(self) -> Iterator[Any]:
        for made in self._operations.values():
            yield from (kind for kind in made.answers.values() if kind is not None and made.media_type == JSON)
            yield from (kind for kind in (made.body_kind, made.query_kind) if kind is not None and kind is not Upload)

    def _describe(self, made: Operation) -> dict[str, Any]:
        summary, _, description = made.purpose.partition("\n")
        described: dict[str, Any] = {
            "operationId": made.name,
            "x-python": place_in_client(made.name),
            "tags": [made.tag],
            "summary": summary,
            **({"description": description.strip()} if description.strip() else {}),
            **({"x-emplette": True} if made.ours else {}),
            "security": [] if made.public else [{"apiKey": []}],
            "parameters": [*_header_parameters(made), *_path_parameters(made), *self._query_parameters(made)],
            "responses": _together(self._answers(made), self._problems(made)),
        }
        if made.needs:
            described["x-permissions"] = [str(permission) for permission in made.needs]
        if made.body_kind is not None:
            described["requestBody"] = self._request_body(made)
        return described

    def _request_body(self, made: Operation) -> dict[str, Any]:
        if made.takes_upload:
            return {"required": True, "content": {MULTIPART: {"schema": _FORM_SCHEMA}}}
        content: dict[str, Any] = {"schema": self._schemas[id(made.body_kind)]}
        if made.examples:
            content["examples"] = {name: {"value": value} for name, value in made.examples.items()}
        return {"required": made.body_rule is REQUIRED, "content": {JSON: content}}

    def _query_parameters(self, made: Operation) -> list[Schema]:
        if made.query_kind is None:
            return []
        schema = self._queries[made.query_kind]
        mandatory = schema.get("required", [])
        return [_query_parameter(name, field, name in mandatory) for name, field in schema["properties"].items()]

    def _answers(self, made: Operation) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for status, kind in made.answers.items():
            headers = (
                told.of_download(status)
                if made.answers_file
                else told.of_answer(made.tells, repeatable=made.is_repeated)
            )
            answer: dict[str, Any] = {"description": _PHRASES.get(status, "Done."), "headers": headers}
            if kind is not None:
                schema = self._schemas[id(kind)] if made.media_type == JSON else _text_or_bytes(made)
                content: dict[str, Any] = {"schema": schema}
                if made.answer_examples:
                    content["examples"] = {name: {"value": value} for name, value in made.answer_examples.items()}
                answer["content"] = {made.media_type.partition(";")[0]: content}
            if made.links:
                answer["links"] = {name: self._link(name, fields) for name, fields in made.links.items()}
            answers[str(status)] = answer
        return answers

    def _link(self, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Say how an answer leads on: which of its fields go into the path, or the body, of the next call."""
        target = self._operations[name]
        in_path = {camel(to): _pointer(field) for to, field in fields.items() if to in target.variables}
        if PreconditionRequired in target.problems:
            in_path["header.If-Match"] = f"$response.header.{told.ETAG}"
        in_body = {camel(to): _pointer(field) for to, field in fields.items() if to not in target.variables}
        known = {field for kind in structs_in(target.body_kind) for field in kind.__struct_encode_fields__}
        if unknown := in_body.keys() - known:
            raise ValueError(f"{name} has no {', '.join(sorted(unknown))}, neither in its path nor in its body.")
        link: dict[str, Any] = {"operationId": name}
        if in_path:
            link["parameters"] = in_path
        if in_body:
            link["requestBody"] = in_body
        return link

    def _problems(self, made: Operation) -> dict[str, Any]:
        by_status: dict[int, list[type[Refusal]]] = {}
        for kind in dict.fromkeys((*problems_of(made, self._at_the_gate), *made.problems)):
            by_status.setdefault(status_of(kind), []).append(kind)
        return {str(status): _problem_answer(status, by_status[status]) for status in sorted(by_status)}


def _together(answers: dict[str, Any], problems: dict[str, Any]) -> dict[str, Any]:
    """Join answers and problems; under one status there may be both, told apart by their media types."""
    for status in answers.keys() & problems.keys():
        text = f"{answers[status]['description']}\n{problems[status]['description']}"
        content = answers[status].get("content", {}) | problems[status]["content"]
        headers = told.of_either(answers[status]["headers"], problems[status]["headers"])
        problems[status] = {**answers[status], "description": text, "headers": headers, "content": content}
    return answers | problems


def problems_of(made: Operation, at_the_gate: Sequence[type[Refusal]] = ()) -> Iterator[type[Refusal]]:
    """List the refusals that the contract itself may answer to an operation."""
    yield Invalid
    if not made.public:
        yield from (*at_the_gate, refusals.KeyMissing, refusals.KeyMalformed)
        yield from (refusals.TooManyRequests, refusals.KeysTriedOften)
    if made.needs:
        yield Forbidden
    if made.variables:
        yield refusals.PathUnknown
    if made.is_repeated:
        yield KeyReused
    if made.method != GET:
        yield refusals.MalformedForm if made.takes_upload else refusals.MalformedJson
        yield from _OF_A_BODY
    if made.answers_file:
        yield from (PreconditionFailed, refusals.RangeUnsatisfiable)
    yield from _ANYWHERE


_OF_A_BODY: tuple[type[Refusal], ...] = (
    refusals.BrokenBody,
    refusals.MediaTypeUnsupported,
    refusals.ReceivedTooSlowly,
    refusals.TooLarge,
    PreconditionFailed,
    OutcomeUnknown,
    Unavailable,
    Overtaken,
)
_ANYWHERE: tuple[type[Refusal], ...] = (
    refusals.NotAcceptable,
    refusals.AddressTooLong,
    refusals.HeadersTooLarge,
    refusals.InternalFault,
    Unavailable,
)


def _problem_answer(status: int, kinds: Sequence[type[Refusal]]) -> dict[str, Any]:
    """Describe the problems of one status: of one shape, so that a generated client has one class for all."""
    return {
        "description": "\n".join(f"- `{kind.code}`: {kind.title()}" for kind in kinds),
        "headers": told.of_problem(status),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": [kind.code for kind in kinds],
    }


def _header_parameters(made: Operation) -> list[Schema]:
    names = [] if made.public else ["Authorization"]
    if made.is_repeated:
        names.append("IdempotencyKey")
    if made.method != GET and not made.only_asks:
        names.append("IfMatchNeeded" if PreconditionRequired in made.problems else "IfMatch")
    if made.answers_file:
        names += ["IfMatch", "IfNoneMatch", "Range", "IfRange"]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _path_parameters(made: Operation) -> list[Schema]:
    return [
        {"name": camel(name), "in": "path", "required": True, "schema": _VARIABLE_SCHEMAS[kind]}
        for name, kind in made.variables.items()
    ]


def _query_parameter(name: str, field: Schema, mandatory: bool) -> Schema:  # noqa: FBT001 - as it is written
    schema = dict(field)
    kinds = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    if kinds:
        schema = {**kinds[0], **schema}
    if schema.get("default") is None or schema.get("default") == []:
        schema.pop("default", None)
    if schema.get("format") == "date-time":
        schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    described: Schema = {"name": name, "in": "query", "required": mandatory, "schema": schema}
    if "description" in schema:
        described["description"] = schema.pop("description")
    if schema.get("type") == "array":
        described |= {"style": "form", "explode": False}
        schema["minItems"] = 1
    return described


_VARIABLE_SCHEMAS: dict[type, Schema] = {
    int: {"type": "integer", "format": "int32", "minimum": 1, "maximum": LARGEST_INT32},
    UUID: {"type": "string", "format": "uuid"},
    str: {"type": "string", "minLength": 1},
}


def _text_or_bytes(made: Operation) -> Schema:
    return {"type": "string"} if made.media_type.startswith("text/") else _BYTES


def _pointer(field: str) -> str:
    """Point at a field of an answer: `commitment.id`, or `items.0.id` of a list."""
    return f"$response.body#/{field.replace('.', '/')}"


def camel(name: str) -> str:
    """Write a name as the wire does: `purchase_id` is `purchaseId`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _path(made: Operation) -> str:
    return _VARIABLE.sub(lambda found: f"{{{camel(found[1])}}}", made.path)
