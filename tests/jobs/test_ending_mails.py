"""Mails about subscriptions: their owner hears in time that something has to be decided, and when nobody did."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest_asyncio

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.mailboxes import Mailbox, correspondent, text_of, wish, write_all
from tests.fixtures.trials import Trial, begin_trial

START = date(datetime.now(UTC).year + 1, 1, 1)
LAST_SAFE = date(START.year, 9, 30)
TERMS = SUBSCRIPTION | {
    "startDate": START.isoformat(),
    "firstInvoiceDate": START.isoformat(),
    "terminationNotice": {"value": 3, "unit": "Month"},
}


@pytest_asyncio.fixture
async def trial(company: Company, database: Database) -> AsyncIterator[Trial]:
    begun = await begin_trial(company, database)
    await wish(company, 35)
    yield begun
    await begun.client.aclose()


async def subscribe(trial: Trial) -> tuple[int, int]:
    """Buy something for a year, approved at once; answer the purchase and the commitment."""
    made = await make_purchase(trial.client, title="Licences", ownerId=35)
    commitment = await make_commitment(trial.client, made["id"], TERMS)
    assert (await trial.client.post(f"{API}/commitments/{commitment['id']}/requests")).status_code == 201
    return made["id"], commitment["id"]


async def test_the_owner_hears_of_the_last_safe_day_where_it_is_decided_and_of_what_ran_out(
    trial: Trial, box: Mailbox, database: Database
) -> None:
    purchase_id, _ = await subscribe(trial)
    await trial.move(LAST_SAFE - timedelta(days=14))
    assert await trial.remind() == 1
    await write_all(database, correspondent(box))
    mail = box.to(35)[-1]
    assert mail["Subject"] == "Ends soon: Licences"
    text = text_of(mail)
    assert f"Last safe day for the notice: 30 September {START.year}" in text
    assert any(word.endswith(f"/purchases/{purchase_id}") for word in text.split())
    assert "/approvals/" in text
    await trial.move(date(START.year + 1, 1, 2))
    assert await trial.remind() == 1
    await write_all(database, correspondent(box))
    assert box.to(35)[-1]["Subject"] == "Has ended: Licences"


async def test_nobody_is_written_to_about_what_was_decided_before_the_mail_went_out(
    trial: Trial, box: Mailbox, database: Database
) -> None:
    _, commitment_id = await subscribe(trial)
    await write_all(database, correspondent(box))
    before = len(box.to(35))
    await trial.move(LAST_SAFE - timedelta(days=14))
    assert await trial.remind() == 1
    assert (await trial.client.post(f"{API}/commitments/{commitment_id}/continuations")).status_code == 201
    await write_all(database, correspondent(box))
    assert len(box.to(35)) == before
