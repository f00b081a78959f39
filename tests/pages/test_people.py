"""People on the pages: roles, sessions and letting somebody in, by an administrator."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting, seen, visiting
from tests.fixtures.visitors import let_in

BO = "/settings/people/37"
_ZOE = "INSERT INTO users (tenant_id, user_id, first_name, last_name) VALUES ($1, 900, 'Zoë', 'Élan')"
_MANY = """
INSERT INTO users (tenant_id, user_id, first_name, last_name) SELECT $1, n, 'Person', n FROM generate_series(800, 910) n
"""


@pytest_asyncio.fixture
async def administrator(company: Company) -> AsyncIterator[Visiting]:
    async with await visiting(company, 36, "administrator") as visitor:
        yield visitor


async def test_an_administrator_ends_the_sessions_of_somebody_else(administrator: Visiting, company: Company) -> None:
    async with await visiting(company, 37) as bo:
        page = await administrator.see(BO)
        (session,) = page.tree.xpath("//input[@name='session']/@value")
        answer = await administrator.post(f"{BO}/sessions/end", page.form(f"{BO}/sessions/end") | {"session": session})
        assert answer.status_code == 303
        there = await company.owner.fetchval(
            "SELECT count(*) FROM sessions WHERE tenant_id = $1 AND user_id = $2", company.tenant_id, bo.user_id
        )
        assert there == 0


@pytest.mark.parametrize("number", ["", "many", "-1", "²", "99999999999999999999", "2147483646"])
async def test_a_session_that_is_none_ends_none(administrator: Visiting, company: Company, number: str) -> None:
    async with await visiting(company, 37) as bo:
        form = (await administrator.see(BO)).form(f"{BO}/sessions/end")
        refused = await administrator.post(f"{BO}/sessions/end", form | {"session": number})
        assert refused.status_code == 404
        assert (await bo.see("/account")).status == 200


async def test_a_role_is_given_for_a_part_once_and_ended(administrator: Visiting) -> None:
    page = await administrator.see(BO)
    given = {"role": "viewer", "reach": "department-14"}
    assert (await administrator.send(page, f"{BO}/roles", **given)).status_code == 303
    page = await administrator.see(BO)
    assert "Marketing" in page.text
    again = seen(await administrator.send(page, f"{BO}/roles", **given))
    assert (again.status, len(again.tree.xpath("//*[@id='role-wrong1']"))) == (400, 1)
    (place,) = [action for action in page.actions() if "/roles/" in action]
    assert (await administrator.send(page, place)).status_code == 303


async def test_nobody_ends_their_own_administration(administrator: Visiting) -> None:
    page = await administrator.see("/settings/people/36")
    (place,) = [action for action in page.actions() if "/roles/" in action]
    refused = seen(await administrator.send(page, place))
    assert (refused.status, len(refused.tree.xpath("//*[@id='held-wrong1']"))) == (400, 1)
    assert (await administrator.see("/settings/people")).status == 200


async def test_a_role_that_has_no_parts_is_given_for_the_whole_company_only(administrator: Visiting) -> None:
    page = await administrator.see(BO)
    refused = seen(await administrator.send(page, f"{BO}/roles", role="payer", reach="center-3"))
    assert (refused.status, len(refused.tree.xpath("//*[@id='reach-wrong1']"))) == (400, 1)


async def test_a_link_to_choose_a_password_is_shown_once(administrator: Visiting, company: Company) -> None:
    await let_in(company, 37)
    page = seen(await administrator.send(await administrator.see(BO), f"{BO}/link"))
    (link,) = page.tree.xpath("//input[@id='link']/@value")
    assert (await administrator.client.get(str(link))).status_code == 200
    assert (await administrator.see(BO)).tree.xpath("//input[@id='link']") == []


async def test_who_has_no_mail_address_can_be_given_no_link(administrator: Visiting) -> None:
    refused = seen(await administrator.send(await administrator.see(BO), f"{BO}/link"))
    assert (refused.status, len(refused.tree.xpath("//*[@id='link-wrong1']"))) == (400, 1)


@pytest.mark.parametrize(
    ("words", "found"),
    [("zoe", ["Zoë Élan"]), ("ÉLAN ZO", ["Zoë Élan"]), ("user37@", ["Bo Second"]), ("100%", []), ("o", None)],
)
async def test_people_are_found_however_they_are_written(
    administrator: Visiting, company: Company, words: str, found: list[str] | None
) -> None:
    await let_in(company, 37)
    await company.owner.execute(_ZOE, company.tenant_id)
    page = await administrator.see(f"/settings/people?q={quote(words)}")
    names = [" ".join(cell.text_content().split()) for cell in page.tree.xpath("//tbody/tr/td[1]")]
    assert names == found if found is not None else len(names) > 1
    assert page.tree.xpath("//input[@name='q']/@value") == [words]


async def test_a_long_list_of_people_goes_on(administrator: Visiting, company: Company) -> None:
    await company.owner.execute(_MANY, company.tenant_id)
    first = await administrator.see("/settings/people")
    (further,) = first.tree.xpath("//a[@rel='next']/@href")
    last = await administrator.see(str(further))
    assert len(first.tree.xpath("//tbody/tr")) == 100
    assert 0 < len(last.tree.xpath("//tbody/tr")) < 100
    assert "/settings/people" in last.links()
    assert not last.tree.xpath("//a[@rel='next']")
