"""The log on the pages: what happened, narrowed and looked back at."""

import httpx2

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import make_request
from tests.fixtures.logs import seal_all
from tests.fixtures.pages import Seen, Visiting, visiting

LOG = "/settings/log"


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
        assert "Nothing is like that" in (await accountant.see(f"{LOG}?type=no.such&number=many")).text
        assert _types(await accountant.see(f"{LOG}?before=1")) == ["purchase.created"]


async def test_who_sees_a_part_only_does_not_see_the_log(buyer: Visiting) -> None:
    assert (await buyer.see(LOG)).status == 403
