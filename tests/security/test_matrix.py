"""Every operation by permission, role, company and state of the key: what the rules do not allow is refused.

A refused call has written nothing; an allowed one succeeds, so that a refusal is the permission's and nothing else's.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.keys import hash_of_secret
from emplette.http.app import create_app
from emplette.http.contract.registry import Operation
from emplette.http.contract.routes import Routes
from emplette.http.pages.declaring import Page
from emplette.settings import Settings
from scripts.permissions import (
    EVERYTHING,
    HIDDEN_FROM_RIVALS,
    REACH,
    ROLES,
    KeyIs,
    Reach,
    Verdict,
    counts_of,
    operations,
    rival_verdict,
    sets_for,
    verdict,
)
from tests.fixtures import absences, budgets
from tests.fixtures.attachments import keep_file
from tests.fixtures.behind import snapshot
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, PURCHASE
from tests.fixtures.policies import put_in_force
from tests.security.asking import Ask, Told, ask
from tests.security.cells import (
    APPROVED,
    DRAFTED,
    LATER,
    NEW,
    PAPER,
    PENDING,
    SUBSCRIBED,
    TERMS,
    WATCHED,
    WEBHOOK,
    Target,
    call_of,
    shows,
    stage_of,
)

OPERATIONS = {made.name: made for made in operations()}
STATUS = {
    Verdict.MISSING: 403,
    Verdict.SCOPE: 403,
    Verdict.NO_PERSON: 403,
    Verdict.NOT_ASKED: 403,
    Verdict.NOT_THEIRS: 403,
    Verdict.OWN_REQUEST: 403,
    Verdict.NO_CALENDAR: 403,
    Verdict.UNSEEN: 404,
    Verdict.UNNAMED: 400,
}
Rows = list[dict[str, list[str]]]

# What needs no key, each for a reason: a new one has to be put here. Of pages test_pages keeps the list.
PUBLIC = {
    "get_liveness": "says that a process answers",
    "get_readiness": "says whether calls can be served",
    "get_metrics": "answers programs on this machine alone",
    "get_openapi_document": "describes the API, the same for all",
    "get_docs": "describes the API, the same for all",
    "get_docs_style": "describes the API, the same for all",
    "get_problem_page": "describes the API, the same for all",
    "get_verify_page": "says whether a number and a hash match, thirty times a minute",
    "get_verify_style": "how that looks",
    "get_calendar": "shown to programs that know no keys: the secret in the address is one",
}


@dataclass(slots=True)
class Stage:
    """A company, its rival, and a key of every role with every set of permissions."""

    company: Company
    rival: Company
    writer: str
    approver: str
    keys: dict[tuple[tuple[str, ...], str], str] = field(default_factory=dict)
    bad: dict[KeyIs, tuple[str | None, str]] = field(default_factory=dict)

    async def key(self, held: tuple[str, ...], role: str, person: int | None) -> str:
        """Lend the key of a role with these permissions; it was used before."""
        if (held, role) not in self.keys:
            self.keys[held, role] = secret = await self.company.key(permissions=held, person=person)
            await self.ask(Ask("GET", f"{API}/purchases"), secret)
        return self.keys[held, role]

    async def ask(self, what: Ask, secret: str, *, of: Company | None = None) -> Told:
        """Make a call at the company's host."""
        at = of or self.company
        return await ask(at.app, what, host=at.host, authorization=f"lucca application={secret}")

    async def make(self, what: Ask, secret: str) -> Any:  # noqa: ANN401  JSON
        """Make a call that has to succeed."""
        told = await self.ask(what, secret)
        assert told.status in {200, 201}, told.body
        return told.json

    async def target(self, stage: str) -> Target:
        """Bring a new purchase so far: of the owner, by the writer."""
        if stage == WATCHED:
            made = await self.make(Ask("POST", f"{API}/webhooks", WEBHOOK), self.writer)
            return Target("", 0, webhook=made["id"])
        title = f"Purchase {await self.company.owner.fetchval('SELECT gen_random_uuid()')}"
        body = PURCHASE | {"title": title}
        if stage == DRAFTED:
            body |= {"supplier": {"name": "Corner shop", "territoryId": "FR"}}
        purchase = await self.make(Ask("POST", f"{API}/purchases", body), self.writer)
        target = Target(title, purchase["id"])
        if stage in {NEW, DRAFTED}:
            return target
        hung: list[str] = []
        if stage in {APPROVED, SUBSCRIBED}:
            uploaded = await self.make(Ask("POST", "/lucca-files/api/uploads", file=("offer.pdf", PAPER)), self.writer)
            hung = [uploaded["id"]]
        terms = (TERMS if stage == SUBSCRIBED else ONE_TIME) | {"purchaseId": target.purchase, "attachmentIds": hung}
        commitment = await self.make(Ask("POST", f"{API}/commitments", terms), self.writer)
        target = replace(target, commitment=commitment["id"])
        if stage not in {PENDING, APPROVED, SUBSCRIBED}:
            return target
        asked = await self.make(Ask("POST", f"{API}/commitments/{target.commitment}/requests"), self.writer)
        target = replace(target, request=asked["id"])
        if stage == PENDING:
            return target
        done = await self.make(Ask("POST", f"{API}/requests/{target.request}/approvals", {}), self.approver)
        return replace(
            target,
            order=done["order"]["id"],
            attachment=done["businessObject"]["attachments"][0]["id"],
            file=UUID(hung[0]),
            free_file=await self.free_file(),
        )

    async def free_file(self) -> UUID:
        """Keep a file that hangs on nothing, as if the writer had uploaded it."""
        async with self.company.client(self.writer) as writer:
            return UUID(await keep_file(self.company, writer))

    async def rows(self) -> Rows:
        """Copy all that both companies have."""
        return [await snapshot(each.owner, each.tenant_id) for each in (self.company, self.rival)]


