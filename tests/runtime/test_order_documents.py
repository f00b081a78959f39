"""Documents of orders made by a real server: whatever is killed meanwhile, there is the whole document or none."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from emplette.formats.order_documents import TEMPLATE
from emplette.formats.press import TEMPLATES
from tests.fixtures.guide import API, ONE_TIME, PURCHASE
from tests.runtime.servers import (
    Server,
    alive,
    descendants,
    wait_until,
)

pytestmark = pytest.mark.slow

ENDLESS = "#for i in range(1000000000) { let x = calc.pow(i, 2) }"


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def template(demo: Server) -> Iterator[Path]:
    """Put a template there that takes for ever; whoever removes it gets ours."""
    path = demo.folder / TEMPLATES / TEMPLATE
    path.parent.mkdir(exist_ok=True)
    path.write_text(ENDLESS, encoding="utf-8")
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def pdf(caller: httpx2.Client) -> str:
    """Lend the place of the document of an order."""
    purchase = caller.post(f"{API}/purchases", json=PURCHASE).json()["id"]
    commitment = caller.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": purchase}).json()["id"]
    order = caller.post(f"{API}/commitments/{commitment}/requests").json()["order"]["href"]
    return f"{order}/pdf"


def making(demo: Server) -> set[int]:
    """Find the children of the worker."""
    worker = demo.processes()["worker 1"]
    return descendants(worker) - {worker}


def stored(demo: Server) -> set[Path]:
    """List the documents in the store, and the notes of what is on its way."""
    documents = {path for path in (demo.folder / "files").rglob("*") if path.is_file() and "orders" in path.parts}
    return documents | set((demo.folder / "uploads").glob("*"))


def begin(demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor, pdf: str) -> "Future[httpx2.Response]":
    """Ask for a document that takes for ever, and wait until somebody is at it."""
    asked = beside.submit(caller.get, pdf)
    wait_until(lambda: making(demo), "somebody makes it")
    return asked


def test_a_child_that_is_killed_leaves_nothing_and_the_next_call_makes_the_document(
    demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor, template: Path, pdf: str
) -> None:
    before = stored(demo)
    asked = begin(demo, caller, beside, pdf)
    for child in making(demo):
        os.kill(child, signal.SIGKILL)
    assert asked.result().status_code == 503
    assert stored(demo) == before
    template.unlink()
    first = caller.get(pdf)
    assert (first.status_code, first.content[:5]) == (200, b"%PDF-")
    assert caller.get(pdf).content == first.content


def test_a_worker_that_is_killed_takes_its_child_with_it_and_the_next_call_makes_the_document(
    demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor, template: Path, pdf: str
) -> None:
    before = stored(demo)
    asked = begin(demo, caller, beside, pdf)
    children = making(demo)
    killed = demo.kill("worker 1")
    with pytest.raises(httpx2.TransportError):
        asked.result()
    wait_until(lambda: not alive(children), "its child is gone")
    demo.wait_for_successor("worker 1", of=killed)
    assert stored(demo) == before
    template.unlink()
    first = caller.get(pdf)
    assert (first.status_code, first.content[:5]) == (200, b"%PDF-")
