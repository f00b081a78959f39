"""The disk is full: what can't be kept is refused, what is there can be read, and all goes on once there is room.

It is a small disk in memory where mounting is allowed. Elsewhere the database's processes, and those that receive
files, are forbidden to write to any file. To PostgreSQL that is worse: it can't even write its log, stops at once, and
is started again.
"""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.fixtures.disks import small_disk
from tests.runtime.servers import EMPLETTE, Server, descendants, folder_of_its_own, run, served, wait_until
from tests.trouble.customers import Customer

_MEGABYTES = 420
KEY = "the-key-of-the-demo-on-a-small-disk"


@dataclass
class Disk:
    """What a server keeps its data on; it can be filled, and emptied again."""

    folder: Path
    is_small: bool
    server: Server | None = None

    def fill(self) -> None:
        """Leave no room on it."""
        if not self.is_small:
            self._limit("0:unlimited")
            return
        with suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(64 * 1024))

    def leave_little(self) -> None:
        """Leave a hundred megabytes, where it is small."""
        free = shutil.disk_usage(self.folder).free
        with self._ballast.open("wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 100 * 2**20, 1))

    def make_room(self) -> None:
        """Make room again."""
        if not self.is_small:
            self._limit("unlimited:unlimited")
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def _limit(self, sizes: str) -> None:
        """Say it to every process as the user that it is of: others may not, not even every root.

        Where we are not root they are all ours, and there is nobody else to be.
        """
        assert self.server is not None
        for pid in descendants(self.server.pid) - {self.server.pid}:
            with suppress(FileNotFoundError):
                owner = Path(f"/proc/{pid}").stat()
                said = ["prlimit", f"--pid={pid}", f"--fsize={sizes}"]
                them = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
                subprocess.run(said, check=False, **them)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    """Run a demo on a disk of its own."""
    with small_disk(_MEGABYTES) as small, folder_of_its_own() as folder:
        disk = Disk(small or folder, is_small=small is not None)
        settings: dict[str, Any] = {"workers": 1, "demo_key": KEY, "request_timeout": 3}
        with served(disk.folder / "data", command=[*EMPLETTE, "demo"], **settings) as server:
            disk.server = server
            yield disk
            disk.make_room()


@pytest.fixture
def customer(disk: Disk) -> Iterator[Customer]:
    assert disk.server is not None
    headers = {"Authorization": f"lucca application={KEY}"}
    with Customer(httpx2.Client(base_url=disk.server.url, headers=headers, timeout=60.0)) as customer:
        yield customer


def upload(customer: Customer, size: int) -> httpx2.Response:
    """Upload something that nobody has uploaded before."""
    content = b"article;price\n" + os.urandom(size // 2).hex().encode()
    files = {"file": ("prices.csv", content, "text/csv")}
    return customer.call("POST", "/lucca-files/api/uploads", files=files)


@pytest.mark.slow
def test_on_a_full_disk_writes_are_refused_and_reads_answered_until_there_is_room(
    disk: Disk, customer: Customer
) -> None:
    server = disk.server
    assert server is not None
    assert customer.buy().status_code == 201
    assert upload(customer, 10_000).status_code == 201
    supervisor = server.pid

    disk.fill()
    assert upload(customer, 3_000_000).status_code == 503
    refused = 0
    for _ in range(400):
        refused += customer.buy().status_code != 201
        if refused == 3:
            break
    assert refused, "the database takes writes on a full disk"
    assert upload(customer, 3_000_000).status_code == 503
    kind = "a small disk in memory" if disk.is_small else "nothing may be written"
    print(f"full disk ({kind}): answers {dict(Counter(customer.told))}")  # noqa: T201  the figures of docs/proof.md
    assert list((disk.folder / "data" / "uploads").iterdir()) == []

    disk.make_room()
    wait_until(lambda: customer.buy().status_code == 201, "purchases are taken again")
    assert upload(customer, 3_000_000).status_code == 201
    assert (server.pid, server.ended) == (supervisor, False)

    ids = customer.insist()
    assert len(ids) == len(set(ids))
    verified = run([*EMPLETTE, "verify"], server.environment)
    assert verified.returncode == 0, verified.stdout


def test_a_store_with_little_room_is_told_before_it_is_full(disk: Disk, customer: Customer) -> None:
    assert disk.server is not None
    if not disk.is_small:
        return
    disk.leave_little()

    def is_told() -> bool:
        found = customer.line.get("/health/ready")
        files = found.json()["checks"].get("files", {})
        return found.status_code == 200 and files.get("status") == "warning" and "MB free" in files["detail"]

    wait_until(is_told, "there is said to be little room")
    disk.make_room()
