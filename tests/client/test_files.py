"""Files go up and come down piece by piece, whole or not at all, and from their beginning again after a failure."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import httpx2
import pytest

from emplette.client import AsyncEmplette, Emplette, NoAnswer, NotFound, Retries, Unavailable
from tests.client.lines import Line
from tests.docs.demo import KEY, RunningDemo
from tests.fixtures.made_files import pdf

UPLOADED = {"id": "0198c5a2-7d1e-7b5c-9a41-3f6e2d8c1b07", "name": "offer.pdf", "contentLength": 3}
AT_ONCE = Retries(attempts=3, first_wait=0.0)
SOME_FILE = UUID(UPLOADED["id"])  # type: ignore[arg-type]  # a text, as JSON has it


class Server:
    """A server that fails twice in the middle, then takes what it is sent."""

    def __init__(self, failures: int = 2) -> None:
        self._failures = failures
        self.received: list[bytes] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.received.append(request.read())
        if len(self.received) <= self._failures:
            raise httpx2.ReadError("the line was cut", request=request)
        return httpx2.Response(201, json=UPLOADED)

    def client(self) -> Emplette:
        return Emplette("http://server.test", KEY, retries=AT_ONCE, transport=httpx2.MockTransport(self))

    def bodies(self) -> set[bytes]:
        """Leave out the boundary, which each attempt chooses anew."""
        return {body.split(b"\r\n", 1)[1].rsplit(b"\r\n--", 1)[0] for body in self.received}


class Pipe(io.BytesIO):
    """A file that can't go back."""

    def seekable(self) -> bool:
        return False


def _described(body: bytes) -> tuple[bytes, bytes]:
    head, _, content = body.partition(b"\r\n\r\n")
    return head, content


def test_a_file_is_sent_whole_at_every_attempt(tmp_path: Path) -> None:
    path = tmp_path / "Offer 2025.pdf"
    path.write_bytes(b"%PDF")
    server = Server()
    with server.client() as client:
        assert client.files.upload(path).name == "offer.pdf"
    ((head, content),) = {_described(body) for body in server.bodies()}
    assert len(server.received) == 3
    assert content == b"%PDF"
    assert b'name="file"; filename="Offer 2025.pdf"' in head
    assert b"application/pdf" in head


def test_bytes_are_sent_whole_at_every_attempt() -> None:
    server = Server()
    with server.client() as client:
        client.files.upload(b"all of this", name="offer.txt")
    ((head, content),) = {_described(body) for body in server.bodies()}
    assert len(server.received) == 3
    assert content == b"all of this"
    assert b'filename="offer.txt"' in head


def test_an_open_file_is_sent_from_its_beginning_and_stays_open() -> None:
    file = io.BytesIO(b"all of this")
    file.seek(7)
    server = Server()
    with server.client() as client:
        client.files.upload(file, name="this.txt", content_type="text/plain")
    ((head, content),) = {_described(body) for body in server.bodies()}
    assert content == b"all of this"
    assert b'filename="this.txt"' in head
    assert not file.closed


def test_what_can_be_read_once_is_sent_once() -> None:
    server = Server()
    with server.client() as client, pytest.raises(NoAnswer):
        client.files.upload(Pipe(b"once"), name="once.txt")
    assert len(server.received) == 1


def test_a_file_that_is_not_there_is_no_business_of_the_server(tmp_path: Path) -> None:
    server = Server()
    with server.client() as client, pytest.raises(FileNotFoundError):
        client.files.upload(tmp_path / "nothing.pdf")
    assert server.received == []


async def test_files_go_up_and_come_down_as_they_were(emplette: AsyncEmplette, tmp_path: Path) -> None:
    content = pdf(2)
    (tmp_path / "offer.pdf").write_bytes(content)
    uploaded = await emplette.files.upload(tmp_path / "offer.pdf")
    assert (uploaded.name, uploaded.content_length, uploaded.total_pages) == ("offer.pdf", len(content), 2)
    assert await emplette.files.get(uploaded.id) == content
    saved = await emplette.files.save(uploaded.id, tmp_path / "again.pdf")
    assert saved.read_bytes() == content
    attachment = await emplette.attachments.create(file_id=uploaded.id)
    assert (await emplette.attachments.get(attachment.id)).file.name == "offer.pdf"


async def test_an_upload_with_a_key_is_made_once(emplette: AsyncEmplette) -> None:
    offer = io.BytesIO(pdf())
    first = await emplette.files.upload(offer, name="offer.pdf", idempotency_key="offer")
    assert await emplette.files.upload(offer, name="offer.pdf", idempotency_key="offer") == first


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    class Torn(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"half of"
            raise httpx2.ReadError("the line was cut")

    answers = iter([httpx2.Response(200, stream=Torn()) for _ in range(3)])
    transport = httpx2.MockTransport(lambda _: next(answers))
    place = tmp_path / "order.pdf"
    place.write_bytes(b"the old one")
    with Emplette("http://server.test", KEY, retries=AT_ONCE, transport=transport) as client, pytest.raises(NoAnswer):
        client.orders.save_pdf(1, place)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the old one"]


def test_a_download_is_begun_again_after_a_failure(tmp_path: Path) -> None:
    answers = iter([httpx2.Response(503, json={"code": "x"}), httpx2.Response(200, content=b"whole")])
    transport = httpx2.MockTransport(lambda _: next(answers))
    with Emplette("http://server.test", KEY, retries=AT_ONCE, transport=transport) as client:
        assert client.orders.save_pdf(1, tmp_path / "order.pdf").read_bytes() == b"whole"


def test_a_refused_download_leaves_nothing(tmp_path: Path) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(503, json={"code": "busy"}))
    client = Emplette("http://server.test", KEY, retries=AT_ONCE, transport=transport)
    with client, pytest.raises(Unavailable, match="busy"):
        client.files.save(SOME_FILE, tmp_path / "order.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_large_file_passes_a_bad_line_in_little_memory(demo: RunningDemo, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        _write_rows(file, 12 << 20)
    tracemalloc.start()
    with Line.to(demo.url, loses_every=2) as line, Emplette(line.url, KEY, retries=Retries(first_wait=0.01)) as client:
        uploaded = client.files.upload(large)
        saved = client.files.save(uploaded.id, tmp_path / "again.csv")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert saved.read_bytes() == large.read_bytes()
    assert peak < 4 << 20


@pytest.mark.slow
def test_the_document_of_an_order_is_saved(demo: RunningDemo, tmp_path: Path) -> None:
    with Emplette(demo.url, KEY) as client:
        order = next(iter(client.orders.list()))
        place = client.orders.save_pdf(order.id, tmp_path / "order.pdf")
        assert place.read_bytes().startswith(b"%PDF-")
        assert place.read_bytes() == client.orders.pdf(order.id)
        with pytest.raises(NotFound):
            client.orders.save_pdf(2_147_483_647, tmp_path / "none.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["order.pdf"]


def _write_rows(file: BinaryIO, size: int) -> None:
    row = b"4711;Amazon;120,00;EUR\n" * 1000
    while file.tell() < size:
        file.write(row)
