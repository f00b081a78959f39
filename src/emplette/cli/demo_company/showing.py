"""Writing JSON for people: a request whole, an answer in short, numbers as they came."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

_WIDTH: Final = 94
_LEAST: Final = 24
"""What has less room than this is left out rather than cut."""


def whole(value: Any, *, indent: int = 0) -> str:  # noqa: ANN401  (any JSON)
    """Write all of it; what fits on a line stands on one."""
    line = _line(value)
    if len(line) + indent <= _WIDTH or not isinstance(value, dict | list):
        return line
    inner = " " * (indent + 2)
    parts = (f"{inner}{name}{whole(part, indent=indent + 2)}" for name, part in _parts(value))
    return _around(value, "\n" + ",\n".join(parts) + f"\n{' ' * indent}")


def in_short(value: Any) -> str:  # noqa: ANN401  (any JSON)
    """Write a line for each member; what does not fit on it is left out, and marked."""
    if not isinstance(value, dict | list) or not value:
        return _line(value)
    parts = (f"  {name}{_cut(part, _WIDTH - 2 - len(name))}" for name, part in _parts(value))
    return _around(value, "\n" + ",\n".join(parts) + "\n")


def _cut(value: Any, room: int) -> str:  # noqa: ANN401  (any JSON)
    line = _line(value)
    if len(line) <= room:
        return line
    if not isinstance(value, dict | list):
        return line[: room - 2] + '…"'
    shown, left, parts = [], room - len("{, …}"), list(_parts(value))
    for number, (name, part) in enumerate(parts, 1):
        text = name + _line(part)
        if len(text) <= left:
            shown.append(text)
            left -= len(text) + len(", ")
            continue
        if isinstance(part, dict | list) and left - len(name) >= _LEAST:
            shown += [name + _cut(part, left - len(name)), *["…"] * (number < len(parts))]
        else:
            shown.append("…")
        break
    return _around(value, ", ".join(shown))


def _line(value: Any) -> str:  # noqa: ANN401  (any JSON)
    if isinstance(value, dict | list):
        return _around(value, ", ".join(name + _line(part) for name, part in _parts(value)))
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _parts(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str, Any]]:
    """List the members, each with its name as it is written before it; those of a list have none."""
    if isinstance(value, dict):
        return [(f"{json.dumps(name, ensure_ascii=False)}: ", part) for name, part in value.items()]
    return [("", part) for part in value]


def _around(value: dict[str, Any] | list[Any], inside: str) -> str:
    return f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]"
