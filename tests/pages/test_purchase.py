"""One purchase on its page: what is said about it, what becomes of a subscription, changing what was approved."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.pages import Visiting, seen, visiting

START: Final = date(datetime.now(UTC).year, 1, 1)
YEAR: Final = SUBSCRIPTION | {
    "startDate": START.isoformat(),
    "firstInvoiceDate": (START + timedelta(days=4)).isoformat(),
    "subscriptionDuration": {"value": 24, "unit": "Month"},
    "terminationNotice": {"value": 1, "unit": "Month"},
}


async def subscribed(client: httpx2.AsyncClient, **terms: Any) -> tuple[str, str]:  # noqa: ANN401  JSON
    """Approve a subscription of two years from this one on; answer its page, and where its commitment is."""
    made = await make_purchase(client, title="Licences")
    commitment = await make_commitment(client, made["id"], YEAR | terms)
    path = f"{API}/commitments/{commitment['id']}"
    assert (await client.post(f"{path}/requests")).status_code == 201
    return f"/purchases/{made['id']}", path


async def state_of(client: httpx2.AsyncClient, path: str) -> str:
    return str((await client.get(path.replace("commitments", "subscriptions"))).json()["state"])


async def test_who_is_named_with_an_at_sign_is_mentioned_and_the_words_stand_in_the_history(
    buyer: Visiting, submitter: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    place = f"/purchases/{(await make_request(submitter))['purchase']['id']}"
    page = await buyer.see(place)
    assert [str(name.text_content()) for name in page.tree.xpath("//ul[@data-mentions]/li")] == ["@Alma Approver"]
    answer = await buyer.send(page, f"{place}/comments", text="Is four enough, @alma approver?")
    assert answer.status_code == 303
    (comment,) = (await client.get(f"{API}{place}/comments")).json()["items"]
    assert [who["id"] for who in comment["mentioned"]] == [36]
    assert answer.headers["location"] == f"{place}#comment-{comment['id']}"
    shown = await buyer.see(place)
    (said,) = shown.tree.xpath(f"//*[@id='comment-{comment['id']}']")
    assert "Is four enough, @alma approver?" in said.text_content()
    assert "Mentioned: Alma Approver" in " ".join(said.text_content().split())


@pytest.mark.parametrize(
    ("text", "fault"),
    [("Ask @Sam about it", "called so: @Sam."), (" ", "Must not be empty."), ("@Bo", "called so: @Bo.")],
)
async def test_what_can_not_be_said_is_told_beside_the_field_and_stays_typed(
    text: str, fault: str, buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    place = f"/purchases/{(await make_purchase(client))['id']}"
    answer = await buyer.send(await buyer.see(place), f"{place}/comments", text=text)
    assert answer.status_code == 400
    assert fault in answer.text
    assert text.strip() in answer.text
    assert (await client.get(f"{API}{place}/comments")).json()["items"] == []


async def test_the_form_that_is_sent_twice_says_it_once(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    place = f"/purchases/{(await make_purchase(client))['id']}"
    page = await buyer.see(place)
    for _ in range(2):
        assert (await buyer.send(page, f"{place}/comments", text="Once")).status_code == 303
    assert len((await client.get(f"{API}{place}/comments")).json()["items"]) == 1


async def test_a_subscription_shows_its_periods_and_what_can_be_decided(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    place, _ = await subscribed(client)
    page = await buyer.see(place)
    periods = page.tree.xpath("//details//table//tbody/tr")
    assert len(periods) == 24
    assert len(page.tree.xpath("//section[@aria-labelledby='schedule']/div[2]//tbody/tr")) == 6
    assert "Last safe day to give notice" in page.text
    for act in ("Renew it", "Stop it", "Let it run to its end"):
        assert act in page.text


async def test_who_only_looks_is_offered_nothing_to_decide(company: Company, client: httpx2.AsyncClient) -> None:
    place, path = await subscribed(client)
    async with await visiting(company, 39, "viewer") as viewer:
        page = await viewer.see(place)
        assert "Schedule" in page.text
        assert "Stop it" not in page.text
        refused = await viewer.post(f"{place}/stop", {"csrf": page.form(f"{place}/comments")["csrf"]})
        assert refused.status_code == 403
    assert await state_of(client, path) == "Running"


async def test_stopping_is_a_deliberate_act_that_the_history_tells_of(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    place, path = await subscribed(client)
    answer = await buyer.send(await buyer.see(place), f"{place}/stop")
    assert answer.headers["location"] == place
    assert await state_of(client, path) == "Stopping"
    page = await buyer.see(place)
    assert "decided that it is stopped" in page.text
    assert "Is being stopped" in page.text
    assert "Renew it" not in page.text


async def test_letting_it_run_can_be_thought_over_and_a_renewal_opens_as_a_draft(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    place, path = await subscribed(client)
    assert (await buyer.send(await buyer.see(place), f"{place}/continuation")).status_code == 303
    assert await state_of(client, path) == "LetRun"
    answer = await buyer.send(await buyer.see(place), f"{place}/renewal")
    renewal = answer.headers["location"]
    assert renewal != place
    page = await buyer.see(renewal)
    assert (page.title, "Draft" in page.text) == ("Licences", True)
    assert await state_of(client, path) == "Renewed"
    assert renewal in (await buyer.see(place)).links()


async def test_what_was_approved_is_changed_by_a_form_that_holds_it(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    place, path = await subscribed(client)
    page = await buyer.see(f"{place}/amendment")
    form = page.form(f"{place}/amendment")
    assert (form["amount"], form["lasts"], form["notice"]) == ("1000.00", "24", "1")
    nothing = await buyer.send(page, f"{place}/amendment")
    assert (nothing.status_code, "says what the commitment says already" in nothing.text) == (409, True)
    wrong = await buyer.send(page, f"{place}/amendment", amount="a lot", lasts="soon", on="")
    assert wrong.status_code == 400
    for field in ("amount", "lasts", "on"):
        assert f'id="{field}-wrong1"' in wrong.text
    answer = await buyer.send(page, f"{place}/amendment", amount="1,100.50", comment="Two seats more")
    assert answer.headers["location"] == place, answer.text
    assert "A change of what was approved waits for approval" in (await buyer.see(place)).text
    (request,) = (await client.get(f"{path}/amendments")).json()["items"]
    assert request["amendment"]["changes"] == ["amount", "comment"]
    assert request["amendment"]["difference"]["base"] == {"value": 24 * 100.5, "currency": "EUR"}


async def test_a_form_that_was_made_before_somebody_else_changed_it_changes_nothing(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    made = await make_purchase(client)
    commitment = await make_commitment(client, made["id"], ONE_TIME)
    path, place = f"{API}/commitments/{commitment['id']}", f"/purchases/{made['id']}"
    assert (await client.post(f"{path}/requests")).status_code == 201
    page = await buyer.see(f"{place}/amendment")
    tag = (await client.get(path)).headers["ETag"]
    later = await client.post(f"{path}/amendments", json=ONE_TIME | {"comment": "Other"}, headers={"If-Match": tag})
    assert later.status_code == 201, later.text
    answer = await buyer.send(page, f"{place}/amendment", amount="150")
    assert answer.status_code == 412
    assert 'value="150"' in answer.text


async def test_the_price_follows_an_index(buyer: Visiting, client: httpx2.AsyncClient) -> None:
    place, path = await subscribed(client)
    page = await buyer.see(f"{place}/amendment")
    said = {"index": "Syntec", "before": "305,2"}
    wrong = await buyer.send(page, f"{place}/price-rise", **said, after="more")
    assert (wrong.status_code, 'value="305,2"' in wrong.text) == (400, True)
    answer = await buyer.send(page, f"{place}/price-rise", **said, after="312,4")
    assert answer.status_code == 303, answer.text
    (request,) = (await client.get(f"{path}/amendments")).json()["items"]
    after = request["amendment"]["after"]["amountIncludingTaxesPerPeriod"]["excludingTaxes"]
    assert after == {"value": 1023.59, "currency": "EUR"}


async def test_the_link_to_ones_calendar_is_shown_once_opens_it_and_can_be_revoked(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    await subscribed(client)
    page = await buyer.see("/account/calendar")
    made = await buyer.send(page, "/account/calendar")
    link = made.text.partition('id="link" value="')[2].partition('"')[0]
    path = "/calendars/" + link.partition("/calendars/")[2]
    calendar = await client.get(path)
    assert (calendar.status_code, "Licences" in calendar.text) == (200, True)
    again = await buyer.see("/account/calendar")
    assert link not in again.answer.text
    assert (await buyer.send(again, "/account/calendar/revocation")).status_code == 303
    assert (await client.get(path)).status_code == 404


async def test_what_was_done_in_another_tab_is_told_with_when_and_nothing_is_done_twice(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    draft = await make_purchase(client)
    await make_commitment(client, draft["id"])
    place = f"/purchases/{draft['id']}"

    async def late(deed: str) -> str:
        pages = [await buyer.see(place) for _ in range(2)]
        assert (await buyer.send(pages[0], f"{place}/{deed}")).status_code == 303
        answer = seen(await buyer.send(pages[1], f"{place}/{deed}"))
        assert answer.status == 409
        assert "What you have just sent changed nothing." in answer.text
        return answer.text

    assert "Approval has been asked for already. You asked for it: " in await late("request")
    assert "It has been taken back. You took it back: " in await late("withdrawal")
    assert "The purchase is closed already. You closed it: " in await late("closing")
    assert (await buyer.see(f"{place}/amendment")).answer.headers["location"] == place


async def test_a_draft_that_was_sent_from_another_tab_keeps_what_was_typed_into_this_one(
    buyer: Visiting, client: httpx2.AsyncClient
) -> None:
    draft = await make_purchase(client)
    await make_commitment(client, draft["id"])
    form = (await buyer.see(f"/ask?draft={draft['id']}")).form("/ask")
    assert (await buyer.post("/ask", form | {"then": "ask"})).status_code == 303
    late = seen(await buyer.post("/ask", form | {"then": "keep", "once": "another", "title": "Another desk"}))
    assert (late.status, late.form("/ask")["title"]) == (409, "Another desk")
    assert "This draft was sent meanwhile" in late.text
