"""Pages are counted and drawn in a child; whatever a file claims, and however it is broken, costs no more than that."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from uuid import UUID

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from emplette.domain.displays import LONG_SIDE, NotDrawable, PageNotFound
from emplette.domain.errors import Unavailable
from emplette.formats import displays
from emplette.formats.displays import Drawing, Lend
from emplette.formats.workshop import WAITING, TaskKilled, Workshop
from tests.fixtures import made_files

PDF = "application/pdf"
TIFF = "image/tiff"
SHA = bytes(32)
FILE = UUID(int=7)

Received = Callable[..., Path]


@asynccontextmanager
async def opened() -> AsyncIterator[Drawing]:
    drawing = Drawing()
    try:
        yield drawing
    finally:
        await drawing.close()


@pytest.fixture
def received(tmp_path: Path) -> Received:
    def receive(content: bytes, name: str = "received") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return receive


def lending(path: Path) -> Lend:
    """Lend a file that stays where it is."""
    return lambda: nullcontext(path)


COUNTED: dict[str, tuple[str, Callable[[], bytes], int | None]] = {
    "one page": (PDF, made_files.pdf, 1),
    "many pages": (PDF, lambda: made_files.pdf(37), 37),
    "a million that are claimed": (PDF, lambda: made_files.written_pdf(count=1_000_000), 1),
    "a hundred thousand that are there": (
        PDF,
        lambda: made_files.written_pdf(kids=b"3 0 R " * 100_000, count=100_000),
        100_000,
    ),
    "more than it says": (PDF, lambda: made_files.written_pdf(kids=b"3 0 R 3 0 R", count=-7), 2),
    "a tree that holds itself": (PDF, lambda: made_files.written_pdf(kids=b"2 0 R", count=10), None),
    "no page": (PDF, lambda: made_files.written_pdf(kids=b"", count=0), None),
    "cut off": (PDF, lambda: made_files.pdf(3)[:200], None),
    "only the beginning": (PDF, lambda: b"%PDF-1.7\n", None),
    "locked": (PDF, made_files.locked_pdf, None),
    "a fax": (TIFF, lambda: made_files.frames(3), 3),
    "a very long fax": (TIFF, lambda: made_files.long_fax(1_000), 1_000),
    "a broken fax": (TIFF, lambda: made_files.frames(3)[:40], None),
    "a photo": ("image/jpeg", lambda: made_files.picture("JPEG"), 1),
    "a picture that moves": ("image/gif", lambda: made_files.frames(3, "GIF"), 1),
    "a text": ("text/plain", lambda: b"hello", None),
    "what nothing here opens": ("image/heic", lambda: b"", None),
}


@pytest.mark.parametrize("what", COUNTED)
async def test_pages_are_counted_as_they_are_and_not_as_they_are_claimed(what: str, received: Received) -> None:
    content_type, make, pages = COUNTED[what]
    path = received(make())
    async with opened() as drawing:
        assert await drawing.count(path, content_type) == pages


async def test_pages_are_counted_while_those_of_others_take_too_long_to_be_drawn(received: Received) -> None:
    path, endless = received(made_files.pdf(2)), received(made_files.bomb_pdf(), "endless")
    async with opened() as drawing:
        drawn = [
            asyncio.create_task(drawing.draw(lending(endless), PDF, SHA, number, file_id=FILE))
            for number in range(1, 2 * WAITING)
        ]
        await asyncio.sleep(0.01)
        assert await drawing.count(path, PDF) == 2
        for task in drawn:
            task.cancel()
        ended = await asyncio.gather(*drawn, return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.CancelledError, Unavailable}


DRAWN: dict[str, tuple[str, Callable[[], bytes], int, tuple[int, int]]] = {
    "a page": (PDF, made_files.pdf, 1, (1131, LONG_SIDE)),
    "the last page": (PDF, lambda: made_files.pdf(5, (842, 595)), 5, (LONG_SIDE, 1131)),
    "a tiny page": (PDF, lambda: made_files.pdf(1, (10, 10)), 1, (LONG_SIDE, LONG_SIDE)),
    "a page of kilometres": (
        PDF,
        lambda: made_files.written_pdf(box=b"0 0 9000000 9000000"),
        1,
        (LONG_SIDE, LONG_SIDE),
    ),
    "one that is a line": (PDF, lambda: made_files.written_pdf(box=b"0 0 100000 1"), 1, (LONG_SIDE, 1)),
    "one of a hundred thousand": (
        PDF,
        lambda: made_files.written_pdf(kids=b"3 0 R " * 100_000, count=100_000),
        99_999,
        (1131, LONG_SIDE),
    ),
    "a small picture": ("image/png", lambda: made_files.picture("PNG"), 1, (40, 30)),
    "a large one": ("image/jpeg", lambda: made_files.picture("JPEG", (6000, 4000)), 1, (LONG_SIDE, 1067)),
    "one with layers": ("image/png", lambda: made_files.picture("PNG", mode="RGBA"), 1, (40, 30)),
    "as large as may be": ("image/png", lambda: made_files.picture("PNG", (8000, 7990), "L"), 1, (LONG_SIDE, 1598)),
    "one with a palette": ("image/gif", lambda: made_files.picture("GIF", mode="P"), 1, (40, 30)),
    "one for print": ("image/jpeg", lambda: made_files.picture("JPEG", mode="CMYK"), 1, (40, 30)),
    "black and white": (TIFF, lambda: made_files.picture("TIFF", (3200, 1600), mode="1"), 1, (LONG_SIDE, 800)),
    "with very many greys": ("image/png", lambda: made_files.picture("PNG", mode="I;16"), 1, (40, 30)),
    "the third of a fax": (TIFF, lambda: made_files.frames(3), 3, (8, 8)),
    "the thousandth": (TIFF, lambda: made_files.long_fax(1_000), 1_000, (8, 8)),
    "a new kind": ("image/webp", lambda: made_files.picture("WEBP"), 1, (40, 30)),
    "an old kind": ("image/bmp", lambda: made_files.picture("BMP"), 1, (40, 30)),
}


@pytest.mark.parametrize("what", DRAWN)
async def test_a_page_is_drawn_as_a_picture_of_a_sensible_size(what: str, received: Received) -> None:
    content_type, make, number, size = DRAWN[what]
    path = received(make())
    async with opened() as drawing:
        picture = await drawing.draw(lending(path), content_type, SHA, number, file_id=FILE)
        with Image.open(io.BytesIO(picture)) as seen:
            assert (seen.format, seen.size) == ("JPEG", size)
        assert await drawing.draw(lending(path), content_type, SHA, number, file_id=FILE) == picture


async def test_what_is_drawn_is_what_stands_there(received: Received) -> None:
    path = received(made_files.written_pdf())
    async with opened() as drawing:
        picture = await drawing.draw(lending(path), PDF, SHA, 1, file_id=FILE)
    with Image.open(io.BytesIO(picture)) as seen:
        inside, outside = seen.getpixel((380, 1220)), seen.getpixel((10, 10))
    assert isinstance(inside, tuple)
    assert (inside[0] < 60, inside[2] > 200) == (True, True), "the square is blue"
    assert outside == (255, 255, 255)


async def test_what_is_clear_is_drawn_on_white_and_what_lies_on_its_side_upright(received: Received) -> None:
    clear = Image.new("RGBA", (20, 10), (255, 0, 0, 0))
    turned = Image.new("RGB", (20, 10), (255, 0, 0))
    turned.getexif()[0x0112] = 6
    kept = io.BytesIO(), io.BytesIO()
    clear.save(kept[0], "PNG")
    turned.save(kept[1], "JPEG", exif=turned.getexif())
    async with opened() as drawing:
        on_white = await drawing.draw(lending(received(kept[0].getvalue())), "image/png", SHA, 1, file_id=FILE)
        upright = await drawing.draw(lending(received(kept[1].getvalue())), "image/jpeg", SHA, 1, file_id=FILE)
    with Image.open(io.BytesIO(on_white)) as seen:
        assert seen.getpixel((5, 5)) == (255, 255, 255)
    with Image.open(io.BytesIO(upright)) as seen:
        assert seen.size == (10, 20)


@pytest.mark.parametrize(
    ("content_type", "make", "number"),
    [
        (PDF, lambda: made_files.pdf(3), 4),
        (PDF, lambda: made_files.pdf(3), 2**31 - 1),
        (PDF, lambda: made_files.written_pdf(count=1_000_000), 2),
        (TIFF, lambda: made_files.frames(3), 4),
        ("image/png", made_files.picture, 2),
        ("image/gif", lambda: made_files.frames(3, "GIF"), 2),
    ],
)
async def test_a_page_beyond_the_end_is_not_found(
    content_type: str, make: Callable[[], bytes], number: int, received: Received
) -> None:
    path = received(make())
    async with opened() as drawing:
        with pytest.raises(PageNotFound, match=f"no page {number}"):
            await drawing.draw(lending(path), content_type, SHA, number, file_id=FILE)


UNDRAWN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "locked": (PDF, made_files.locked_pdf, "password"),
    "cut off": (PDF, lambda: made_files.pdf(3)[:200], "broken"),
    "a picture that is cut off": ("image/png", lambda: made_files.picture("PNG", (400, 400), "RGB")[:-200], "broken"),
    "a picture of another kind": ("image/png", lambda: made_files.picture("GIF"), "broken"),
    "a picture that claims to be huge": ("image/png", lambda: made_files.claimed_png(50_000, 50_000), "too many"),
    "a drawing without end": (PDF, made_files.bomb_pdf, "more time or memory"),
}


@pytest.mark.parametrize("what", UNDRAWN)
async def test_what_cannot_be_drawn_is_refused_with_its_reason_and_costs_nobody_else(
    what: str, received: Received
) -> None:
    content_type, make, reason = UNDRAWN[what]
    path = received(make())
    good = received(made_files.pdf(), "good")
    async with opened() as drawing:
        with pytest.raises(NotDrawable, match=reason):
            await drawing.draw(lending(path), content_type, SHA, 1, file_id=FILE)
        assert await drawing.draw(lending(good), PDF, SHA, 1, file_id=FILE)


async def test_a_file_is_found_from_where_the_server_stands(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = received(made_files.pdf(2))
    monkeypatch.chdir(path.parent)
    async with opened() as drawing:
        assert await drawing.count(Path(path.name), PDF) == 2
        assert await drawing.draw(lending(Path(path.name)), PDF, SHA, 2, file_id=FILE)


async def test_the_pictures_looked_at_last_are_remembered_and_no_more_than_fit(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = received(made_files.pdf(3))
    async with opened() as drawing:
        assert drawing.remembered(SHA, 1) is None
        picture = await drawing.draw(lending(path), PDF, SHA, 1, file_id=FILE)
        assert drawing.remembered(SHA, 1) == picture
        monkeypatch.setattr(displays, "REMEMBERED", 2 * len(picture))
        await drawing.draw(lending(path), PDF, SHA, 2, file_id=FILE)
        assert drawing.remembered(SHA, 1) == picture
        await drawing.draw(lending(path), PDF, SHA, 3, file_id=FILE)
        remembered = [drawing.remembered(SHA, number) is not None for number in (1, 2, 3)]
        assert remembered == [True, False, True]


async def test_a_page_that_took_too_much_is_not_tried_again_for_a_while_and_the_log_names_its_file(
    received: Received, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    endless = received(made_files.bomb_pdf())
    async with opened() as drawing:
        with pytest.raises(NotDrawable, match="more time or memory"):
            await drawing.draw(lending(endless), PDF, SHA, 1, file_id=FILE)
        assert f"page 1 of file {FILE} was not drawn" in caplog.text
        with pytest.raises(NotDrawable, match="more time or memory"):
            drawing.remembered(SHA, 1)
        assert drawing.remembered(SHA, 2) is None
        monkeypatch.setattr(displays, "FORGOTTEN_AFTER", 0)
        assert drawing.remembered(SHA, 1) is None


async def test_of_the_pages_that_took_too_much_no_more_are_remembered_than_may_be(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kill(*_: object, **__: object) -> None:
        raise TaskKilled("It took longer than 4 s.")

    monkeypatch.setattr(Workshop, "run", kill)
    monkeypatch.setattr(displays, "REMEMBERED_FAILURES", 2)
    async with opened() as drawing:
        for number in (1, 2, 3):
            with pytest.raises(NotDrawable):
                await drawing.draw(lending(received(b"")), PDF, SHA, number, file_id=FILE)
        assert drawing.remembered(SHA, 1) is None
        for number in (2, 3):
            with pytest.raises(NotDrawable):
                drawing.remembered(SHA, number)


async def test_who_wants_the_same_page_at_the_same_moment_shares_one_drawing(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lent, do = received(made_files.pdf()), [], Workshop.run

    def lend() -> nullcontext[Path]:
        lent.append(path)
        return nullcontext(path)

    tasks = []

    async def count(self: Workshop, task: str, **told: object) -> object:
        tasks.append(task)
        return await do(self, task, **told)

    monkeypatch.setattr(Workshop, "run", count)
    async with opened() as drawing:
        wanted = [asyncio.create_task(drawing.draw(lend, PDF, SHA, 1, file_id=FILE)) for _ in range(3 * WAITING)]
        await asyncio.sleep(0.01)
        wanted[0].cancel()
        pictures = await asyncio.gather(*wanted[1:])
        assert len(set(pictures)) == 1
        assert (tasks, lent) == (["pages.draw"], [path])


async def test_a_drawing_ends_when_nobody_waits_for_it_any_more(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.formats.displays.SECONDS", 100)
    endless = received(made_files.bomb_pdf(), "endless")
    async with opened() as drawing:
        wanted = [asyncio.create_task(drawing.draw(lending(endless), PDF, SHA, 1, file_id=FILE)) for _ in range(2)]
        await asyncio.sleep(0.01)
        for task in wanted:
            task.cancel()
        await asyncio.wait(wanted)
        async with asyncio.timeout(60):
            good = lending(received(made_files.pdf(), "good"))
            assert await drawing.draw(good, PDF, SHA, 1, file_id=FILE)


def test_the_pages_of_the_tests_are_what_they_say() -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(made_files.locked_pdf())
