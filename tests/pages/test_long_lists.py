"""Lists that are longer than a page: nothing of them is left out in silence."""

import httpx2
import pytest

from emplette.http.pages import histories, settings, whole_lists
from tests.fixtures.companies import Company
from tests.fixtures.guide import make_purchase, make_request
from tests.fixtures.pages import Seen, Visiting


def history_in(page: Seen) -> list[str]:
    """Read the lines of a history."""
    lines = page.tree.xpath("//ul[contains(@class, 'history')]/li")
    return [" ".join(line.xpath("string(.)").split()) for line in lines]


async def walk(visitor: Visiting, place: str) -> list[Seen]:
    """Go through the pages of a list, from the first one to the last."""
    pages = [await visitor.see(place)]
    while further := pages[-1].tree.xpath("//a[@rel='next']/@href"):
        pages.append(await visitor.see(further[0].removesuffix("#happened")))
    return pages


async def test_a_long_history_goes_on_further_back_until_its_beginning(
    buyer: Visiting, submitter: httpx2.AsyncClient, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await make_request(submitter)
    place = f"/purchases/{request['purchase']['id']}"
    for number in range(4):
        await buyer.send(await buyer.see(place), f"{place}/comments", text=f"Word {number}")
    # Clocks differ between machines: what was said last may be older than what was said before.
    await company.owner.execute(
        "UPDATE comments SET written_at = written_at - interval '1 day' WHERE tenant_id = $1 AND text = 'Word 2'",
        company.tenant_id,
    )
    whole = history_in(await buyer.see(place))
    assert len(whole) == 7
    monkeypatch.setattr(histories, "MOST", 2)
    pages = await walk(buyer, place)
    assert [len(history_in(page)) for page in pages] == [2, 2, 2, 1]
    assert [line for page in pages for line in history_in(page)] == whole
    assert f"{place}#happened" in pages[-1].links()
    assert f"{place}#happened" not in pages[0].links()


@pytest.mark.parametrize(
    "place", ["x", "~~~", "2025-01-01~1~2025-01-01~-1", "0001-01-01T00:00:00+14:00~1~2025-01-01~1"]
)
async def test_what_is_no_place_in_a_history_is_told(buyer: Visiting, client: httpx2.AsyncClient, place: str) -> None:
    purchase = await make_purchase(client)
    page = await buyer.see(f"/purchases/{purchase['id']}?earlier={place.replace('+', '%2B')}")
    assert page.status == 400


@pytest.mark.parametrize("place", ["natures", "cost-centers"])
async def test_every_page_of_a_register_is_reached_and_what_is_changed_there_leads_back_there(
    accountant: Visiting, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    whole = (await accountant.see(f"/settings/{place}")).tree.xpath("//tbody//bdi/text()")
    monkeypatch.setattr(settings, "_A_PAGE", 1)
    pages = await walk(accountant, f"/settings/{place}")
    assert [name for page in pages for name in page.tree.xpath("//tbody//bdi/text()")] == whole
    assert len(pages) == len(whole) > 1
    (switch,) = {action for action in pages[1].actions() if action.endswith("/state")}
    answer = await accountant.send(pages[1], switch, state="Enabled")
    assert answer.headers["location"].startswith(f"/settings/{place}?after=")


async def test_a_form_offers_all_however_many_pages_they_come_in(
    buyer: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = (await buyer.see("/purchases")).choices("nature")
    monkeypatch.setattr(whole_lists, "AT_ONCE", 1)
    assert (await buyer.see("/purchases")).choices("nature") == offered
    assert len(offered) == 4