@pytest_asyncio.fixture(scope="module")
async def stage(app: Router, owner: OwnerConnection) -> AsyncIterator[Stage]:
    """Set the stage once: the approved purchase that all reads are about stands on it."""
    company, rival = await found_company(app, owner), await found_company(app, owner)
    await owner.execute(
        """INSERT INTO users (tenant_id, user_id, first_name, last_name)
        VALUES ($1, 40, 'Nobody', 'Known'), ($1, 41, 'Dee', 'Deputy')""",
        company.tenant_id,
    )
    await put_in_force(company, "steps: [{name: Head, any: [36], goesUpTo: [37, 39]}]")
    await owner.execute(budgets.rows(company.tenant_id, LATER, "Long ago"))
    await owner.execute(absences.rows(company.tenant_id, LATER, deputy=41))
    writer = await company.key(permissions=EVERYTHING, person=39)
    approver = await company.key(permissions=("approve",), person=36)
    made = Stage(company, rival, writer, approver)
    made.bad = await _bad_keys(made)
    yield made


async def _bad_keys(stage: Stage) -> dict[KeyIs, tuple[str | None, str]]:
    """Make the keys that let nobody in: what is sent, and to which host."""
    company, rival = stage.company, stage.rival
    good, theirs = await company.key(permissions=EVERYTHING), await rival.key(permissions=EVERYTHING)
    revoked, expired, replaced = [await company.key(permissions=EVERYTHING) for _ in range(3)]
    left = await company.key(permissions=EVERYTHING, person=38)
    change = "UPDATE api_keys SET {} WHERE tenant_id = $1 AND secret_hash = $2"
    for said, secret in (("revoked_at = now()", revoked), ("expires_on = '2025-01-01'", expired)):
        await company.owner.execute(change.format(said), company.tenant_id, hash_of_secret(secret))
    await company.owner.execute(
        """WITH key AS (UPDATE api_keys SET secret_hash = 'another' WHERE tenant_id = $1 AND secret_hash = $2
            RETURNING api_key_id)
        INSERT INTO former_secrets (tenant_id, secret_hash, api_key_id, replaced_at, good_until)
        SELECT $1, $2, api_key_id, now() - interval '2 days', now() - interval '1 day' FROM key""",
        company.tenant_id,
        hash_of_secret(replaced),
    )
    sent: dict[KeyIs, tuple[str | None, str]] = {
        KeyIs.ABSENT: (None, company.host),
        KeyIs.MALFORMED: (f"lucca user={good}", company.host),
        KeyIs.OF_ANOTHER_SCHEME: (f"Bearer {good}", company.host),
        KeyIs.UNKNOWN: ("lucca application=a-key-that-nobody-has", company.host),
        KeyIs.REVOKED: (f"lucca application={revoked}", company.host),
        KeyIs.EXPIRED: (f"lucca application={expired}", company.host),
        KeyIs.REPLACED: (f"lucca application={replaced}", company.host),
        KeyIs.OF_ONE_WHO_LEFT: (f"lucca application={left}", company.host),
        KeyIs.A_RIVALS: (f"lucca application={theirs}", company.host),
        KeyIs.AT_A_RIVALS_HOST: (f"lucca application={good}", rival.host),
        KeyIs.AT_NO_HOST: (f"lucca application={good}", "nobody.test"),
    }
    for authorization, host in sent.values():
        await ask(company.app, Ask("GET", f"{API}/purchases"), host=host, authorization=authorization)
    return sent


