"""Views of the list of purchases: its filters under a name that a person gave them."""

from dataclasses import dataclass
from typing import Final

from emplette.domain.errors import Faults
from emplette.domain.text import fault_of_name, fault_of_text

MOST_VIEWS: Final = 50
"""How many a person keeps: each is a button above the list."""
LONGEST_VIEW_NAME: Final = 60
LONGEST_FILTERS: Final = 4_000
"""In characters, of all names and values."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that somebody keeps; ``filters`` are names and values, none for all that is one's own."""

    name: str
    filters: tuple[tuple[str, str], ...] = ()


def fault_of_view_name(name: str) -> str | None:
    """Say why a view can't be called so."""
    return fault_of_name(name, longest=LONGEST_VIEW_NAME)


def check_view(view: SavedView) -> None:
    """Check that a view can be kept.

    Raises:
        Invalid: it has no name, or one or filters that are too long.
    """
    faults = Faults()
    name = fault_of_view_name(view.name)
    filters = fault_of_text("".join(map("".join, view.filters)), longest=LONGEST_FILTERS)
    for field, fault in (("name", name), ("filters", filters)):
        if fault:
            faults.add(field, fault)
    faults.raise_if_any()
