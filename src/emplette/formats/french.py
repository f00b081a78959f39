"""French as it is printed: with a space before what closes or asks, at which no line is broken."""

import re
from collections.abc import Mapping
from typing import Final

_AROUND: Final = re.compile(r"(?<=«) | (?=[:;!?»])")


def printed(text: str) -> str:
    """Keep a line from beginning with what closes or asks: the space before it is written as any other."""
    return _AROUND.sub("\u00a0", text)


def all_printed(texts: Mapping[str, str]) -> dict[str, str]:
    """Print each of some texts, which are known by names."""
    return {name: printed(text) for name, text in texts.items()}
