"""The log on the pages: what happened, narrowed and looked back at."""

from datetime import UTC, datetime

import httpx2
import pytest

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import make_request
from tests.fixtures.logs import seal_all
from tests.fixtures.pages import Seen, Visiting, visiting

LOG = "/settings/log"
_MOVE = """
UPDATE events e SET at = $3 FROM sealed s
WHERE e.tenant_id = $1 AND s.tenant_id = $1 AND s.position = $2 AND e.event_id = s.event_id
"""


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 4, day, hour, minute, tzinfo=UTC)


def _types(page: Seen) -> list[str]:
    return [str(each.text) for each in page.tree.xpath("//tbody/tr/td[last()]/code")]


async def test_the_log_shows_the_latest_first_and_is_narrowed(
    company: Company, submitter: httpx2.AsyncClient, database: Database
) -> None:
    await make_request(submitter, title="A lamp")
    await seal_all(database, company.tenant_id)
    async with await visiting(company, 37, "accountant") as accountant:
        page = await accountant.see(LOG)
        assert _types(page) == ["request.created", "commitment.created", "purchase.created"]
        assert "asked for approval" in page.text
        assert any(link.startswith("/purchases/") for link in page.links())
        narrowed = await accountant.see(f"{LOG}?object=commitment")
        assert _types(narrowed) == ["commitment.created"]
        assert _types(await accountant.see(f"{LOG}?who=35")) == []
        assert "Nothing is like that" in (await accountant.see(f"{LOG}?type=tenant.clock_moved&number=many")).text
        assert _types(await accountant.see(f"{LOG}?before=1")) == ["purchase.created"]


async def test_the_log_is_narrowed_to_days_where_the_company_is(
    company: Company, submitter: httpx2.AsyncClient, database: Database
) -> None:
    await make_request(submitter, title="A lamp")
    await seal_all(database, company.tenant_id)
    # One in the last minute of a day in Paris, one in the first of the next, one a month later.
    for position, at in enumerate((_at(14, 21, 59), _at(14, 22), _at(30, 12)), start=1):
        await company.owner.execute(_MOVE, company.tenant_id, position, at)
    async with await visiting(company, 37, "accountant") as accountant:
        assert _types(await accountant.see(f"{LOG}?from=2025-04-15")) == ["request.created", "commitment.created"]
        assert _types(await accountant.see(f"{LOG}?to=2025-04-14")) == ["purchase.created"]
        day = await accountant.see(f"{LOG}?from=2025-04-15&to=2025-04-15")
        assert _types(day) == ["commitment.created"]
        assert day.tree.xpath("//input[@name='from']/@value") == ["2025-04-15"]
        assert "Nothing is like that" in (await accountant.see(f"{LOG}?from=2026-01-01&to=9999-12-31")).text
        assert len(_types(await accountant.see(f"{LOG}?from=0001-01-01&to=9999-12-31"))) == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=soon", "from"),
        ("to=2025-02-30", "to"),
        ("from=2025-05-02&to=2025-05-01", "to"),
        ("type=order.create", "type"),
        ("object=orders", "object"),
    ],
)
async def test_what_is_no_day_and_what_never_happens_is_said_beside_the_field(
    accountant: Visiting, query: str, field: str
) -> None:
    page = await accountant.see(f"{LOG}?{query}")
    assert (page.status, len(page.tree.xpath(f"//*[@id='{field}-wrong1']"))) == (400, 1)
    assert _types(page) == []


async def test_an_auditor_finds_the_log_in_the_navigation(company: Company) -> None:
    async with await visiting(company, 37, "viewer") as auditor:
        assert LOG in (await auditor.see("/")).links()
        page = await auditor.see(LOG)
        assert (page.status, "/settings" in page.links()) == (200, False)


async def test_who_keeps_settings_finds_the_log_there(accountant: Visiting, buyer: Visiting) -> None:
    assert LOG not in (await accountant.see("/")).links()
    assert LOG in (await accountant.see("/settings")).links()
    assert LOG not in (await buyer.see("/")).links()


async def test_who_sees_a_part_only_does_not_see_the_log(buyer: Visiting) -> None:
    assert (await buyer.see(LOG)).status == 403


async def test_what_administrators_do_is_told_in_words_of_the_visitor(company: Company, database: Database) -> None:
    async with await visiting(company, 37, "administrator", language="fr") as administrator:
        page = await administrator.see("/settings/people/36")
        await administrator.send(page, "/settings/people/36/roles", role="viewer", reach="")
        await seal_all(database, company.tenant_id)
        told = await administrator.see(LOG)
        assert "a donné un rôle · role_grant.created · rôle" in told.text
