"""The words by which a name is found, and those that somebody looks for."""

import pytest

from emplette.domain.text import words_of, words_to_find


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Électricité de France", ["electricite", "de", "france"]),
        ("S.A.R.L. Dupont & Fils", ["sarl", "dupont", "fils"]),
        ("L'Oréal", ["l", "oreal", "loreal"]),
        ("Jean-Pierre_Martin", ["jean", "pierre", "martin"]),
        ("A.B", ["a", "b"]),
        ("!?", []),
    ],
)
def test_a_name_has_the_words_that_people_type(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ("Dupont SARL", ["dupont"]),
        ("S.A.S.", ["sas"]),
        ("sarl sas", ["sarl", "sas"]),
        ("fils fils", ["fils"]),
        ("Dupont et Fils", ["dupont", "fils"]),
        ("et", ["et"]),
        ("", []),
    ],
)
def test_legal_forms_and_what_joins_do_not_count_beside_other_words(terms: str, words: list[str]) -> None:
    assert words_to_find(terms) == words


def test_of_a_word_that_is_too_long_the_beginning_is_looked_for() -> None:
    assert words_to_find("desk " + "\U00010400" * 3_000) == ["desk", "\U00010428" * 500]
