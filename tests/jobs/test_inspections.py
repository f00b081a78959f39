"""Having a log verified from a page: asked once, done beside, and what was found is read."""

from datetime import UTC, datetime

import httpx2

from emplette.jobs.inspections import inspect
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import make_request
from tests.fixtures.logs import seal_all
from tests.fixtures.pages import Visiting, visiting

CHECKS = "/settings/log/checks"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def _ask(visitor: Visiting) -> None:
    page = await visitor.see(CHECKS)
    token = str(page.tree.xpath("string(//input[@name='csrf']/@value)"))
    assert (await visitor.post(CHECKS, {"csrf": token})).status_code == 303


async def _verify(database: Database) -> None:
    """Do all that waits, as the job worker does all the time."""
    while await inspect(database.session(), NOW):
        pass


async def test_a_log_is_verified_once_for_whoever_asks_and_a_change_past_it_is_found(
    company: Company, submitter: httpx2.AsyncClient, database: Database
) -> None:
    await make_request(submitter, title="A lamp")
    await seal_all(database, company.tenant_id)
    async with await visiting(company, 37, "accountant") as accountant:
        await _ask(accountant)
        await _ask(accountant)
        waiting = await accountant.see(CHECKS)
        assert waiting.tree.xpath("//progress") != []
        assert waiting.tree.xpath("//form[@action='/settings/log/checks']") == []
        await _verify(database)
        good = await accountant.see(CHECKS)
        assert len(good.tree.xpath("//h2")) == 1
        assert "good" in good.text
        await company.owner.execute("UPDATE purchases SET owner_id = 37 WHERE tenant_id = $1", company.tenant_id)
        await _ask(accountant)
        await _verify(database)
        found = await accountant.see(CHECKS)
        assert "changed past the log" in found.text
        assert len(found.tree.xpath("//h2")) == 2


async def test_how_far_it_has_come_is_shown(company: Company, database: Database) -> None:
    async with await visiting(company, 37, "accountant") as accountant:
        await _ask(accountant)
        await company.owner.execute(
            "UPDATE inspections SET looks_at = 'seals', done = 12 WHERE tenant_id = $1", company.tenant_id
        )
        assert "12 of the chain of seals looked at" in (await accountant.see(CHECKS)).text
        await _verify(database)


async def test_who_sees_a_part_only_has_no_log_verified(company: Company) -> None:
    async with await visiting(company, 35) as buyer:
        assert (await buyer.see(CHECKS)).status == 403
