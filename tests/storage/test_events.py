"""What happened can be read: each event tells the rows as they were after it, and nothing that people wrote."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio

from emplette.storage.texts import hash_of_texts
from tests.fixtures.behind import comparable, contradictions, events_of, tables_of
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION

WRITTEN = "s3cr3t"
DRAFT = {"name": f"{WRITTEN} shop", "territoryId": "FR"}
DOLLARS = {
    "excludingTaxes": {"value": 120, "currency": "USD"},
    "taxes": [{"rateTypeId": 45, "value": 24.07, "currency": "USD"}],
}
TWO_STEPS = """INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
VALUES ($1, 2, '', '{"steps": [{"name": "Head", "anyOf": [36, 37]}, {"name": "Finance", "anyOf": [37]}]}', now())"""


class Story:
    """Calls for one purchase; after each of them the events are held against the tables."""

    def __init__(self, company: Company, owner: OwnerConnection, callers: dict[str, httpx2.AsyncClient]) -> None:
        self.company = company
        self.owner = owner
        self.callers = callers
        self.purchase_id = 0

    async def call(self, who: str, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401  JSON
        """Call, and compare."""
        answer = await self.callers[who].request(method, f"{API}{path}", json=body)
        assert answer.is_success, answer.text
        told = answer.json()
        self.purchase_id = self.purchase_id or told["id"]
        await self.compare()
        return told

    async def compare(self) -> None:
        """Hold what the events tell against what the tables hold."""
        place = (self.owner, self.company.tenant_id, self.purchase_id)
        assert comparable(await events_of(*place)) == comparable(await tables_of(*place))

    async def write_down(self, **changes: Any) -> None:  # noqa: ANN401  JSON
        """Create the purchase."""
        await self.call("key", "POST", "/purchases", PURCHASE | {"title": f"{WRITTEN} title"} | changes)

    async def commit(self, terms: dict[str, Any], **changes: Any) -> int:  # noqa: ANN401  JSON
        """Say what it will cost."""
        body = terms | {"comment": f"{WRITTEN} comment"} | changes
        made: int = (await self.call("key", "POST", f"/purchases/{self.purchase_id}/commitment", body))["id"]
        return made

    async def ask(self, commitment_id: int, who: str = "submitter") -> int:
        """Ask for approval."""
        made: int = (await self.call(who, "POST", f"/commitments/{commitment_id}/requests"))["id"]
        return made


@pytest_asyncio.fixture
async def story(company: Company, owner: OwnerConnection) -> AsyncIterator[Story]:
    await owner.execute(TWO_STEPS, company.tenant_id)
    deciding = ("purchases:own", "view:own", "approve")
    async with (
        await company.caller() as key,
        await company.caller(auto_approve=False) as submitter,
        await company.caller(permissions=deciding, person=36) as head,
        await company.caller(permissions=deciding, person=37) as finance,
    ):
        yield Story(company, owner, {"key": key, "submitter": submitter, "head": head, "finance": finance})


async def test_events_tell_all_of_a_purchase_with_a_long_life(story: Story) -> None:
    await story.write_down(supplier=DRAFT, type="OneTime")
    place = f"/purchases/{story.purchase_id}"
    await story.call(
        "key", "PUT", place, PURCHASE | {"title": f"{WRITTEN} anew", "supplier": DRAFT, "axisSectionIds": []}
    )
    first = await story.commit(SUBSCRIPTION, terminationNotice={"value": 1, "unit": "Month"})
    await story.call("key", "PUT", f"/commitments/{first}", ONE_TIME | {"amountIncludingTaxes": DOLLARS})
    await story.call("key", "PUT", place, PURCHASE | {"supplier": DRAFT, "establishmentId": 2, "ownerId": 39})
    await story.call("key", "PUT", f"/commitments/{first}", ONE_TIME)
    denied = await story.ask(first)
    await story.call("head", "POST", f"/requests/{denied}/approvals", {"comment": f"{WRITTEN} fine"})
    await story.call("finance", "POST", f"/requests/{denied}/denials", {"comment": f"{WRITTEN} no"})
    second = await story.commit(ONE_TIME, amountIncludingTaxes=DOLLARS)
    cancelled = await story.ask(second)
    await story.call("head", "POST", f"/requests/{cancelled}/approvals")
    await story.call("key", "PUT", f"{place}/supplier", {"id": 6})
    again = await story.call("head", "POST", f"/requests/{cancelled}/approvals")
    assert [decision["stepId"] for decision in again["decisions"]] == [1, 1]
    assert (again["state"], again["stepId"]) == ("Pending", 2)
    await story.call("key", "POST", f"/requests/{cancelled}/cancellations", {"comment": f"{WRITTEN} later"})
    await story.call("key", "PUT", place, PURCHASE | {"title": f"{WRITTEN} third"})
    third = await story.commit(ONE_TIME)
    approved = await story.ask(third)
    await story.call("head", "POST", f"/requests/{approved}/approvals", {"comment": f"{WRITTEN} good"})
    await story.call("finance", "POST", f"/requests/{approved}/approvals")
    await story.call("key", "POST", f"{place}/closing", {"comment": f"{WRITTEN} done", "date": "2025-04-20"})
    assert await contradictions(story.owner, story.company.tenant_id) == {}


async def test_events_tell_of_orders_that_are_cancelled_and_come_again(story: Story) -> None:
    await story.write_down()
    for _ in range(2):
        request = await story.ask(await story.commit(SUBSCRIPTION), "key")
        await story.call("key", "POST", f"/requests/{request}/cancellations", {"comment": f"{WRITTEN} no"})
    await story.call("key", "POST", f"/purchases/{story.purchase_id}/closing")
    assert await contradictions(story.owner, story.company.tenant_id) == {}


async def test_events_tell_of_an_order_whose_supplier_is_listed_later(story: Story) -> None:
    await story.write_down(supplier=DRAFT)
    await story.ask(await story.commit(ONE_TIME), "key")
    await story.call("key", "PUT", f"/purchases/{story.purchase_id}/supplier", {"id": 6})
    assert (await tables_of(story.owner, story.company.tenant_id, story.purchase_id)).purchase.supplier_id == 6


async def _lived(story: Story) -> None:
    """Have people write something in every place where they can."""
    await story.write_down(supplier=DRAFT)
    denied = await story.ask(await story.commit(ONE_TIME))
    await story.call("head", "POST", f"/requests/{denied}/approvals", {"comment": f"{WRITTEN} fine"})
    await story.call("finance", "POST", f"/requests/{denied}/denials", {"comment": f"{WRITTEN} no"})
    cancelled = await story.ask(await story.commit(SUBSCRIPTION))
    await story.call("key", "POST", f"/requests/{cancelled}/cancellations", {"comment": f"{WRITTEN} later"})
    await story.call("key", "POST", f"/purchases/{story.purchase_id}/closing", {"comment": f"{WRITTEN} done"})


async def test_what_people_wrote_is_not_in_the_facts_and_is_bound_to_them(story: Story) -> None:
    await _lived(story)
    rows = await story.owner.fetch(
        """SELECT e.type, e.facts::text AS facts, e.texts_hash, t.salt, t.texts::text AS texts
        FROM events e LEFT JOIN event_texts t USING (tenant_id, event_id) WHERE e.tenant_id = $1 ORDER BY event_id""",
        story.company.tenant_id,
    )
    assert all(WRITTEN not in row["facts"] for row in rows)
    kept = [row for row in rows if row["texts"] is not None]
    everything = " ".join(row["texts"] for row in kept)
    places = ("title", "shop", "comment", "fine", "no", "later", "done")
    assert [place for place in places if f"{WRITTEN} {place}" not in everything] == []
    for row in kept:
        texts = msgspec.json.decode(row["texts"])
        assert row["texts_hash"] == hash_of_texts(row["salt"], texts)
        assert row["texts_hash"] != hash_of_texts(b"another salt", texts)
        assert row["texts_hash"] != hash_of_texts(row["salt"], texts | {"purchase": {"title": "Another"}})
    assert len({row["salt"] for row in kept}) == len(kept)
    assert all(len(row["salt"]) == 16 for row in kept)
    assert all(row["texts_hash"] is None for row in rows if row["texts"] is None)


async def test_what_people_wrote_can_be_erased_and_the_events_still_tell_the_rest(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    body = PURCHASE | {"title": WRITTEN, "supplier": DRAFT}
    headers = {"Idempotency-Key": "once"}
    first = await client.post(f"{API}/purchases", json=body, headers=headers)
    erased = await owner.execute("DELETE FROM event_texts WHERE tenant_id = $1", company.tenant_id)
    assert erased == "DELETE 1"
    again = await client.post(f"{API}/purchases", json=body, headers=headers)
    assert again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert WRITTEN not in again.text
    assert again.json()["id"] == first.json()["id"]


async def test_an_event_says_who_did_it_with_which_key_and_in_which_call(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection
) -> None:
    answer = await client.post(f"{API}/purchases", json=PURCHASE)
    event = await owner.fetchrow("SELECT * FROM events WHERE tenant_id = $1", company.tenant_id)
    key = await owner.fetchrow("SELECT * FROM api_keys WHERE tenant_id = $1", company.tenant_id)
    assert event is not None
    assert key is not None
    assert (event["type"], event["object_type"]) == ("purchase.created", "purchase")
    assert event["object_id"] == event["purchase_id"] == answer.json()["id"]
    assert (event["actor_id"], event["api_key_id"]) == (key["user_id"], key["api_key_id"])
    assert event["call_id"] == answer.headers["X-Request-Id"]
    assert event["version"] == 1


@pytest.mark.parametrize("value", ["120", "0.01", "12345678.9"])
async def test_a_repeat_is_answered_with_the_very_digits_of_the_first_answer(
    client: httpx2.AsyncClient, company: Company, owner: OwnerConnection, value: str
) -> None:
    # The rate, 1 / 1.29 to 12 digits, ends with a zero that a float would drop.
    await owner.execute(
        """INSERT INTO tenant_exchange_rates (tenant_id, currency, date, rate, set_by, set_at)
        VALUES ($1, 'USD', '2025-04-14', 1.29, 'test', now())""",
        company.tenant_id,
    )
    made = await client.post(f"{API}/purchases", json=PURCHASE)
    money = f'{{"excludingTaxes": {{"value": {value}, "currency": "USD"}}}}'
    body = f'{{"type": "OneTimeCommitment", "costDate": "2025-04-14", "amountIncludingTaxes": {money}}}'
    headers = {"Idempotency-Key": "once", "Content-Type": "application/json"}
    path = f"{API}/purchases/{made.json()['id']}/commitment"
    first = await client.post(path, content=body, headers=headers)
    assert '"rate":0.775193798450,' in first.text
    again = await client.post(path, content=body, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.text == first.text
