"""Receiving a file: forms as programs write them, forms that are broken, and what is left on the disk afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emplette.http.contract import POST, Answer, Call, Registry, Upload, operation
from emplette.http.contract.openapi import Document
from emplette.http.contract.receive import Limits
from tests.contract.toys import HEADERS, client_of, contract, faults_of

LARGEST = 300_000
CRLF = "\r\n"


class Kept(Answer):
    """What was received."""

    name: str
    size: int
    meant: str
    key: str | None


@operation(POST, "/api/uploads", answers={201: Kept}, tag="Files", largest_body=LARGEST, timed=False)
async def upload_toy(upload: Upload, call: Call) -> Kept:
    """Keep a picture of a toy."""
    assert upload.path.stat().st_size == upload.size
    assert sha256(upload.path.read_bytes()).digest() == upload.sha256
    return Kept(name=upload.name, size=upload.size, meant=call.body_hash.hex(), key=call.idempotency_key)


@pytest.fixture
def room(tmp_path: Path) -> Callable[[], Path]:
    def make() -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.part"
        path.touch()
        return path

    return make


@pytest.fixture
async def client(room: Callable[[], Path], tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(contract(None, upload_toy, room=room, limits=Limits(upload_pause=0.2))) as client:
        yield client
    assert left_in(tmp_path) == []


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def part(content: str = "toy", *, disposition: str = 'name="file"; filename="a.txt"', more: str = "") -> str:
    return f"--B{CRLF}Content-Disposition: form-data; {disposition}{CRLF}{more}{CRLF}{content}{CRLF}"


async def send(client: httpx2.AsyncClient, *parts: str, boundary: str = "B", **headers: str) -> httpx2.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    body = ("".join(parts) + "--B--\r\n").encode("latin-1")
    return await client.post(
        "/api/uploads", content=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}", **told}
    )


async def test_a_file_is_received_with_its_name_and_its_bytes(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/uploads", files={"file": ("Häuschen 1.txt", b"toy", "text/html")})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["size"]) == ("Häuschen 1.txt", 3)


@pytest.mark.parametrize("field", ["file", "upload", "document", "", "files[]", "x" * 300])
async def test_the_field_may_be_called_anything(client: httpx2.AsyncClient, field: str) -> None:
    assert (await send(client, part(disposition=f'name="{field}"; filename="a.txt"'))).status_code == 201


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('name="file"; filename="a.txt"', "a.txt"),
        ("name=file; filename=a.txt", "a.txt"),
        ('filename="a.txt"; name="file"', "a.txt"),
        ('name="file"; filename="a;b \\"c\\".txt"', 'a;b "c".txt'),
        ('name="file"; filename="a%22b%0D%0A.txt"', 'a"b\r\n.txt'),
        ('name="file"; filename="100%25.txt"', "100%25.txt"),
        ("name=\"file\"; filename*=utf-8''%C3%A9t%C3%A9.txt", "été.txt"),
        ("name=\"file\"; filename*=iso-8859-1'fr'%E9t%E9.txt", "été.txt"),
        ("name=file; filename=\"=?utf-8?B?w6l0w6kudHh0?=\"; filename*=utf-8''%C3%A9t%C3%A9.txt", "été.txt"),
        ('name="file"; filename="\xc3\xa9t\xc3\xa9.txt"', "été.txt"),
        ('name="file"; filename="\xe9t\xe9.txt"', "été.txt"),
        ('name="file"; filename=""', ""),
        (f'name="file"; filename="{"../" * 100}{"x" * 5000}.txt"', f"{'../' * 100}{'x' * 5000}.txt"),
    ],
    ids=lambda value: value[:40],
)
async def test_a_name_is_read_however_programs_write_it(
    client: httpx2.AsyncClient, disposition: str, name: str
) -> None:
    answer = await send(client, part(disposition=disposition))
    assert answer.json()["name"] == name


async def test_fields_beside_the_file_are_not_looked_at(client: httpx2.AsyncClient) -> None:
    answer = await send(
        client, part("x" * 9000, disposition='name="comment"'), part(), part("1", disposition='name="n"')
    )
    assert (answer.status_code, answer.json()["size"]) == (201, 3)


async def test_what_looks_like_a_boundary_stays_in_the_file(client: httpx2.AsyncClient) -> None:
    content = f"{CRLF}--A{CRLF}--{CRLF}-{CRLF}B--{CRLF}"
    assert (await send(client, part(content))).json()["size"] == len(content)


async def test_the_same_file_is_meant_whatever_the_boundary_and_the_field(client: httpx2.AsyncClient) -> None:
    meant = (await send(client, part(), Idempotency_Key="k")).json()
    answer = await client.post("/api/uploads", files={"other": ("a.txt", b"toy")})
    assert meant["key"] == "k"
    assert answer.json()["meant"] == meant["meant"]
    for name, content in (("b.txt", b"toy"), ("a.txt", b"tow")):
        other = await client.post("/api/uploads", files={"file": (name, content)})
        assert other.json()["meant"] != meant["meant"]


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ([], "given"),
        ([part("1", disposition='name="comment"')], "given"),
        ([part("toy", disposition='name="file"')], "filename"),
        ([part(), part()], "one file"),
        ([part(""), part("")], "one file"),
        ([part("")], "empty"),
        ([part("", disposition='name="file"; filename=""')], "empty"),
        ([part(more=f"Content-Transfer-Encoding: base64{CRLF}")], "Content-Transfer-Encoding"),
    ],
)
async def test_what_is_not_one_file_is_refused_by_its_field(
    client: httpx2.AsyncClient, parts: list[str], word: str
) -> None:
    (fault,) = faults_of(await send(client, *parts))["file"]
    assert word in fault


async def test_a_fault_of_a_header_is_told_and_the_file_is_gone(client: httpx2.AsyncClient) -> None:
    assert "Idempotency-Key" in faults_of(await send(client, part(), Idempotency_Key="two words"))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nothing like a form",
        "--B",
        "--B\r\n",
        part(),
        part()[:-2],
        part().replace("\r\n", "\n") + "--B--\n",
        "--C\r\n\r\n--C--\r\n",
        "--B\r\nno header at all\r\n\r\ntoy\r\n--B--\r\n",
        "--B\r\nContent-Type: text/plain\r\n\r\ntoy\r\n--B--\r\n",
        "--B\r\nContent-Disposition: attachment; filename=a\r\n\r\ntoy\r\n--B--\r\n",
        part(more="X-Long: " + "x" * 20_000 + CRLF) + "--B--\r\n",
        "".join(part(more=f"X-{n}: 1{CRLF}" * n) for n in range(20)) + "--B--\r\n",
        part("1", disposition='name="n"') * 17 + "--B--\r\n",
    ],
    ids=range(14),
)
async def test_a_form_that_is_broken_is_refused_as_such(client: httpx2.AsyncClient, body: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await client.post("/api/uploads", content=body.encode(), headers=headers)
    assert answer.json()["code"] == "body.not_form"
    assert list(faults_of(answer)) == ["$"]


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 300}"],
)
async def test_a_form_without_a_boundary_is_refused_by_its_header(
    client: httpx2.AsyncClient, content_type: str
) -> None:
    answer = await client.post("/api/uploads", content=part().encode(), headers={"Content-Type": content_type})
    assert list(faults_of(answer)) == ["Content-Type"]


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/pdf", "application/x-www-form-urlencoded"]
)
async def test_what_is_no_form_is_a_415(client: httpx2.AsyncClient, content_type: str) -> None:
    answer = await client.post("/api/uploads", content=b"toy", headers={"Content-Type": content_type})
    assert answer.status_code == 415


async def test_a_file_as_large_as_allowed_is_received_and_one_byte_more_is_not(client: httpx2.AsyncClient) -> None:
    assert (await send(client, part("x" * LARGEST))).status_code == 201
    answer = await send(client, part("x" * (LARGEST + 1)))
    assert (answer.status_code, answer.json()["limit"]) == (413, LARGEST)


async def test_a_form_that_is_announced_as_too_large_is_not_read(client: httpx2.AsyncClient) -> None:
    answer = await send(client, part(), Content_Length=str(LARGEST + 2**20))
    assert answer.status_code == 413


async def test_a_form_without_end_is_read_no_further_than_allowed(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield part(disposition='name="comment"')[:-2].encode()
        while True:
            yield b"x" * 65_536

    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await client.post("/api/uploads", content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
async def test_it_does_not_matter_in_which_pieces_a_form_comes(client: httpx2.AsyncClient, size: int) -> None:
    content = f"toy{CRLF}--b{CRLF}-{CRLF}--{CRLF}"
    body = f"{part('1', disposition='name=n')}{part(content)}--B--{CRLF}".encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await client.post("/api/uploads", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["name"], answer.json()["size"]) == (201, "a.txt", len(content))


async def told(app: Any, *messages: dict[str, object]) -> list[dict[str, Any]]:  # noqa: ANN401
    """Call with a body that comes as these messages, and then not at all."""
    sent: list[dict[str, Any]] = []
    waiting = list(messages)
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    headers.append((b"content-type", b"multipart/form-data; boundary=B"))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/uploads",
        "raw_path": b"/api/uploads",
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
        "http_version": "1.1",
    }

    async def receive() -> dict[str, object]:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(120)
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 60)
    return sent


async def test_a_caller_that_hangs_up_leaves_nothing(room: Callable[[], Path], tmp_path: Path) -> None:
    app = contract(None, upload_toy, room=room)
    begun = {"type": "http.request", "body": part()[:-5].encode(), "more_body": True}
    sent = await told(app, begun, {"type": "http.disconnect"})
    assert [message.get("status") for message in sent] == [400, None]
    assert left_in(tmp_path) == []


async def test_a_file_that_stops_coming_is_a_408_and_leaves_nothing(room: Callable[[], Path], tmp_path: Path) -> None:
    app = contract(None, upload_toy, room=room, limits=Limits(upload_pause=0.2, between_bytes=0.1))
    begun = {"type": "http.request", "body": part()[:-5].encode(), "more_body": True}
    start, body = await told(app, begun)
    assert (start["status"], json.loads(body["body"])["code"]) == (408, "body.too_slow")
    assert left_in(tmp_path) == []


async def test_a_file_in_thousands_of_crumbs_is_a_413_and_leaves_nothing(
    room: Callable[[], Path], tmp_path: Path
) -> None:
    app = contract(None, upload_toy, room=room)
    begun = {"type": "http.request", "body": part()[:-5].encode(), "more_body": True}
    start, body = await told(app, begun, *[{"type": "http.request", "body": b"x", "more_body": True}] * 5000)
    assert (start["status"], json.loads(body["body"])["code"]) == (413, "body.too_large")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("size", [3, 100_000])
async def test_a_full_disk_is_a_503_and_leaves_nothing(tmp_path: Path, size: int) -> None:
    def full() -> Path:
        path = tmp_path / "full"
        path.symlink_to("/dev/full")
        return path

    async with client_of(contract(None, upload_toy, room=full)) as client:
        answer = await send(client, part("x" * size))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "No space left" in answer.json()["detail"]
    assert left_in(tmp_path) == []


async def test_where_nothing_can_be_received_it_is_a_503() -> None:
    async with client_of(contract(None, upload_toy)) as client:
        assert (await send(client, part())).status_code == 503


async def test_empty_pieces_are_no_bytes(room: Callable[[], Path]) -> None:
    app = contract(None, upload_toy, room=room, limits=Limits(upload_pause=0.2, between_bytes=0.1))
    start, _ = await told(app, *[{"type": "http.request", "body": b"", "more_body": True}] * 5)
    assert start["status"] == 408


def test_the_document_says_that_it_is_a_form() -> None:
    described = Document(Registry([upload_toy]), version="1").build()["paths"]["/api/uploads"]["post"]
    schema = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file"]
    assert schema["properties"]["file"]["format"] == "binary"
    assert {"400", "408", "413", "415"} <= set(described["responses"])
