"""From a raw path to the operations that live there."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

from emplette.http.contract.refusals import PathUnknown

T = TypeVar("T")

_HEX = frozenset("0123456789abcdefABCDEF")
_ESCAPE_LENGTH = 2


@dataclass(slots=True)
class _Node(Generic[T]):
    """One segment of the known paths."""

    literal: "dict[str, _Node[T]]" = field(default_factory=dict)
    variable: "_Node[T] | None" = None
    names: tuple[str, ...] = ()
    methods: dict[str, T] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place(Generic[T]):
    """A known path: what each method does there, and the values of its variables."""

    methods: dict[str, T]
    values: dict[str, str]


class Routes(Generic[T]):
    """The paths of all operations, as a tree of segments; a literal segment goes before a variable."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, target: T) -> None:
        """Learn a path such as `/api/purchases/{purchase_id}`; two targets in one place are a mistake."""
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.variable = node = node.variable or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        if method in node.methods or (node.methods and node.names != tuple(names)):
            raise ValueError(f"{method} {path} is taken, or its variables have two names.")
        node.methods[method] = target
        node.names = tuple(names)

    def find(self, raw_path: str) -> Place[T]:
        """Find what lives at a path as it came over the wire.

        Raises:
            PathUnknown: nothing does; so it is with empty segments, dots, and escapes that are malformed.
        """
        found = self._look(raw_path)
        if found is None:
            raise PathUnknown(f"Nothing answers at {raw_path}.")
        node, values = found
        return Place(node.methods, dict(zip(node.names, values, strict=True)))

    def knows(self, raw_path: str) -> bool:
        """Tell whether something lives at a path."""
        return self._look(raw_path) is not None

    def _look(self, raw_path: str) -> tuple[_Node[T], tuple[str, ...]] | None:
        segments = raw_path.split("/")[1:]
        if "%" in raw_path:
            segments = [_unescaped(segment) for segment in segments]
        return _match(self._root, segments, 0, ())


def _match(
    node: _Node[T], segments: list[str], index: int, values: tuple[str, ...]
) -> tuple[_Node[T], tuple[str, ...]] | None:
    if index == len(segments):
        return (node, values) if node.methods else None
    segment = segments[index]
    literal = node.literal.get(segment)
    if literal is not None:
        found = _match(literal, segments, index + 1, values)
        if found is not None:
            return found
    if node.variable is not None and segment not in {"", ".", ".."}:
        return _match(node.variable, segments, index + 1, (*values, segment))
    return None


def _unescaped(segment: str) -> str:
    """Decode a segment; what is malformed, or hides a slash, a dot segment or a control character, matches nothing."""
    parts = segment.split("%")
    if any(len(part) < _ESCAPE_LENGTH or not _HEX.issuperset(part[:_ESCAPE_LENGTH]) for part in parts[1:]):
        return ""
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() and "/" not in text else ""
