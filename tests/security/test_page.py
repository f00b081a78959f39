"""The page that says who may do what is the one that the rules make."""

import pytest

from scripts.permissions import KeyIs, counts
from scripts.write_permissions import PAGE, page


def test_the_page_is_that_of_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make reference`"


def test_most_of_what_can_be_tried_is_refused() -> None:
    counted = counts()
    assert counted.refused > counted.allowed > 1000


@pytest.mark.parametrize("state", KeyIs, ids=lambda state: state.words)
def test_the_page_says_how_a_key_that_is_not_good_is_answered(state: KeyIs) -> None:
    assert f"| {state.words} | {state.status} `{state.code}` |" in page()
