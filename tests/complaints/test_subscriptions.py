"""What people complained about in the subscriptions of other products, each as a promise."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.trials import Trial, begin_trial

YEAR = datetime.now(UTC).year + 1
LAST_SAFE = date(YEAR, 9, 30)


@pytest_asyncio.fixture
async def trial(company: Company, database: Database) -> AsyncIterator[Trial]:
    begun = await begin_trial(company, database)
    yield begun
    await begun.client.aclose()


async def test_complaint_28_nothing_renews_because_nobody_was_told_the_last_safe_day(trial: Trial) -> None:
    """Several vendors' help pages sell the reminder as an add-on."""
    start = {"startDate": f"{YEAR}-01-01", "firstInvoiceDate": f"{YEAR}-01-01"}
    terms = SUBSCRIPTION | start | {"terminationNotice": {"value": 3, "unit": "Month"}}
    made = await make_commitment(trial.client, (await make_purchase(trial.client))["id"], terms)
    assert (await trial.client.post(f"{API}/commitments/{made['id']}/requests")).json()["state"] == "Approved"

    soon = {"noticeBefore": (LAST_SAFE + timedelta(days=1)).isoformat()}
    (shown,) = (await trial.client.get(f"{API}/subscriptions", params=soon)).json()["items"]
    assert (shown["id"], shown["lastNoticeDate"]) == (made["id"], LAST_SAFE.isoformat())
    await trial.move(LAST_SAFE - timedelta(days=3))
    await trial.remind()
    assert await _told(trial) == [("subscription.notice_due", made["id"], 3)], "by whichever worker came first"

    await trial.move(date(YEAR + 1, 1, 1))
    after = (await trial.client.get(f"{API}/subscriptions/{made['id']}")).json()
    assert (after["state"], after["acts"]) == ("RanOutUndecided", [])
    assert len((await trial.client.get(f"{API}/purchases")).json()["items"]) == 1, "nothing was bought by itself"


async def _told(trial: Trial) -> list[tuple[str, int, int]]:
    """Wait for what is told: the server's own job worker may be at it, and have not yet said so."""
    for _ in range(600):
        if told := await trial.told():
            return told
        await asyncio.sleep(0.1)
    return []
