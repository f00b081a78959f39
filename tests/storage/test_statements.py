"""How often a command talks to the database: the rule that makes it fast, held for every command there is.

One that succeeds reads once at most and writes once at most; one that is refused, or repeated, may read twice more.
Drawing ids counts apart, and so does looking up what a process keeps for a few seconds: these calls come when it does.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from emplette.http.app import API as MODULES
from emplette.http.contract import GET, POST, Registry
from emplette.storage.database import Session
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase, make_request

COMMANDS = {operation.name: operation.method for operation in Registry(MODULES) if operation.method != GET}
TAXED = ONE_TIME | {
    "amountIncludingTaxes": {
        "excludingTaxes": {"value": 120, "currency": "USD"},
        "taxes": [{"rateTypeId": 45, "value": 24, "currency": "USD"}],
    }
}
DRAFT = {"supplier": {"name": "Corner shop", "territoryId": "FR"}}


@dataclass
class Counted:
    """What was said to the database, by its kind, and how often the driver was asked in all."""

    reads: int = 0
    writes: int = 0
    draws: int = 0
    asked: int = 0


@dataclass
class People:
    """Who calls: one whose requests are approved at once, one whose are not, and the approver."""

    client: httpx2.AsyncClient
    submitter: httpx2.AsyncClient
    approver: httpx2.AsyncClient


@dataclass
class Ask:
    """A call that will succeed, and how the same call is made so that it is refused."""

    caller: httpx2.AsyncClient
    path: str
    body: Any = None
    refused_body: Any = None
    refused_headers: dict[str, str] = field(default_factory=dict)


async def _creation(people: People) -> Ask:
    return Ask(people.client, f"{API}/purchases", PURCHASE, refused_body=PURCHASE | {"ownerId": 99, "natureId": 2})


async def _revision(people: People) -> Ask:
    made = await make_purchase(people.client)
    await make_commitment(people.client, made["id"], TAXED)
    return Ask(people.client, f"{API}/purchases/{made['id']}", PURCHASE, refused_body=PURCHASE | {"natureId": 2})


async def _listing_of_supplier(people: People) -> Ask:
    made = await make_purchase(people.client, **DRAFT)
    return Ask(people.client, f"{API}/purchases/{made['id']}/supplier", {"id": 6})


async def _closing(people: People) -> Ask:
    made = await make_request(people.client)
    return Ask(people.client, f"{API}/purchases/{made['purchase']['id']}/closing", {"date": "2025-04-20"})


async def _commitment(people: People) -> Ask:
    made = await make_purchase(people.client)
    return Ask(people.client, f"{API}/commitments", TAXED | {"purchaseId": made["id"]})


async def _commitment_at_purchase(people: People) -> Ask:
    made = await make_purchase(people.client)
    return Ask(people.client, f"{API}/purchases/{made['id']}/commitment", SUBSCRIPTION)


async def _revision_of_commitment(people: People) -> Ask:
    made = await make_purchase(people.client)
    commitment = await make_commitment(people.client, made["id"])
    stale = {"If-Match": f'"{made["id"]}.1"'}
    return Ask(people.client, f"{API}/commitments/{commitment['id']}", TAXED, refused_headers=stale)


async def _request(people: People) -> Ask:
    made = await make_purchase(people.submitter)
    commitment = await make_commitment(people.submitter, made["id"])
    return Ask(people.submitter, f"{API}/commitments/{commitment['id']}/requests")


async def _approval(people: People) -> Ask:
    made = await make_request(people.submitter)
    return Ask(people.approver, f"{API}/requests/{made['id']}/approvals", {"comment": "Fine"})


async def _denial(people: People) -> Ask:
    made = await make_request(people.submitter)
    return Ask(people.approver, f"{API}/requests/{made['id']}/denials", {"comment": "No"})


async def _cancellation(people: People) -> Ask:
    made = await make_request(people.client)
    return Ask(people.client, f"{API}/requests/{made['id']}/cancellations", {"comment": "No"})


_NAMES = itertools.count(1)


async def _nature(people: People) -> Ask:
    body = {"name": f"Nature {next(_NAMES)}", "costFamilyId": 1}
    return Ask(people.client, f"{API}/natures", body, refused_body=body | {"costFamilyId": 99})


async def _change_of_nature(people: People) -> Ask:
    body = {"name": f"Nature {next(_NAMES)}", "costFamilyId": 1}
    return Ask(people.client, f"{API}/natures/1", body, refused_body=body | {"costFamilyId": 99})


async def _change_of_cost_center(people: People) -> Ask:
    number = next(_NAMES)
    body = {"name": f"Center {number}", "code": f"C{number}", "ownerId": 35, "establishmentIds": [1]}
    return Ask(people.client, f"{API}/costcenters/3", body, refused_body=body | {"code": "OLD"})


def _supplier_body() -> dict[str, Any]:
    return {
        "name": f"Supplier {next(_NAMES)}",
        "territoryId": "FR",
        "legalRegistration": {"identifier": None, "vatNumber": "FR40303265045"},
        "preferredNatureId": 1,
    }


async def _supplier(people: People) -> Ask:
    body = _supplier_body()
    return Ask(people.client, f"{API}/suppliers", body, refused_body=body | {"preferredNatureId": 99})


async def _change_of_supplier(people: People) -> Ask:
    body = _supplier_body()
    return Ask(people.client, f"{API}/suppliers/6", body, refused_body=body | {"bankAccount": {"iban": "x"}})


async def _import_of_cost_centers(people: People) -> Ask:
    items = [{"name": f"Center {number}", "code": f"I{number}"} for number in (next(_NAMES), next(_NAMES))]
    path = f"{API.removesuffix('/api')}/services/imports/costcenters"
    return Ask(people.client, path, {"items": items}, refused_body={"items": 2})


CASES: dict[str, Callable[[People], Awaitable[Ask]]] = {
    "create_purchase": _creation,
    "revise_purchase": _revision,
    "list_purchase_supplier": _listing_of_supplier,
    "close_purchase": _closing,
    "create_commitment": _commitment,
    "create_purchase_commitment": _commitment_at_purchase,
    "revise_commitment": _revision_of_commitment,
    "create_request": _request,
    "approve_request": _approval,
    "deny_request": _denial,
    "cancel_request": _cancellation,
    "create_nature": _nature,
    "change_nature": _change_of_nature,
    "create_supplier": _supplier,
    "change_supplier": _change_of_supplier,
    "import_cost_centers": _import_of_cost_centers,
    "change_cost_center": _change_of_cost_center,
}


@pytest_asyncio.fixture
async def people(company: Company) -> AsyncIterator[People]:
    deciding = ("purchases:own", "view:own", "approve")
    async with (
        await company.caller() as client,
        await company.caller(auto_approve=False) as submitter,
        await company.caller(permissions=deciding, person=36) as approver,
    ):
        yield People(client, submitter, approver)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    found = Counted()
    driver: Any = asyncpg.Connection
    read, write, ask = Session._read, Session._write, driver._execute

    async def _read(self: Session, sql: str, arguments: tuple[object, ...]) -> list[asyncpg.Record]:
        found.reads += 1
        return await read(self, sql, arguments)

    async def _write(
        self: Session, sql: str, arguments: tuple[object, ...], *, counts: bool = True
    ) -> list[asyncpg.Record]:
        found.writes += counts
        found.draws += not counts
        return await write(self, sql, arguments, counts=counts)

    async def _ask(self: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  whatever the driver is asked
        found.asked += 1
        return await ask(self, *arguments, **named)

    monkeypatch.setattr(Session, "_read", _read)
    monkeypatch.setattr(Session, "_write", _write)
    monkeypatch.setattr(driver, "_execute", _ask)
    return found


@pytest.fixture(autouse=True)
def kept_for_long(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process keep for the whole test what it keeps for a few seconds: a slow machine is no finding."""
    contract: Any = company.app.default
    shelf = contract._gate._shelf
    for kept in (shelf.rates, shelf.taxes, shelf.policies):
        monkeypatch.setattr(kept, "_lifetime", 600 * 10**9)
    monkeypatch.setattr("emplette.services.access.LIFETIME", 600)


