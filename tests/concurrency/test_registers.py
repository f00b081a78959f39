"""Entries of registers that several people change, refer to and archive at the same time."""

import asyncio
from collections import Counter
from typing import Any

import httpx2
import pytest

from emplette.storage import commands
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE, make_purchase
from tests.fixtures.problems import faults

ROUNDS = 4
EACH = 8
DRAFT = {"name": "Corner shop", "territoryId": "FR"}


@pytest.mark.parametrize("entry", ["suppliers/6", "natures/1", "costcenters/3"])
async def test_of_many_puts_for_one_version_one_succeeds_and_the_others_are_told_that_it_is_stale(
    client: httpx2.AsyncClient, entry: str
) -> None:
    place = f"{API}/{entry}"
    for turn in range(ROUNDS):
        before = await client.get(place)
        stated = {"If-Match": before.headers["ETag"]}
        names = [f"Name {turn}-{number}" for number in range(EACH)]
        answers = await asyncio.gather(*(client.put(place, json={"name": name}, headers=stated) for name in names))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: EACH - 1}
        won = next(answer for answer in answers if answer.status_code == 200)
        after = await client.get(place)
        assert (after.json()["name"], after.headers["ETag"]) == (won.json()["name"], won.headers["ETag"])
        assert after.json()["version"] == before.json()["version"] + 1


async def test_puts_that_state_no_version_all_count_one_after_the_other(client: httpx2.AsyncClient) -> None:
    place = f"{API}/suppliers/6"
    before = (await client.get(place)).json()["version"]
    fields: list[dict[str, Any]] = [
        {"name": "Other"},
        {"flag": "Flagged"},
        {"preferredPaymentMethod": "Check"},
        {"bankAccount": {"iban": "FR7630006000011234567890189"}},
    ]
    answers = await asyncio.gather(*(client.put(place, json=field) for field in fields))
    assert [answer.status_code for answer in answers] == [200] * len(fields)
    after = (await client.get(place)).json()
    assert (after["name"], after["flag"], after["preferredPaymentMethod"]) == ("Other", "Flagged", "Check")
    assert after["bankAccount"]["iban"] == "FR7630006000011234567890189"
    assert after["version"] == before + len(fields)


async def test_a_supplier_is_bought_from_before_it_is_archived_and_not_after(
    client: httpx2.AsyncClient, company: Company
) -> None:
    for _ in range(ROUNDS):
        made = (await client.post(f"{API}/suppliers", json={"name": "Passing", "territoryId": "FR"})).json()["id"]
        wanted = PURCHASE | {"supplier": {"id": made}}
        archived, *bought = await asyncio.gather(
            client.put(f"{API}/suppliers/{made}", json={"state": "Archived"}),
            *(client.post(f"{API}/purchases", json=wanted) for _ in range(EACH)),
        )
        assert archived.status_code == 200
        assert {answer.status_code for answer in bought} <= {201, 400}
        for answer in bought:
            if answer.status_code == 400:
                assert faults(answer) == {"supplier.id": [f"Supplier {made} is archived."]}
        late = await client.post(f"{API}/purchases", json=wanted)
        assert faults(late) == {"supplier.id": [f"Supplier {made} is archived."]}
        count = "SELECT count(*) FROM purchases WHERE tenant_id = $1 AND supplier_id = $2"
        written = await company.owner.fetchval(count, company.tenant_id, made)
        assert written == sum(answer.status_code == 201 for answer in bought)


@pytest.mark.parametrize("command", ["supplier", "purchase"])
async def test_a_supplier_that_is_archived_between_the_look_up_and_the_write_is_refused(
    client: httpx2.AsyncClient, company: Company, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    purchase = await make_purchase(client, supplier=DRAFT)
    write = commands.write
    archive = "UPDATE suppliers SET state = 'Archived', version = version + 1 WHERE tenant_id = $1 AND supplier_id = 8"

    async def archive_first(*arguments: Any, **options: Any) -> list[bool]:  # noqa: ANN401  as the write takes them
        """Let somebody else be faster: what was looked up a moment ago is out of date."""
        await company.owner.execute(archive, company.tenant_id)
        return await write(*arguments, **options)

    monkeypatch.setattr(commands, "write", archive_first)
    place = f"{API}/purchases/{purchase['id']}"
    if command == "supplier":
        answer = await client.put(f"{place}/supplier", json={"id": 8})
    else:
        answer = await client.put(place, json=PURCHASE | {"supplier": {"id": 8}})
    assert answer.status_code == 400, answer.text
    assert "Supplier 8 is archived." in answer.text
    after = (await client.get(place)).json()
    assert (after["supplier"]["name"], after["version"]) == (DRAFT["name"], purchase["version"])
