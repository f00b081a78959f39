"""Webhooks on the pages: made, changed, tried and ended, and what they were not told."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting, seen, visiting

WEBHOOKS = "/settings/webhooks"
URL = "https://hooks.example.com/in"


@pytest_asyncio.fixture
async def administrator(company: Company) -> AsyncIterator[Visiting]:
    async with await visiting(company, 36, "administrator") as visitor:
        yield visitor


async def _make(visitor: Visiting) -> str:
    page = await visitor.see(WEBHOOKS)
    made = seen(await visitor.send(page, WEBHOOKS, url=URL, name="Accounts", topics="order.created, order.closed"))
    assert made.tree.xpath("//input[@id='secret']/@value")[0].startswith("whsec_")
    (place,) = {link for link in (await visitor.see(WEBHOOKS)).links() if link.startswith(f"{WEBHOOKS}/")}
    return place


async def test_a_webhook_is_made_once_however_often_its_form_is_sent(administrator: Visiting) -> None:
    page = await administrator.see(WEBHOOKS)
    first, second = [seen(await administrator.send(page, WEBHOOKS, url=URL)) for _ in range(2)]
    assert first.tree.xpath("//input[@id='secret']/@value") == second.tree.xpath("//input[@id='secret']/@value")
    assert len(set((await administrator.see(WEBHOOKS)).tree.xpath("//a[@class='purchase-line']"))) == 1


async def test_a_webhook_is_changed_tried_resumed_told_anew_and_removed(administrator: Visiting) -> None:
    place = await _make(administrator)
    page = await administrator.see(place)
    assert page.form(place)["topics"] == "order.created order.closed"
    for what, said in (
        ("", {"topics": "order.created"}),
        ("/ping", {}),
        ("/resumption", {}),
        ("/replay", {"after": "0"}),
    ):
        answer = await administrator.send(await administrator.see(place), f"{place}{what}", **said)
        assert answer.status_code == 303, what
    assert (await administrator.see(place)).form(place)["topics"] == "order.created"
    rotated = seen(await administrator.send(await administrator.see(place), f"{place}/secret"))
    assert rotated.tree.xpath("//input[@id='secret']")
    await administrator.send(await administrator.see(place), f"{place}/deletion")
    assert (await administrator.see(place)).status == 404


async def test_what_could_not_be_told_stands_there_with_the_reason(administrator: Visiting, company: Company) -> None:
    place = await _make(administrator)
    await company.owner.execute(
        """INSERT INTO webhook_deliveries (tenant_id, webhook_id, position, object_type, object_id, attempts,
           first_failed_at, next_attempt_at, parked_at, last_status, last_error)
           VALUES ($1, $2, 7, 'order', 1, 9, now(), now(), now(), 500, 'It answered 500.')""",
        company.tenant_id,
        int(place.rpartition("/")[2]),
    )
    page = await administrator.see(place)
    assert "It answered 500." in page.text
    assert "parked" in page.text


async def test_an_address_inside_and_a_place_that_is_none_are_refused_beside_their_fields(
    administrator: Visiting,
) -> None:
    page = await administrator.see(WEBHOOKS)
    refused = seen(await administrator.send(page, WEBHOOKS, url="https://127.0.0.1/"))
    assert (refused.status, len(refused.tree.xpath("//*[@id='url-wrong1']"))) == (400, 1)
    place = await _make(administrator)
    for after in ("nowhere", "999999"):
        refused = seen(await administrator.send(await administrator.see(place), f"{place}/replay", after=after))
        assert (refused.status, len(refused.tree.xpath("//*[@id='after-wrong1']"))) == (400, 1)
