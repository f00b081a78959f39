"""What a key has just written need not be read again; and nothing is decided on what is no longer so."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx2
import pytest

from emplette.services.memory import Memory, Subject
from emplette.storage.database import Database
from emplette.storage.merging import Arguments
from tests.fixtures.companies import Company
from tests.fixtures.dossiers import committed
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase

# One for each row that a purchase refers to, and what changes it in passing.
_CHANGES = {
    "owner": "UPDATE users SET last_name = 'Other' WHERE tenant_id = $1 AND user_id = 35",
    "nature": "UPDATE natures SET name = 'Other' WHERE tenant_id = $1 AND nature_id = 1",
    "cost center": "UPDATE cost_centers SET name = 'Other' WHERE tenant_id = $1 AND cost_center_id = 3",
    "establishment": "UPDATE establishments SET currency = 'CHF' WHERE tenant_id = $1 AND establishment_id = 1",
    "department": "UPDATE departments SET name = 'Other' WHERE tenant_id = $1 AND department_id = 14",
    "supplier": "UPDATE suppliers SET territory_id = 'CH' WHERE tenant_id = $1 AND supplier_id = 6",
    "section": "UPDATE axis_sections SET name = 'Other' WHERE tenant_id = $1 AND axis_section_id = 361",
}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement about purchases that only reads."""
    said: list[str] = []
    read = Database.read

    async def note(self: Database, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        if "FROM purchases" in sql:
            said.append(sql)
        return await read(self, sql, arguments)

    monkeypatch.setattr(Database, "read", note)
    yield said
    monkeypatch.undo()


async def _is_there(client: httpx2.AsyncClient, commitment: dict[str, Any]) -> None:
    """Check that what was answered is what is read; the answer to a creation says a little more."""
    read = (await client.get(f"{API}/commitments/{commitment['id']}")).json()
    assert {name: commitment[name] for name in read} == read


async def _ask(client: httpx2.AsyncClient, commitment_id: int) -> httpx2.Response:
    return await client.post(f"{API}/commitments/{commitment_id}/requests")


async def test_the_guides_three_calls_read_no_purchase(client: httpx2.AsyncClient, reads: list[str]) -> None:
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"])
    asked = await _ask(client, commitment["id"])
    assert asked.status_code == 201, asked.text
    assert reads == []


async def test_what_is_answered_is_what_is_there(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"])
    await _is_there(client, commitment)
    asked = (await _ask(client, commitment["id"])).json()
    assert (await client.get(f"{API}/requests/{asked['id']}")).json() == asked


@pytest.mark.parametrize("what", sorted(_CHANGES))
async def test_when_what_a_purchase_refers_to_has_changed_it_is_read_anew(
    client: httpx2.AsyncClient, company: Company, reads: list[str], what: str
) -> None:
    purchase = await make_purchase(client)
    await company.owner.execute(_CHANGES[what], company.tenant_id)
    commitment = await make_commitment(client, purchase["id"])
    assert len(reads) == 1
    await _is_there(client, commitment)


async def test_an_amount_is_converted_into_the_currency_that_the_establishment_has_now(
    client: httpx2.AsyncClient, company: Company
) -> None:
    purchase = await make_purchase(client)
    await company.owner.execute(_CHANGES["establishment"], company.tenant_id)
    commitment = await make_commitment(client, purchase["id"])
    stored = "SELECT counter_currency FROM commitments WHERE tenant_id = $1 AND commitment_id = $2"
    assert await company.owner.fetchval(stored, company.tenant_id, commitment["id"]) == "CHF"


async def test_when_another_process_was_faster_it_counts(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    close = """UPDATE purchases SET state = 'Closed', version = version + 1, closed_on = '2026-01-02',
        closed_at = now(), closed_by_id = author_id WHERE tenant_id = $1 AND purchase_id = $2"""
    await company.owner.execute(close, company.tenant_id, purchase["id"])
    answer = await client.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": purchase["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "purchase.closed")


async def test_a_refusal_rests_on_what_was_read(client: httpx2.AsyncClient, reads: list[str]) -> None:
    purchase = await make_purchase(client)
    wanted = ONE_TIME | {"purchaseId": purchase["id"]}
    stale = await client.post(f"{API}/commitments", json=wanted, headers={"If-Match": '"0.0"'})
    assert stale.status_code == 412, stale.text
    assert len(reads) == 1


async def test_what_a_key_wrote_is_kept_for_no_other_key(
    client: httpx2.AsyncClient, company: Company, reads: list[str]
) -> None:
    purchase = await make_purchase(client)
    async with await company.caller() as other:
        await make_commitment(other, purchase["id"])
    assert len(reads) == 1


async def test_what_is_too_old_is_read_anew(
    client: httpx2.AsyncClient, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = await make_purchase(client)
    monkeypatch.setattr("emplette.services.memory.LIFETIME", 0)
    await make_commitment(client, purchase["id"])
    assert len(reads) == 1


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emplette.services.memory.MOST", 3)
    memory, dossier = Memory(), committed()
    subjects = [Subject(1, 1, "purchase", number) for number in range(5)]
    for subject in subjects:
        memory.keep(subject, dossier, "[]")
    assert len(memory) == 3
    assert [memory.take(subject) is not None for subject in subjects] == [False, False, True, True, True]
    assert len(memory) == 0
