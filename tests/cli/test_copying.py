"""A company is copied from another server of this API: a demo here, over HTTP."""

import csv
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

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


async def test_what_cannot_be_is_said_before_anything_is_read(copy: Copy, tmp_path: Path) -> None:
    refused = await copy(url="ftp://example.test")
    assert (refused.code, len(refused.err)) == (1, 1)
    assert refused.err[0].startswith("emplette: --from-lucca: Must be an address")
    both = await copy("--into", "suppliers")
    assert both.code == 1
    assert both.err == ["emplette: --from-lucca: Stands alone: what is copied is no file, and goes into all registers."]
    key = tmp_path / "none"
    missing = await copy("--key-file", str(key))
    assert (missing.code, len(missing.err)) == (1, 1)


async def test_a_key_that_is_none_is_told_as_that(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCCA_KEY", "a-key-that-nobody-has-made")
    refused = await copy()
    assert refused.code == 1
    assert any("the same command goes on from there" in line for line in refused.err)
