"""What happens is told by a running server, soon and by every worker, and its log can be checked meanwhile."""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from emplette.runtime.exits import Exit
from tests.fixtures.guide import API, PURCHASE
from tests.runtime.servers import EMPLETTE, KEY, PATIENCE, Server, demo_again, environment_of, run, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    """Run a demo of two workers in a folder of its own."""
    with demo_again() as running:
        yield running


def end_of(caller: httpx2.Client) -> str:
    """Make a purchase, and read the log until it tells of it and ends; say where that is."""
    number = caller.post(f"{API}/purchases", json=PURCHASE).json()["id"]
    after, told = "0", False

    def is_read() -> bool:
        nonlocal after, told
        page = caller.get(f"{API}/events", params={"after": after}).json()
        after, told = page["next"], told or any(item["object"]["id"] == number for item in page["items"])
        return told and not page["hasMore"]

    wait_until(is_read, "the log tells of all that happened")
    return after


def test_whoever_waits_is_told_wherever_it_happens(caller: httpx2.Client) -> None:
    with ThreadPoolExecutor() as pool:
        params = {"after": end_of(caller), "wait": "30", "type": "purchase.created"}
        waiting = [pool.submit(caller.get, f"{API}/events", params=params) for _ in range(8)]
        time.sleep(0.2)
        made = caller.post(f"{API}/purchases", json=PURCHASE).json()
        answers = [each.result() for each in waiting]
    assert [[item["object"]["id"] for item in answer.json()["items"]] for answer in answers] == [[made["id"]]] * 8


def test_whoever_waits_is_answered_when_the_server_stops() -> None:
    with demo_again(workers=1) as stopping, ThreadPoolExecutor() as pool:
        headers = {"Authorization": f"lucca application={KEY}"}
        with httpx2.Client(base_url=stopping.url, headers=headers, timeout=PATIENCE) as caller:
            after = end_of(caller)
            waiting = pool.submit(caller.get, f"{API}/events", params={"after": after, "wait": "30"})
            time.sleep(0.5)
            stopping.signal(signal.SIGTERM)
            answer = waiting.result()
            page = answer.json()
        assert (answer.status_code, page["items"], page["next"]) == (200, [], after)
        assert stopping.wait() == Exit.STOPPED
        assert "did not finish" not in stopping.log


def test_the_log_goes_on_after_the_job_worker_was_killed(demo: Server, caller: httpx2.Client) -> None:
    after = end_of(caller)
    killed = demo.kill("job worker")
    made = caller.post(f"{API}/purchases", json=PURCHASE).json()
    demo.wait_for_successor("job worker", killed)
    page = caller.get(f"{API}/events", params={"after": after, "wait": "30"}).json()
    assert [item["object"]["id"] for item in page["items"]] == [made["id"]]


def test_a_log_is_checked_beside_its_server(demo: Server, caller: httpx2.Client, tmp_path: Path) -> None:
    assert caller.post(f"{API}/purchases", json=PURCHASE).status_code == 201
    environment = environment_of(demo.folder)
    checkpoint = run([*EMPLETTE, "checkpoint"], environment)
    assert checkpoint.returncode == 0, checkpoint.stderr
    assert json.loads(checkpoint.stdout)["account"] == "example"
    kept = tmp_path / "kept.json"
    kept.write_text(checkpoint.stdout, "utf-8")
    checked = run([*EMPLETTE, "verify", "--checkpoint", str(kept)], environment)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.startswith("example: good: ")
