"""The public reference: its examples are taken as they stand, and every answer fits its schemas in every reading."""

from typing import Any

import httpx2
import pytest

from tests.documented.schemas import document, faults_of
from tests.fixtures.attachments import attach_some
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.lives import STAGES, Live

EXAMPLES: dict[str, dict[str, Any]] = document("commitment.yaml")["examples"]
POSTED = ["one-time-commitment.post", "subscription-commitment.post"]
PURCHASE = "purchases.yaml#/schemas/purchase"
REQUEST = "requests.yaml#/schemas/commitment-request"
COMMITMENTS = ["commitment.yaml#/schemas/commitment", "commitment.yaml#/schemas/commitments"]


@pytest.mark.parametrize("name", POSTED)
async def test_the_references_examples_work_as_printed(client: httpx2.AsyncClient, name: str) -> None:
    purchase = await make_purchase(client)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=EXAMPLES[name])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    for schema in COMMITMENTS:
        assert faults_of(schema, told) == []
    sent = {key.removesuffix('"'): value for key, value in EXAMPLES[name].items()}
    for field in ("startDate", "firstInvoiceDate", "invoicingFrequency", "subscriptionDuration", "costDate", "comment"):
        assert told.get(field) == sent.get(field)
    assert told["author"]["name"] != sent.get("author", {}).get("name", "")


@pytest.mark.parametrize("name", POSTED)
async def test_they_work_at_the_guides_path_too(client: httpx2.AsyncClient, name: str) -> None:
    purchase = await make_purchase(client)
    answer = await client.post(f"{API}/commitments", json=EXAMPLES[name] | {"purchaseId": purchase["id"]})
    assert answer.status_code == 201, answer.text
    for schema in COMMITMENTS:
        assert faults_of(schema, answer.json()) == []


async def test_an_answer_has_every_field_of_the_example_of_an_answer(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], EXAMPLES["one-time-commitment.post"])
    told = (await client.get(f"{API}/commitments/{made['id']}")).json()
    example = EXAMPLES["commitment.get"]
    assert set(example) <= set(told)
    for field in ("costDate", "invoiceDate", "type", "attachmentIds", "state", "comment", "paymentMethod"):
        assert told[field] == example[field]
    flat = example["amountIncludingTaxes"]
    assert {name: told["amountIncludingTaxes"][name] for name in flat} == flat
    for person in ("author", "modifier"):
        assert set(example[person]) <= set(told[person])


async def test_the_example_of_an_answer_can_be_put_back(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"])
    answer = await client.put(f"{API}/commitments/{made['id']}", json=EXAMPLES["commitment.get"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == made["id"]


@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
async def test_an_answer_of_ours_can_be_put_back_as_it_is(client: httpx2.AsyncClient, terms: dict[str, Any]) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], terms)
    place = f"{API}/commitments/{made['id']}"
    read = (await client.get(place)).json()
    answer = await client.put(place, json=read)
    assert answer.status_code == 200, answer.text
    changing = {"version", "modifiedAt"}
    assert {name: value for name, value in answer.json().items() if name not in changing} == {
        name: value for name, value in read.items() if name not in changing
    }


async def test_the_references_example_of_a_purchase_works(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{API}/purchases", json=document("purchases.yaml")["examples"]["purchase.post"])
    assert answer.status_code == 201
    assert faults_of(PURCHASE, answer.json()) == []


@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
@pytest.mark.parametrize("stage", STAGES)
async def test_every_answer_fits_the_documented_schemas(live: Live, stage: str, terms: dict[str, Any]) -> None:
    life = await live(stage, terms)
    purchase = await life.read()
    assert faults_of(PURCHASE, purchase) == []
    listed = (await life.submitter.get(f"{API}/purchases?fields.root=next,prev,count")).json()
    assert faults_of("purchases.yaml#/schemas/purchases", listed) == []
    if life.commitment_id:
        commitment = (await life.submitter.get(life.commitment)).json()
        assert [faults_of(schema, commitment) for schema in COMMITMENTS] == [[], []]
        assert commitment == purchase["commitment"]
    if life.request_id:
        assert faults_of(REQUEST, (await life.submitter.get(life.request)).json()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"contractualObligation": {"value": 6, "unit": "Month"}},
        {"terminationNotice": {"value": 2, "unit": "Week"}},
        {"paymentMethod": "DirectDebit", "comment": None},
        {"startDate": "2024-02-29", "subscriptionDuration": {"value": 1, "unit": "Year"}},
        {"amountIncludingTaxesPerPeriod": {"excludingTaxes": {"value": 99.5, "currency": "USD"}}},
    ],
)
async def test_every_variant_of_a_subscription_fits(client: httpx2.AsyncClient, change: dict[str, Any]) -> None:
    purchase = await make_purchase(client)
    told = await make_commitment(client, purchase["id"], SUBSCRIPTION | change)
    assert [faults_of(schema, told) for schema in COMMITMENTS] == [[], []]


@pytest.mark.parametrize("method", ["BankTransfer", "PhysicalCard", "Check", "DirectDebit", "SingleUseCard", None])
async def test_every_method_of_payment_is_taken(client: httpx2.AsyncClient, method: str | None) -> None:
    purchase = await make_purchase(client)
    told = await make_commitment(client, purchase["id"], paymentMethod=method)
    assert told["paymentMethod"] == method
    assert faults_of(COMMITMENTS[0], told) == []


async def test_a_pending_request_has_what_the_documented_one_has(submitter: httpx2.AsyncClient) -> None:
    told = await make_request(submitter)
    assert faults_of(REQUEST, told) == []
    documented = document("requests.yaml")["schemas"]["commitment-request"]["properties"]
    assert set(documented) <= set(told)
    assert isinstance(told["workflowId"], str)


async def test_a_user_is_named_as_documented(client: httpx2.AsyncClient) -> None:
    told = (await make_purchase(client))["owner"]
    assert set(document("references.yaml")["schemas"]["user-reference"]["properties"]) <= set(told)
    assert told["name"] == f"{told['firstName']} {told['lastName']}" == "Olive Owner"


@pytest.mark.parametrize(
    "query",
    [{"date": "2025-01-01", "territoryId": "FR"}, document("taxes.yaml")["operations"]["get-vat-rates"]["query"]],
)
async def test_vat_rates_are_a_bare_list(client: httpx2.AsyncClient, query: dict[str, str]) -> None:
    answer = await client.get("/cleemy-procurement/taxes/api/rates", params=query)
    assert isinstance(answer.json(), list)
    assert faults_of("taxes.yaml#/schemas/vat-rates", answer.json()) == []
    assert set(answer.json()[0]) == {"id", "percentage", "rateType"}


@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])
async def test_answers_with_attachments_fit_wherever_they_are_shown(
    client: httpx2.AsyncClient, company: Company, terms: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    hung = {"attachmentIds": await attach_some(company, client, 3)}
    made = await make_commitment(client, purchase["id"], terms | hung)
    assert len(made["attachments"]) == 3
    request = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()
    read = (await client.get(f"{API}/purchases/{purchase['id']}")).json()
    shown = [(schema, made) for schema in COMMITMENTS] + [(REQUEST, request), (PURCHASE, read)]
    assert [fault for schema, told in shown for fault in faults_of(schema, told)] == []
    for attachment in made["attachments"]:
        assert faults_of("references.yaml#/schemas/attachment", attachment) == []
        assert set(attachment) == {"id", "file", "createdAt", "pages"}
