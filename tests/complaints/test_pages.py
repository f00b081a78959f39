"""What people complained about at the screen, each against the running server."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.fixtures.guide import API, make_purchase
from tests.fixtures.offices import Office
from tests.fixtures.pages import Seen, seen, visiting
from tests.fixtures.served import ServedCompany
from tests.fixtures.visitors import let_in, sign_in

EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
"""Where it is tomorrow already, and where it is still yesterday, for 25 hours between them."""


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("35", 3500),
        ("35,00", 3500),
        ("35.00", 3500),
        ("1234,56", 123_456),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("1 234,56 €", 123_456),
        ("1\u202f234,56", 123_456),
        ("0,07", 7),
        ("1,234", 123_400),
        ("€ 1'234.50", 123_450),
    ],
)
async def test_complaint_44_an_amount_is_what_was_typed_with_comma_or_point(
    company: ServedCompany, typed: str, cents: int
) -> None:
    """See github.com/invoiceninja/invoiceninja/issues/2853 and /issues/1205: 35 became 3500."""
    async with await visiting(company, 35) as buyer, await company.caller() as client:
        form = await buyer.see("/ask")
        wanted = {"title": "A lamp", "supplier": "amazon", "on": "2025-04-14", "nature": "1", "cost_center": "3"}
        answer = await buyer.send(form, "/ask", **wanted, amount=typed)
        assert answer.status_code == 303, seen(answer).text
        (made,) = (await client.get(f"{API}/purchases")).json()["items"]
    assert round(made["requestedAmount"]["base"]["value"] * 100) == cents


@pytest.mark.parametrize(("typed", "status"), [("1,234", 400), ("1,23", 303), ("1.234,50", 303), ("1 234", 303)])
async def test_complaint_44_what_is_typed_in_french_has_a_comma_before_its_decimals(
    company: ServedCompany, typed: str, status: int
) -> None:
    """See github.com/invoiceninja/invoiceninja/issues/2853: in French 1,234 is no thousand."""
    async with await visiting(company, 35, language="fr") as buyer:
        form = await buyer.see("/ask")
        wanted = {"title": "A lamp", "supplier": "amazon", "on": "2025-04-14", "nature": "1", "cost_center": "3"}
        assert (await buyer.send(form, "/ask", **wanted, amount=typed)).status_code == status


@pytest.mark.parametrize("typed", ["a lot", "12,34,56.7.8", "0,075", "1.234", "-5", "1e5", ""])
async def test_complaint_44_what_is_no_amount_is_said_beside_the_field_and_kept(
    company: ServedCompany, typed: str
) -> None:
    """See github.com/invoiceninja/invoiceninja/issues/2853."""
    async with await visiting(company, 35) as buyer:
        form = await buyer.see("/ask")
        wanted = {"title": "A lamp", "supplier": "amazon", "on": "2025-04-14", "nature": "1", "cost_center": "3"}
        answer = seen(await buyer.send(form, "/ask", **wanted, amount=typed))
        assert answer.status == 400
        assert answer.tree.xpath("string(//input[@name='amount']/@aria-invalid)") == "true"
        assert (answer.form("/ask")["amount"], answer.form("/ask")["title"]) == (typed, "A lamp")
        assert "A lamp" not in (await buyer.see("/purchases")).text


async def test_complaint_45_who_was_signed_out_meanwhile_comes_back_to_the_page_and_nothing_was_done(
    office: Office,
) -> None:
    """See github.com/enioka-Haute-Couture/pyoupyou/issues/350 and github.com/filebrowser/filebrowser/issues/2897."""
    company = office.company
    await let_in(company, 36)
    request = (await office.ask(35)).json()
    place = f"/approvals/{request['id']}"
    async with company.open(headers={"accept-language": "en"}) as browser:
        await sign_in(browser, 36)
        page = seen(await browser.get(place))
        browser.cookies.delete("emplette-session")
        sent = await browser.post(f"{place}/denial", data=page.form(f"{place}/approval") | {"comment": "Too dear"})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next={place.replace('/', '%2F')}")
        back = await browser.get(sent.headers["location"])
        form = seen(back).form("/sign-in")
        assert form["next"] == place
    shown = (await (await office.of(37)).get(f"{API}/requests/{request['id']}")).json()
    assert shown["state"] == "Pending"


@pytest.mark.parametrize("typed", ["Älpler", "alpler", "ALPLER SOHNE", "älpler & söhne", "alp"])
async def test_complaint_46_names_are_found_with_accents_and_without(company: ServedCompany, typed: str) -> None:
    """See github.com/bcgov/entity/issues/13256 and github.com/coopdevs/timeoverflow/issues/716."""
    async with await company.caller() as client:
        made = await make_purchase(client, supplier={"id": 8}, title="Brot")
        listed = (await client.get(f"{API}/suppliers", params={"search.terms": typed})).json()["items"]
        found = (await client.get(f"{API}/purchases", params={"search.terms": typed})).json()["items"]
    assert [one["id"] for one in listed] == [8]
    assert [one["id"] for one in found] == [made["id"]]


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_complaint_47_a_day_is_the_companys_day(company: ServedCompany, zone: str) -> None:
    """See github.com/odoo/odoo/issues/20178 and github.com/umbraco/Umbraco.Commerce.Issues/issues/406."""
    await company.owner.execute("UPDATE tenants SET time_zone = $2 WHERE tenant_id = $1", company.tenant_id, zone)
    async with await company.caller() as client:
        made = await make_purchase(client)
        here = datetime.fromisoformat(made["createdAt"]).astimezone(ZoneInfo(zone)).date()
        for first, last, there in ((0, 1, [made["id"]]), (-1, 0, []), (1, 2, [])):
            days = {
                "createdAt.from": (here + timedelta(days=first)).isoformat(),
                "createdAt.to": (here + timedelta(days=last)).isoformat(),
            }
            listed = (await client.get(f"{API}/purchases", params=days)).json()["items"]
            assert [one["id"] for one in listed] == there, days
        tomorrow = {"date": (datetime.now(UTC).astimezone(ZoneInfo(zone)).date() + timedelta(days=2)).isoformat()}
        assert (await client.post(f"{API}/purchases/{made['id']}/closing", json=tomorrow)).status_code == 400
        closed = await client.post(f"{API}/purchases/{made['id']}/closing", json={"date": here.isoformat()})
        assert closed.status_code == 201


async def test_complaint_48_a_key_is_replaced_without_a_moment_in_which_none_is_good(company: ServedCompany) -> None:
    """See github.com/liwala/ay-framework/issues/219 and github.com/northwesternmutual/kanali/issues/63."""
    former = await company.key()
    number = await company.owner.fetchval("SELECT api_key_id FROM api_keys WHERE tenant_id = $1", company.tenant_id)
    async with await visiting(company, 36, "administrator") as administrator:
        assert await _status(company, former) == 200
        place = f"/settings/keys/{number}/secret"
        page = seen(await administrator.send(await administrator.see("/settings/keys"), place, ends="1"))
    assert [await _status(company, secret) for secret in (former, _secret_in(page))] == [200, 200]


def _secret_in(page: Seen) -> str:
    return str(page.tree.xpath("//input[@id='secret']/@value")[0])


async def _status(company: ServedCompany, secret: str) -> int:
    async with company.client(secret) as caller:
        answer: httpx2.Response = await caller.get(f"{API}/purchases")
        return answer.status_code
