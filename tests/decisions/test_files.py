"""U1 and 0044: what an upload answers, what is taken, under which name, who reads it, and that bytes are kept once."""

import asyncio
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from emplette.storage import files as _storage
from tests.documented.schemas import faults_of
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_commitment, make_purchase
from tests.fixtures.made_files import pdf, picture
from tests.fixtures.problems import faults, refused

UPLOADS = "/lucca-files/api/uploads"
CSV = b"article;price\nchair;120\n"


async def upload(
    caller: httpx2.AsyncClient, content: bytes = CSV, name: str = "prices.csv", **headers: str
) -> httpx2.Response:
    told = {header.replace("_", "-"): value for header, value in headers.items()}
    return await caller.post(UPLOADS, files={"file": (name, content, "text/html")}, headers=told)


async def uploaded(caller: httpx2.AsyncClient, content: bytes = CSV, name: str = "prices.csv") -> dict[str, Any]:
    answer = await upload(caller, content, name)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def href(file: dict[str, Any]) -> str:
    return f"{API}/files/{file['id']}"


def stored(data_dir: Path, company: Company) -> list[Path]:
    """List the files in which the company's bytes lie."""
    return [path for path in (data_dir / "files" / str(company.tenant_id)).rglob("*") if path.is_file()]


def on_the_way(data_dir: Path, company: Company) -> list[str]:
    """List what is in the spool, of this company or of nobody yet."""
    names = [path.name for path in (data_dir / "uploads").iterdir()]
    return [name for name in names if name.endswith(".part") or name.startswith(f"{company.tenant_id}@")]


def a_zip(name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "something")
    return out.getvalue()


# What an upload answers --------------------------------------------------------------------------------------


async def test_an_upload_answers_as_documented(client: httpx2.AsyncClient) -> None:
    answer = await upload(client, pdf(3), "Quote.pdf", Accept="application/json")
    assert answer.status_code == 201
    file = answer.json()
    assert faults_of("files.yaml#/schemas/upload-file", file) == []
    assert {name: file[name] for name in ("name", "deletedAt", "contentType", "extension", "totalPages")} == {
        "name": "Quote.pdf",
        "deletedAt": None,
        "contentType": "application/pdf",
        "extension": "pdf",
        "totalPages": 3,
    }
    assert file["contentLength"] == len(pdf(3))
    assert file["createdAt"].endswith("+00:00")
    assert answer.headers["Location"] == href(file)


async def test_any_valid_key_may_upload_and_read_its_own(company: Company) -> None:
    async with await company.caller(permissions=("approve",), person=36) as caller:
        file = await uploaded(caller)
        assert (await caller.get(href(file))).content == CSV


@pytest.mark.parametrize("secret", [None, "no-such-key-anywhere"])
async def test_without_a_key_nothing_is_uploaded_and_nothing_read(
    company: Company, client: httpx2.AsyncClient, secret: str | None
) -> None:
    file = await uploaded(client)
    async with company.client(secret) as nobody:
        refused(await upload(nobody), 401)
        refused(await nobody.get(href(file)), 401)


# What is taken, and under which name ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "content_type", "extension"),
    [
        ("a.png", picture(), "image/png", "png"),
        ("photo.jpg", picture(), "image/png", "png"),
        ("no extension", pdf(), "application/pdf", "pdf"),
        ("a.zip", a_zip(), "application/zip", "zip"),
        ("A.CSV", CSV, "text/csv", "csv"),
    ],
)
async def test_a_file_is_what_its_content_says(
    client: httpx2.AsyncClient, name: str, content: bytes, content_type: str, extension: str
) -> None:
    file = await uploaded(client, content, name)
    assert (file["contentType"], file["extension"], file["name"]) == (content_type, extension, name)
    assert (await client.get(href(file))).headers["content-type"] == content_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf", a_zip()),
        ("invoice.pdf", CSV),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("drawing.png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("program.pdf", b"MZ\x90\0" + bytes(100)),
        ("noise.bin", bytes(range(256))),
    ],
)
async def test_what_is_not_what_it_says_or_would_be_run_is_refused_by_its_field(
    client: httpx2.AsyncClient, company: Company, data_dir: Path, name: str, content: bytes
) -> None:
    answer = await upload(client, content, name)
    assert list(faults(answer)) == ["file"]
    assert answer.json()["code"] == "file.refused"
    assert stored(data_dir, company) == []
    assert on_the_way(data_dir, company) == []


async def test_bytes_that_are_there_already_get_no_name_that_would_be_run(client: httpx2.AsyncClient) -> None:
    await uploaded(client)
    assert list(faults(await upload(client, CSV, "prices.html"))) == ["file"]
    assert (await uploaded(client, picture(), "scan.js"))["name"] == "scan.js.png"


