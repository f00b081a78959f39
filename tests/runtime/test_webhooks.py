"""A webhook of a running server: told soon, and nothing lost or turned round when the job worker is killed."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Standard

from tests.fixtures.guide import API, PURCHASE
from tests.runtime.servers import EMPLETTE, KEY, PATIENCE, Server, demo_again, environment_of, run, wait_until

pytestmark = pytest.mark.slow

NETWORKS = "127.0.0.0/8"


class Ledger:
    """What a receiver has heard, and when; it takes its time over each message."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, dict[str, str], bytes]] = []
        self.slowness = 0.0
        self.port = 0

    def positions_by_object(self) -> dict[tuple[str, int], list[int]]:
        """List what was heard of each object, in the order in which it came."""
        found: dict[tuple[str, int], list[int]] = {}
        for _, _, body in self.heard:
            event = json.loads(body)
            found.setdefault((event["object"]["type"], event["object"]["id"]), []).append(event["position"])
        return found


@contextmanager
def listening() -> Iterator[Ledger]:
    """Lend a receiver that listens on this machine."""
    ledger = Ledger()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # Who was killed in the middle of a message has told nothing.
            ledger.heard.append((time.monotonic(), dict(self.headers), body))
            time.sleep(ledger.slowness)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ledger.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ledger
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with demo_again(webhooks_allowed_networks=NETWORKS) as running:
        yield running


def test_nothing_is_lost_or_turned_round_when_the_job_worker_is_killed_in_the_middle(demo: Server) -> None:
    environment = environment_of(demo.folder, webhooks_allowed_networks=NETWORKS)
    headers = {"Authorization": f"lucca application={KEY}"}
    with listening() as ledger, httpx2.Client(base_url=demo.url, headers=headers, timeout=PATIENCE) as client:
        url = f"http://127.0.0.1:{ledger.port}/hooks"
        words = ["webhook", "create", "--tenant", "example", "--url", url, "--object-type", "purchase"]
        made = run([*EMPLETTE, *words], environment)
        assert made.returncode == 0, made.stderr
        secret = made.stdout.strip()
        waits = []
        quickly = client.post(f"{API}/purchases", json=PURCHASE)
        wait_until(lambda: bool(ledger.heard), "the first is told")
        for count in range(2, 12):
            quickly = client.post(f"{API}/purchases", json=PURCHASE)
            began = time.monotonic()
            wait_until(lambda least=count: len(ledger.heard) >= least, "it is told")  # type: ignore[misc]
            waits.append(ledger.heard[-1][0] - began)
        print(f"told after {median(waits):.2f} s in the middle, {max(waits):.2f} s at most, of {len(waits)}")  # noqa: T201
        Standard(secret).verify(ledger.heard[0][2], ledger.heard[0][1])

        ledger.slowness = 0.3
        ids = [client.post(f"{API}/purchases", json=PURCHASE).json()["id"] for _ in range(6)]
        for number in range(5):
            for each in ids:
                body = PURCHASE | {"title": f"Version {number}"}
                assert client.put(f"{API}/purchases/{each}", json=body).status_code == 200
        before = len(ledger.heard)
        wait_until(lambda: len(ledger.heard) > before + 2, "some of it is told")
        killed, began = demo.kill("job worker"), time.monotonic()
        ledger.slowness = 0.0
        demo.wait_for_successor("job worker", killed)
        expected = {("purchase", each): 6 for each in ids} | {("purchase", quickly.json()["id"]): 1}

        def is_all_told() -> bool:
            told = {about: len(set(positions)) for about, positions in ledger.positions_by_object().items()}
            return expected.items() <= told.items()

        wait_until(is_all_told, "everything is told")
        told_of = sum(map(len, ledger.positions_by_object().values()))
        events = sum(len(set(each)) for each in ledger.positions_by_object().values())
        took = time.monotonic() - began
        print(f"killed in the middle: {events} events, {told_of - events} told twice, all after {took:.1f} s")  # noqa: T201
        for told in ledger.positions_by_object().values():
            first_heard = list(dict.fromkeys(told))
            assert first_heard == sorted(first_heard), "something of an object was told before what happened earlier"


def test_who_listens_over_http_is_told_and_what_is_told_is_counted(demo: Server) -> None:
    with httpx2.Client(base_url=demo.url, headers={"Authorization": f"lucca application={KEY}"}) as client:
        made = client.post(f"{API}/purchases", json=PURCHASE).json()["id"]
        listened = run(
            [*EMPLETTE, "listen", "--url", demo.url, "--after", "0", "--types", "purchase.created", "--count", "1"],
            environment_of(demo.folder) | {"LUCCA_KEY": KEY},
        )
        assert listened.returncode == 0, listened.stderr
        assert "  purchase.created  purchase " in listened.stdout
        waiting = [*EMPLETTE, "listen", "--url", demo.url, "--types", "purchase.created", "--count", "1", "--json"]
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(run, waiting, environment_of(demo.folder) | {"LUCCA_KEY": KEY})
            while not asked.done():
                made = client.post(f"{API}/purchases", json=PURCHASE).json()["id"]
                time.sleep(0.5)
        told = asked.result()
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["object"]["id"] <= made
        measures = client.get("/metrics").text
    assert 'emplette_webhook_attempts_total{outcome="delivered"}' in measures
    assert 'emplette_webhooks{state="webhooks"} 1.0' in measures