async def call(ask: Ask, method: str, body: Any, counted: Counted, **headers: str) -> httpx2.Response:  # noqa: ANN401
    """Call, and count from nothing."""
    counted.reads = counted.writes = counted.draws = counted.asked = 0
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await ask.caller.request(method, ask.path, json=body, headers=named)
    assert counted.asked == counted.reads + counted.writes + counted.draws, "something was said past the session"
    return answer


def test_every_command_is_counted() -> None:
    assert set(CASES) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_command_that_succeeds_reads_once_and_writes_once_at_most(
    name: str, people: People, counted: Counted
) -> None:
    method = COMMANDS[name]
    for headers in ({}, {"Idempotency_Key": "another"}):
        await _warmed_up(name, people, counted)
        ask = await CASES[name](people)
        answer = await call(ask, method, ask.body, counted, **headers)
        assert answer.is_success, answer.text
        assert counted.reads <= 1
        assert counted.writes == 1


@pytest.mark.parametrize("name", sorted(name for name, method in COMMANDS.items() if method == POST))
async def test_a_repeat_reads_twice_more_at_most(name: str, people: People, counted: Counted) -> None:
    await _warmed_up(name, people, counted)
    ask = await CASES[name](people)
    first = await call(ask, POST, ask.body, counted, Idempotency_Key="once")
    again = await call(ask, POST, ask.body, counted, Idempotency_Key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert counted.reads <= 3
    assert counted.writes <= 1


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_refusal_reads_twice_more_at_most(name: str, people: People, counted: Counted) -> None:
    method = COMMANDS[name]
    await _warmed_up(name, people, counted)
    ask = await CASES[name](people)
    by_state = not ask.refused_body and not ask.refused_headers
    if by_state:
        assert (await call(ask, method, ask.body, counted)).is_success
    headers = {"Idempotency_Key": "new"} if method == POST else {}
    body = ask.refused_body or ask.body
    answer = await call(ask, method, body, counted, **headers, **ask.refused_headers)
    assert answer.status_code in {400, 409, 412}, answer.text
    assert counted.reads <= 3
    assert counted.writes <= (0 if by_state or method != POST else 1)


async def _warmed_up(name: str, people: People, counted: Counted) -> None:
    """Make the same call once before: what the process keeps for a few seconds is there then."""
    ask = await CASES[name](people)
    answer = await call(ask, COMMANDS[name], ask.body, counted)
    assert answer.is_success, answer.text
