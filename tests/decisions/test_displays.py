"""Looking at files: as browsers show them, and page by page as pictures."""

import io
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from PIL import Image

from tests.fixtures import made_files
from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.guide import API, make_commitment, make_purchase
from tests.fixtures.programs import program

UPLOADS = "/lucca-files/api/uploads"
NOBODYS = "00000000-0000-4000-8000-00000000dead"


async def upload(caller: httpx2.AsyncClient, name: str, content: bytes) -> dict[str, Any]:
    answer = await caller.post(UPLOADS, files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    uploaded: dict[str, Any] = answer.json()
    return uploaded


async def display(caller: httpx2.AsyncClient, name: str, content: bytes) -> httpx2.Response:
    uploaded = await upload(caller, name, content)
    return await caller.get(f"{API}/files/{uploaded['id']}/display")


async def page(caller: httpx2.AsyncClient, file_id: str, number: object = 1, **headers: str) -> httpx2.Response:
    return await caller.get(f"{API}/files/{file_id}/display/pages/{number}", headers=headers)


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest_asyncio.fixture
async def stranger(rival: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await rival.caller() as caller:
        yield caller


@pytest.mark.parametrize(
    ("name", "content", "pages"),
    [
        ("paper.pdf", made_files.pdf(3), 3),
        ("claims.pdf", made_files.written_pdf(count=1_000_000), 1),
        ("cut.pdf", made_files.pdf(3)[:200], None),
        ("fax.tif", made_files.frames(4), 4),
        ("photo.jpg", made_files.picture("JPEG"), 1),
        ("huge.png", made_files.claimed_png(50_000, 50_000), 1),
        ("table.csv", b"a;b\n", None),
        ("letter.docx", made_files.GOOD["letter.docx"][1](), None),
    ],
)
async def test_an_upload_says_how_many_pages_it_has(
    client: httpx2.AsyncClient, name: str, content: bytes, pages: int | None
) -> None:
    assert (await upload(client, name, content))["totalPages"] == pages


@pytest.mark.parametrize("name", made_files.BAD)
async def test_what_could_run_is_not_taken_at_all(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.post(UPLOADS, files={"file": (name, made_files.BAD[name][1]())})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("paper.pdf", "application/pdf"),
        ("photo.jpg", "image/jpeg"),
        ("screen.png", "image/png"),
        ("dance.gif", "image/gif"),
        ("new.webp", "image/webp"),
        ("old.bmp", "image/bmp"),
    ],
)
async def test_what_browsers_show_is_shown_as_it_is_and_may_run_nothing(
    client: httpx2.AsyncClient, name: str, content_type: str
) -> None:
    content = made_files.GOOD[name][1]()
    shown = await display(client, name, content)
    assert (shown.status_code, shown.content) == (200, content)
    assert shown.headers["Content-Type"] == content_type
    assert shown.headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "letter.docx",
        "table.csv",
        "invoice.xml",
        "fattura.xml",
        "readme.txt",
        "mail.eml",
        "all.zip",
        "fax.tif",
        "phone.heic",
    ],
)
async def test_what_browsers_do_not_show_is_refused_with_what_to_do(client: httpx2.AsyncClient, name: str) -> None:
    answer = await display(client, name, made_files.GOOD[name][1]())
    assert code_of(answer) == (409, "file.not_displayable")
    assert "download it" in answer.json()["detail"]


