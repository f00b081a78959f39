"""Purchases on the pages: the lists, and one with what can be done next."""

import httpx2
import pytest

from emplette.http.pages import purchases
from tests.fixtures.companies import Company
from tests.fixtures.guide import make_commitment, make_purchase, make_request
from tests.fixtures.pages import Visiting, seen
from tests.fixtures.policies import put_in_force

API = "/cleemy-procurement/api"


async def test_one_sees_ones_own_and_not_those_of_others(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    await make_purchase(client, title="A lamp of mine")
    await make_purchase(client, title="A lamp of somebody else", ownerId=37)
    page = await buyer.see("/purchases?whose=all")
    assert "A lamp of mine" in page.text
    assert "A lamp of somebody else" not in page.text


async def test_the_accountant_sees_all_when_asking_for_all(accountant: Visiting, client: httpx2.AsyncClient) -> None:
    await make_purchase(client, title="A lamp of Olive")
    assert "A lamp of Olive" not in (await accountant.see("/purchases")).text
    assert "A lamp of Olive" in (await accountant.see("/purchases?whose=all")).text


async def test_states_words_and_kinds_filter_the_list(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    closed = await make_purchase(client, title="A closed lamp")
    await make_purchase(client, title="An open chair", natureId=3)
    assert (await client.post(f"{API}/purchases/{closed['id']}/closing")).status_code == 201
    shown = {
        query: [title in page.text for title in ("A closed lamp", "An open chair")]
        for query in ("state=Closed", "q=chair", "nature=3", "state=Denied")
        for page in [await buyer.see(f"/purchases?{query}")]
    }
    assert shown == {
        "state=Closed": [True, False],
        "q=chair": [False, True],
        "nature=3": [False, True],
        "state=Denied": [False, False],
    }


async def test_older_ones_are_a_page_further_and_the_way_back_is_there(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    for number in range(27):
        await make_purchase(client, title=f"Lamp {number:02}")
    first = await buyer.see("/purchases")
    assert "Lamp 26" in first.text
    assert "Lamp 01" not in first.text
    (older,) = first.tree.xpath("//a[@rel='next']/@href")
    second = await buyer.see(older)
    assert "Lamp 01" in second.text
    (newer,) = second.tree.xpath("//a[@rel='prev']/@href")
    assert "Lamp 26" in (await buyer.see(newer)).text


async def test_the_table_has_every_line_and_no_formula(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    await make_purchase(client, title="=1+1")
    answer = await buyer.client.get("/purchases.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert ";=1+1" not in lines[1]


async def test_the_table_goes_on_for_as_long_as_the_list(
    buyer: Visiting, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purchases, "_A_PIECE", 2)
    for number in range(5):
        await make_purchase(client, title=f"Lamp {number}")
    answer = await buyer.client.get("/purchases.csv?whose=all")
    titles = [line.split(";")[1] for line in answer.text.splitlines()]
    assert titles == ["Title", *(f"Lamp {number}" for number in range(5))]
    assert "content-length" not in answer.headers, "nobody knows it before the last line"
    assert (await buyer.client.head("/purchases.csv")).content == b""


async def test_what_is_finished_is_left_out_or_looked_at_by_one_click(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    closed = await make_purchase(client, title="A closed lamp")
    await make_purchase(client, title="An open lamp")
    assert (await client.post(f"{API}/purchases/{closed['id']}/closing")).status_code == 201
    page = await buyer.see("/purchases?q=lamp&whose=all&state=Denied")
    shown = {}
    for name in ("Under way", "Finished", "All states"):
        (place,) = page.tree.xpath(f"//nav//a[.='{name}']/@href")
        assert "q=lamp&whose=all" in place
        found = await buyer.see(place)
        assert found.tree.xpath("string(//nav//a[@aria-current='true' and starts-with(@href, '/purchases?q')])") == name
        shown[name] = [title in found.text for title in ("A closed lamp", "An open lamp")]
    assert shown == {"Under way": [False, True], "Finished": [True, False], "All states": [True, True]}


async def test_a_purchase_shows_its_money_its_history_and_what_can_be_done(
    buyer: Visiting, submitter: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter, title="A desk lamp")
    page = await buyer.see(f"/purchases/{request['purchase']['id']}")
    for told in ("A desk lamp", "Waiting for approval", "asked for approval", "Withdraw it", "€120.00"):
        assert told in page.text
    assert "Close it" not in page.text


async def test_withdrawing_ends_it(buyer: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient) -> None:
    request = await make_request(submitter)
    place = f"/purchases/{request['purchase']['id']}"
    page = await buyer.see(place)
    answer = await buyer.send(page, f"{place}/withdrawal", comment="No need any more")
    assert answer.headers["location"] == place
    found = (await client.get(f"{API}/purchases/{request['purchase']['id']}")).json()
    assert found["state"] == "Cancelled"


async def test_closing_is_offered_and_done(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    place = f"/purchases/{purchase['id']}"
    answer = await buyer.send(await buyer.see(place), f"{place}/closing")
    assert answer.status_code == 303
    assert (await client.get(f"{API}{place}")).json()["state"] == "Closed"


async def test_a_draft_is_sent_for_approval_from_its_page(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    await make_commitment(client, purchase["id"])
    place = f"/purchases/{purchase['id']}"
    answer = await buyer.send(await buyer.see(place), f"{place}/request")
    assert answer.status_code == 303
    assert (await client.get(f"{API}{place}")).json()["state"] == "Processing"


async def test_why_nobody_can_be_asked_is_told_on_the_page_of_the_draft(
    buyer: Visiting, client: httpx2.AsyncClient, company: Company
) -> None:
    await put_in_force(company, "steps: [{name: Boss, any: [36]}]")
    await company.owner.execute(
        "UPDATE users SET left_on = '2024-01-31' WHERE tenant_id = $1 AND user_id = 36", company.tenant_id
    )
    purchase = await make_purchase(client)
    await make_commitment(client, purchase["id"])
    place = f"/purchases/{purchase['id']}"
    answer = seen(await buyer.send(await buyer.see(place), f"{place}/request"))
    assert (answer.status, answer.title) == (409, "Purchase entry test")
    assert "Alma Approver, who has left" in answer.tree.xpath("string(//*[@role='alert'])")
    assert f"{place}/request" in answer.actions()


async def test_a_purchase_of_somebody_else_is_not_there(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, ownerId=37)
    page = await buyer.see(f"/purchases/{purchase['id']}")
    assert page.status == 404
    assert "There is nothing here" in page.text
