"""Making the document of an order: broken, slow or killed on the way, there is the whole document or none."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.formats import press as printing
from emplette.formats.press import TEMPLATES, Made, Press
from emplette.storage.stores import ORDERS
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import make_request
from tests.fixtures.problems import refused
from tests.fixtures.programs import program

ENDLESS = "#for i in range(1000000000) { let x = calc.pow(i, 2) }"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Lend a data folder with a place for templates."""
    (tmp_path / TEMPLATES).mkdir()
    return tmp_path


@asynccontextmanager
async def serving(migrated: Urls, data: Path, *, patience: float = 60.0) -> AsyncIterator[Router]:
    """Run one worker in this process."""
    async with program(migrated.serving, pool_size=10, data_dir=data, request_timeout=patience) as made:
        yield made


@pytest_asyncio.fixture
async def worker(migrated: Urls, data: Path) -> AsyncIterator[Router]:
    """Lend an application of its own."""
    async with serving(migrated, data) as made:
        yield made


@pytest_asyncio.fixture
async def there(worker: Router, owner: OwnerConnection) -> Company:
    """Found a company that it serves."""
    return await found_company(worker, owner)


@pytest_asyncio.fixture
async def buyer(there: Company) -> AsyncIterator[httpx2.AsyncClient]:
    """Lend a caller whose requests are approved at once."""
    async with await there.caller() as caller:
        yield caller


@pytest_asyncio.fixture
async def pdf(buyer: httpx2.AsyncClient) -> str:
    """Lend the place of the document of an order."""
    return f"{(await make_request(buyer))['order']['href']}/pdf"


def press_of(app: Router) -> Press:
    """Find where an application makes documents."""
    contract: Any = app.default._contract  # type: ignore[attr-defined]
    press: Press = contract._gate._shelf.press
    return press


async def pid_of(press: Press) -> int:
    """Wait until a child is at work; tell which."""
    for _ in range(500):
        await asyncio.sleep(0.02)
        if press.pid is not None:
            return press.pid
    raise AssertionError


def stored(data: Path) -> list[Path]:
    """List the documents in the store."""
    return [path for path in (data / "files").rglob("*") if path.is_file() and ORDERS in path.parts]


async def rows_of(there: Company) -> list[bytes]:
    rows = await there.owner.fetch("SELECT sha256 FROM order_documents WHERE tenant_id = $1", there.tenant_id)
    return [row["sha256"] for row in rows]


async def test_a_broken_template_says_what_is_wrong_and_the_order_stays(
    buyer: httpx2.AsyncClient, there: Company, pdf: str, data: Path
) -> None:
    template = data / TEMPLATES / "order.typ"
    template.write_text("Bonjour\n#inconnu", encoding="utf-8")
    problem = refused(await buyer.get(pdf), 503, "order.template_broken")
    assert problem["detail"] == "order.typ:2:1: unknown variable: inconnu"
    assert (await buyer.get(pdf.removesuffix("/pdf"))).status_code == 200
    assert (await rows_of(there), stored(data)) == ([], [])
    template.unlink()
    answer = await buyer.get(pdf)
    assert answer.status_code == 200
    assert await rows_of(there) == [hashlib.sha256(answer.content).digest()]


async def test_a_document_that_was_made_stays_when_the_template_changes(
    buyer: httpx2.AsyncClient, pdf: str, data: Path
) -> None:
    first = await buyer.get(pdf)
    (data / TEMPLATES / "order.typ").write_text("Another", encoding="utf-8")
    assert (await buyer.get(pdf)).content == first.content


async def test_a_call_that_waits_too_long_ends_and_the_work_goes_on(
    buyer: httpx2.AsyncClient, there: Company, pdf: str, data: Path, migrated: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, go = Press.make, asyncio.Event()

    async def slowly(self: Press, *arguments: Any, **named: Any) -> Made:  # noqa: ANN401  as it takes them
        await go.wait()
        return await make(self, *arguments, **named)

    monkeypatch.setattr(Press, "make", slowly)
    async with serving(migrated, data, patience=0.5) as hasty:
        contract: Any = hasty.default._contract  # type: ignore[attr-defined]
        making = contract._gate._shelf.making
        async with await replace(there, app=hasty).caller() as neighbour:
            while not making:
                waiting = await neighbour.get(pdf)
                refused(waiting, 503, "unavailable")
                assert int(waiting.headers["retry-after"]) >= 1
        assert await rows_of(there) == []
        go.set()
        await asyncio.gather(*making.values())
    (digest,) = await rows_of(there)
    assert hashlib.sha256((await buyer.get(pdf)).content).digest() == digest


async def test_a_template_that_never_ends_is_ended(
    there: Company, data: Path, migrated: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_SECONDS", 1)
    (data / TEMPLATES / "order.typ").write_text(ENDLESS, encoding="utf-8")
    async with serving(migrated, data) as hasty, await replace(there, app=hasty).caller() as buyer:
        order = (await make_request(buyer))["order"]["href"]
        problem = refused(await buyer.get(f"{order}/pdf"), 503, "order.template_broken")
    assert "too long or too much memory" in problem["detail"]
    assert await rows_of(there) == []


async def test_a_killed_child_leaves_nothing_and_the_next_call_makes_it(
    buyer: httpx2.AsyncClient, there: Company, worker: Router, pdf: str, data: Path
) -> None:
    template = data / TEMPLATES / "order.typ"
    template.write_text(ENDLESS, encoding="utf-8")
    call = asyncio.create_task(buyer.get(pdf))
    os.kill(await pid_of(press_of(worker)), signal.SIGKILL)
    refused(await call, 503)
    contract: Any = worker.default._contract  # type: ignore[attr-defined]
    await asyncio.gather(*contract._gate._shelf.making.values(), return_exceptions=True)
    assert (await rows_of(there), stored(data)) == ([], [])
    template.unlink()
    answer = await buyer.get(pdf)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


async def test_whoever_comes_second_serves_what_the_first_made_and_leaves_no_bytes(
    buyer: httpx2.AsyncClient, there: Company, pdf: str, data: Path, migrated: Urls
) -> None:
    async with serving(migrated, data) as other, await replace(there, app=other).caller() as neighbour:
        answers = await asyncio.gather(*(one.get(pdf) for one in (buyer, neighbour) * 3))
    assert {answer.status_code for answer in answers} == {200}
    (content,) = {answer.content for answer in answers}
    assert [path.read_bytes() for path in stored(data)] == [content]
    assert list((data / "uploads").glob("*")) == [], "no note is left of what came to its end"


async def test_what_a_worker_that_ended_left_in_the_store_is_noted_and_no_row_says_so(
    buyer: httpx2.AsyncClient, there: Company, pdf: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def end(*_: object, **__: object) -> bool:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("emplette.storage.order_documents.keep", end)
        refused(await buyer.get(pdf), 500)
    assert await rows_of(there) == []
    (left,) = stored(data)
    (note,) = (data / "uploads").glob("*")
    assert left.name in note.name, "the job worker finds what was left by its note"
    assert (await buyer.get(pdf)).status_code == 200
