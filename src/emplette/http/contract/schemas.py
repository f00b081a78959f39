"""JSON Schemas of the wire's structs, as the OpenAPI document shows them."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, inspect, structs

from emplette.domain.money import LONGEST_AMOUNT
from emplette.domain.text import BLANK, SHOWN
from emplette.http.contract.fields import Amount
from emplette.http.contract.structs import Body

Schema = dict[str, Any]

_REF = "#/components/schemas/"
_NUMBER: Schema = {"type": "number", "format": "double"}
"""How decimals are written, though they are never floating: exact in both directions."""
_SHOWN_IN_EVERY_DIALECT = f"[^{BLANK}]"
"""What a reader of any kind can make of the rule that a text shows something."""
_GENERIC = re.compile(r"(\w+?)_(\w+)_")


def schemas_of(kinds: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Describe types: a schema for each, and the named schemas that they refer to."""
    listed = list(kinds)
    schemas, components = msgspec.json.schema_components(
        listed, schema_hook=_schema_of_ours, ref_template=_REF + "{name}"
    )
    for struct in _bodies(inspect.multi_type_info(listed)):
        told_apart = {field.encode_name for field in structs.fields(struct) if field.default is UNSET}
        _let_null_be_absent(components[struct.__name__], told_apart)
    renamed = {name: _readable(name) for name in components}
    named = {renamed[name]: _with_references(schema, renamed) for name, schema in components.items()}
    for name, schema in named.items():
        schema["title"] = name  # generators of clients call a class by it
    return [_with_references(schema, renamed) for schema in schemas], named


def _schema_of_ours(kind: type) -> Schema:
    if kind is Amount:
        description = f"An exact decimal number of at most {LONGEST_AMOUNT} significant digits."
        return {**_NUMBER, "description": description}
    raise NotImplementedError(kind)


def _let_null_be_absent(schema: Schema, told_apart: set[str]) -> None:
    """Say what holds for every body: a field that may be absent may be null as well, unless it tells them apart.

    That null stands for absent is no default to be told: generators of clients would ask for the field.
    """
    mandatory = {*schema.get("required", []), *told_apart}
    for name, field in schema.get("properties", {}).items():
        if field.get("default", UNSET) in (None, []):
            del field["default"]
        if name not in mandatory and not _takes_null(field):
            default = {"default": field.pop("default")} if "default" in field else {}
            schema["properties"][name] = {"anyOf": [field, {"type": "null"}], **default}


def _takes_null(field: Schema) -> bool:
    return field.get("type") == "null" or any(_takes_null(each) for each in field.get("anyOf", []))


def _bodies(kinds: Iterable[inspect.Type]) -> set[type]:
    """Find the structs of requests, at whatever depth."""
    found: set[type] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType):
            struct: type = getattr(kind.cls, "__origin__", kind.cls)
            if issubclass(struct, Body) and struct not in found:
                found.add(struct)
                waiting.extend(field.type for field in kind.fields)
        elif isinstance(kind, inspect.UnionType):
            waiting.extend(kind.types)
        elif isinstance(kind, inspect.ListType):
            waiting.append(kind.item_type)
        elif isinstance(kind, inspect.Metadata):
            waiting.append(kind.type)
    return found


def _readable(name: str) -> str:
    """Call `Listed[Purchase]` a PurchaseList."""
    generic = _GENERIC.fullmatch(name)
    return f"{generic[2]}List" if generic and generic[1] == "Listed" else name


def _with_references(node: Any, renamed: dict[str, str]) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(node, dict):
        if node.get("format") == "decimal":
            node = {**node, **_NUMBER}
        elif node.get("pattern") == SHOWN:
            node = {**node, "pattern": _SHOWN_IN_EVERY_DIALECT}
        return {key: _with_references(value, renamed) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_references(each, renamed) for each in node]
    return _renamed(node, renamed) if isinstance(node, str) and node.startswith(_REF) else node


def _renamed(reference: str, renamed: dict[str, str]) -> str:
    return _REF + renamed[reference.removeprefix(_REF)]