def test_every_operation_has_a_rule() -> None:
    assert set(REACH) == set(OPERATIONS)


def test_what_needs_no_key_is_on_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: list[Operation] = []

    def add(_routes: object, _method: str, _path: str, made: Operation | Page) -> None:
        if isinstance(made, Operation):
            served.append(made)

    monkeypatch.setattr(Routes, "add", add)
    create_app(Settings(database_url="postgresql://nowhere/none", data_dir=tmp_path))
    assert {made.name for made in served if made.public} == set(PUBLIC)
    assert {made.name for made in served if not made.public} == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation_lets_in_whom_the_rules_let_in_and_nobody_else(stage: Stage, name: str) -> None:
    made = OPERATIONS[name]
    target = await stage.target(stage_of(name))
    cells = [(held, role, verdict(made, held, role)) for held in sets_for(made) for role in ROLES]
    keys = {(held, role.name): await stage.key(held, role.name, role.person) for held, role, _ in cells}
    rivals = await stage.rival.key(permissions=EVERYTHING, person=36)
    await stage.ask(Ask("GET", f"{API}/purchases"), rivals, of=stage.rival)
    before = await stage.rows()
    refused = 0

    for state, (authorization, host) in stage.bad.items():
        told = await ask(stage.company.app, call_of(made, target), host=host, authorization=authorization)
        assert (told.status, told.code) == (state.status, state.code), state
        refused += 1
    for held, role, expected in cells:
        if expected is not Verdict.ALLOWED:
            told = await stage.ask(call_of(made, target), keys[held, role.name])
            assert _met(made, target, told, expected), (held, role.name, expected, told)
            refused += 1
    if REACH[name] in HIDDEN_FROM_RIVALS:
        told = await stage.ask(call_of(made, target), rivals, of=stage.rival)
        assert _met(made, target, told, rival_verdict(made)), told
        refused += 1
    assert _difference(before, await stage.rows()) == []

    allowed = [(held, role) for held, role, expected in cells if expected is Verdict.ALLOWED]
    assert allowed, "nobody may call it, so that no refusal proves anything"
    for held, role in allowed:
        told = await stage.ask(call_of(made, target), keys[held, role.name])
        assert told.status in made.answers, (held, role.name, told)
        if REACH[name] is Reach.LISTED:
            assert shows(made, target, told.json), (held, role.name)
        target = await _anew(stage, made, target)
    expected_cells = counts_of(made)
    assert (refused, len(allowed)) == (expected_cells.refused, expected_cells.allowed), "a cell was not played"


def _difference(before: Rows, after: Rows) -> list[str]:
    """List the rows that are not the same on both sides. Numbers that are drawn ahead are no row of anything."""
    first, second = (
        Counter(
            f"{table} {row}" for each in side for table, rows in each.items() if table != "id_blocks" for row in rows
        )
        for side in (before, after)
    )
    return [*(first - second), *(second - first)]


def _met(made: Operation, target: Target, told: Told, expected: Verdict) -> bool:
    if expected is Verdict.UNLISTED:
        return told.status == 200 and not shows(made, target, told.json)
    if told.status != STATUS[expected]:
        return False
    return told.code.endswith(expected) if expected is Verdict.UNSEEN else told.code == expected


async def _anew(stage: Stage, made: Operation, target: Target) -> Target:
    """Make what the next call is about, when a call changes it."""
    shared = {Reach.COMPANY, Reach.NEW, Reach.NEW_ABSENCE, Reach.ABSENCE}
    if made.method == "GET" or (REACH[made.name] in shared and not target.webhook):
        return target
    if REACH[made.name] is Reach.FREE_FILE:
        return replace(target, free_file=await stage.free_file())
    return await stage.target(stage_of(made.name))
