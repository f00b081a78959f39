"""The modules of models of the Python client, written from the shapes."""

import keyword
import re
from collections.abc import Iterator
from typing import Final

from scripts.client_shapes import MANY, SHARED, Json, Shapes, item_of_list, snake

_HEAD: Final = '''"""{title}; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal, NotRequired, Required, TypeAlias, TypedDict
from uuid import UUID

from msgspec import field

from emplette.client.wire import ABSENT, Answer, Versioned
'''


def model_modules(shapes: Shapes) -> dict[str, str]:
    """Write all modules, by name, before they are formatted."""
    names = sorted({shapes.modules[component] for component in (*shapes.answered, *shapes.sent)} | {SHARED})
    return {name: _module(shapes, name) for name in names}


def _module(shapes: Shapes, name: str) -> str:
    title = "What several resources have in common" if name == SHARED else f"What is sent and answered: {name}"
    parts = [_HEAD.format(title=title)]
    if name != SHARED:
        parts.append(f"from emplette.client.models.shared import {', '.join(sorted(_exported(shapes, SHARED)))}")
    parts.extend(_definitions(shapes, name))
    return "\n\n".join(parts) + "\n"


def _exported(shapes: Shapes, module: str) -> Iterator[str]:
    """Name what a module defines."""
    text = "\n".join(_definitions(shapes, module))
    yield from re.findall(r"^class (\w+)", text, re.MULTILINE)
    yield from re.findall(r"^(\w+): TypeAlias", text, re.MULTILINE)


def exported(shapes: Shapes) -> dict[str, list[str]]:
    """Name what each module defines."""
    return {name: sorted(_exported(shapes, name)) for name in model_modules(shapes)}


def _definitions(shapes: Shapes, module: str) -> Iterator[str]:
    here = [each for each in shapes.in_order([*shapes.answered, *shapes.sent]) if shapes.modules[each] == module]
    for component in here:
        schema = shapes.schemas[component]
        if "enum" in schema and len(schema["enum"]) <= MANY:
            yield _enumeration(shapes, component, schema)
    for component in here:
        schema = shapes.schemas[component]
        if "enum" in schema or item_of_list(schema):
            continue
        if component in shapes.answered:
            yield _struct(shapes, component, schema)
            yield from (_union(shapes, members) for members in shapes.unions if members[-1] == component)
    for component in here:
        schema = shapes.schemas[component]
        if component in shapes.sent and "enum" not in schema:
            yield _dictionary(shapes, component, schema)


def _enumeration(shapes: Shapes, component: str, schema: Json) -> str:
    values = ", ".join(repr(value) for value in schema["enum"])
    said = _documented(schema)
    return f"{shapes.name(component)}: TypeAlias = Literal[{values}]" + (f'\n"""{said}"""' if said else "")


def _union(shapes: Shapes, members: tuple[str, ...]) -> str:
    return f"{shapes.unions[members]}: TypeAlias = {' | '.join(shapes.name(member) for member in members)}"


def _struct(shapes: Shapes, component: str, schema: Json) -> str:
    fields: dict[str, Json] = dict(schema.get("properties", {}))
    tag = _tag(fields)
    kind = "Versioned" if "version" in fields else "Answer"
    told = f", tag_field={tag[0]!r}, tag={tag[1]!r}" if tag else ""
    lines = [f"class {shapes.name(component)}({kind}, frozen=True, kw_only=True, rename='camel'{told}):"]
    lines.append(f'    """{_documented(schema) or _sentence(shapes.name(component))}"""\n')
    for name, each in fields.items():
        if tag and name == tag[0]:
            lines.append(f"    {name}: ClassVar[Literal[{tag[1]!r}]] = {tag[1]!r}")
            continue
        lines.extend(_field(shapes, component, name, each, mandatory=name in schema.get("required", [])))
    return "\n".join(lines)


def _field(shapes: Shapes, component: str, name: str, schema: Json, *, mandatory: bool) -> Iterator[str]:
    annotation = shapes.type_of(schema, sent=False)
    optional = not mandatory or annotation.endswith("| None")
    if optional and not annotation.endswith("| None"):
        annotation += " | None"
    if component in shapes.uses(schema):
        annotation = repr(annotation).replace("'", '"')
    plain = snake(name)
    own = f"{plain}_" if keyword.iskeyword(plain) else plain
    default = "None" if optional else "ABSENT"
    if _camel(own) != name:
        default = f"field(default={default}, name={name!r})"
    yield f"    {own}: {annotation} = {default}"
    if said := _documented(schema):
        yield f'    """{said}"""'


def _dictionary(shapes: Shapes, component: str, schema: Json) -> str:
    mandatory = schema.get("required", [])
    lines = [f"class {shapes.input_name(component)}(TypedDict, total=False):"]
    lines.append(f'    """{_documented(schema) or _sentence(shapes.name(component))}"""\n')
    for name, each in schema.get("properties", {}).items():
        annotation = shapes.type_of(each, sent=True)
        lines.append(f"    {snake(name)}: {f'Required[{annotation}]' if name in mandatory else annotation}")
        if said := _documented(each):
            lines.append(f'    """{said}"""')
    return "\n".join(lines)


def _tag(fields: dict[str, Json]) -> tuple[str, str] | None:
    """Find the field by which one shape of a union is told from the others: it has a single value."""
    for name, schema in fields.items():
        if len(schema.get("enum", [])) == 1:
            return name, str(schema["enum"][0])
    return None


def _documented(schema: Json) -> str:
    text = " ".join(str(schema.get("description", "")).split())
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _sentence(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)
    return " ".join([words[0], *(word.lower() for word in words[1:])]) + "."


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
