"""C9, C11, C20 and what is mandatory: requests are read generously, and what is missing is named."""

import json
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.problems import faults, rows

TERMS = pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
READ_ONLY = {
    "id": 99,
    "commitmentId": "x",
    "items": 1,
    "owner": {"id": 1},
    "purchase": {"id": 5},
    "createdAt": "2024-09-24T10:02:01.9244011+00:00",
    "author": {"id": 416, "name": "Ada"},
    "modifiedAt": "yesterday",
    "modifier": None,
    "version": 17,
    "subscriptionEndDate": "2000-01-01",
    "periodsCount": -1,
    "contractualEndDate": "2025-02-30",
    "attachments": [],
}
UNKNOWN = {"colour": "red", "deep": {"er": [1, {"x": 12345678901234567890}]}, "": "", "ünï": "çödé"}


@TERMS
@pytest.mark.parametrize("more", [READ_ONLY, UNKNOWN], ids=["read-only", "unknown"])
async def test_c9_what_a_commitment_does_not_take_is_ignored(
    client: httpx2.AsyncClient, terms: dict[str, Any], more: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    body = json.dumps(terms | more).replace("12345678901234567890", "1E999999999")
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["purchase"]["id"] == purchase["id"]


async def test_c9_what_a_purchase_does_not_take_is_ignored(client: httpx2.AsyncClient) -> None:
    more = {
        "id": 12,
        "purchaseId": 13,
        "state": "Closed",
        "createdAt": 5,
        "author": [],
        "committedAmount": {"base": {"value": "many"}},
        "commitment": {"id": 4},
        "nature": {"id": 2},
        "version": 9,
    }
    made = await make_purchase(client, **more, **UNKNOWN)
    assert made["state"] == "Created"
    assert made["nature"]["id"] == 1


@pytest.mark.parametrize("field", ["natureId", "supplier", "title", "axisSectionIds"])
async def test_c9_a_trailing_quote_on_a_key_is_dropped(client: httpx2.AsyncClient, field: str) -> None:
    body = {name: value for name, value in PURCHASE.items() if name != field} | {f'{field}"': PURCHASE[field]}
    assert (await client.post(f"{API}/purchases", json=body)).status_code == 201


async def test_c9_a_trailing_quote_is_dropped_at_every_depth(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, supplier={'id"': 6})
    assert purchase["supplier"]["id"] == 6
    amount = {'excludingTaxes"': {'value"': 120, 'currency"': "EUR"}, 'taxes"': []}
    body = ONE_TIME | {'amountIncludingTaxes"': amount}
    del body["amountIncludingTaxes"]
    made = await make_commitment(client, purchase["id"], body)
    assert made["amountIncludingTaxes"]["excludingTaxes"]["value"] == 120


async def test_c9_a_trailing_quote_is_dropped_in_every_operation(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    terms = _without(ONE_TIME, "comment") | {'comment"': "Changed"}
    put = await submitter.put(f"{API}/commitments/{commitment['id']}", json=terms)
    assert put.json()["comment"] == "Changed"
    request = (await submitter.post(f"{API}/commitments/{commitment['id']}/requests")).json()
    denied = await approver.post(f"{API}/requests/{request['id']}/denials", json={'comment"': "Too dear"})
    assert denied.json()["decisions"][0]["comment"] == "Too dear"
    closing = {'comment"': "over", 'date"': "2025-01-01"}
    closed = await submitter.post(f"{API}/purchases/{purchase['id']}/closing", json=closing)
    assert closed.json()["closing"]["comment"] == "over"
    assert closed.json()["closing"]["date"] == "2025-01-01"


async def test_c9_only_one_trailing_quote_is_dropped(client: httpx2.AsyncClient) -> None:
    body = {name: value for name, value in PURCHASE.items() if name != "title"} | {'title""': "Two quotes"}
    assert set(faults(await client.post(f"{API}/purchases", json=body))) == {"title"}


@TERMS
@pytest.mark.parametrize("sent", [{}, {"state": None}, {"state": "Created"}], ids=["absent", "null", "Created"])
async def test_c11_the_state_may_be_absent_or_created(
    client: httpx2.AsyncClient, terms: dict[str, Any], sent: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    body = {name: value for name, value in terms.items() if name != "state"} | sent
    made = await make_commitment(client, purchase["id"], body)
    assert made["state"] == "Created"
    again = await client.put(f"{API}/commitments/{made['id']}", json=body)
    assert again.status_code == 200


@TERMS
@pytest.mark.parametrize(
    "state", ["UnderReview", "Provisioned", "Denied", "Cancelled", "created", "", 1, [], "Approved"]
)
async def test_c11_any_other_state_is_refused_by_name(
    client: httpx2.AsyncClient, terms: dict[str, Any], state: object
) -> None:
    purchase = await make_purchase(client)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=terms | {"state": state})
    assert set(faults(answer)) == {"state"}


def _without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    "said",
    [
        {"ownerId": 35},
        {"owner": {"id": 35}},
        {"ownerId": 35, "owner": {"id": 35}},
        {"ownerId": None, "owner": {"id": 35}},
        {"ownerId": 35, "owner": None},
        {"owner": {"id": 35, "name": "Somebody else", "href": 5}},
    ],
)
async def test_c20_the_owner_may_be_written_in_both_ways(client: httpx2.AsyncClient, said: dict[str, Any]) -> None:
    answer = await client.post(f"{API}/purchases", json=_without(PURCHASE, "ownerId") | said)
    assert answer.status_code == 201, answer.text
    assert answer.json()["owner"]["id"] == 35
    changed = await client.put(answer.headers["Location"], json=_without(PURCHASE, "ownerId") | said)
    assert changed.json()["owner"]["id"] == 35


async def test_c20_two_different_owners_are_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{API}/purchases", json=PURCHASE | {"owner": {"id": 36}})
    assert set(faults(answer)) == {"ownerId", "owner.id"}


@pytest.mark.parametrize("is_null", [True, False], ids=["null", "absent"])
@pytest.mark.parametrize("field", ["title", "ownerId", "natureId", "costCenterId", "supplier"])
async def test_a_missing_mandatory_field_of_a_purchase_is_named(
    client: httpx2.AsyncClient,
    field: str,
    is_null: bool,  # noqa: FBT001
) -> None:
    body = _without(PURCHASE, field) | ({field: None} if is_null else {})
    assert set(faults(await client.post(f"{API}/purchases", json=body))) == {field}


async def test_every_missing_mandatory_field_of_a_purchase_is_named_at_once(client: httpx2.AsyncClient) -> None:
    errors = faults(await client.post(f"{API}/purchases", json={}))
    assert set(errors) == {"title", "ownerId", "natureId", "costCenterId", "supplier"}


@pytest.mark.parametrize("is_null", [True, False], ids=["null", "absent"])
@pytest.mark.parametrize("field", ["establishmentId", "departmentId", "axisSectionIds", "type"])
async def test_the_other_fields_of_a_purchase_have_defaults(
    client: httpx2.AsyncClient,
    field: str,
    is_null: bool,  # noqa: FBT001
) -> None:
    body = _without(PURCHASE, field) | ({field: None} if is_null else {})
    answer = await client.post(f"{API}/purchases", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert made["establishment"]["id"] == 1
    assert made["department"]["id"] == 14
    assert made["axisSections"] == ([] if field == "axisSectionIds" else made["axisSections"])
    assert "type" not in made


async def test_an_establishment_and_a_department_that_are_not_said_are_the_owners(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client, ownerId=39, establishmentId=None, departmentId=None)
    assert made["establishment"]["name"] == "Geneva"
    assert made["department"]["id"] == 14
    assert made["committedAmount"]["base"] == {"value": 0, "currency": "CHF"}


@pytest.mark.parametrize(
    ("supplier", "named"),
    [
        ({}, {"supplier.name", "supplier.territoryId"}),
        ({"id": None}, {"supplier.name", "supplier.territoryId"}),
        ({"name": "Fresh"}, {"supplier.territoryId"}),
        ({"territoryId": "FR"}, {"supplier.name"}),
        ({"name": None, "territoryId": "FR"}, {"supplier.name"}),
        ({"name": " ", "territoryId": "FR"}, {"supplier.name"}),
        ({"name": 5, "territoryId": "FR"}, {"supplier.name"}),
        ({"name": "x" * 256, "territoryId": "FR"}, {"supplier.name"}),
        ({"name": "Fresh", "territoryId": "ZZ"}, {"supplier.territoryId"}),
        ({"name": "Fresh", "territoryId": ""}, {"supplier.territoryId"}),
        ({"name": "Fresh", "territoryId": 33}, {"supplier.territoryId"}),
        ({"id": 4711}, {"supplier.id"}),
        ({"id": 7}, {"supplier.id"}),
        ({"id": "6"}, {"supplier.id"}),
        ({"id": 0}, {"supplier.id"}),
        ([6], {"supplier"}),
        (6, {"supplier"}),
        ("Amazon", {"supplier"}),
    ],
)
async def test_a_supplier_is_an_active_one_by_id_or_a_name_and_a_territory(
    client: httpx2.AsyncClient, supplier: object, named: set[str]
) -> None:
    assert set(faults(await client.post(f"{API}/purchases", json=PURCHASE | {"supplier": supplier}))) == named


@pytest.mark.parametrize(
    "beside", [{"name": "Other", "territoryId": "DE"}, {"name": "", "territoryId": "??"}, {"name": 1}]
)
async def test_beside_the_id_of_a_supplier_its_name_and_territory_are_ignored(
    client: httpx2.AsyncClient, beside: dict[str, Any]
) -> None:
    made = await make_purchase(client, supplier={"id": 6} | beside)
    assert (made["supplier"]["id"], made["supplier"]["name"], made["supplier"]["territoryId"]) == (6, "Amazon", "FR")


async def test_a_draft_supplier_stands_on_its_purchase_only(client: httpx2.AsyncClient, company: Company) -> None:
    before = await company.owner.fetchval("SELECT count(*) FROM suppliers WHERE tenant_id = $1", company.tenant_id)
    made = await make_purchase(client, supplier={"name": "Zoé & Fils", "territoryId": "EL"})
    assert made["supplier"] == {"name": "Zoé & Fils", "territoryId": "GR"}
    after = await company.owner.fetchval("SELECT count(*) FROM suppliers WHERE tenant_id = $1", company.tenant_id)
    assert before == after


MANDATORY = [
    (ONE_TIME, "type", "type"),
    (ONE_TIME, "costDate", "costDate"),
    (ONE_TIME, "amountIncludingTaxes", "amountIncludingTaxes"),
    (SUBSCRIPTION, "type", "type"),
    (SUBSCRIPTION, "startDate", "startDate"),
    (SUBSCRIPTION, "invoicingFrequency", "invoicingFrequency"),
    (SUBSCRIPTION, "subscriptionDuration", "subscriptionDuration"),
    (SUBSCRIPTION, "amountIncludingTaxesPerPeriod", "amountIncludingTaxesPerPeriod"),
]


@pytest.mark.parametrize("is_null", [True, False], ids=["null", "absent"])
@pytest.mark.parametrize(("terms", "field", "named"), MANDATORY)
async def test_a_missing_mandatory_field_of_a_commitment_is_named(
    client: httpx2.AsyncClient,
    terms: dict[str, Any],
    field: str,
    named: str,
    is_null: bool,  # noqa: FBT001
) -> None:
    purchase = await make_purchase(client)
    body = _without(terms, field) | ({field: None} if is_null else {})
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert set(faults(answer)) == {named}


@pytest.mark.parametrize("field", ["amountIncludingTaxes", "amountIncludingTaxesPerPeriod"])
@pytest.mark.parametrize(
    ("amount", "named"),
    [
        ({}, {"excludingTaxes"}),
        ({"taxes": []}, {"excludingTaxes"}),
        ({"excludingTaxes": None}, {"excludingTaxes"}),
        ({"excludingTaxes": {}}, {"excludingTaxes.value", "excludingTaxes.currency"}),
        ({"excludingTaxes": {"value": 1}}, {"excludingTaxes.currency"}),
        ({"excludingTaxes": {"currency": "EUR"}}, {"excludingTaxes.value"}),
        ({"base": {}}, {"base.excludingTaxes"}),
        ({"base": {"excludingTaxes": {"value": 1}}}, {"base.excludingTaxes.currency"}),
        ({"counter": {"excludingTaxes": {"value": 1, "currency": "EUR"}}}, {"excludingTaxes"}),
    ],
)
async def test_an_amount_without_its_value_or_currency_is_named(
    client: httpx2.AsyncClient, field: str, amount: dict[str, Any], named: set[str]
) -> None:
    purchase = await make_purchase(client)
    terms = ONE_TIME if field in ONE_TIME else SUBSCRIPTION
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=terms | {field: amount})
    assert set(faults(answer)) == {f"{field}.{name}" for name in named}


async def test_the_dates_of_invoices_are_those_of_cost_and_start_when_absent(client: httpx2.AsyncClient) -> None:
    first, second = await make_purchase(client), await make_purchase(client)
    once = await make_commitment(client, first["id"], _without(ONE_TIME, "invoiceDate"))
    assert once["invoiceDate"] == "2025-04-14"
    over = await make_commitment(client, second["id"], _without(SUBSCRIPTION, "firstInvoiceDate"))
    assert over["firstInvoiceDate"] == "2025-04-14"


@pytest.mark.parametrize("body", [{}, {"comment": None}, {"contentHash": "x"}])
async def test_a_denial_without_a_comment_is_refused(
    company: Company, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    request = (await submitter.post(f"{API}/commitments/{commitment['id']}/requests")).json()
    before = await rows(company)
    assert set(faults(await approver.post(f"{API}/requests/{request['id']}/denials", json=body))) == {"comment"}
    assert await rows(company) == before


REFERENCES = [
    ("ownerId", 4711, "no"),
    ("ownerId", 38, "left"),
    ("natureId", 4711, "no"),
    ("natureId", 2, "disabled"),
    ("costCenterId", 4711, "no"),
    ("costCenterId", 4, "disabled"),
    ("establishmentId", 4711, "no"),
    ("departmentId", 4711, "no"),
    ("axisSectionIds", [361, 4711], "no"),
    ("axisSectionIds", [362], "disabled"),
    ("supplier", {"id": 4711}, "no"),
    ("supplier", {"id": 7}, "archived"),
]


@pytest.mark.parametrize(("field", "value", "word"), REFERENCES)
async def test_what_is_missing_or_no_longer_in_use_is_refused_and_told_apart(
    client: httpx2.AsyncClient, company: Company, field: str, value: object, word: str
) -> None:
    before = await rows(company)
    errors = faults(await client.post(f"{API}/purchases", json=PURCHASE | {field: value}))
    assert {name.partition(".")[0].partition("[")[0] for name in errors} == {field}
    (messages,) = errors.values()
    assert word in messages[0].lower()
    assert await rows(company) == before


async def test_a_key_is_no_owner(client: httpx2.AsyncClient) -> None:
    author = (await make_purchase(client))["author"]["id"]
    assert set(faults(await client.post(f"{API}/purchases", json=PURCHASE | {"ownerId": author}))) == {"ownerId"}
