"""How often a command talks to the database: the rule that makes it fast, held for every command there is.

One that succeeds reads once at most and writes once at most; one that is refused, or repeated, may read twice more.
Drawing ids counts apart, and so does looking up what a process keeps for a few seconds: these calls come when it does.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from emplette.http.contract import POST, PUT
from emplette.storage.database import Database, Session
from emplette.storage.merging import Arguments
from tests.fixtures.asks import CASES, COMMANDS, Ask, People, made_people
from tests.fixtures.budgets import make_budget
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase, make_request
from tests.fixtures.policies import put_in_force

TOGETHER = {"create_budget", "renew_subscription", "stop_subscription"}
"""What says several statements: a budget takes over what hangs on it, a renewal makes a purchase and a commitment, and
what is stopped gives back to budgets the periods that it will not have. (Several approvals are as many commands.)
"""
ONE_BY_ONE = sorted(set(CASES) - TOGETHER)


@dataclass
class Counted:
    """What was said to the database, by its kind, and how often the driver was asked in all."""

    reads: int = 0
    writes: int = 0
    draws: int = 0
    asked: int = 0


@pytest_asyncio.fixture
async def people(company: Company) -> AsyncIterator[People]:
    async with made_people(company) as made:
        yield made


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    found = Counted()
    driver: Any = asyncpg.Connection
    read, write, draw, ask = Database.read, Database.write, Session.draw, driver._execute

    async def _read(self: Database, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        found.reads += 1
        return await read(self, sql, arguments)

    async def _write(self: Database, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        found.writes += 1
        return await write(self, sql, arguments)

    async def _draw(self: Session, sql: str, *arguments: object) -> list[asyncpg.Record]:
        found.draws += 1
        found.writes -= 1
        return await draw(self, sql, *arguments)

    async def _ask(self: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  whatever the driver is asked
        found.asked += 1
        return await ask(self, *arguments, **named)

    monkeypatch.setattr("emplette.storage.database.Database.read", _read)
    monkeypatch.setattr("emplette.storage.database.Database.write", _write)
    monkeypatch.setattr(Session, "draw", _draw)
    monkeypatch.setattr(driver, "_execute", _ask)
    return found


@pytest.fixture(autouse=True)
def kept_for_long(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process keep for the whole test what it keeps for a few seconds: a slow machine is no finding."""
    contract: Any = company.app.default._contract  # type: ignore[attr-defined]
    shelf = contract._gate._shelf
    for kept in (shelf.rates, shelf.taxes, shelf.policies, shelf.books):
        monkeypatch.setattr(kept, "_lifetime", 600 * 10**9)
    monkeypatch.setattr("emplette.services.access.LIFETIME", 600)


async def call(ask: Ask, method: str, body: Any, counted: Counted, **headers: str) -> httpx2.Response:  # noqa: ANN401
    """Call, and count from nothing."""
    counted.reads = counted.writes = counted.draws = counted.asked = 0
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await ask.caller.request(method, ask.path, headers=ask.headers | named, **ask.sent(body))
    assert counted.asked == counted.reads + counted.writes + counted.draws, "something was said past the session"
    return answer


def test_every_command_is_counted() -> None:
    assert set(CASES) == set(COMMANDS)


@pytest.mark.parametrize("name", ONE_BY_ONE)
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


@pytest.mark.parametrize("name", [name for name in ONE_BY_ONE if COMMANDS[name] == POST])
async def test_a_repeat_reads_twice_more_at_most(name: str, people: People, counted: Counted) -> None:
    await _warmed_up(name, people, counted)
    ask = await CASES[name](people)
    first = await call(ask, POST, ask.body, counted, Idempotency_Key="once")
    again = await call(ask, POST, ask.body, counted, Idempotency_Key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert counted.reads <= 3
    assert counted.writes <= 1


@pytest.mark.parametrize("name", ONE_BY_ONE)
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


async def test_a_command_on_a_purchase_reads_and_writes_once_where_there_are_budgets_too(
    people: People, counted: Counted
) -> None:
    await make_budget(people.admin, amount={"value": 100_000, "currency": "EUR"})
    for name in ("create_request", "approve_request", "deny_request", "cancel_request", "close_purchase"):
        await _warmed_up(name, people, counted)
        ask = await CASES[name](people)
        answer = await call(ask, COMMANDS[name], ask.body, counted)
        assert answer.is_success, answer.text
        assert (counted.reads <= 1, counted.writes) == (True, 1), name


async def test_a_company_without_budgets_charges_none_and_is_asked_no_more(people: People, counted: Counted) -> None:
    await _warmed_up("create_request", people, counted)
    ask = await CASES["create_request"](people)
    await call(ask, POST, ask.body, counted)
    assert (counted.reads <= 1, counted.writes) == (True, 1)


@pytest.mark.parametrize("trait", ["new", "flagged"])
async def test_asking_by_a_policy_that_looks_things_up_reads_once_and_writes_once(
    trait: str, people: People, counted: Counted
) -> None:
    rule = (
        f"{{name: Looked at, when: {{supplier: {trait}, amount: {{over: 5}}}}, steps: [{{name: A, any: [manager]}}]}}"
    )
    await put_in_force(people.company, f"rules: [{rule}]\notherwise: {{steps: [{{name: Head, any: [36]}}]}}")
    for _ in range(2):
        purchase = await make_purchase(people.submitter)
        commitment = await make_commitment(people.submitter, purchase["id"])
        ask = Ask(people.submitter, f"{API}/commitments/{commitment['id']}/requests")
        answer = await call(ask, POST, None, counted)
        assert answer.status_code == 201, answer.text
    assert (counted.reads, counted.writes) == (1, 1)


async def test_changing_what_is_under_review_reads_once_and_writes_once(people: People, counted: Counted) -> None:
    await put_in_force(people.company, "changesUnderReview: {by: [requesters]}\nsteps: [{name: Head, any: [36]}]")
    for number in range(2):
        request = await make_request(people.submitter)
        ask = Ask(people.submitter, f"{API}/commitments/{request['businessObject']['id']}")
        answer = await call(ask, PUT, ONE_TIME | {"comment": f"changed {number}"}, counted)
        assert answer.status_code == 200, answer.text
    assert (counted.reads, counted.writes) == (1, 1)
