"""What can be looked at, as a whole or page by page."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from emplette.domain.displays import (
    MANY_PAGES,
    ONE_PAGE,
    SHOWN_BY_BROWSERS,
    NotDisplayable,
    PageNotFound,
    must_be_displayable,
    must_have_page,
)
from emplette.domain.files import KINDS, Family, File, Kind


def file(content_type: str, pages: int | None = None) -> File:
    return File(
        id=UUID(int=7),
        name="offer",
        extension="",
        content_type=content_type,
        size=1,
        sha256=bytes(32),
        total_pages=pages,
        place="",
        created_at=datetime(2025, 4, 14, 9, tzinfo=UTC),
        author_id=1,
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.extension)
def test_only_paper_and_pictures_are_shown(kind: Kind) -> None:
    if kind.content_type in SHOWN_BY_BROWSERS:
        assert kind.family in {Family.PDF, Family.PICTURE}
        must_be_displayable(file(kind.content_type))
    else:
        with pytest.raises(NotDisplayable, match="download it"):
            must_be_displayable(file(kind.content_type))


def test_what_is_refused_as_a_whole_and_has_pages_says_so() -> None:
    with pytest.raises(NotDisplayable, match="pages as pictures"):
        must_be_displayable(file("image/tiff"))


@pytest.mark.parametrize("content_type", sorted(MANY_PAGES))
@pytest.mark.parametrize(("pages", "number"), [(3, 1), (3, 3), (None, 1), (None, 10**9)])
def test_a_page_may_be_there_when_nothing_says_otherwise(content_type: str, pages: int | None, number: int) -> None:
    must_have_page(file(content_type, pages), number)


@pytest.mark.parametrize(
    ("content_type", "pages", "number", "says"),
    [
        ("application/pdf", 3, 4, "There is no page 4: the file has 3 pages."),
        ("application/pdf", 1, 2, "There is no page 2: the file has one page."),
        ("application/pdf", None, 0, "Pages count from 1."),
        ("image/png", 1, 2, "There is no page 2: the file has one page."),
        ("text/csv", None, 1, "Files of the kind text/csv have no pages that could be drawn."),
        ("image/heic", None, 1, "Files of the kind image/heic have no pages that could be drawn."),
    ],
)
def test_a_page_beyond_the_end_is_refused_with_how_many_there_are(
    content_type: str, pages: int | None, number: int, says: str
) -> None:
    with pytest.raises(PageNotFound) as refusal:
        must_have_page(file(content_type, pages), number)
    assert refusal.value.detail == says


def test_what_has_pages_is_taken() -> None:
    assert {kind.content_type for kind in KINDS} >= MANY_PAGES | ONE_PAGE | SHOWN_BY_BROWSERS
