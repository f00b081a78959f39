"""Deputies up to an amount: what costs more waits for who is away, or for an administrator."""

from tests.fixtures.absences import away
from tests.fixtures.guide import API
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force

HEAD = "steps: [{name: Head, any: [36]}]"


async def test_a_deputy_decides_what_costs_no_more_than_the_absence_says(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    small, large = (await office.ask(35, 100)).json(), (await office.ask(35, 100.01)).json()
    made = await away(await office.of(36), 39, atMost={"value": 100, "currency": "EUR"})
    assert made["atMost"] == {"value": 100, "currency": "EUR"}
    deputy = await office.of(39)
    mine = await deputy.get(f"{API}/requests", params={"assigneeId": 39, "state": "Pending"})
    assert [one["id"] for one in mine.json()["items"]] == [small["id"]]
    late = await office.decide(39, large["id"])
    assert (late.status_code, late.json()["code"]) == (403, "approval.not_asked")
    assert (await office.decide(39, small["id"])).json()["state"] == "Approved"
    assert (await office.decide(36, large["id"])).json()["state"] == "Approved"


async def test_what_is_in_another_currency_is_not_for_such_a_deputy(office: Office) -> None:
    await put_in_force(office.company, HEAD)
    request = (await office.ask(35, 10)).json()
    await away(await office.of(36), 39, atMost={"value": 100, "currency": "CHF"})
    assert (await office.decide(39, request["id"])).json()["code"] == "approval.not_asked"


async def test_an_amount_that_can_not_be_one_is_told_at_its_field(office: Office) -> None:
    for amount in ({"value": 0, "currency": "EUR"}, {"value": 1.001, "currency": "EUR"}):
        body = {"deputyId": 39, "startDate": "2035-07-01", "endDate": "2035-07-02", "atMost": amount}
        answer = await (await office.of(36)).post(f"{API}/absences", json=body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["atMost.value"]), answer.text
