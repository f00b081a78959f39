"""Answering with a file: whole, in part, not again, and so that no browser runs it."""

from collections.abc import AsyncGenerator, AsyncIterator

import httpx2
import pytest

from emplette.http.contract import ANY, GET, Download, operation
from emplette.http.contract.download import disposition
from tests.contract.toys import client_of, contract

BYTES = bytes(range(100))
TAG = '"abc"'
OPENED: list[tuple[int, int]] = []


async def read(first: int, last: int) -> AsyncGenerator[bytes, None]:
    """Begin to read, in pieces of seven."""
    OPENED.append((first, last))

    async def pieces() -> AsyncGenerator[bytes, None]:
        for start in range(first, last + 1, 7):
            yield BYTES[start : min(start + 7, last + 1)]

    return pieces()


@operation(GET, "/api/pictures/{name}", answers={200: bytes, 206: bytes, 304: None}, media_type=ANY, tag="Files")
async def get_picture(name: str) -> Download:
    """Look at a picture of a toy."""
    return Download(name, "image/png", len(BYTES), "abc", read, shown=name.startswith("shown"))


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    OPENED.clear()
    async with client_of(contract(None, get_picture)) as client:
        yield client


async def ask(client: httpx2.AsyncClient, method: str = "GET", **headers: str) -> httpx2.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.request(method, "/api/pictures/a.png", headers=sent)


async def test_the_whole_is_answered_as_what_it_is_and_can_do_no_harm(client: httpx2.AsyncClient) -> None:
    answer = await ask(client)
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert {name: answer.headers[name] for name in answer.headers if name != "x-request-id"} == {
        "content-type": "image/png",
        "content-length": "100",
        "content-disposition": 'attachment; filename="a.png"',
        "etag": TAG,
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
    }


@pytest.mark.parametrize("accept", ["application/json", "image/png", "text/html;q=0.1", "*/*"])
async def test_whatever_is_accepted_a_file_is_what_it_is(client: httpx2.AsyncClient, accept: str) -> None:
    assert (await ask(client, Accept=accept)).headers["content-type"] == "image/png"


async def test_a_head_tells_the_same_and_reads_nothing(client: httpx2.AsyncClient) -> None:
    told = [
        {k: v for k, v in answer.headers.items() if k != "x-request-id"}
        for answer in (await ask(client), await ask(client, "HEAD"), await ask(client, "HEAD", Range="bytes=0-3"))
    ]
    assert told[0] == told[1] == told[2]
    assert (await ask(client, "HEAD")).content == b""
    assert OPENED == [(0, 99)]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, 99),
        ("bytes=90-1000", 90, 99),
        ("bytes=-5", 95, 99),
        ("bytes=-1000", 0, 99),
        ("Bytes=0-99", 0, 99),
    ],
)
async def test_a_part_is_answered(client: httpx2.AsyncClient, asked: str, first: int, last: int) -> None:
    answer = await ask(client, Range=asked)
    assert (answer.status_code, answer.content) == (206, BYTES[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/100"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert [(first, last)] == OPENED


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "lines=1-2",
        "bytes",
        "bytes=0-1;",
        "b=0-1",
        "bytes=1 0-20",
        "bytes=1-2 0",
        "bytes=1 - 2",
    ],
)
async def test_of_what_is_no_single_range_the_whole_is_answered(client: httpx2.AsyncClient, asked: str) -> None:
    answer = await ask(client, Range=asked)
    assert (answer.status_code, answer.content) == (200, BYTES)


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=999999999999999999-", "bytes=-0"])
async def test_a_range_beyond_the_end_is_a_416(client: httpx2.AsyncClient, asked: str) -> None:
    answer = await ask(client, Range=asked)
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */100")
    assert (answer.json()["code"], answer.json()["size"]) == ("range.unsatisfiable", 100)
    assert OPENED == []


@pytest.mark.parametrize(
    ("unchanged", "status"), [(TAG, 206), ('W/"abc"', 200), ('"other"', 200), ("Mon, 14 Apr 2025 09:30:00 GMT", 200)]
)
async def test_a_part_is_for_the_bytes_that_the_caller_knows(
    client: httpx2.AsyncClient, unchanged: str, status: int
) -> None:
    assert (await ask(client, Range="bytes=0-3", If_Range=unchanged)).status_code == status


@pytest.mark.parametrize("known", [TAG, 'W/"abc"', f'"x", {TAG}', "*"])
async def test_what_the_caller_has_is_not_sent_again(client: httpx2.AsyncClient, known: str) -> None:
    answer = await ask(client, If_None_Match=known)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", TAG)
    assert "content-length" not in answer.headers
    assert "content-type" not in answer.headers
    assert OPENED == []


@pytest.mark.parametrize("known", ['"other"', 'W/"abcd"', "abc", ""])
async def test_what_the_caller_has_not_is_sent(client: httpx2.AsyncClient, known: str) -> None:
    assert (await ask(client, If_None_Match=known)).status_code == 200


async def test_other_bytes_than_the_caller_wants_are_a_412(client: httpx2.AsyncClient) -> None:
    assert (await ask(client, If_Match='"other"')).status_code == 412
    assert (await ask(client, If_Match=TAG)).status_code == 200


async def test_a_picture_of_our_own_may_be_shown(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/pictures/shown.png")
    assert answer.headers["content-disposition"] == 'inline; filename="shown.png"'


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b.pdf", 'filename="a b.pdf"'),
        ('a"b.pdf', "filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf"),
        ("a\\b.pdf", "filename=\"a_b.pdf\"; filename*=UTF-8''a%5Cb.pdf"),
        ("100%.pdf", "filename=\"100_.pdf\"; filename*=UTF-8''100%25.pdf"),
        ("été.pdf", "filename=\"ete.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"),
        ("Ωμέγα.pdf", "filename=\"_____.pdf\"; filename*=UTF-8''%CE%A9%CE%BC%CE%AD%CE%B3%CE%B1.pdf"),
        ("a\r\nX: 1.pdf", "filename=\"a__X_ 1.pdf\"; filename*=UTF-8''a%0D%0AX%3A%201.pdf"),
        ("it's.pdf", 'filename="it\'s.pdf"'),
    ],
)
def test_a_name_is_written_for_old_browsers_and_for_new_ones(name: str, written: str) -> None:
    assert disposition(name, shown=False) == f"attachment; {written}"


async def test_what_breaks_on_the_way_is_never_taken_for_whole() -> None:
    async def break_off(_: int, __: int) -> AsyncGenerator[bytes, None]:
        async def pieces() -> AsyncGenerator[bytes, None]:
            yield BYTES[:7]
            raise ConnectionResetError

        return pieces()

    @operation(GET, "/api/broken", answers={200: bytes}, media_type=ANY, tag="Files")
    async def get_broken() -> Download:
        """Look at half a picture."""
        return Download("a.png", "image/png", len(BYTES), "abc", break_off)

    async with client_of(contract(None, get_broken)) as client:
        with pytest.raises(ConnectionResetError):
            await client.get("/api/broken")
