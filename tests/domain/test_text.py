"""What people may write, and how it is searched."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.text import fault_of_name, fault_of_text, folded, number_of, words_of

REFUSED = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF]


@pytest.mark.parametrize(
    "text",
    [
        "Two screens",
        "Écran 27″ — « œuvre », 1 234,50 €",
        "tab\there, line\nfeed, carriage\rreturn",
        "emoji 👩🏽‍💻 and flags 🇫🇷",
        "bidi \u202eesrever\u202c and \u2066isolated\u2069",
        "\u05e9\u05dc\u05d5\u05dd, \u0645\u0631\u062d\u0628\u0627, 你好, हिन्दी",
        "the edges of what is refused: \u0020\u007e\u00a0\ud7ff\ue000\U0010ffff",
    ],
)
def test_every_script_and_its_marks_are_kept(text: str) -> None:
    assert fault_of_text(text, longest=len(text)) is None
    assert fault_of_name(text) is None


@pytest.mark.parametrize("code", REFUSED, ids=hex)
def test_controls_and_lone_surrogates_are_refused_and_named(code: int) -> None:
    text = f"ab{chr(code)}c"
    for fault in (fault_of_text(text, longest=4), fault_of_name(text)):
        assert fault is not None
        assert f"U+{code:04X} at position 2" in fault


def test_a_lone_surrogate_is_called_what_it_is() -> None:
    assert fault_of_name("\ud83d") == "A lone surrogate U+D83D at position 0 can't be kept; remove it."


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "\u00a0\u2003\u3000", "\u200b\u2060", "\u202a\u202c"])
def test_a_title_or_name_that_shows_nothing_is_refused(text: str) -> None:
    assert fault_of_name(text) == "Must not be empty."


def test_a_name_shows_something_that_unicode_neither_lets_be_ignored_nor_calls_a_space() -> None:
    hidden = [char for char in map(chr, range(0x110000)) if char.isspace()]
    hidden += map(
        chr, [*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000), 0x34F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0]
    )
    for char in hidden:
        assert fault_of_name(char * 2) is not None, hex(ord(char))
        assert fault_of_name(f"{char}a{char}") is None or ord(char) < 0xA0, hex(ord(char))


def test_an_empty_text_is_a_text() -> None:
    assert fault_of_text("", longest=0) is None


@pytest.mark.parametrize("longest", [255, 1_000, 10_000])
@pytest.mark.parametrize("fault_of", [fault_of_text, fault_of_name])
def test_lengths_are_counted_in_code_points(fault_of: Callable[..., str | None], longest: int) -> None:
    assert fault_of("😀" * longest, longest=longest) is None
    said = f"At most {longest:,} characters; these are {longest + 1:,}."
    assert fault_of("😀" * (longest + 1), longest=longest) == said


@pytest.mark.parametrize(
    ("written", "found_by"),
    [
        ("Société Générale", "societe generale"),
        ("ŒUVRE  d'Art", "oeuvre d'art"),
        ("Straße", "STRASSE"),
        ("Ångström", "angstrom"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("İstanbul ve I\u011fd\u0131r", "istanbul ve igdir"),
        ("ﬁnance ①", "finance 1"),
        ("a\u200bb\u00ad\u202ec", "abc"),
        (" Tab\tand\nlines ", "tab and lines"),
    ],
)
def test_a_word_is_found_without_its_accents_case_and_spaces(written: str, found_by: str) -> None:
    assert folded(written) == folded(found_by)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(st.characters(codec="ascii")))
def test_case_never_matters(text: str) -> None:
    assert folded(text.upper()) == folded(text.lower())


@pytest.mark.parametrize(
    ("text", "words"),
    [("Formation/Coaching 2025", "formation coaching 2025"), ("", ""), ("  Été, où ?", "ete ou"), ("a_b", "a b")],
)
def test_words_are_parted_by_what_is_no_letter_and_no_digit(text: str, words: str) -> None:
    assert words_of(text) == words.split()


@pytest.mark.parametrize(("number", "told"), [(0, "0 companies"), (1, "1 company"), (1_000, "1,000 companies")])
def test_one_of_a_kind_is_not_counted_as_many(number: int, told: str) -> None:
    assert number_of(number, "company", "companies") == told


def test_what_takes_no_more_than_an_s_is_named_once() -> None:
    assert [number_of(number, "line") for number in (0, 1, 2)] == ["0 lines", "1 line", "2 lines"]
