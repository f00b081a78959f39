"""What a form offers to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass

from emplette.http.pages.visits import Visit


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen, and what it is called."""

    value: str
    label: str


def choices(visit: Visit, offered: Mapping[str, str]) -> list[Choice]:
    """Offer values by their words, said in the visitor's language."""
    return [Choice(value, visit.say(label)) for value, label in offered.items()]
