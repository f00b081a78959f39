"""Budgets: what is asked for is reserved, what is approved is committed, what ends is given back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest_asyncio

from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure", "view:all")) as caller:
        yield caller


async def ask(
    client: httpx2.AsyncClient,
    terms: dict[str, Any] = ONE_TIME,
    **changes: Any,  # noqa: ANN401  JSON
) -> httpx2.Response:
    """Ask for approval of a new purchase of 120 EUR, with changes."""
    purchase = await make_purchase(client, **changes)
    commitment = await make_commitment(client, purchase["id"], terms)
    return await client.post(f"{API}/commitments/{commitment['id']}/requests")


def costing(value: float, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": euros(value), "taxes": []}} | changes


async def test_a_new_budget_is_all_free(admin: httpx2.AsyncClient) -> None:
    made = await make_budget(admin)
    assert made["costCenter"] == {"id": 3, "name": "Marketing", "href": f"{API}/costcenters/3"}
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 1000}


async def test_what_a_key_approves_by_itself_is_committed(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin)
    assert (await ask(client)).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 880, "committed": 120}
    await law(company)


async def test_what_waits_is_reserved_and_a_cancellation_gives_it_back(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin)
    request = (await ask(submitter)).json()
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 880, "reserved": 120}
    answer = await submitter.post(f"{API}/requests/{request['id']}/cancellations", json={"comment": "No"})
    assert answer.status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 1000}
    await law(company)


async def test_a_hard_budget_refuses_what_does_not_fit_even_to_a_key_that_approves_by_itself(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin, amount=euros(200))
    assert (await ask(client)).status_code == 201
    answer = await ask(client)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "budget.exceeded"
    (named,) = problem["budgets"]
    assert (named["id"], named["free"], named["asked"], named["currency"]) == (made["id"], 80, 120, "EUR")
    assert await numbers(admin, made["id"]) == {"amount": 200, "free": 80, "committed": 120}
    await law(company)


async def test_what_is_denied_or_closed_gives_back_what_it_held(
    admin: httpx2.AsyncClient,
    submitter: httpx2.AsyncClient,
    approver: httpx2.AsyncClient,
    client: httpx2.AsyncClient,
    company: Company,
) -> None:
    made = await make_budget(admin)
    denied, approved = (await ask(submitter)).json(), (await ask(submitter, costing(300))).json()
    assert (await approver.post(f"{API}/requests/{approved['id']}/approvals")).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 580, "reserved": 120, "committed": 300}
    assert (await approver.post(f"{API}/requests/{denied['id']}/denials", json={"comment": "No"})).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 700, "committed": 300}
    closing = f"{API}/purchases/{approved['purchase']['id']}/closing"
    assert (await client.post(closing)).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 1000}
    await law(company)


async def test_a_soft_budget_reserves_what_it_has_and_only_an_approval_makes_an_overrun(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin, kind="Soft", amount=euros(200))
    first, second = (await ask(submitter)).json(), (await ask(submitter)).json()
    assert await numbers(admin, made["id"]) == {"amount": 200, "reserved": 200}
    (_, waiting) = (await admin.get(f"{API}/budgets/{made['id']}/entries")).json()["items"]
    assert (waiting["request"]["id"], waiting["amount"]["value"], waiting["held"]["value"]) == (second["id"], 120, 80)
    for request in (first, second):
        assert (await approver.post(f"{API}/requests/{request['id']}/approvals")).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 200, "committed": 240, "overrun": 40}
    await law(company)


async def test_a_budget_that_is_made_later_takes_over_what_hangs_on_it_at_worst_with_an_overrun(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient, company: Company
) -> None:
    await ask(client)
    waiting = (await ask(submitter, costing(200))).json()
    made = await make_budget(admin, amount=euros(250))
    told = {name: made[name]["value"] for name in ("free", "reserved", "committed", "overrun")}
    assert told == {"free": 0, "reserved": 200, "committed": 120, "overrun": 70}
    assert (await ask(client)).status_code == 409
    await submitter.post(f"{API}/requests/{waiting['id']}/cancellations", json={})
    assert await numbers(admin, made["id"]) == {"amount": 250, "free": 130, "committed": 120}
    await law(company)


async def test_a_subscription_reserves_each_period_in_its_own_year(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    this = await make_budget(admin, amount=euros(20_000))
    following = await make_budget(admin, amount=euros(20_000), startDate="2026-01-01", endDate="2026-12-31")
    await ask(client, SUBSCRIPTION)
    assert (await numbers(admin, this["id"]))["committed"] == 9000
    assert (await numbers(admin, following["id"]))["committed"] == 3000
    (entry,) = (await admin.get(f"{API}/budgets/{following['id']}/entries")).json()["items"]
    assert (entry["periods"], entry["firstDate"], entry["lastDate"]) == (3, "2026-01-14", "2026-03-14")
    await law(company)


async def test_overlapping_budgets_all_hold(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    tree = await make_budget(admin, name="All below the company", costCenterId=None, departmentId=10)
    others = [
        await make_budget(admin, costCenterId=None, **named)
        for named in (
            {"natureId": 1},
            {"costFamilyId": 1},
            {"axisSectionId": 361},
            {"establishmentId": 1},
            {"amount": euros(500)},
        )
    ]
    elsewhere = await make_budget(admin, natureId=3)
    await ask(client)
    for budget in (tree, *others):
        assert (await numbers(admin, budget["id"]))["committed"] == 120
    assert await numbers(admin, elsewhere["id"]) == {"amount": 1000, "free": 1000}
    answer = await ask(client, costing(400))
    assert [named["id"] for named in answer.json()["budgets"]] == [others[-1]["id"]]
    assert (await numbers(admin, tree["id"]))["free"] == 880
    await law(company)


async def test_the_cost_is_without_the_taxes_that_are_got_back(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    await company.owner.execute(
        "INSERT INTO recovery_rules (tenant_id, rate_type_id, cost_family_id, coefficient) VALUES ($1, 45, 1, 0.4)",
        company.tenant_id,
    )
    made = await make_budget(admin)
    taxed = {"excludingTaxes": euros(100), "taxes": [{"rateTypeId": 45, "value": 20.01}]}
    await ask(client, ONE_TIME | {"amountIncludingTaxes": taxed})
    assert (await numbers(admin, made["id"]))["committed"] == 112.01


async def test_a_budget_is_raised_and_lowered_for_a_reason(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin)
    await ask(client, costing(600))
    place = f"{API}/budgets/{made['id']}/corrections"
    lowered = await admin.post(place, json={"amount": {"value": -500}, "reason": "Less for all"})
    assert lowered.status_code == 201
    assert (lowered.json()["amount"]["value"], lowered.json()["overrun"]["value"]) == (500, 100)
    assert [each["reason"] for each in lowered.json()["corrections"]] == ["Less for all"]
    assert await numbers(admin, made["id"]) == {"amount": 500, "committed": 600, "overrun": 100}
    answer = await admin.post(place, json={"amount": {"value": -501}, "reason": "Nothing is left"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["amount.value"])
    await admin.post(place, json={"amount": {"value": 300}, "reason": "More again"})
    assert await numbers(admin, made["id"]) == {"amount": 800, "free": 200, "committed": 600}
    await law(company)


async def test_what_is_free_of_an_earlier_budget_is_carried_over(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    earlier = await make_budget(admin)
    await ask(client)
    later = await make_budget(admin, startDate="2026-01-01", endDate="2026-12-31")
    place = f"{API}/budgets/{later['id']}/carry-overs"
    answer = await admin.post(place, json={"fromBudgetId": earlier["id"]})
    assert answer.status_code == 201
    assert answer.json()["corrections"][0]["otherBudgetId"] == earlier["id"]
    assert await numbers(admin, later["id"]) == {"amount": 1880, "free": 1880}
    assert await numbers(admin, earlier["id"]) == {"amount": 120, "committed": 120}
    again = await admin.post(place, json={"fromBudgetId": earlier["id"], "amount": {"value": 1}})
    assert (again.status_code, again.json()["code"]) == (409, "budget.nothing_to_carry_over")
    await law(company)


async def test_what_is_charged_in_another_currency_is_not_covered(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    made = await make_budget(admin, amount={"value": 10, "currency": "CHF"})
    assert (await ask(client)).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 10, "free": 10}


async def test_a_budget_that_names_what_is_not_there_is_refused_with_all_that_is_wrong(
    admin: httpx2.AsyncClient,
) -> None:
    wrong = {
        "name": "Wrong",
        "startDate": "2025-12-31",
        "endDate": "2025-01-01",
        "amount": {"value": -1, "currency": "EUR"},
        "natureId": 99,
        "costFamilyId": 98,
        "axisSectionId": 362,
    }
    answer = await admin.post(f"{API}/budgets", json=wrong)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"endDate", "amount.value", "natureId", "costFamilyId", "axisSectionId"}


async def test_only_who_configures_makes_budgets_and_an_overlooked_repeat_makes_no_second_one(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    assert (await client.post(f"{API}/budgets", json={})).status_code == 403
    key = {"Idempotency-Key": "once"}
    body = {"name": "A", "startDate": "2025-01-01", "endDate": "2025-01-31", "amount": euros(5)}
    first = await admin.post(f"{API}/budgets", json=body, headers=key)
    again = await admin.post(f"{API}/budgets", json=body, headers=key)
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert len((await client.get(f"{API}/budgets")).json()["items"]) == 1


async def amend(client: httpx2.AsyncClient, request: dict[str, Any], value: float) -> httpx2.Response:
    """Propose another price for an approved commitment."""
    commitment = request["businessObject"]["id"]
    etag = (await client.get(f"{API}/commitments/{commitment}")).headers["ETag"]
    headers = {"If-Match": etag}
    return await client.post(f"{API}/commitments/{commitment}/amendments", json=costing(value), headers=headers)


async def test_an_amendment_reserves_what_it_adds_and_at_last_the_whole_is_committed_once(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    made = await make_budget(admin)
    request = (await ask(submitter, costing(600))).json()
    await approver.post(f"{API}/requests/{request['id']}/approvals")
    refused = await amend(submitter, request, 1100)
    assert (refused.status_code, refused.json().get("code")) == (409, "budget.exceeded"), refused.text
    raised = await amend(submitter, request, 900)
    assert raised.status_code == 201, raised.text
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "committed": 600, "reserved": 300}
    answer = await approver.post(f"{API}/requests/{raised.json()['id']}/approvals")
    assert answer.status_code == 201, answer.text
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "committed": 900}
    lowered = await amend(submitter, request, 200)
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "committed": 900}
    await approver.post(f"{API}/requests/{lowered.json()['id']}/approvals")
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 800, "committed": 200}


async def test_an_amendment_that_is_denied_gives_back_what_it_would_have_added(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    made = await make_budget(admin)
    request = (await ask(submitter, costing(600))).json()
    await approver.post(f"{API}/requests/{request['id']}/approvals")
    raised = (await amend(submitter, request, 900)).json()
    await approver.post(f"{API}/requests/{raised['id']}/denials", json={"comment": "No"})
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 400, "committed": 600}


async def test_a_budget_that_is_made_while_an_amendment_waits_takes_over_what_that_would_add(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    request = (await ask(submitter, costing(600))).json()
    await approver.post(f"{API}/requests/{request['id']}/approvals")
    raised = (await amend(submitter, request, 900)).json()
    made = await make_budget(admin)
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "reserved": 300, "committed": 600}
    await law(company)
    assert (await approver.post(f"{API}/requests/{raised['id']}/approvals")).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "committed": 900}
    await law(company)


async def test_what_was_amended_hangs_on_a_budget_that_is_made_later_as_the_amendment_asked_for_it(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    request = (await ask(submitter, costing(600))).json()
    await approver.post(f"{API}/requests/{request['id']}/approvals")
    raised = (await amend(submitter, request, 900)).json()
    await approver.post(f"{API}/requests/{raised['id']}/approvals")
    made = await make_budget(admin)
    (entry,) = (await admin.get(f"{API}/budgets/{made['id']}/entries")).json()["items"]
    assert entry["request"]["id"] == raised["id"]
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 100, "committed": 900}
    await law(company)


# Subscriptions that are stopped -----------------------------------------------------------------------------

NEXT = datetime.now(UTC).year + 1
IN_NEXT_YEAR = {"startDate": f"{NEXT}-01-01", "endDate": f"{NEXT}-12-31", "amount": euros(20_000)}


async def subscribed(client: httpx2.AsyncClient) -> str:
    """Approve a subscription of twelve months, each 1,000 EUR, that binds for six; answer where it is decided about."""
    terms = {"startDate": f"{NEXT}-01-01", "firstInvoiceDate": f"{NEXT}-01-01"}
    bound = {"contractualObligation": {"value": 6, "unit": "Month"}}
    answer = await ask(client, SUBSCRIPTION | terms | bound)
    assert answer.status_code == 201, answer.text
    return f"{API}/commitments/{answer.json()['businessObject']['id']}"


async def test_what_is_stopped_gives_back_the_periods_that_it_will_not_have(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    whole = await make_budget(admin, **IN_NEXT_YEAR)
    autumn = await make_budget(admin, **IN_NEXT_YEAR | {"startDate": f"{NEXT}-09-01"})
    commitment = await subscribed(client)
    assert (await numbers(admin, whole["id"]))["committed"] == 12_000
    assert (await numbers(admin, autumn["id"]))["committed"] == 4_000
    stopped = await client.post(f"{commitment}/stops")
    assert stopped.status_code == 201, stopped.text
    assert await numbers(admin, whole["id"]) == {"amount": 20_000, "free": 14_000, "committed": 6_000}
    assert await numbers(admin, autumn["id"]) == {"amount": 20_000, "free": 20_000}
    (entry,) = (await admin.get(f"{API}/budgets/{whole['id']}/entries")).json()["items"]
    assert (entry["periods"], entry["lastDate"]) == (6, f"{NEXT}-06-01")
    await law(company)


async def test_a_budget_that_is_made_after_the_stop_counts_no_more_than_what_is_left(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    commitment = await subscribed(client)
    await client.post(f"{commitment}/stops")
    made = await make_budget(admin, **IN_NEXT_YEAR | {"amount": euros(5_000)})
    assert await numbers(admin, made["id"]) == {"amount": 5_000, "committed": 6_000, "overrun": 1_000}
    await law(company)


async def test_another_price_for_what_is_stopped_counts_until_its_end_and_no_longer(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin, **IN_NEXT_YEAR)
    commitment = await subscribed(client)
    await client.post(f"{commitment}/stops")
    read = await client.get(commitment)
    price = {"amountIncludingTaxesPerPeriod": {"excludingTaxes": euros(1_100), "taxes": []}}
    dearer = read.json() | price | {"state": "Created"}
    answer = await client.post(f"{commitment}/amendments", json=dearer, headers={"If-Match": read.headers["ETag"]})
    assert answer.status_code == 201, answer.text
    assert await numbers(admin, made["id"]) == {"amount": 20_000, "free": 13_400, "committed": 6_600}
    await law(company)
