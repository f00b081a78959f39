"""A company that has grown since PostgreSQL looked at its tables is not taken for a small one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.erasures import Forgetting
from emplette.domain.people import Visible
from emplette.domain.spending import Months
from emplette.storage import approvals, erasures, lists, rehearsing, slowness, spending
from emplette.storage.database import Database, Session
from emplette.storage.lists import Filters, Slice
from emplette.storage.merging import Arguments
from emplette.storage.migrate import migrate
from tests.fixtures.companies import Company, bring_words
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.pending import PENDING, let_wait
from tests.fixtures.plans import looked_at, nodes_of
from tests.migrations.conftest import connected, empty_database

BESIDE: Final = 12
"""Companies with one purchase each: all that there is when PostgreSQL looks at the tables."""
VISIBLE: Final = Visible(frozenset({35, 36}), asked_id=36)
PAGE: Final = Slice(100, counted=True)
MONTHS: Final = Months.between(date(2025, 1, 1), date(2025, 12, 31))
ALMA: Final = Forgetting(36, frozenset({36}), names=("Alma",))
READINGS: Final[dict[str, Callable[[Session, int], Awaitable[object]]]] = {
    "purchases": lambda db, tenant: lists.purchases(db, tenant, None, Filters(), PAGE),
    "purchases of people": lambda db, tenant: lists.purchases(db, tenant, VISIBLE, Filters(), PAGE),
    "requests": lambda db, tenant: lists.requests(db, tenant, None, Filters(), PAGE),
    "requests of people": lambda db, tenant: lists.requests(db, tenant, VISIBLE, Filters(), PAGE),
    "what waits": lambda db, tenant: approvals.waiting(db, tenant, 36, limit=100),
    "whom it waits for": lambda db, tenant: slowness.by_person(db, tenant, None),
    "what waits for somebody": lambda db, tenant: slowness.of_person(db, tenant, None, 36, most=100),
    "the overview": lambda db, tenant: spending.sums(db, tenant, None, MONTHS),
    "a rehearsal": lambda db, tenant: rehearsing.requests_behind(db, tenant, approvals.THE_FIRST, most=1000),
    "an erasure": lambda db, tenant: erasures.concerned(db, tenant, ALMA),
}
_TABLES: Final = ("purchases", "commitments", "requests", "request_steps", "request_approvers", "request_decisions")
_EACH_BY_ITSELF: Final = """
SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', $1::text, 'reltuples', 5000::real),
    pg_restore_attribute_stats('schemaname', 'public', 'relname', $1::text, 'attname', 'tenant_id', 'inherited', false,
        'null_frac', 0::real, 'avg_width', 4, 'n_distinct', 5000::real)
"""


class Noted(Database):
    """A database that notes what is read from it."""

    said: list[tuple[str, tuple[Any, ...]]]

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Read, and note the statement with its parameters."""
        self.said.append((sql, tuple(arguments())))
        return await super().read(sql, arguments)


@dataclass(frozen=True, slots=True)
class Grown:
    """A database in which a company has grown, and how its owner looks at it."""

    database: Noted
    owner: OwnerConnection
    tenant: int


@pytest_asyncio.fixture(scope="module")
async def grown(urls: Urls) -> AsyncIterator[Grown]:
    """Lend a company that has grown from nothing to 800 purchases since the tables were looked at."""
    async with empty_database(urls) as empty, connected(empty) as owner:
        await migrate(owner, serving_role=empty.serving_role)
        *beside, company = [await _founded(owner, n) for n in range(BESIDE + 1)]
        for one in beside:
            await let_wait(one, pending=1)
        await owner.execute(f"ANALYZE {', '.join(_TABLES)}")
        await let_wait(company)
        database = await Noted.connect(empty.serving, size=2)
        database.said = []
        yield Grown(database, owner, company.tenant_id)
        await database.close()


async def _founded(owner: OwnerConnection, number: int) -> Company:
    tenant_id = await owner.fetchval(
        """INSERT INTO tenants (account, name, time_zone, currency, country)
        VALUES ($1, $1, 'Europe/Paris', 'EUR', 'FR') RETURNING tenant_id""",
        f"growing-{number}",
    )
    await bring_words(owner, tenant_id)
    return Company(tenant_id, "", Router(), owner)


@pytest.mark.parametrize("name", READINGS)
async def test_what_is_read_grows_no_faster_than_the_company(grown: Grown, name: str) -> None:
    grown.database.said.clear()
    await READINGS[name](grown.database.session(), grown.tenant)
    assert grown.database.said
    for sql, arguments in grown.database.said:
        assert sum(map(looked_at, await nodes_of(grown.owner, sql, arguments))) < 60 * PENDING, sql


@pytest.mark.parametrize("statement", [approvals.HOW_MANY_WAIT, approvals.WAITING_IDS], ids=["counted", "listed"])
async def test_what_waits_is_looked_at_once_each_however_small_the_company_is_taken_for(
    company: Company, owner: OwnerConnection, statement: str
) -> None:
    await let_wait(company)
    trial = owner.transaction()
    await trial.start()
    try:
        for table in _TABLES:
            # Only PostgreSQL 18 lets itself be told; one before takes the company for what it was at its last look.
            with suppress(asyncpg.UndefinedFunctionError):
                async with owner.transaction():
                    await owner.execute(_EACH_BY_ITSELF, table)
        asked = (company.tenant_id, 36, [37], [None], [None], [None], [None])
        nodes = await nodes_of(owner, statement, asked)
    finally:
        await trial.rollback()
    assert sum(map(looked_at, nodes)) < 30 * PENDING
