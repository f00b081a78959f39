"""Documents of orders: making one when it is first asked for, and reading it again."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final

from bench.generator import WrongAnswer
from bench.server import KEY, Server
from emplette.client import Emplette

CLIENTS: Final = 8
_DAY: Final = date(2025, 4, 14)
_BEGINNING: Final = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Documents:
    """What making documents takes: the first one of a server, others by one client, and how many a second by several.

    ``kept_s`` is the time of reading one that is there. All times are in seconds, medians but for the first.
    """

    first_s: float
    made_s: float
    made_per_s: float
    kept_s: float


def measure_documents(server: Server, *, count: int) -> Documents:
    """Make so many orders, then the documents of half of them by one client, of the others by several."""
    with Emplette(server.url, KEY) as client:
        first, *orders = [_order(client) for _ in range(count + 1)]
        alone, together = orders[: count // 2], orders[count // 2 :]
        first_s = _read(client, first)
        made_s = statistics.median(_read(client, order) for order in alone)
        kept_s = statistics.median(_read(client, order) for order in alone)
        with ThreadPoolExecutor(CLIENTS) as threads:
            began = time.perf_counter()
            list(threads.map(lambda order: _read(client, order), together))
            took = time.perf_counter() - began
    return Documents(first_s, made_s, len(together) / took, kept_s)


def _order(client: Emplette) -> int:
    purchase = client.purchases.create(
        title="Document entry test", owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6}
    )
    commitment = client.commitments.create(
        purchase_id=purchase.id,
        type="OneTimeCommitment",
        cost_date=_DAY,
        amount_including_taxes={"excluding_taxes": {"value": 120, "currency": "EUR"}},
    )
    order = client.requests.create(commitment.id).order
    if order is None:
        raise WrongAnswer("a request of the bench's key was not approved at once")
    return order.id


def _read(client: Emplette, order: int) -> float:
    began = time.perf_counter()
    pdf = client.orders.pdf(order)
    took = time.perf_counter() - began
    if not pdf.startswith(_BEGINNING):
        raise WrongAnswer(f"the document of order {order} is no PDF")
    return took