async def test_a_page_is_a_picture_with_a_tag(client: httpx2.AsyncClient) -> None:
    uploaded = await upload(client, "Devis n° 7.pdf", made_files.pdf(2))
    shown = await page(client, uploaded["id"], 2)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.headers["Content-Disposition"].startswith('inline; filename="Devis n_ 7-2.jpg"')
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert picture.size == (1131, 1600)
    again = await page(client, uploaded["id"], 2, **{"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await page(client, uploaded["id"], 1)
    assert other.headers["ETag"] != shown.headers["ETag"]
    part = await page(client, uploaded["id"], 2, Range="bytes=0-2")
    assert (part.status_code, part.content) == (206, shown.content[:3])


async def test_the_same_page_is_always_the_same_picture(client: httpx2.AsyncClient, company: Company) -> None:
    first = await upload(client, "one.pdf", made_files.written_pdf())
    second = await upload(client, "two.pdf", made_files.written_pdf())
    one, two = await page(client, first["id"]), await page(client, second["id"])
    assert (one.content, one.headers["ETag"]) == (two.content, two.headers["ETag"])
    assert company.host in str(client.base_url)


@pytest.mark.parametrize("number", [0, -1, 3, 2**31 - 1, 2**31, 10**30, "first", "1.0", "%20"])
async def test_a_page_that_is_not_there_is_not_found(client: httpx2.AsyncClient, number: object) -> None:
    uploaded = await upload(client, "paper.pdf", made_files.pdf(2))
    answer = await page(client, uploaded["id"], number)
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["letter.docx", "table.csv", "all.zip", "phone.heic"])
async def test_what_has_no_pages_has_no_first_one(client: httpx2.AsyncClient, name: str) -> None:
    uploaded = await upload(client, name, made_files.GOOD[name][1]())
    assert code_of(await page(client, uploaded["id"])) == (404, "file.page_not_found")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cut.pdf", made_files.pdf(3)[:200], "broken"),
        ("locked.pdf", made_files.locked_pdf(), "password"),
        ("huge.png", made_files.claimed_png(50_000, 50_000), "too many"),
    ],
)
async def test_what_cannot_be_drawn_is_kept_and_says_why(
    client: httpx2.AsyncClient, name: str, content: bytes, reason: str
) -> None:
    uploaded = await upload(client, name, content)
    answer = await page(client, uploaded["id"])
    assert code_of(answer) == (409, "file.not_drawable")
    assert reason in answer.json()["detail"]
    assert (await client.get(f"{API}/files/{uploaded['id']}")).content == content


def workbenches() -> set[int]:
    """Find the children of this process that open files."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = folder.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            program = folder.joinpath("cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and b"emplette.formats.workbench" in program:
            found.add(int(folder.name))
    return found


async def test_nothing_is_left_of_the_drawing_when_a_worker_stops(
    company: Company, migrated: Urls, data_dir: Path
) -> None:
    before = workbenches()
    async with (
        program(migrated.serving, data_dir=data_dir) as stopping,
        await replace(company, app=stopping).caller() as caller,
    ):
        uploaded = await upload(caller, "other.pdf", made_files.pdf(2))
        assert (await page(caller, uploaded["id"])).status_code == 200
        assert len(workbenches() - before) == 2, "one that counted, one that drew"
    assert workbenches() <= before


async def test_neither_a_rival_nor_a_stranger_can_tell_that_a_file_exists(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, company: Company
) -> None:
    uploaded = await upload(client, "paper.pdf", made_files.pdf())
    places = [f"{API}/files/{uploaded['id']}/display", f"{API}/files/{uploaded['id']}/display/pages/1"]
    nowhere = [f"{API}/files/{NOBODYS}/display", f"{API}/files/{NOBODYS}/display/pages/1"]
    async with company.client() as nobody, company.client("no-such-key-anywhere") as unknown:
        for there, absent in zip(places, nowhere, strict=True):
            assert code_of(await stranger.get(there)) == code_of(await stranger.get(absent)) == (404, "file.not_found")
            assert {(await caller.get(there)).status_code for caller in (nobody, unknown)} == {401}


async def test_who_sees_the_purchase_may_look_at_what_hangs_on_it_and_nobody_else(
    client: httpx2.AsyncClient, company: Company
) -> None:
    uploaded = await upload(client, "paper.pdf", made_files.pdf())
    place = f"{API}/files/{uploaded['id']}/display/pages/1"
    async with (
        await company.caller(permissions=("view:own",), person=35) as owner,
        await company.caller(permissions=("view:own",), person=37) as other,
    ):
        assert [(await caller.get(place)).status_code for caller in (owner, other)] == [404, 404]
        made = await make_purchase(client)
        commitment = await make_commitment(client, made["id"], attachmentIds=[uploaded["id"]])
        assert [(await caller.get(place)).status_code for caller in (owner, other)] == [200, 404]
    (attachment,) = commitment["attachments"]
    assert attachment["pages"] == {
        "displayHrefTemplate": f"{API}/files/{uploaded['id']}/display/pages/{{pageNumber}}",
        "count": 1,
    }
    template = attachment["pages"]["displayHrefTemplate"]
    assert (await client.get(template.replace("{pageNumber}", "1"))).status_code == 200
    assert (await client.get(attachment["file"]["displayHref"])).status_code == 200


@pytest.mark.parametrize("accepted", ["image/*", "image/jpeg", "*/*", "image/avif,image/webp,image/*;q=0.8,*/*;q=0.5"])
async def test_a_browser_that_wants_a_picture_gets_one(client: httpx2.AsyncClient, accepted: str) -> None:
    uploaded = await upload(client, "screen.png", made_files.picture())
    for place in ("display", "display/pages/1"):
        answer = await client.get(f"{API}/files/{uploaded['id']}/{place}", headers={"Accept": accepted})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("image/")
