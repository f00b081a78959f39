"""A running shop that is backed up, and what the tests do with it: buy, upload, type commands."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
from typer.testing import CliRunner, Result

from emplette.cli.main import app
from tests.fixtures.guide import API, PURCHASE
from tests.runtime.servers import EMPLETTE, KEY, PATIENCE, Server, begin_with_a_demo, environment_of, served

UPLOADS = "/lucca-files/api/uploads"


@dataclass(frozen=True, slots=True)
class Shop:
    """A demo of one worker, and the depot of its back-ups."""

    server: Server
    depot: Path
    environment: dict[str, str]

    def client(self) -> httpx2.Client:
        """Lend somebody who calls."""
        return httpx2.Client(base_url=self.server.url, headers=self.headers, timeout=PATIENCE)

    @property
    def headers(self) -> dict[str, str]:
        """Say who calls; a restored shop knows the same key."""
        return {"Authorization": f"lucca application={KEY}"}

    def buy(self, title: str) -> int:
        """Make a purchase; answer its number once that is acknowledged."""
        with self.client() as client:
            return buy(client, title)

    def upload(self, content: bytes) -> str:
        """Upload a file; answer its id."""
        with self.client() as client:
            answer = client.post(UPLOADS, files={"file": ("prices.csv", content)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def type(self, *words: str, **settings: object) -> "subprocess.CompletedProcess[str]":
        """Type a command as who runs the server."""
        return type_command(self.environment, *words, **settings)

    def type_here(self, *words: str, **settings: object) -> Result:
        """Type a command that is refused: it needs no program of its own."""
        named = {f"EMPLETTE_{name.upper()}": str(value) for name, value in settings.items()}
        return CliRunner().invoke(app, words, env=self.environment | named)

    def back_up(self, *words: str) -> dict[str, Any]:
        """Make a back-up; answer what is told of it."""
        done = self.type("backup", "--json", *words)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def manifest(self, name: str) -> dict[str, Any]:
        """Read the manifest of a back-up."""
        read: dict[str, Any] = json.loads((self.depot / name / "manifest.json").read_bytes())
        return read


def type_command(environment: dict[str, str], *words: str, **settings: object) -> "subprocess.CompletedProcess[str]":
    """Type a command to its end."""
    named = {f"EMPLETTE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [*EMPLETTE, *words], env=environment | named, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@contextmanager
def opened(folder: Path, *, log_archive: bool = False) -> Iterator[Shop]:
    """Run a shop in a folder, and archive its database's log or not."""
    depot = folder / "depot"
    command, data = [*EMPLETTE, "demo"], folder / "data"
    begin_with_a_demo(data)
    settings = environment_of(data, demo_key=KEY, workers=1, backup_to=depot, log_archive=log_archive)
    with served(data, command=command, demo_key=KEY, workers=1, backup_to=depot, log_archive=log_archive) as server:
        yield Shop(server, depot, settings)


def buy(client: httpx2.Client, title: str) -> int:
    """Make a purchase."""
    answer = client.post(f"{API}/purchases", json=PURCHASE | {"title": title})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def titles(client: httpx2.Client) -> dict[int, str]:
    """Read what purchases there are."""
    found: dict[int, str] = {}
    for page in count(1):
        items = client.get(f"{API}/purchases", params={"limit": 100, "page": page}).json()["items"]
        found |= {one["id"]: one["title"] for one in items}
        if len(items) < 100:
            break
    return found


@contextmanager
def buyers_meanwhile(shop: Shop) -> Iterator[list[int]]:
    """Have people buy all the time; the numbers of the purchases that were acknowledged, as they come."""
    bought: list[int] = []
    over = Event()

    def keep_buying() -> None:
        with shop.client() as client:
            while not over.is_set():
                bought.append(buy(client, "Bought meanwhile"))

    with ThreadPoolExecutor() as threads:
        buying = [threads.submit(keep_buying) for _ in range(3)]
        try:
            yield bought
        finally:
            over.set()
            for one in buying:
                one.result()
