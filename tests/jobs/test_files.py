"""Sweeping files: what nobody used goes, what is used stays, and nothing that a row needs is ever removed."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from emplette.jobs.files import Sweeper
from emplette.storage import files as storage
from emplette.storage.database import Database, Session
from emplette.storage.folder import Folder
from emplette.storage.spool import Spool
from emplette.storage.stores import ORDERS, new_place
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_commitment, make_purchase, make_request

CSV = b"article;price\nchair;120\n"
DAY = timedelta(days=1)


def tomorrow() -> datetime:
    return datetime.now(UTC) + DAY + timedelta(minutes=1)


@pytest.fixture
def sweeper(data_dir: Path) -> Sweeper:
    return Sweeper(Folder(data_dir / "files"), Spool(data_dir / "uploads"))


@pytest.fixture
def db(database: Database) -> Session:
    return database.session()


async def upload(caller: httpx2.AsyncClient, content: bytes = CSV) -> str:
    answer = await caller.post("/lucca-files/api/uploads", files={"file": ("prices.csv", content)})
    assert answer.status_code == 201, answer.text
    file_id: str = answer.json()["id"]
    return file_id


async def read(caller: httpx2.AsyncClient, file_id: str) -> int:
    return (await caller.get(f"{API}/files/{file_id}")).status_code


def stored(data_dir: Path, company: Company) -> int:
    return sum(path.is_file() for path in (data_dir / "files" / str(company.tenant_id)).rglob("*"))


def notes(data_dir: Path, company: Company) -> list[str]:
    return [path.name for path in (data_dir / "uploads").iterdir() if path.name.startswith(f"{company.tenant_id}@")]


def made_old(path: Path) -> None:
    """Make a file look as if nobody had touched it for more than a day."""
    then = time.time() - DAY.total_seconds() - 60
    os.utime(path, (then, then))


async def test_an_upload_that_nobody_used_for_a_day_is_removed_with_its_bytes(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    file_id = await upload(client)
    await sweeper.sweep_unused(db, datetime.now(UTC) + DAY - timedelta(minutes=1))
    assert await read(client, file_id) == 200
    assert await sweeper.sweep_unused(db, tomorrow()) >= 1
    assert await read(client, file_id) == 404
    assert (stored(data_dir, company), notes(data_dir, company)) == (0, [])
    assert await company.owner.fetchval("SELECT count(*) FROM blobs WHERE tenant_id = $1", company.tenant_id) == 0


async def test_what_was_used_once_is_never_removed(sweeper: Sweeper, db: Session, client: httpx2.AsyncClient) -> None:
    hangs, number, dropped = [await upload(client, CSV + b"%d\n" % n) for n in range(3)]
    assert (await client.post(f"{API}/attachments", json={"fileId": number})).status_code == 201
    made = await make_purchase(client)
    commitment = await make_commitment(client, made["id"], attachmentIds=[hangs, dropped])
    body = {name: commitment[name] for name in ("type", "costDate")}
    amount = {"excludingTaxes": {"value": 120, "currency": "EUR"}}
    revised = body | {"amountIncludingTaxes": amount, "attachmentIds": [hangs]}
    assert (await client.put(f"{API}/commitments/{commitment['id']}", json=revised)).status_code == 200
    await sweeper.sweep_unused(db, tomorrow())
    assert [await read(client, one) for one in (hangs, number, dropped)] == [200, 200, 200]


async def test_bytes_stay_as_long_as_another_file_needs_them(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    used, unused = await upload(client), await upload(client)
    assert (await client.post(f"{API}/attachments", json={"fileId": used})).status_code == 201
    await sweeper.sweep_unused(db, tomorrow())
    assert (await read(client, used), await read(client, unused)) == (200, 404)
    assert stored(data_dir, company) == 1


async def test_two_files_of_the_same_bytes_go_together(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    for _ in range(2):
        await upload(client)
    await sweeper.sweep_unused(db, tomorrow())
    assert (stored(data_dir, company), notes(data_dir, company)) == (0, [])


async def test_what_was_swept_can_be_uploaded_again(sweeper: Sweeper, db: Session, client: httpx2.AsyncClient) -> None:
    await upload(client)
    await sweeper.sweep_unused(db, tomorrow())
    assert await read(client, await upload(client)) == 200


# Races -------------------------------------------------------------------------------------------------------


Wrap = Callable[[str, Callable[[], Awaitable[object]]], None]


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Wrap:
    """Let something happen once, right before a function of the storage of files is called."""

    def wrap(name: str, happen: Callable[[], Awaitable[object]]) -> None:
        wrapped, waiting = getattr(storage, name), [happen]

        async def do(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            if waiting:
                await waiting.pop()()
            return await wrapped(*arguments, **named)

        monkeypatch.setattr(storage, name, do)

    return wrap


async def test_an_upload_that_counted_on_bytes_which_are_swept_meanwhile_stores_them_anew(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path, before: Wrap
) -> None:
    await upload(client)
    before("keep", lambda: sweeper.sweep_unused(db, tomorrow()))
    file_id = await upload(client)
    assert (await client.get(f"{API}/files/{file_id}")).content == CSV
    assert (stored(data_dir, company), notes(data_dir, company)) == (1, [])


async def test_bytes_that_are_uploaded_again_while_they_are_swept_stay(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path, before: Wrap
) -> None:
    await upload(client)
    again: list[str] = []

    async def once_more() -> None:
        again.append(await upload(client))

    before("sweep", once_more)
    await sweeper.sweep_unused(db, tomorrow())
    assert (await client.get(f"{API}/files/{again[0]}")).content == CSV
    assert (stored(data_dir, company), notes(data_dir, company)) == (1, [])


async def test_a_file_that_is_used_while_it_is_swept_stays(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, before: Wrap
) -> None:
    file_id = await upload(client)

    async def use() -> None:
        assert (await client.post(f"{API}/attachments", json={"fileId": file_id})).status_code == 201

    before("sweep", use)
    await sweeper.sweep_unused(db, tomorrow())
    assert await read(client, file_id) == 200


async def test_uploads_and_sweeps_of_the_same_bytes_at_once_never_lose_any(
    sweeper: Sweeper, database: Database, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    done = asyncio.Event()

    async def sweep_on() -> None:
        # From the future, so that whatever is there may go at once.
        while not done.is_set():
            await sweeper.sweep_unused(database.session(), tomorrow())

    async def upload_and_use(number: int) -> str | None:
        file_id = await upload(client)
        used = await client.post(f"{API}/attachments", json={"fileId": file_id})
        # What the sweep was faster with is not there for anybody; all else stays.
        assert used.status_code in {201, 400, 409}, (number, used.text)
        return file_id if used.status_code == 201 else None

    sweeping = asyncio.create_task(sweep_on())
    used = [one for _ in range(6) for one in await asyncio.gather(*map(upload_and_use, range(8)))]
    done.set()
    await sweeping
    await sweeper.sweep_unused(database.session(), tomorrow())
    kept = [one for one in used if one is not None]
    for file_id in kept:
        assert (await client.get(f"{API}/files/{file_id}")).content == CSV
    assert stored(data_dir, company) == bool(kept)
    assert notes(data_dir, company) == []


# What killed processes left -------------------------------------------------------------------------------------


async def test_what_a_killed_upload_had_received_is_removed_after_a_day(sweeper: Sweeper, db: Session) -> None:
    old, young = sweeper.spool.new(), sweeper.spool.new()
    made_old(old)
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


async def test_bytes_that_were_stored_without_a_row_are_removed_after_a_day(
    sweeper: Sweeper, db: Session, company: Company, data_dir: Path
) -> None:
    place = new_place(b"\1" * 32)
    note = sweeper.spool.note(company.tenant_id, place)
    await sweeper.store.put_bytes(company.tenant_id, place, b"half an upload")
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert stored(data_dir, company) == 1
    made_old(note.path)
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert (stored(data_dir, company), notes(data_dir, company)) == (0, [])


async def test_bytes_with_a_row_stay_when_only_the_note_of_them_was_left(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    file_id = await upload(client)
    place = await company.owner.fetchval("SELECT place FROM blobs WHERE tenant_id = $1", company.tenant_id)
    made_old(sweeper.spool.note(company.tenant_id, place).path)
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert await read(client, file_id) == 200
    assert notes(data_dir, company) == []


async def test_bytes_whose_row_was_removed_are_removed_when_the_sweep_was_killed_in_between(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    class Killed(Folder):
        async def remove(self, tenant: int, place: str) -> None:
            raise KeyboardInterrupt(f"{tenant} {place}")

    await sweeper.sweep_unused(db, tomorrow())
    await upload(client)
    with pytest.raises(KeyboardInterrupt):
        await replace(sweeper, store=Killed(data_dir / "files")).sweep_unused(db, tomorrow())
    assert (stored(data_dir, company), len(notes(data_dir, company))) == (1, 1)
    made_old(data_dir / "uploads" / notes(data_dir, company)[0])
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert (stored(data_dir, company), notes(data_dir, company)) == (0, [])


async def test_the_document_of_an_order_stays_and_what_became_none_goes(
    sweeper: Sweeper, db: Session, client: httpx2.AsyncClient, company: Company, data_dir: Path
) -> None:
    order = (await make_request(client))["order"]
    document = await client.get(f"{API}/orders/{order['id']}/pdf")
    assert document.status_code == 200
    kept = await company.owner.fetchval("SELECT place FROM order_documents WHERE tenant_id = $1", company.tenant_id)
    nobodys = new_place(b"\1" * 32, above=ORDERS)
    await sweeper.store.put_bytes(company.tenant_id, nobodys, b"half a document")
    for place in (kept, nobodys):
        made_old(sweeper.spool.note(company.tenant_id, place).path)
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert (stored(data_dir, company), notes(data_dir, company)) == (1, [])
    assert (await client.get(f"{API}/orders/{order['id']}/pdf")).content == document.content


async def test_what_nobody_knows_is_left_alone(sweeper: Sweeper, db: Session, company: Company, data_dir: Path) -> None:
    note = sweeper.spool.note(company.tenant_id, "elsewhere/aa/bb/name")
    made_old(note.path)
    await sweeper.sweep_left(db, datetime.now(UTC))
    assert len(notes(data_dir, company)) == 1
    note.forget()


async def test_where_nothing_ever_arrived_there_is_nothing_to_do(db: Session, tmp_path: Path) -> None:
    sweeper = Sweeper(Folder(tmp_path / "files"), Spool(tmp_path / "uploads"))
    assert await sweeper.sweep_left(db, datetime.now(UTC)) == 0
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
