"""The client and the whole server, over a line that loses every third answer: everything takes effect once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

import pytest

from emplette.client import AsyncEmplette, BadRequest, Emplette, Listing, NotFound, Retries, models
from tests.client.lines import Line
from tests.docs.demo import KEY, RunningDemo

pytestmark = pytest.mark.slow

PATIENT = Retries(attempts=12, first_wait=0.01)


def _order(client: Emplette, title: str) -> models.Request:
    purchase = client.purchases.create(title=title, owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6})
    commitment = client.commitments.create(
        purchase_id=purchase.id,
        type="OneTimeCommitment",
        cost_date=date(2025, 4, 14),
        amount_including_taxes={"excluding_taxes": {"value": Decimal("1234567890123.45"), "currency": "EUR"}},
    )
    return client.requests.create(commitment.id)


async def _async_order(client: AsyncEmplette, title: str) -> models.Request:
    purchase = await client.purchases.create(
        title=title, owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6}
    )
    commitment = await client.purchases.commit(
        purchase.id,
        type="SubscriptionCommitment",
        start_date=date(2025, 4, 14),
        invoicing_frequency={"value": 1, "unit": "Month"},
        subscription_duration={"value": 1, "unit": "Year"},
        amount_including_taxes_per_period={"excluding_taxes": {"value": 1000, "currency": "EUR"}},
    )
    return await client.requests.create(commitment.id)


def test_threads_share_a_client_and_no_order_is_doubled_or_lost(demo: RunningDemo) -> None:
    titles = [f"Threaded {number}" for number in range(40)]
    with Line.to(demo.url, loses_every=3) as line, Emplette(line.url, KEY, retries=PATIENT) as client:
        with ThreadPoolExecutor(8) as threads:
            requests = list(threads.map(lambda title: _order(client, title), titles))
        assert {request.state for request in requests} == {"Approved"}
        found = [purchase.title for purchase in client.purchases.list(search_terms="Threaded", limit=7)]
        assert sorted(found) == sorted(titles)
        assert line.lost > 40
        purchase = client.purchases.get(requests[0].purchase.id)
        assert purchase.committed_amount.base == models.Amount(value=Decimal("1234567890123.45"), currency="EUR")


async def test_tasks_share_a_client_and_no_order_is_doubled_or_lost(demo: RunningDemo) -> None:
    titles = [f"Concurrent {number}" for number in range(40)]
    with Line.to(demo.url, loses_every=3) as line:
        async with AsyncEmplette(line.url, KEY, retries=PATIENT) as client:
            requests = await asyncio.gather(*(_async_order(client, title) for title in titles))
            assert len({request.order.number for request in requests if request.order}) == 40
            found = [purchase.title async for purchase in client.purchases.list(search_terms="Concurrent")]
            assert sorted(found) == sorted(titles)
        assert line.lost > 40


def test_250_purchases_are_listed_over_pages_and_counted(demo: RunningDemo) -> None:
    def create(number: int) -> int:
        return client.purchases.create(
            title=f"Paged {number}", owner_id=35, nature_id=1, cost_center_id=3, supplier={"id": 6}
        ).id

    with Emplette(demo.url, KEY) as client, ThreadPoolExecutor(8) as threads:
        made = set(threads.map(create, range(250)))
        listing = client.purchases.list(search_terms="paged", state=["Created"])
        assert {purchase.id for purchase in listing} == made
        assert [len(page.items) for page in listing.pages()] == [100, 100, 50]
        assert listing.count() == 250
        assert len(list(client.purchases.list(search_terms="paged", limit=1000))) == 250


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


N = TypeVar("N", bound=_Numbered)


def _read_first(listing: Listing[N], get: Callable[[int], N]) -> None:
    first = next(iter(listing), None)
    assert first is not None, get
    assert get(first.id).id == first.id


def test_everything_that_can_be_read_is_read(demo: RunningDemo) -> None:
    with Emplette(demo.url, KEY) as client:
        _read_first(client.establishments.list(), client.establishments.get)
        assert [unit.id for unit in client.legal_units.list() if client.legal_units.get(unit.id) != unit] == []
        _read_first(client.departments.list(), client.departments.get)
        _read_first(client.axes.list(), client.axes.get)
        _read_first(client.axis_sections.list(), client.axis_sections.get)
        _read_first(client.users.list(), client.users.get)
        _read_first(client.natures.list(), client.natures.get)
        _read_first(client.cost_centers.list(), client.cost_centers.get)
        _read_first(client.suppliers.list(), client.suppliers.get)
        _read_first(client.purchases.list(), client.purchases.get)
        _read_first(client.requests.list(), client.requests.get)
        _read_first(client.orders.list(), client.orders.get)
        assert client.territories.get("FR").id == "FR"
        assert client.server.liveness().status == "ok"
        assert client.server.readiness().status in {"ok", "warning"}
        assert "emplette" in client.server.metrics()


def test_cost_centers_are_imported_with_a_report(demo: RunningDemo) -> None:
    with Emplette(demo.url, KEY) as client:
        report = client.cost_centers.import_all(
            items=[{"name": "From the client", "code": "CLIENT", "establishment_ids": [1]}, {"name": "No code"}],
            mode="SkipInvalidItems",
        )
    assert (report.imported, report.failed_validation) == (1, 1)
    imported, refused = report.items
    assert imported.result is not None
    assert (imported.result.code, imported.result.establishments[0].id) == ("CLIENT", 1)
    assert refused.problem is not None
    assert refused.problem.errors.keys() == {"code"}


def test_what_a_server_refuses_it_refuses_over_any_line(demo: RunningDemo) -> None:
    with Line.to(demo.url, loses_every=2) as line, Emplette(line.url, KEY, retries=PATIENT) as client:
        with pytest.raises(BadRequest) as refused:
            client.suppliers.create(name="", territory_id="XX")
        assert refused.value.errors.keys() == {"name", "territoryId"}
        with pytest.raises(NotFound):
            client.orders.get(2_147_483_647)
