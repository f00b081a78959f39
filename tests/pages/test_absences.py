"""Absences, working days and reassigning on the pages: who may do what, that it counts, and what is told."""

from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio

from tests.fixtures.absences import WEEKS
from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.pages import Visiting, seen, visiting
from tests.fixtures.policies import put_in_force

POLICY = "steps: [{name: Head, any: [36], goesUpTo: [37], reminders: {after: [2], escalateAfter: 4}}]"
DAYS = {"from": WEEKS["startDate"], "until": WEEKS["endDate"]}


@pytest_asyncio.fixture
async def administrator(company: Company) -> AsyncIterator[Visiting]:
    async with await visiting(company, 37, "administrator") as visitor:
        yield visitor


async def test_somebody_enters_their_own_absence_and_takes_it_back(decider: Visiting, office: Office) -> None:
    await put_in_force(office.company, "steps: [{name: Head, any: [36]}]")
    request = (await office.ask(35)).json()
    page = await decider.see("/absences")
    assert "Nobody is away" in page.text
    answer = await decider.send(page, "/absences", deputy="39", most="200,00", **DAYS)
    assert answer.status_code == 303, seen(answer).text
    page = await decider.see("/absences")
    assert "Sam Swiss decides meanwhile" in page.text
    assert "up to €200.00" in page.text
    assert (await office.decide(39, request["id"])).json()["state"] == "Approved"
    (absence,) = (await (await office.of(36)).get(f"{API}/absences")).json()["items"]
    assert (await decider.send(page, f"/absences/{absence['id']}/ending")).status_code == 303
    assert "Nobody is away" in (await decider.see("/absences")).text


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(decider: Visiting) -> None:
    page = await decider.see("/absences")
    answer = await decider.send(
        page, "/absences", deputy="", most="much", center="all", **{"from": "2031-02-30", "until": ""}
    )
    told = seen(answer)
    assert answer.status_code == 400
    for name in ("deputy", "from", "until", "most", "center"):
        assert told.tree.xpath(f"//*[@id='{name}-wrong1']"), name
    assert told.form("/absences")["most"] == "much"
    answer = await decider.send(page, "/absences", deputy="36", **DAYS)
    assert (answer.status_code, "Must be somebody else." in answer.text) == (400, True)


async def test_deputies_that_lead_back_are_refused_beside_the_deputy(decider: Visiting, office: Office) -> None:
    page = await decider.see("/absences")
    assert (await decider.send(page, "/absences", deputy="37", **DAYS)).status_code == 303
    async with await visiting(office.company, 37) as other:
        page = await other.see("/absences")
        answer = await other.send(page, "/absences", deputy="36", **DAYS)
    assert answer.status_code == 400
    assert seen(answer).tree.xpath("//*[@id='deputy-wrong1']")


async def test_an_administrator_enters_the_absences_of_others_and_nobody_else_does(
    administrator: Visiting, decider: Visiting, office: Office
) -> None:
    page = await administrator.see("/absences")
    assert (await administrator.send(page, "/absences", user="36", deputy="39", **DAYS)).status_code == 303
    page = await decider.see("/absences")
    assert (await decider.send(page, "/absences", user="37", deputy="39", **DAYS)).status_code == 303
    found = (await (await office.of(36)).get(f"{API}/absences")).json()["items"]
    assert [one["user"]["id"] for one in found] == [36, 36], "for themselves, whatever the form says"


async def test_an_administrator_gives_a_request_to_somebody_else_with_a_reason(
    administrator: Visiting, buyer: Visiting, office: Office
) -> None:
    await put_in_force(office.company, POLICY)
    request = (await office.ask(35)).json()
    place = f"/approvals/{request['id']}/reassignment"
    assert (await buyer.see(place)).status == 403
    assert place not in (await buyer.see(f"/approvals/{request['id']}")).links()
    assert place in (await administrator.see(f"/approvals/{request['id']}")).links()
    page = await administrator.see(place)
    answer = await administrator.send(page, place, **{"from": "36", "to": "", "reason": ""})
    assert answer.status_code == 400
    assert [bool(seen(answer).tree.xpath(f"//*[@id='{name}-wrong1']")) for name in ("to", "reason")] == [True, True]
    wrong = await administrator.send(page, place, **{"from": "36", "to": "35", "reason": "On leave"})
    assert "They own or wrote" in seen(wrong).text
    right = await administrator.send(page, place, **{"from": "36", "to": "39", "reason": "On leave"})
    assert right.headers["location"] == f"/approvals/{request['id']}"
    assert "as an administrator said: On leave" in (await administrator.see(f"/approvals/{request['id']}")).text
    assert (await office.decide(39, request["id"])).json()["state"] == "Approved"
    assert "It waits for nobody" in (await administrator.see(place)).text


async def test_a_request_says_when_it_goes_up_and_to_whom(decider: Visiting, office: Office) -> None:
    await put_in_force(office.company, POLICY)
    request = (await office.ask(35)).json()
    told = (await (await office.of(36)).get(f"{API}/requests/{request['id']}/plan")).json()["steps"][0]
    assert told["reminders"] == {"after": [2], "escalateAfter": 4}
    undecided = told["ifUndecided"]
    assert [one["id"] for one in undecided["goesUpTo"]] == [37]
    assert date.fromisoformat(undecided["remindersOn"][0]) < date.fromisoformat(undecided["goesUpOn"])
    assert undecided["words"].startswith("People are reminded on ")
    shown = (await decider.see(f"/approvals/{request['id']}")).text
    assert "Goes up to Bo Second on " in shown
    assert (await office.decide(36, request["id"])).status_code == 201
    assert "Goes up to" not in (await decider.see(f"/approvals/{request['id']}")).text


async def test_working_days_are_set_on_a_page(administrator: Visiting, buyer: Visiting) -> None:
    place = "/settings/working-days"
    assert (await buyer.see(place)).status == 403
    page = await administrator.see(place)
    answer = await administrator.send(page, place, weekdays="1", place="FR-57", off="2031-12-24\n2031-12-31\n")
    assert answer.status_code == 303, seen(answer).text
    page = await administrator.see(place)
    assert page.form(place)["place"] == "FR-57"
    assert page.form(place)["off"].split() == ["2031-12-24", "2031-12-31"]
    for wrong, name in (({"weekdays": ""}, "weekdays"), ({"place": "XX"}, "place"), ({"off": "soon"}, "off")):
        form = {"weekdays": "1", "place": "FR", "off": ""} | wrong
        answer = await administrator.send(page, place, **form)
        assert answer.status_code == 400
        assert seen(answer).tree.xpath(f"//*[@id='{name}-wrong1']"), name