async def test_the_same_text_is_csv_to_who_calls_it_so(client: httpx2.AsyncClient) -> None:
    files = [await uploaded(client, CSV, name) for name in ("prices.txt", "prices.csv", "prices")]
    told = ["text/plain", "text/csv", "text/plain"]
    assert [(file["contentType"], file["extension"]) for file in files] == list(
        zip(told, ("txt", "csv", "txt"), strict=True)
    )
    assert [(await client.get(href(file))).headers["content-type"] for file in files] == told


async def test_a_file_without_bytes_is_refused_by_its_field(client: httpx2.AsyncClient) -> None:
    assert list(faults(await upload(client, b""))) == ["file"]


async def test_two_files_are_refused(client: httpx2.AsyncClient) -> None:
    files = [("file", ("a.csv", CSV)), ("file", ("b.csv", CSV))]
    assert list(faults(await client.post(UPLOADS, files=files))) == ["file"]


async def test_a_name_of_5000_characters_with_folders_is_cleaned(client: httpx2.AsyncClient) -> None:
    file = await uploaded(client, pdf(), "../" * 20 + "C:\\" + "é" * 4900 + "\u202e.pdf")
    assert file["name"].endswith("é.pdf")
    assert len(file["name"].encode()) <= 255
    assert not set(file["name"]) & set("/\\\u202e")


async def test_a_name_is_answered_for_every_browser(client: httpx2.AsyncClient) -> None:
    file = await uploaded(client, CSV, 'Prix "été" €.csv')
    told = (await client.get(href(file))).headers["content-disposition"]
    assert told == "attachment; filename=\"Prix _ete_ _.csv\"; filename*=UTF-8''Prix%20_%C3%A9t%C3%A9_%20%E2%82%AC.csv"


# How it is read ----------------------------------------------------------------------------------------------


