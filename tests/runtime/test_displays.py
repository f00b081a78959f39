"""Pages drawn by a real server: what draws them is killed, alone or with its worker, and nobody else notices."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx2
import pytest

from tests.fixtures import made_files
from tests.fixtures.guide import API
from tests.runtime.servers import (
    Server,
    alive,
    descendants,
    wait_until,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def upload(caller: httpx2.Client, content: bytes) -> str:
    uploaded = caller.post("/lucca-files/api/uploads", files={"file": ("paper.pdf", content)})
    assert uploaded.status_code == 201, uploaded.text
    return f"{API}/files/{uploaded.json()['id']}/display/pages/1"


def first_page(caller: httpx2.Client, content: bytes) -> httpx2.Response:
    return caller.get(upload(caller, content))


def at_work(demo: Server) -> set[int]:
    """Find the children of the worker: one counts pages, one draws them."""
    worker = demo.processes()["worker 1"]
    return descendants(worker) - {worker}


def begin(demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor) -> "Future[httpx2.Response]":
    """Have a page drawn that takes for ever, and wait until both are at work."""
    asked = beside.submit(caller.get, upload(caller, made_files.bomb_pdf()))
    wait_until(lambda: len(at_work(demo)) > 1, "somebody draws")
    return asked


@pytest.mark.long
def test_a_child_that_is_killed_costs_its_page_and_nothing_else(
    demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor
) -> None:
    page = upload(caller, made_files.pdf())
    counting = at_work(demo)
    assert caller.get(page).status_code == 200
    (child,) = at_work(demo) - counting
    asked = begin(demo, caller, beside)
    os.kill(child, signal.SIGKILL)
    assert caller.get(f"{API}/purchases?limit=1").status_code == 200, "others are answered meanwhile"
    answer = asked.result()
    assert (answer.status_code, answer.json()["code"]) == (409, "file.not_drawable")
    assert child not in at_work(demo)
    assert first_page(caller, made_files.pdf(2)).status_code == 200


def test_a_worker_that_is_killed_takes_its_child_with_it(
    demo: Server, caller: httpx2.Client, beside: ThreadPoolExecutor
) -> None:
    asked = begin(demo, caller, beside)
    children = at_work(demo)
    killed = demo.kill("worker 1")
    with pytest.raises(httpx2.HTTPError):
        asked.result()
    wait_until(lambda: not alive(children), "the child is gone", 5)
    demo.wait_for_successor("worker 1", of=killed)
    assert first_page(caller, made_files.pdf(3)).status_code == 200
