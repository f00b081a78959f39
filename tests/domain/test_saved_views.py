"""Views of the list of purchases that people keep."""

import pytest

from emplette.domain.errors import Invalid
from emplette.domain.saved_views import LONGEST_FILTERS, LONGEST_VIEW_NAME, SavedView, check_view


@pytest.mark.parametrize("name", ["Ce qui est à payer", "🧾", "ما دفعناه", "x" * LONGEST_VIEW_NAME])
def test_a_view_is_called_as_its_owner_likes(name: str) -> None:
    check_view(SavedView(name, (("whose", "all"),)))


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        (SavedView(" "), {"name"}),
        (SavedView("x" * (LONGEST_VIEW_NAME + 1)), {"name"}),
        (SavedView("Lamps\0", (("q", "x" * LONGEST_FILTERS),)), {"name", "filters"}),
    ],
)
def test_what_has_no_name_or_is_too_long_is_no_view(view: SavedView, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_view(view)
    assert set(refusal.value.faults) == fields