async def test_a_file_is_read_whole_in_part_and_not_again(client: httpx2.AsyncClient) -> None:
    file = await uploaded(client)
    whole = await client.get(href(file))
    assert (whole.status_code, whole.content) == (200, CSV)
    assert whole.headers["etag"] == f'"{hashlib.sha256(CSV).hexdigest()}"'
    part = await client.get(href(file), headers={"Range": "bytes=-5", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, CSV[-5:])
    again = await client.get(href(file), headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.head(href(file))).headers["content-length"] == str(len(CSV))
    refused(await client.get(href(file), headers={"Range": "bytes=9999-"}), 416)


async def test_a_file_is_never_shown_by_a_browser(client: httpx2.AsyncClient) -> None:
    told = (await client.get(href(await uploaded(client, picture(), "a.png")))).headers
    assert told["content-disposition"].startswith("attachment")
    assert told["x-content-type-options"] == "nosniff"
    assert told["content-security-policy"] == "sandbox; default-src 'none'"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert told["cache-control"].startswith("private")


@pytest.mark.parametrize("file_id", [UUID(int=0), "4711", "no-uuid"])
async def test_what_is_not_there_is_a_404(client: httpx2.AsyncClient, file_id: object) -> None:
    refused(await client.get(f"{API}/files/{file_id}"), 404)


# Who may read it ---------------------------------------------------------------------------------------------


async def test_another_key_does_not_see_an_upload_until_it_hangs_on_a_purchase_that_it_sees(
    company: Company, client: httpx2.AsyncClient
) -> None:
    file = await uploaded(client)
    async with (
        await company.caller(permissions=("view:own",), person=35) as owner,
        await company.caller(permissions=("view:own",), person=37) as stranger,
    ):
        for other in (owner, stranger):
            refused(await other.get(href(file)), 404, "file.not_found")
        made = await make_purchase(client)
        await make_commitment(client, made["id"], attachmentIds=[file["id"]])
        assert (await owner.get(href(file))).content == CSV
        refused(await stranger.get(href(file)), 404, "file.not_found")


@pytest.mark.parametrize("permission", ["purchases:all", "view:all"])
async def test_who_sees_every_purchase_reads_uploads_of_other_keys_as_well(company: Company, permission: str) -> None:
    async with (
        await company.caller(permissions=("purchases:own",), person=35) as uploader,
        await company.caller(permissions=(permission,)) as colleague,
    ):
        assert (await colleague.get(href(await uploaded(uploader)))).content == CSV


async def test_a_person_reads_what_they_uploaded_with_another_key(company: Company) -> None:
    wishes: dict[str, Any] = {"permissions": ("purchases:own",), "person": 35}
    async with await company.caller(**wishes) as laptop, await company.caller(**wishes) as telephone:
        assert (await telephone.get(href(await uploaded(laptop)))).content == CSV


async def test_who_is_asked_to_approve_reads_what_hangs_there(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    file = await uploaded(submitter)
    made = await make_purchase(submitter)
    commitment = await make_commitment(submitter, made["id"], attachmentIds=[file["id"]])
    refused(await approver.get(href(file)), 404)
    assert (await submitter.post(f"{API}/commitments/{commitment['id']}/requests")).status_code == 201
    assert (await approver.get(href(file))).content == CSV


async def test_another_company_cannot_tell_that_it_exists(client: httpx2.AsyncClient, rival: Company) -> None:
    file = await uploaded(client)
    async with await rival.caller() as stranger:
        there, nowhere = [await stranger.get(f"{API}/files/{one}") for one in (file["id"], UUID(int=0))]
        assert (there.status_code, there.json()["code"]) == (nowhere.status_code, nowhere.json()["code"])
        own = await uploaded(stranger)
        assert own["id"] != file["id"]
        assert (await stranger.get(href(own))).content == CSV


# Kept once ---------------------------------------------------------------------------------------------------


async def test_the_same_bytes_are_stored_once_a_company(
    client: httpx2.AsyncClient, company: Company, rival: Company, data_dir: Path
) -> None:
    first = await uploaded(client, name="a.csv")
    second = await uploaded(client, name="b.csv")
    assert (first["id"] != second["id"], first["name"], second["name"]) == (True, "a.csv", "b.csv")
    async with await rival.caller() as stranger:
        await uploaded(stranger)
    assert len(stored(data_dir, company)) == len(stored(data_dir, rival)) == 1
    for file in (first, second):
        assert (await client.get(href(file))).content == CSV


async def test_sixteen_uploads_of_the_same_bytes_at_once_are_stored_once_with_an_id_each(
    client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    files = await asyncio.gather(*[uploaded(client, name=f"{number}.csv") for number in range(16)])
    assert len({file["id"] for file in files}) == 16
    assert [path.read_bytes() for path in stored(data_dir, company)] == [CSV]
    assert on_the_way(data_dir, company) == []
    for file in files:
        assert (await client.get(href(file))).content == CSV


async def test_bytes_are_in_the_store_before_a_row_says_so(
    client: httpx2.AsyncClient, company: Company, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[list[bytes]] = []
    keep = _storage.keep

    async def look(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        there.append([path.read_bytes() for path in stored(data_dir, company)])
        return await keep(*arguments, **named)

    monkeypatch.setattr(_storage, "keep", look)
    await uploaded(client)
    assert there == [[CSV]]


# With a key --------------------------------------------------------------------------------------------------


async def test_a_repeat_with_the_same_key_is_the_same_upload_whatever_its_boundary(
    client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    first, again = [await upload(client, Idempotency_Key="one") for _ in range(2)]
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert await company.owner.fetchval("SELECT count(*) FROM files WHERE tenant_id = $1", company.tenant_id) == 1
    assert len(stored(data_dir, company)) == 1


@pytest.mark.parametrize("other", [{"name": "other.csv"}, {"content": CSV + b"table;80\n"}])
async def test_another_file_with_the_same_key_is_refused_and_leaves_nothing(
    client: httpx2.AsyncClient, company: Company, data_dir: Path, other: dict[str, Any]
) -> None:
    await upload(client, Idempotency_Key="one")
    refused(await upload(client, **other, Idempotency_Key="one"), 422, "idempotency.reused")
    assert [path.read_bytes() for path in stored(data_dir, company)] == [CSV]
    assert on_the_way(data_dir, company) == []


async def test_a_refusal_is_not_kept(client: httpx2.AsyncClient) -> None:
    assert (await upload(client, b"", Idempotency_Key="one")).status_code == 400
    assert (await upload(client, Idempotency_Key="one")).status_code == 201


async def test_an_upload_has_no_version(client: httpx2.AsyncClient) -> None:
    refused(await upload(client, If_Match='"7.1"'), 412)


async def test_a_store_that_cannot_be_used_is_a_503_and_nothing_is_written(
    client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    folder = data_dir / "files" / str(company.tenant_id)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    refused(await upload(client), 503)
    assert await company.owner.fetchval("SELECT count(*) FROM files WHERE tenant_id = $1", company.tenant_id) == 0
    # Nobody knows what a store has that does not answer: a note stays, and takes no room.
    assert [(data_dir / "uploads" / name).stat().st_size for name in on_the_way(data_dir, company)] == [0]
    folder.unlink()
    assert (await upload(client)).status_code == 201


async def test_bytes_that_were_lost_are_a_503_and_no_half_answer(
    client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    file = await uploaded(client)
    stored(data_dir, company)[0].unlink()
    refused(await client.get(href(file)), 503)
