"""The YAML of policies: of all that YAML can say, what people mean by it."""

import re
from decimal import Decimal
from typing import Any, Final

import yaml
from yaml.composer import Composer

DEEPEST: Final = 20
"""So many lists and names may stand in each other; a policy has eight."""
MOST_PARTS: Final = 500_000
"""So many values, lists and names a policy may have; what an alias (`*x`) stands for counts each time."""


class PolicyLoader(Composer, yaml.CSafeLoader):
    """YAML as people write it: numbers keep their digits, `no` and a date are words, and nothing is said twice.

    Refused are tags (`!!int`), which say to programs what a value is, and what is nested without end. The library's
    parser in C reads the text, four times as fast as the other one; what it reads is put together here.
    """

    def __init__(self, text: str) -> None:
        """Begin with nothing read."""
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)
        self._depth = 0
        self._parts: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a value and all below it, unless that is more than a policy can be."""
        event: Any = self.peek_event()
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace(_TAG, "!!")
            raise _refusal(f"the tag {tag} can't be read here: leave it out", event.start_mark)
        if self._depth == DEEPEST:
            raise _refusal(f"more than {DEEPEST} lists and names stand in each other", event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and self._count(node) > MOST_PARTS:
            raise _refusal(f"it has more than {MOST_PARTS:,} values", event.start_mark)
        return node

    def _count(self, node: yaml.Node) -> int:
        """Count a value with all below it; what was counted before is remembered, since aliases repeat it."""
        if id(node) not in self._parts:
            below: list[yaml.Node] = []
            if isinstance(node, yaml.SequenceNode):
                below = node.value
            elif isinstance(node, yaml.MappingNode):
                below = [part for pair in node.value for part in pair]
            self._parts[id(node)] = 1 + sum(self._parts.get(id(part), 1) for part in below)
        return self._parts[id(node)]


def _refusal(message: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=mark)


def _number(loader: PolicyLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


def _whole_number(loader: PolicyLoader, node: yaml.ScalarNode) -> int:
    return int(str(loader.construct_scalar(node)))


def _mapping(loader: PolicyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _refusal(f"{key!r} stands where a name is expected", key_node.start_mark)
        if key in found:
            raise _refusal(f"{key} is said twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


PolicyLoader.yaml_implicit_resolvers = {}
_TAG: Final = "tag:yaml.org,2002:"
_DIGITS: Final = list("-0123456789")
PolicyLoader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"(?:true|false)\Z"), list("tf"))
PolicyLoader.add_implicit_resolver(f"{_TAG}null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
PolicyLoader.add_implicit_resolver(f"{_TAG}int", re.compile(r"-?(?:0|[1-9][0-9]{0,30})\Z"), _DIGITS)
PolicyLoader.add_implicit_resolver(f"{_TAG}float", re.compile(r"-?(?:0|[1-9][0-9]{0,30})\.[0-9]{1,30}\Z"), _DIGITS)
PolicyLoader.add_constructor(f"{_TAG}int", _whole_number)
PolicyLoader.add_constructor(f"{_TAG}float", _number)
PolicyLoader.add_constructor(f"{_TAG}map", _mapping)
