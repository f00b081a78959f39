"""Working days, and the link to one's own calendar, as programs set them."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION
from tests.fixtures.lives import Live

DAYS = f"{API}/working-days"
LINK = f"{API}/calendar-link"
LATER = {"startDate": "2090-01-01", "firstInvoiceDate": "2090-01-01"}


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure",)) as caller:
        yield caller


async def test_what_is_not_said_of_working_days_stays_and_null_clears(admin: httpx2.AsyncClient) -> None:
    assert (await admin.get(DAYS)).json() == {
        "weekdays": [1, 2, 3, 4, 5],
        "holidaysOf": None,
        "daysOff": [],
        "notWorkedOn": [],
    }
    body = {"weekdays": [6, 1, 1], "holidaysOf": "FR-57", "daysOff": ["2090-12-25", "2090-12-24"]}
    told = (await admin.put(DAYS, json=body)).json()
    assert (told["weekdays"], told["holidaysOf"], told["daysOff"]) == ([1, 6], "FR-57", ["2090-12-24", "2090-12-25"])
    assert told == (await admin.get(DAYS)).json()
    told = (await admin.put(DAYS, json={"holidaysOf": None})).json()
    assert (told["weekdays"], told["holidaysOf"], len(told["daysOff"])) == ([1, 6], None, 2)
    assert (await admin.put(DAYS, json={"daysOff": None})).json()["daysOff"] == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [8]}, "weekdays[0]"),
        ({"holidaysOf": "Atlantis"}, "holidaysOf"),
        ({"daysOff": ["24.12.2090"]}, "daysOff[0]"),
    ],
)
async def test_days_that_can_not_be_are_told(admin: httpx2.AsyncClient, body: dict[str, object], place: str) -> None:
    answer = await admin.put(DAYS, json=body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [place])


async def test_neither_has_versions(admin: httpx2.AsyncClient, approver: httpx2.AsyncClient) -> None:
    headers = {"If-Match": '"1.1"'}
    assert (await admin.put(DAYS, json={"daysOff": []}, headers=headers)).status_code == 412
    for is_open in (True, False):
        assert (await approver.put(LINK, json={"isOpen": is_open}, headers=headers)).status_code == 412
    assert (await approver.get(LINK)).json() == {"isOpen": False, "madeAt": None}


async def test_the_link_to_a_calendar_is_told_once_and_another_one_ends_it(company: Company, live: Live) -> None:
    await live("approved", terms=SUBSCRIPTION | LATER)
    owner = await company.caller(permissions=("purchases:own",), person=35)
    made = [(await owner.put(LINK, json={"isOpen": True})).json() for _ in range(2)]
    assert (await owner.get(LINK)).json() == {"isOpen": True, "madeAt": made[1]["madeAt"]}
    async with company.client(None) as calendars:
        answers = [await calendars.get(each["url"]) for each in made]
        assert [answer.status_code for answer in answers] == [404, 200]
        assert answers[1].text.count("BEGIN:VEVENT") == 1
        ended = await owner.put(LINK, json={"isOpen": False})
        assert ended.json() == {"isOpen": False, "madeAt": None}
        assert (await calendars.get(made[1]["url"])).status_code == 404
    assert (await owner.put(LINK, json={"isOpen": False})).status_code == 200


async def test_a_program_that_acts_for_nobody_has_no_calendar(client: httpx2.AsyncClient) -> None:
    for answer in (await client.get(LINK), await client.put(LINK, json={"isOpen": True})):
        assert (answer.status_code, answer.json()["code"]) == (403, "calendar_feed.person_needed")
