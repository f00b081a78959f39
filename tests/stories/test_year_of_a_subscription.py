"""A year of a subscription, played in a moment: reminded in time, renewed by a decision, or seen to run out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest_asyncio
from icalendar import Calendar

from emplette.domain.dates import Duration, TimeUnit, add
from emplette.services import calendar_feeds
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.trials import Trial, begin_trial

TODAY = datetime.now(UTC).date()
START = date(TODAY.year + 1, 1, 1)
END = date(TODAY.year + 1, 12, 31)
LAST_SAFE = date(TODAY.year + 1, 9, 30)
YEARLY = {
    "startDate": START.isoformat(),
    "firstInvoiceDate": START.isoformat(),
    "terminationNotice": {"value": 3, "unit": "Month"},
}


@pytest_asyncio.fixture
async def trial(company: Company, database: Database) -> AsyncIterator[Trial]:
    begun = await begin_trial(company, database)
    yield begun
    await begun.client.aclose()


async def subscribe(trial: Trial, **terms: Any) -> int:  # noqa: ANN401  JSON
    """Buy something for a year, approved at once; answer the commitment."""
    purchase = await make_purchase(trial.client)
    commitment = await make_commitment(trial.client, purchase["id"], SUBSCRIPTION | YEARLY, **terms)
    approved = await trial.client.post(f"{API}/commitments/{commitment['id']}/requests")
    assert approved.json()["state"] == "Approved"
    number: int = commitment["id"]
    return number


async def state(trial: Trial, number: int) -> str:
    told: str = (await trial.client.get(f"{API}/subscriptions/{number}")).json()["state"]
    return told


async def test_a_year_is_played_from_the_first_reminder_to_the_renewal(trial: Trial) -> None:
    number = await subscribe(trial)
    shown = (await trial.client.get(f"{API}/subscriptions/{number}")).json()
    assert (shown["lastNoticeDate"], shown["endDate"]) == (LAST_SAFE.isoformat(), END.isoformat())
    assert await trial.remind() == 0

    for days, ahead in ((30, 30), (14, 14), (2, 3)):
        await trial.move(LAST_SAFE - timedelta(days=days))
        assert await trial.remind() == 1
        assert await trial.remind() == 0, "each once"
        assert (await trial.told())[-1] == ("subscription.notice_due", number, ahead)
        assert await state(trial, number) == "Running"

    renewed = await trial.client.post(f"{API}/commitments/{number}/renewals")
    assert renewed.status_code == 201, renewed.text
    (act,) = renewed.json()["acts"]
    assert (renewed.json()["state"], act["kind"], act["inTime"]) == ("Renewed", "Renewal", True)
    again = (await trial.client.get(act["renewal"]["href"])).json()
    assert (again["state"], again["startDate"]) == ("Created", add(END, Duration(1, TimeUnit.DAY)).isoformat())
    approved = await trial.client.post(f"{API}/commitments/{again['id']}/requests")
    assert approved.json()["state"] == "Approved"
    await trial.move(END)
    assert await trial.remind() == 0, "it was decided; the next one has a year"


async def test_what_nobody_decides_about_is_seen_to_run_out(trial: Trial) -> None:
    number = await subscribe(trial)
    await trial.move(END - timedelta(days=10))
    assert await trial.remind() == 1
    assert await trial.told() == [("subscription.end_due", number, 14)]
    await trial.move(END + timedelta(days=1))
    assert await trial.remind() == 1
    assert (await trial.told())[-1] == ("subscription.ran_out", number, 0)
    assert await state(trial, number) == "RanOutUndecided"
    listed = await trial.client.get(f"{API}/subscriptions", params={"state": "RanOutUndecided"})
    assert [item["id"] for item in listed.json()["items"]] == [number]


async def test_several_servers_remind_once(trial: Trial) -> None:
    for _ in range(3):
        await subscribe(trial)
    await trial.move(LAST_SAFE)
    assert sum(await asyncio.gather(*(trial.remind() for _ in range(6)))) == 3
    assert len(await trial.told()) == 3


async def test_what_is_stopped_in_time_ends_with_its_obligation(trial: Trial) -> None:
    number = await subscribe(trial, contractualObligation={"value": 6, "unit": "Month"})
    stopped = (await trial.client.post(f"{API}/commitments/{number}/stops")).json()
    assert (stopped["state"], stopped["endDate"]) == ("Stopping", f"{START.year}-06-30")
    assert stopped["actions"] == []
    await trial.move(date(START.year, 7, 1))
    assert await state(trial, number) == "Stopped"
    assert await trial.remind() == 0


async def test_a_persons_calendar_shows_the_last_safe_day_until_its_link_is_revoked(trial: Trial) -> None:
    await subscribe(trial)
    work = await trial.work()
    former, secret = [await calendar_feeds.make_feed(work, 35) for _ in range(2)]
    anybody = trial.company.client()
    answer = await anybody.get(f"/calendars/{secret}.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    days = {
        str(event["SUMMARY"]): event.decoded("DTSTART") for event in Calendar.from_ical(answer.content).walk("VEVENT")
    }
    assert days == {
        "Last safe day to give notice: Purchase entry test": LAST_SAFE,
        "Last day: Purchase entry test": END,
    }
    assert "1000" not in answer.text, "no amounts: whoever has the link reads it"
    others = await calendar_feeds.make_feed(work, 36)
    assert "VEVENT" not in (await anybody.get(f"/calendars/{others}.ics")).text
    await calendar_feeds.revoke_feed(work, 35)
    for gone in (former, secret, "x" * 43):
        assert (await anybody.get(f"/calendars/{gone}.ics")).status_code == 404
    assert (await anybody.get(f"/calendars/{others}")).status_code == 404
    await anybody.aclose()
