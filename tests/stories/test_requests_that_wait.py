"""Requests that nobody decides: people are reminded, then it goes up, each once, in the company's working days."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from emplette.jobs.escalating import Escalating
from emplette.storage import slowness
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force
from tests.fixtures.trials import Trial, begin_trial

POLICY = "steps: [{name: Head, any: [manager], goesUpTo: [37], reminders: {after: [1, 2], escalateAfter: 4}}]"
EACH_DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def trial(company: Company, database: Database) -> AsyncIterator[Trial]:
    begun = await begin_trial(company, database)
    await put_in_force(company, POLICY)
    yield begun
    await begun.client.aclose()


def working_days(request: dict[str, Any], count: int) -> list[date]:
    """List the working days that follow the one on which something was asked for, in a company without holidays."""
    asked_at = datetime.fromisoformat(request["createdAt"])
    day, found = asked_at.astimezone(ZoneInfo("Europe/Paris")).date(), list[date]()
    while len(found) < count:
        day += EACH_DAY
        found += [day] if day.isoweekday() <= 5 else []
    return found


async def look(trial: Trial, *, workers: int = 1) -> int:
    """Do what the job does, as some servers at once do it."""
    looks = (Escalating().look(trial.database.session(), datetime.now(UTC)) for _ in range(workers))
    return sum(await asyncio.gather(*looks))


async def told(trial: Trial) -> list[str]:
    rows = await trial.company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 AND object_type = 'request' ORDER BY event_id",
        trial.company.tenant_id,
    )
    return [row["type"].removeprefix("request.") for row in rows]


async def waits_for(trial: Trial, request_id: int) -> list[int]:
    shown: dict[str, Any] = (await trial.client.get(f"{API}/requests/{request_id}")).json()
    return [one["user"]["id"] for one in shown["waitsFor"]]


async def test_people_are_reminded_and_then_those_above_are_asked_each_once(trial: Trial, office: Office) -> None:
    request = (await office.ask(35)).json()
    first, second, _, fourth = working_days(request, 4)
    assert await look(trial) == 0
    for day in (first, second):
        await trial.move(day)
        assert await look(trial, workers=3) == 1
        assert await look(trial) == 0
    await trial.move(fourth)
    assert await look(trial, workers=3) == 1
    assert await told(trial) == ["created", "reminded", "reminded", "escalated"]
    assert await waits_for(trial, request["id"]) == [37]
    assert (await office.decide(36, request["id"])).json()["code"] == "approval.not_asked"
    assert (await office.decide(37, request["id"])).json()["state"] == "Approved"


async def test_who_is_asked_above_gets_the_whole_time(trial: Trial, office: Office) -> None:
    days = working_days((await office.ask(35)).json(), 6)
    await trial.move(days[3])
    assert await look(trial) == 1
    assert await look(trial) == 0
    (slow,) = await slowness.by_person(trial.database.session(), trial.company.tenant_id, None)
    assert (slow.user_id, slow.since.date()) == (37, days[3])
    await trial.move(days[4])
    assert await look(trial) == 1
    assert await told(trial) == ["created", "escalated", "reminded"]


async def test_what_was_missed_is_not_made_up_for(trial: Trial, office: Office) -> None:
    request = (await office.ask(35)).json()
    await trial.move(working_days(request, 3)[2])
    assert await look(trial) == 1
    assert await told(trial) == ["created", "reminded"]


async def test_what_goes_up_after_a_pause_reminds_nobody_of_what_they_can_no_longer_decide(
    trial: Trial, office: Office
) -> None:
    request = (await office.ask(35)).json()
    await trial.move(working_days(request, 5)[4])
    assert [await look(trial), await look(trial)] == [1, 0]
    assert await told(trial) == ["created", "escalated"]
    assert await waits_for(trial, request["id"]) == [37]


async def test_nobody_is_reminded_of_what_is_decided(trial: Trial, office: Office) -> None:
    request = (await office.ask(35)).json()
    assert (await office.decide(36, request["id"])).status_code == 201
    await trial.move(working_days(request, 4)[3])
    assert await look(trial) == 0


async def test_where_nobody_is_above_it_goes_on_waiting_and_being_reminded(trial: Trial, office: Office) -> None:
    await put_in_force(trial.company, POLICY.replace("goesUpTo: [37], ", ""))
    request = (await office.ask(35)).json()
    await trial.move(working_days(request, 4)[3])
    assert await look(trial) == 1
    assert await told(trial) == ["created", "reminded"]
    assert await waits_for(trial, request["id"]) == [36]
