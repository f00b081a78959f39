"""Administrators who end each other at one moment: one of them stays, whatever they do and whoever is faster."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import combinations_with_replacement

import pytest
import pytest_asyncio

from emplette.domain.people import Tenant
from emplette.domain.roles import LastAdministrator, Role
from emplette.services import imports, plans, roles
from emplette.services.plans import Source
from emplette.services.roles import RoleDraft
from emplette.services.work import Shelf, Work
from emplette.storage import people, sign_in
from emplette.storage.database import Database
from emplette.storage.roles import find_administrators
from tests.fixtures.companies import Company

BOTH = (36, 37)
PATIENCE = 60.0
_HOLD = "SELECT FROM users WHERE tenant_id = $1 FOR NO KEY UPDATE"
_HOLD_ROLES = "SELECT FROM role_grants WHERE tenant_id = $1 FOR NO KEY UPDATE"
# In a transaction PostgreSQL goes on listing who was connected when it was first asked.
_LOOK_AGAIN = "SELECT pg_stat_clear_snapshot()"
# Who waits for us, and who waits for whoever waits for us.
_WAITING = """
WITH first AS (SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))
SELECT count(*) FROM pg_stat_activity
WHERE pg_blocking_pids(pid) && (SELECT array_agg(pid) || pg_backend_pid() FROM first)
"""


class Office:
    """A company that two people administrate, and what each can do to the other."""

    def __init__(self, tenant: Tenant, database: Database) -> None:
        self.tenant = tenant
        self.db = database.session()
        self.grants: dict[int, int] = {}

    async def work(self, user_id: int) -> Work:
        """Let somebody do something."""
        user = (await people.by_id(self.db, self.tenant.id, [user_id]))[user_id]
        who = await sign_in.principal(self.db, self.tenant.id, user)
        return Work(self.tenant, who, datetime.now(UTC), self.db, Shelf())

    async def end(self, by: int, other: int) -> bool:
        """Take the other one's role; tell whether that was allowed."""
        try:
            await roles.end_role(await self.work(by), self.grants[other])
        except LastAdministrator:
            return False
        return True

    async def let_go(self, by: int, other: int) -> bool:
        """Write down that the other one has left; tell whether that was allowed."""
        source = Source("people.csv", f"id;firstName;lastName;leftOn\n{other};Lee;Gone;2024-01-31\n".encode())
        now = datetime.now(UTC)
        while True:
            plan = await imports.plan_import(
                self.db, self.tenant, "people", source.content, today=now.date(), say=lambda _: None, dry_run=False
            )
            if plan.faults:
                assert plan.faults == {"line 2, column leftOn": [LastAdministrator.title()]}
                return False
            if await plans.carry_out(self.db, self.tenant, "people", plan, source, now=now, say=lambda _: None, by=by):
                return True


Deed = Callable[[Office, int, int], Awaitable[bool]]


@pytest_asyncio.fixture
async def office(company: Company, database: Database) -> Office:
    """Have two people administrate a company."""
    tenant = await people.tenant_of_host(database.session(), company.host)
    assert tenant is not None
    made = Office(tenant, database)
    for user_id in BOTH:
        given = await roles.grant_role(await made.work(user_id), RoleDraft(user_id, Role.ADMINISTRATOR))
        made.grants[user_id] = given.entry.id
    return made


@pytest.mark.parametrize("deeds", list(combinations_with_replacement([Office.end, Office.let_go], 2)))
async def test_of_two_administrators_who_end_each_other_one_stays(
    office: Office, company: Company, deeds: tuple[Deed, Deed]
) -> None:
    one, other = BOTH
    async with company.owner.transaction():
        await company.owner.execute(_HOLD, office.tenant.id)
        await company.owner.execute(_HOLD_ROLES, office.tenant.id)
        at_once = asyncio.gather(deeds[0](office, one, other), deeds[1](office, other, one))
        async with asyncio.timeout(PATIENCE):
            while await company.owner.fetchval(_WAITING) < len(BOTH):
                assert not at_once.done()
                await asyncio.sleep(0.01)
                await company.owner.execute(_LOOK_AGAIN)
    assert sorted(await at_once) == [False, True]
    assert len(await find_administrators(office.db, office.tenant.id)) == 1
