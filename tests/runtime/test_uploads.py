"""Uploads to a real server: its memory stays flat, and whatever is killed leaves all of a file or nothing."""

import socket
import time
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from tests.fixtures.guide import API
from tests.runtime.servers import KEY, PATIENCE, Server, wait_until

pytestmark = pytest.mark.slow

UPLOADS = "/lucca-files/api/uploads"
MB = 2**20


def a_table(size: int) -> bytes:
    """Make a CSV of about so many bytes, like no other."""
    line = f"{token_hex(16)};12.50\n".encode()
    return b"article;price\n" + line * (size // len(line) + 1)


def upload(caller: httpx2.Client, content: bytes, **headers: str) -> dict[str, Any]:
    answer = caller.post(UPLOADS, files={"file": ("prices.csv", content)}, headers=headers)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert told["contentLength"] == len(content)
    return told


def memory(demo: Server, what: str) -> int:
    """Read how many bytes of memory the worker has, now (VmRSS) or had at most (VmHWM)."""
    status = Path(f"/proc/{demo.processes()['worker 1']}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def stored(demo: Server) -> list[Path]:
    return [path for path in (demo.folder / "files").rglob("*") if path.is_file()]


def on_the_way(demo: Server) -> list[Path]:
    folder = demo.folder / "uploads"
    return list(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("several", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_memory_stays_flat_through_many_uploads(demo: Server, caller: httpx2.Client, several: int) -> None:
    before, last = 0, {}
    for number in range(several):
        # Every size comes often before the first look at the memory, and often afterwards.
        last = upload(caller, a_table(5 * MB if number % (several // 20) == 0 else 2000))
        if number == several // 5:
            before = memory(demo, "VmRSS")
    assert memory(demo, "VmRSS") - before < 12 * MB
    assert len(stored(demo)) >= several
    assert on_the_way(demo) == []
    assert caller.get(f"{API}/files/{last['id']}").status_code == 200


def test_a_file_of_100_mb_is_taken_and_given_in_constant_memory(demo: Server, caller: httpx2.Client) -> None:
    upload(caller, a_table(MB))
    worker = demo.processes()["worker 1"]
    Path(f"/proc/{worker}/clear_refs").write_text("5", encoding="ascii")
    before = memory(demo, "VmHWM")
    content = a_table(100 * MB)[: 100 * MB]
    file = upload(caller, content)
    assert memory(demo, "VmHWM") - before < 30 * MB
    found = sha256()
    with caller.stream("GET", f"{API}/files/{file['id']}") as answer:
        for piece in answer.iter_raw():
            found.update(piece)
    assert found.digest() == sha256(content).digest()
    assert memory(demo, "VmHWM") - before < 30 * MB
    answer = caller.post(UPLOADS, files={"file": ("prices.csv", content + b"\n")})
    assert answer.status_code == 413
    assert on_the_way(demo) == []


def begin(demo: Server, content: bytes, *, key: str, sent: int) -> socket.socket:
    """Begin to send a file, and leave the rest for later."""
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="prices.csv"\r\n\r\n'
        + content
        + b"\r\n--B--\r\n"
    )
    head = (
        f"POST {UPLOADS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: lucca application={KEY}\r\n"
        f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {len(body)}\r\n"
        f"Idempotency-Key: {key}\r\n\r\n"
    )
    line = socket.create_connection(("127.0.0.1", demo.port), PATIENCE)
    line.sendall(head.encode() + body[:sent])
    return line


def test_a_worker_that_is_killed_while_a_file_arrives_leaves_nothing_of_it(demo: Server, caller: httpx2.Client) -> None:
    content, before = a_table(4 * MB), len(stored(demo))
    with begin(demo, content, key="half", sent=2 * MB):
        wait_until(lambda: any(path.stat().st_size > MB for path in on_the_way(demo)), "half of it has arrived")
        killed = demo.kill("worker 1")
        demo.wait_for_successor("worker 1", of=killed)
    assert len(stored(demo)) == before
    # What had arrived lies where the job worker sweeps; the repeat is told that nothing had happened.
    (left,) = on_the_way(demo)
    answer = caller.post(UPLOADS, files={"file": ("prices.csv", content)}, headers={"Idempotency-Key": "half"})
    assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, None)
    left.unlink()


@pytest.mark.parametrize(
    "delay", [0.0, 0.02, 0.05, *(pytest.param(delay, marks=pytest.mark.long) for delay in (0.01, 0.03, 0.1))]
)
def test_a_worker_that_is_killed_while_a_file_is_kept_leaves_all_of_it_or_nothing_and_says_which(
    demo: Server, caller: httpx2.Client, delay: float
) -> None:
    content, key = a_table(MB), f"whole-{delay}"
    with begin(demo, content, key=key, sent=2 * MB):
        time.sleep(delay)
        killed = demo.kill("worker 1")
        demo.wait_for_successor("worker 1", of=killed)
    answers = [
        caller.post(UPLOADS, files={"file": ("prices.csv", content)}, headers={"Idempotency-Key": key})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert answers[0].json() == answers[1].json()
    assert caller.get(f"{API}/files/{answers[0].json()['id']}").content == content
    # A second copy can lie there only with a note of it.
    digest = sha256(content).hexdigest()
    copies = [path.name for path in stored(demo) if path.name.startswith(digest)]
    noted = [path.name for path in on_the_way(demo) if digest in path.name]
    assert len(copies) - len(noted) <= 1
    for path in on_the_way(demo):
        path.unlink()


def test_a_caller_who_hangs_up_leaves_nothing(demo: Server) -> None:
    before = len(stored(demo))
    with begin(demo, a_table(4 * MB), key="gone", sent=2 * MB):
        wait_until(lambda: any(path.stat().st_size > MB for path in on_the_way(demo)), "half of it has arrived")
    wait_until(lambda: on_the_way(demo) == [], "what had arrived is gone")
    assert len(stored(demo)) == before


def test_the_folders_are_closed_to_others(demo: Server) -> None:
    for name in ("files", "uploads"):
        assert (demo.folder / name).stat().st_mode & 0o777 == 0o700
