"""A customer who says everything under a key, remembers what was answered, and says it again until it is done."""

import itertools
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx2

from tests.fixtures.guide import API, PURCHASE
from tests.runtime.servers import wait_until

REFUSED: Final = {503: "unavailable", 504: "outcome.unknown"}
CREATED: Final = 201
_SLACK_S: Final = 30.0
"""Seconds after which a call was left hanging: two are allowed, and a loaded machine adds its own."""
_KEYS = itertools.count(1)


@dataclass
class Customer:
    """Calls one server; ``said`` are the keys under which a purchase was asked for, and ``told`` its answers."""

    line: httpx2.Client
    said: list[str] = field(default_factory=list)
    told: list[int] = field(default_factory=list)

    def buy(self, key: str | None = None) -> httpx2.Response:
        """Ask for a purchase once, and expect of a refusal that it says when to come back and what is known."""
        if key is None:
            key = f"trouble-{next(_KEYS)}"
            self.said.append(key)
        return self.call("POST", f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": key})

    def call(self, method: str, path: str, **how: Any) -> httpx2.Response:  # noqa: ANN401  what httpx2 takes
        """Make a call that may be refused in time of trouble, and then only as is promised."""
        began = time.monotonic()
        answer = self.line.request(method, path, **how)
        self.told.append(answer.status_code)
        assert time.monotonic() - began < _SLACK_S, f"{answer.status_code} after {time.monotonic() - began:.1f} s"
        if answer.is_server_error:
            assert answer.status_code in REFUSED, answer.text
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert answer.json()["code"] == REFUSED[answer.status_code]
            assert int(answer.headers["Retry-After"]) > 0
        return answer

    def buy_at_once(self, count: int) -> list[int]:
        """Ask for so many purchases at the same moment; answer the statuses."""
        with ThreadPoolExecutor(count) as threads:
            return [answer.status_code for answer in threads.map(lambda _: self.buy(), range(count))]

    def wait_until_served(self, within: float = 60.0) -> None:
        """Go on calling until the server says that it is ready and serves again, by itself."""
        began = time.monotonic()
        wait_until(lambda: self.buy().status_code == 201, "purchases are taken again", within)
        took, refused = time.monotonic() - began, dict(Counter(status for status in self.told if status != CREATED))
        print(f"trouble: served again after {took:.1f} s, refused {refused}")  # noqa: T201  the figures of docs/proof.md
        wait_until(lambda: self.line.get("/health/ready").status_code == 200, "the server is ready", within)

    def insist(self) -> list[int]:
        """Say everything once more under its key; answer the ids of the purchases, one for each key."""
        return [self._insist(key) for key in self.said]

    def _insist(self, key: str) -> int:
        """Say it until it is done: it may be told to come again where the machine has something else to do."""
        answer = self.buy(key)

        def is_done() -> bool:
            nonlocal answer
            answer = answer if answer.status_code == CREATED else self.buy(key)
            return answer.status_code == CREATED

        wait_until(is_done, f"{key} is bought")
        number: int = answer.json()["id"]
        return number

    def is_ready(self) -> bool:
        """Ask whether the server can serve."""
        return self.line.get("/health/ready").status_code == 200

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()
