"""Home, as an administrator sees it: what waits for nobody else stands there, and leads to where it is mended."""

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.guide import make_request
from tests.fixtures.pages import Seen, Visiting, visiting

_LATER = """
UPDATE requests SET created_at = created_at - interval '8 days' WHERE tenant_id = $1;
"""
_KEY = "UPDATE api_keys SET expires_on = now()::date + 3 WHERE tenant_id = $1 AND person_id IS NULL"
_BUDGET = """
INSERT INTO budgets (tenant_id, budget_id, name, starts_on, ends_on, currency, kind, initial_minor, amount_minor,
    spent_minor, overrun_minor)
SELECT $1, number, 'Lamps', now()::date - 40 * number, now()::date - 40 * number + 41, 'EUR', 'Soft', 100, 100, 150, 50
FROM generate_series(1, 2) AS number
"""


def _cares(page: Seen) -> list[str]:
    return [str(link) for link in page.tree.xpath("//section[@aria-labelledby='concerns']//a/@href")]


async def test_what_an_administrator_should_look_after_stands_on_their_home(
    company: Company, submitter: httpx2.AsyncClient
) -> None:
    async with await visiting(company, 37, "administrator") as administrator:
        page = await administrator.see("/")
        assert _cares(page) == []
        assert "budgets hold" in page.text
        await make_request(submitter, title="A lamp")
        assert _cares(await administrator.see("/")) == [], "it has not waited for long"
        for statement in (_LATER, _KEY, _BUDGET):
            await company.owner.execute(statement, company.tenant_id)
        assert _cares(await administrator.see("/")) == ["/settings/keys", "/overview#slow", "/settings/budgets"]


async def test_who_configures_nothing_has_nothing_to_look_after(buyer: Visiting) -> None:
    assert (await buyer.see("/")).tree.xpath("//*[@id='concerns']") == []
