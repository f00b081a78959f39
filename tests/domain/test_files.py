"""Names and kinds of files: what a name becomes, and when it lies."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.files import (
    BY_CONTENT_TYPE,
    KINDS,
    LONGEST_NAME,
    FileRefused,
    Kind,
    clean_name,
    extension_of,
    kind_as_called,
    name_as,
    split_name,
)

CSV = BY_CONTENT_TYPE["text/csv"]
MAIL = BY_CONTENT_TYPE["message/rfc822"]
PDF = BY_CONTENT_TYPE["application/pdf"]
PNG = BY_CONTENT_TYPE["image/png"]
TEXT = BY_CONTENT_TYPE["text/plain"]
ZIP = BY_CONTENT_TYPE["application/zip"]
WORD = BY_CONTENT_TYPE["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Quote 114.pdf", "Quote 114.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\Quote.PDF", "Quote.PDF"),
        ("a/b/../c/", "c"),
        ("..", "file"),
        ("", "file"),
        ("\x00\x01\x7f", "file"),
        ("  spaced \t out .pdf ", "spaced out.pdf"),
        (".pdf", "file.pdf"),
        (".htaccess", "htaccess"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com1.pdf", "_com1.pdf"),
        ("console.pdf", "console.pdf"),
        ('what? "this": <that>|*.pdf', "what_ _this__ _that___.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth\ufeff.pdf", "zerowidth.pdf"),
        ("\ud800half.pdf", "half.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("Ελληνικά z żółć.pdf", "Ελληνικά z żółć.pdf"),
        ("👩\u200d👩\u200d👧.png", "👩\u200d👩\u200d👧.png"),
        ("dots....pdf", "dots.pdf"),
        ("trailing.", "trailing"),
    ],
)
def test_a_name_is_kept_without_what_harms(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


@pytest.mark.parametrize("letter", ["x", "é", "😀", "e\u0301\u0323"])
def test_a_name_of_5000_characters_with_folders_is_cut_and_keeps_its_extension(letter: str) -> None:
    name = clean_name("../" * 100 + letter * 5000 + ".pdf")
    assert name.endswith(".pdf")
    assert LONGEST_NAME - 12 <= len(name.encode()) <= LONGEST_NAME


def test_what_looks_like_a_very_long_extension_is_none() -> None:
    assert split_name("a." + "b" * 300) == ("a." + "b" * 300, "")
    assert len(clean_name("a." + "b" * 300)) == LONGEST_NAME


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_whatever_is_sent_becomes_a_name_for_any_system(sent: str) -> None:
    name = clean_name(sent)
    assert 0 < len(name.encode()) <= LONGEST_NAME
    assert name == clean_name(name)
    assert not set(name) & set('/\\<>:"|?*')
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in name)


def test_every_kind_is_there_once() -> None:
    extensions = [extension for kind in KINDS for extension in kind.extensions]
    assert len(extensions) == len(set(extensions))
    assert len(BY_CONTENT_TYPE) == len(KINDS)


@pytest.mark.parametrize(
    "content_type", ["image/svg+xml", "text/html", "application/javascript", "application/xhtml+xml"]
)
def test_nothing_that_a_browser_would_run_is_taken(content_type: str) -> None:
    assert content_type not in BY_CONTENT_TYPE


@pytest.mark.parametrize(
    ("name", "kind", "extension"),
    [
        ("a.pdf", PDF, "pdf"),
        ("a.PDF", PDF, "pdf"),
        ("a", PDF, "pdf"),
        ("a.tmp", PDF, "pdf"),
        ("a.jpg", PNG, "png"),
        ("a.jpeg", BY_CONTENT_TYPE["image/jpeg"], "jpeg"),
        ("a.doc", WORD, "docx"),
    ],
)
def test_a_file_goes_by_the_extension_of_its_kind(name: str, kind: object, extension: str) -> None:
    assert extension_of(name, kind) == extension  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "kind"), [("a.pdf", ZIP), ("a.PDF", ZIP), ("a.jpg", PDF), ("a.csv", WORD)])
def test_a_name_that_says_something_else_altogether_is_refused(name: str, kind: object) -> None:
    with pytest.raises(FileRefused) as refused:
        extension_of(name, kind)  # type: ignore[arg-type]
    assert set(refused.value.faults) == {"file"}


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("scan.js", PNG, "scan.js.png"),
        ("Invoice.EXE", PDF, "Invoice.EXE.pdf"),
        ("Invoice from acme.com", PDF, "Invoice from acme.com.pdf"),
        ("tools.jar", ZIP, "tools.jar.zip"),
        ("scan.html.pdf", PDF, "scan.html.pdf"),
    ],
)
def test_what_would_be_run_by_its_name_is_named_as_what_it_is(name: str, kind: Kind, kept: str) -> None:
    assert name_as(name, kind) == kept
    assert extension_of(kept, kind) == kind.extension


def test_a_name_that_would_be_run_has_no_more_than_its_bytes() -> None:
    name = name_as("é" * 5000 + ".exe", PDF)
    assert name.endswith(".pdf")
    assert len(name.encode()) <= LONGEST_NAME


@pytest.mark.parametrize(("name", "kind"), [("page.html", CSV), ("page.html", MAIL), ("\u202esj.JS", CSV)])
def test_text_that_would_be_run_by_its_name_is_refused(name: str, kind: Kind) -> None:
    with pytest.raises(FileRefused):
        name_as(name, kind)


@pytest.mark.parametrize(("name", "kind", "extension"), [("a.eml", CSV, "csv"), ("a.txt", MAIL, "eml")])
def test_a_mail_and_other_text_are_taken_for_each_other(name: str, kind: Kind, extension: str) -> None:
    assert extension_of(name, kind) == extension


def test_a_long_name_is_never_cut_between_a_letter_and_its_mark() -> None:
    letters = "a" * (LONGEST_NAME - len(".pdf") - 1)
    assert clean_name(f"{letters}q\u0323{'b' * 20}.pdf") == f"{letters}.pdf"


@pytest.mark.parametrize(
    ("content_type", "extension", "called"),
    [
        ("application/pdf", "csv", PDF),
        ("text/csv", "csv", CSV),
        ("text/plain", "csv", CSV),
        ("text/csv", "txt", TEXT),
        ("text/plain", "", TEXT),
    ],
)
def test_whether_text_is_csv_only_its_name_says(content_type: str, extension: str, called: Kind) -> None:
    assert kind_as_called(content_type, extension) is called
