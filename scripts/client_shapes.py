"""The shapes of the OpenAPI document, as the types of the Python client.

What is answered becomes frozen structs, what is sent becomes typed dictionaries, and enumerations become literals.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

SHARED: Final = "shared"
"""The module of what several resources have."""

MANY: Final = 40
"""How many values an enumeration may have for the client to know them; of more, such as currencies, it knows none."""

_BETTER: Final[Mapping[str, str]] = {
    "CostCenterOut": "CostCenterReference",
    "DocumentOut": "DocumentReference",
    "ListedSupplierOut": "Supplier",
    "NamedOut": "Reference",
    "OwnCostCenterOut": "CostCenter",
    "SupplierOut": "PurchaseSupplier",
    "UserOut": "UserReference",
}
"""Names that say more to a reader of the client than those that the server has for its own use."""

_STRINGS: Final[Mapping[str, str]] = {
    "date": "dt.date",
    "date-time": "dt.datetime",
    "uuid": "UUID",
    "binary": "bytes",
}


def snake(name: str) -> str:
    """Write a name of the wire as Python does: `createdAt.from` is `created_at_from`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.replace(".", "_").replace("-", "_")).lower()


def module_of(tag: str) -> str:
    """Name the module of a tag."""
    return tag.lower().replace(" ", "_").replace("-", "_")


def reference_of(schema: Json) -> str | None:
    """Name the shape that a schema refers to, if it does."""
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None


def item_of_list(schema: Json) -> str | None:
    """Name the shape of which this one is a paged list, if it is one."""
    fields: Mapping[str, Json] = schema.get("properties", {})
    return reference_of(fields["items"]["items"]) if fields.keys() == {"items", "prev", "next", "count"} else None


class Shapes:
    """All shapes, each with its name and its module."""

    def __init__(self, document: Json) -> None:
        self.schemas: Mapping[str, Json] = document["components"]["schemas"]
        self.modules: dict[str, str] = {}
        answered, sent = self._reached_by_tag(document)
        self.answered = list(answered)
        self.sent = list(sent)
        for found in (answered, sent):
            for name, tags in found.items():
                known = {*tags, *([self.modules[name]] if name in self.modules else [])}
                self.modules[name] = next(iter(known)) if len(known) == 1 else SHARED
        self.unions: dict[tuple[str, ...], str] = {}
        for members in self._unions_of_answers():
            self.unions[members] = _common_ending([self.name(member) for member in members])

    def name(self, component: str) -> str:
        """Name an answer, or an enumeration."""
        return _BETTER.get(component) or re.sub(r"(Out|In)$", "", component)

    def input_name(self, component: str) -> str:
        """Name what is sent."""
        return f"{re.sub(r'(Out|In)$', '', component)}Input"

    def type_of(self, schema: Json, *, sent: bool) -> str:
        """Write the type of a schema, as Python annotates it."""
        if component := reference_of(schema):
            return self._named(component, sent=sent)
        if several := schema.get("anyOf") or schema.get("oneOf"):
            return self._one_of(several, sent=sent)
        if "enum" in schema:
            return "str" if len(schema["enum"]) > MANY else _literal(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(self.type_of({**schema, "type": each}, sent=sent) for each in kind)
        return self._plain(str(kind), schema, sent=sent)

    def _plain(self, kind: str, schema: Json, *, sent: bool) -> str:
        if kind == "array":
            held = self.type_of(schema.get("items", {}), sent=sent)
            return f"Sequence[{held}]" if sent else f"list[{held}]"
        if kind == "object":
            values = schema.get("additionalProperties")
            held = self.type_of(values, sent=sent) if isinstance(values, Mapping) else "Any"
            return f"Mapping[str, {held}]" if sent else f"dict[str, {held}]"
        if kind == "string":
            read = _STRINGS.get(str(schema.get("format")), "str")
            return "UUID | str" if sent and read == "UUID" else read
        plain = {"integer": "int", "boolean": "bool", "null": "None", "number": "Decimal | int" if sent else "Decimal"}
        return plain.get(kind, "Any")

    def _named(self, component: str, *, sent: bool) -> str:
        schema = self.schemas[component]
        if "enum" in schema:
            if len(schema["enum"]) > MANY:
                return "str"
            return self.name(component) if sent else f"{self.name(component)} | str"
        return self.input_name(component) if sent else self.name(component)

    def _one_of(self, several: Sequence[Json], *, sent: bool) -> str:
        members = tuple(reference_of(each) or "" for each in several)
        if not sent and members in self.unions:
            return self.unions[members]
        told = [each for each in several if each.keys() & {"type", "$ref", "anyOf", "enum"}]
        kinds = dict.fromkeys(self.type_of(each, sent=sent) for each in told if each != {"type": "null"})
        return " | ".join([*kinds, *(["None"] if {"type": "null"} in several else [])])

    def uses(self, schema: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
        """Name the shapes that a schema refers to."""
        if isinstance(schema, Mapping):
            if component := reference_of(schema):
                yield component
            for name, part in schema.items():
                if name != "discriminator":
                    yield from self.uses(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from self.uses(part)

    def in_order(self, components: Iterable[str]) -> list[str]:
        """Put shapes behind those that they are made of."""
        wanted = list(components)
        ordered: list[str] = []
        entered: set[str] = set()

        def visit(component: str) -> None:
            if component in entered:
                return
            entered.add(component)
            for used in self.uses(self.schemas[component]):
                visit(used)
            ordered.append(component)

        for component in wanted:
            visit(component)
        return [component for component in ordered if component in set(wanted)]

    def _reached_by_tag(self, document: Json) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        answered: dict[str, set[str]] = {}
        sent: dict[str, set[str]] = {}
        for methods in document["paths"].values():
            for operation in methods.values():
                module = module_of(operation["tags"][0])
                good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
                contents = [part for answer in good for part in answer.get("content", {}).items()]
                answers = [part for media, part in contents if media != "application/problem+json"]
                self._reach(answers, answered, module)
                self._reach([operation.get("requestBody", {}), operation["parameters"]], sent, module)
        return answered, sent

    def _reach(self, start: Any, found: dict[str, set[str]], module: str) -> None:  # noqa: ANN401 - parts of schemas
        waiting = list(self.uses(start))
        seen: set[str] = set()
        while waiting:
            component = waiting.pop()
            if component in seen or component not in self.schemas:
                continue
            seen.add(component)
            found.setdefault(component, set()).add(module)
            waiting.extend(self.uses(self.schemas[component]))

    def _unions_of_answers(self) -> Iterator[tuple[str, ...]]:
        for component in self.answered:
            yield from _unions_in(self.schemas[component])


def _unions_in(schema: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, Mapping):
        if "discriminator" in schema and "anyOf" in schema:
            yield tuple(reference_of(each) or "" for each in schema["anyOf"])
        for part in schema.values():
            yield from _unions_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _unions_in(part)


def _common_ending(names: Sequence[str]) -> str:
    """Find the words with which all names end: a OneTimeCommitment and a SubscriptionCommitment are Commitments."""
    words = [re.findall(r"[A-Z][a-z0-9]*", name) for name in names]
    common: list[str] = []
    for column in zip(*(reversed(each) for each in words), strict=False):
        if len(set(column)) > 1:
            break
        common.insert(0, column[0])
    return "".join(common)


def _literal(values: Sequence[object]) -> str:
    return f"Literal[{', '.join(repr(value) for value in values)}]"
