"""Views of the list of purchases: kept with the person, as an address that can be sent."""

import asyncio

from emplette.domain.saved_views import MOST_VIEWS
from tests.fixtures.companies import Company
from tests.fixtures.pages import Seen, Visiting, seen, visiting

KEEP, REMOVE = "/purchases/views", "/purchases/views/removal"


def views_of(page: Seen) -> dict[str, str]:
    """Read the views that a page offers: where each leads, by its name."""
    return {link.text_content(): str(link.get("href")) for link in page.tree.xpath("//nav[@class='views-list']//a")}


async def test_a_view_is_found_wherever_one_signs_in_and_by_nobody_else(company: Company, buyer: Visiting) -> None:
    page = await buyer.see("/purchases?state=Closed&nature=&whose=mine&q=lamp&state=Denied&before=")
    answer = await buyer.send(page, KEEP, name="Old lamps")
    assert answer.headers["location"] == "/purchases?q=lamp&state=Closed&state=Denied"
    async with await visiting(company, 35) as on_the_phone, await visiting(company, 36) as somebody_else:
        there = await on_the_phone.see("/purchases")
        assert views_of(there) == {"Old lamps": answer.headers["location"]}
        assert views_of(await somebody_else.see("/purchases")) == {}
    shown = await buyer.see("/purchases?state=Denied&state=Closed&q=lamp")
    assert shown.tree.xpath("//nav[@class='views-list']//a[@aria-current]/bdi/text()") == ["Old lamps"]


async def test_a_view_of_the_same_name_is_replaced_and_one_that_is_removed_is_gone(buyer: Visiting) -> None:
    for filters in ("q=lamp", "q=chair"):
        await buyer.send(await buyer.see(f"/purchases?{filters}"), KEEP, name="Mine")
    page = await buyer.see("/purchases?whose=all")
    assert views_of(page) == {"Mine": "/purchases?q=chair"}
    for _ in range(2):
        answer = await buyer.send(page, REMOVE)
        assert answer.headers["location"] == "/purchases?whose=all"
    assert views_of(await buyer.see("/purchases")) == {}


async def test_a_view_whose_name_none_can_have_is_not_there_to_be_removed(buyer: Visiting) -> None:
    page = await buyer.see("/purchases?whose=all")
    await buyer.send(page, KEEP, name="Mine")
    for name in ("Mine\0", "", "x" * 10_000):
        answer = await buyer.post(REMOVE, page.form(KEEP) | {"name": name})
        assert (answer.status_code, answer.headers["location"]) == (303, "/purchases?whose=all")
    assert list(views_of(await buyer.see("/purchases"))) == ["Mine"]


async def test_what_is_wrong_with_a_view_stands_beside_it_and_the_list_stays(buyer: Visiting) -> None:
    answer = seen(await buyer.send(await buyer.see("/purchases?q=lamp"), KEEP, name=" "))
    assert answer.status == 400
    assert answer.tree.xpath("//details[@open]//input[@id='name']/@aria-invalid") == ["true"]
    assert answer.tree.xpath("//input[@name='q']/@value") == ["lamp"]
    assert answer.form(KEEP)["filters"] == "q=lamp"
    unread = await buyer.post(KEEP, (await buyer.see("/purchases")).form(KEEP) | {"name": "x", "filters": "q=é"})
    assert unread.status_code == 400


async def test_so_many_views_are_kept_and_no_more_however_they_are_raced(company: Company, buyer: Visiting) -> None:
    await company.owner.execute(
        "INSERT INTO saved_views SELECT $1, 35, n, 'View ' || n, '[]' FROM generate_series(2, $2) AS n",
        company.tenant_id,
        MOST_VIEWS,
    )
    form = (await buyer.see("/purchases")).form(KEEP)
    answers = await asyncio.gather(*(buyer.post(KEEP, form | {"name": f"New {n}"}) for n in range(4)))
    assert min(answer.status_code for answer in answers) == 303
    assert len(views_of(await buyer.see("/purchases"))) == MOST_VIEWS
    refused = seen(await buyer.post(KEEP, form | {"name": "One more"}))
    assert "At most 50 views are kept" in refused.text
    replaced = await buyer.post(KEEP, form | {"name": "View 7", "filters": "q=lamp"})
    assert replaced.headers["location"] == "/purchases?q=lamp"
