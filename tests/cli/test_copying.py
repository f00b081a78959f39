"""A company is copied from another server of this API: a demo here, over HTTP."""

import csv
import json
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar, Final

import pytest

from emplette.domain.people import Tenant
from tests.cli.conftest import Said, Type
from tests.cli.events import events_of
from tests.docs.demo import KEY, RunningDemo, running_demo
from tests.fixtures.database import OwnerConnection

Copy = Callable[..., Awaitable[Said]]
COPIED: Final = ("suppliers", "natures", "cost_centers", "establishments", "legal_units", "departments", "axes")


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    """Run the other server."""
    with running_demo() as running:
        yield running


@pytest.fixture
def copy(demo: RunningDemo, emplette: Type, acme: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """Type the command that copies it into a company of its own."""
    monkeypatch.setenv("LUCCA_KEY", KEY)

    async def type_copy(*words: str, url: str = demo.url) -> Said:
        folder = ("--folder", str(tmp_path / "kept"))
        return await emplette("import", "--from-lucca", url, "--tenant", acme.account, *folder, *words)

    return type_copy


async def count(owner: OwnerConnection, acme: Tenant, table: str) -> int:
    """Count what the company has."""
    found: int = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", acme.id)  # noqa: S608
    return found


def left_out(folder: Path) -> list[dict[str, str]]:
    """Read the report."""
    with (folder / "left-out.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


async def test_a_company_comes_along_with_its_ids_and_only_once(
    copy: Copy, demo: RunningDemo, owner: OwnerConnection, acme: Tenant, tmp_path: Path
) -> None:
    tried = await copy("--dry-run")
    assert tried.code == 0, tried.err
    assert all([await count(owner, acme, table) == 0 for table in (*COPIED, "purchases")])
    expected = left_out(tmp_path / "kept")

    done = await copy()
    assert done.code == 0, done.err
    amazon = await owner.fetchrow("SELECT * FROM suppliers WHERE tenant_id = $1 AND supplier_id = 6", acme.id)
    assert amazon is not None
    assert amazon["name"] == "Amazon"
    people = "SELECT last_name, manager_id, department_id FROM users WHERE tenant_id = $1 AND user_id = 35"
    buyer = await owner.fetchrow(people, acme.id)
    assert buyer is not None
    assert buyer["department_id"] == 14
    purchases = await owner.fetch("SELECT state, owner_id FROM purchases WHERE tenant_id = $1", acme.id)
    assert {row["state"] for row in purchases} == {"Created"}

    offered = "SELECT p.purchase_id, c.state FROM purchases p JOIN commitments c USING (tenant_id, commitment_id)"
    commitments = await owner.fetch(f"{offered} WHERE p.tenant_id = $1", acme.id)
    assert {row["state"] for row in commitments} == {"Created"}
    assert await count(owner, acme, "cost_families") > 0

    report = left_out(tmp_path / "kept")
    assert [line for line in report if line["field"] != "attachments"] == expected
    decided = [line for line in report if line["what"] == "purchases" and line["field"] == "state"]
    assert decided
    assert not any("Created" in line["why"] for line in decided)
    events = await events_of(owner, acme.id)
    assert {event.type for event in events} >= {"import.written", "purchase.created", "supplier.created"}
    told = await owner.fetch("SELECT facts FROM events WHERE tenant_id = $1 AND type = 'import.written'", acme.id)
    assert {json.loads(row["facts"])["import"]["source"] for row in told} == {demo.url}

    before = {table: await count(owner, acme, table) for table in (*COPIED, "purchases", "events")}
    again = await copy()
    assert again.code == 0, again.err
    assert {table: await count(owner, acme, table) for table in before} == before
    assert any("0 new, 0 changed" in line for line in again.err)


async def test_a_copy_goes_on_where_it_was_interrupted(
    copy: Copy, owner: OwnerConnection, acme: Tenant, tmp_path: Path
) -> None:
    assert (await copy("--dry-run")).code == 0
    kept = tmp_path / "kept" / "suppliers.jsonl"
    lines = kept.read_bytes().splitlines(keepends=True)
    # As if it had been killed after a page that was not yet noted: what it had begun to write is read again.
    kept.write_bytes(b"".join(lines) + b'{"id": 99999, "na')
    (tmp_path / "kept" / "suppliers.cursor").unlink()
    purchases = (tmp_path / "kept" / "purchases.jsonl").read_bytes()
    done = await copy()
    assert done.code == 0, done.err
    assert await count(owner, acme, "suppliers") == len(lines)
    assert purchases
    assert not kept.exists()


async def test_a_place_that_the_server_no_longer_knows_is_read_from_the_beginning(
    copy: Copy, owner: OwnerConnection, acme: Tenant, tmp_path: Path
) -> None:
    assert (await copy("--dry-run")).code == 0
    kept = tmp_path / "kept"
    lines = len((kept / "suppliers.jsonl").read_bytes().splitlines())
    (kept / "suppliers.cursor").write_text('{"kept": 0, "next": "no-token-of-this-server"}')
    done = await copy()
    assert done.code == 0, done.err
    assert await count(owner, acme, "suppliers") == lines


class _Other(BaseHTTPRequestHandler):
    """A server that has two lists, and says in them what ours would not."""

    lists: ClassVar = {
        "/cleemy-procurement/api/suppliers": [
            {"id": 9, "name": "Alone", "territory": {"id": "FR"}, "colour": "red", "preferredNature": {"id": 4}},
            {"id": 10, "name": "Nowhere", "territory": {"id": "??"}},
        ],
        "/cleemy-procurement/api/natures": [{"id": 4, "name": "Travel", "state": "Unheard"}],
    }

    def do_GET(self) -> None:
        """Answer one page, or that there is no such thing."""
        items = self.lists.get(self.path.partition("?")[0])
        body = json.dumps({"status": 404, "title": "Gone"} if items is None else {"items": items}).encode()
        self.send_response(404 if items is None else 200)
        self.send_header("Content-Type", "application/problem+json" if items is None else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def other() -> Iterator[str]:
    """Run it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


async def test_a_server_that_has_few_lists_is_copied_as_far_as_it_goes(
    copy: Copy, other: str, owner: OwnerConnection, acme: Tenant, tmp_path: Path
) -> None:
    done = await copy(url=other)
    assert done.code == 0, done.err
    suppliers = "SELECT supplier_id, name, preferred_nature_id FROM suppliers WHERE tenant_id = $1"
    assert [tuple(row) for row in await owner.fetch(suppliers, acme.id)] == [(9, "Alone", 4)]
    report = {(line["what"], line["id"], line["field"]) for line in left_out(tmp_path / "kept")}
    assert {("suppliers", "10", "territoryId"), ("natures", "4", "state"), ("people", "0", "")} <= report
    assert ("purchases", "0", "") in report


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("ftp://example.test", "key"),
        ("https://[example.test", "key"),
        ("https://somebody:secret@example.test", "key"),
        ("https://example.test", "no key at all"),
    ],
)
async def test_an_address_or_a_key_that_cannot_be_is_named_in_one_line(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, url: str, key: str
) -> None:
    monkeypatch.setenv("LUCCA_KEY", key)
    refused = await copy(url=url)
    assert (refused.code, len(refused.err)) == (1, 1)
    assert refused.err[0].startswith("emplette: --from-lucca: ")
    assert "secret" not in refused.err[0]


async def test_what_cannot_be_is_said_before_anything_is_read(copy: Copy, tmp_path: Path) -> None:
    both = await copy("--into", "suppliers")
    assert both.code == 2
    assert "Stands alone" in " ".join(both.err)
    key = tmp_path / "none"
    missing = await copy("--key-file", str(key))
    assert (missing.code, len(missing.err)) == (1, 1)


async def test_a_key_that_is_none_is_told_as_that(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCCA_KEY", "a-key-that-nobody-has-made")
    refused = await copy()
    assert refused.code == 1
    assert any("the same command goes on from there" in line for line in refused.err)
