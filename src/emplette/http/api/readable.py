"""Fields of a body that has faults elsewhere."""

from typing import TypeVar

T = TypeVar("T")


def readable(value: T) -> T | None:
    """Take a field as what it is in a partly readable body: None where it is at fault, whatever its type says."""
    return value
