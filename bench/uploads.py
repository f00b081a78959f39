"""Uploading files, against copying them: what a file costs beyond its way to the disk."""

import os
import shutil
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

from bench.generator import WrongAnswer
from bench.server import KEY, Server

LARGE: Final = 100 * 2**20
SMALL: Final = 20_000
_HEAD: Final = b'--B\r\nContent-Disposition: form-data; name="file"; filename="prices.csv"\r\n\r\n'
_TAIL: Final = b"\r\n--B--\r\n"
_ANSWER: Final = 65_536


@dataclass(frozen=True, slots=True)
class Upload:
    """The median time of one upload, and of one copy that is on the disk, in seconds; and how large the file is."""

    size: int
    upload_s: float
    copy_s: float

    @property
    def ratio(self) -> float:
        """The speed of uploading, of which copying is 1."""
        return self.copy_s / self.upload_s


def measure_uploads(server: Server, folder: Path, *, large: int, small: int) -> list[Upload]:
    """Upload and copy so many files of each size by turns, none of them like another."""
    with _line_to(server) as line:
        return [_measure(line, folder, size, count) for size, count in ((SMALL, small), (LARGE, large))]


def _measure(line: socket.socket, folder: Path, size: int, count: int) -> Upload:
    uploads, copies = [], []
    for _ in range(count):
        file = _a_table(folder / "prices.csv", size)
        began = time.perf_counter()
        _upload(line, file, size)
        uploaded = time.perf_counter()
        _copy(file, folder / "copy.csv")
        copies.append(time.perf_counter() - uploaded)
        uploads.append(uploaded - began)
    return Upload(size, statistics.median(uploads), statistics.median(copies))


def _a_table(path: Path, size: int) -> Path:
    row = f"{token_hex(16)};12.50\n".encode()
    path.write_bytes((b"article;price\n" + row * (size // len(row) + 1))[:size])
    return path


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    file = os.open(target, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


@contextmanager
def _line_to(server: Server) -> Iterator[socket.socket]:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 60) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield line


def _upload(line: socket.socket, file: Path, size: int) -> None:
    """Upload a file past every client: its own time would be counted as the server's."""
    length = len(_HEAD) + size + len(_TAIL)
    lines = (
        "POST /lucca-files/api/uploads HTTP/1.1",
        "Host: localhost",
        f"Authorization: lucca application={KEY}",
        "Content-Type: multipart/form-data; boundary=B",
        f"Content-Length: {length}",
    )
    line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + _HEAD)
    with file.open("rb") as content:
        line.sendfile(content)
    line.sendall(_TAIL)
    answer = line.recv(_ANSWER)
    if not answer.startswith(b"HTTP/1.1 201") or f'"contentLength":{size},'.encode() not in answer:
        raise WrongAnswer(f"an upload was answered {answer!r}")
