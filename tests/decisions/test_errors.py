"""Errors: one form of problem, every field at fault at once, and the status that the case deserves."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults, refused, rows


async def test_faults_of_shape_and_missing_references_come_together(
    client: httpx2.AsyncClient, company: Company
) -> None:
    body = {
        "title": "",
        "ownerId": 4711,
        "natureId": "1",
        "costCenterId": 4,
        "supplier": {"id": 7},
        "axisSectionIds": [361, 362],
        "establishmentId": 99,
        "departmentId": -1,
        "type": "Once",
    }
    before = await rows(company)
    errors = faults(await client.post(f"{API}/purchases", json=body))
    assert set(errors) == {
        "title",
        "ownerId",
        "natureId",
        "costCenterId",
        "supplier.id",
        "axisSectionIds[1]",
        "establishmentId",
        "departmentId",
        "type",
    }
    assert await rows(company) == before


async def test_a_put_names_every_fault_too(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    errors = faults(await client.put(f"{API}/purchases/{made['id']}", json={"title": 5, "ownerId": 38, "natureId": 2}))
    assert set(errors) == {"title", "ownerId", "natureId", "costCenterId", "supplier"}


async def test_a_missing_owner_is_ownerId_in_both_forms(client: httpx2.AsyncClient) -> None:  # noqa: N802  as on the wire
    named = await client.post(f"{API}/purchases", json=PURCHASE | {"ownerId": 4711, "title": " "})
    assert set(faults(named)) == {"ownerId", "title"}
    without = {name: value for name, value in PURCHASE.items() if name != "ownerId"}
    other = await client.post(f"{API}/purchases", json=without | {"owner": {"id": 4711}})
    assert set(faults(other)) == {"ownerId"}


async def test_paths_are_written_with_dots_and_brackets(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    taxes = [{"rateTypeId": "x", "value": 1}, {"value": "2"}, {"rateTypeId": 1, "value": 0.001}, 7]
    amount = {"excludingTaxes": {"value": "120", "currency": "EURO"}, "taxes": taxes}
    errors = faults(
        await client.post(
            f"{API}/purchases/{made['id']}/commitment",
            json=ONE_TIME | {"amountIncludingTaxes": amount, "costDate": "x"},
        )
    )
    assert {
        "costDate",
        "amountIncludingTaxes.excludingTaxes.value",
        "amountIncludingTaxes.taxes[0].rateTypeId",
        "amountIncludingTaxes.taxes[1].rateTypeId",
        "amountIncludingTaxes.taxes[1].value",
        "amountIncludingTaxes.taxes[3]",
    } <= set(errors)


async def test_a_commitment_with_faults_names_also_the_purchase_that_is_not_there(client: httpx2.AsyncClient) -> None:
    body = ONE_TIME | {"purchaseId": 4711, "comment": 5}
    assert set(faults(await client.post(f"{API}/commitments", json=body))) == {"purchaseId", "comment"}


async def test_a_commitment_with_faults_names_also_the_types_of_rate_that_are_not_there(
    client: httpx2.AsyncClient,
) -> None:
    made = await make_purchase(client)
    amount = {
        "excludingTaxes": {"value": 120, "currency": "EUR"},
        "taxes": [{"rateTypeId": 4711, "value": 24, "currency": "EUR"}],
    }
    body = ONE_TIME | {"amountIncludingTaxes": amount, "paymentMethod": "Cash"}
    for path, named in (
        (f"{API}/purchases/{made['id']}/commitment", {}),
        (f"{API}/commitments", {"purchaseId": made["id"]}),
    ):
        errors = faults(await client.post(path, json=body | named))
        assert set(errors) == {"paymentMethod", "amountIncludingTaxes.taxes[0].rateTypeId"}


async def test_every_fault_of_an_amount_is_named_also_when_its_form_is_right(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    amount = {
        "excludingTaxes": {"value": 120, "currency": "AED"},
        "taxes": [{"rateTypeId": 4711, "value": 24, "currency": "AED"}],
    }
    errors = faults(
        await client.post(f"{API}/purchases/{made['id']}/commitment", json=ONE_TIME | {"amountIncludingTaxes": amount})
    )
    assert set(errors) == {"amountIncludingTaxes.taxes[0].rateTypeId", "amountIncludingTaxes.excludingTaxes.currency"}


@pytest.mark.parametrize("form", ["flat", "base"])
async def test_faults_of_the_base_are_named_where_it_was_sent(client: httpx2.AsyncClient, form: str) -> None:
    made = await make_purchase(client)
    flat = {
        "excludingTaxes": {"value": 120, "currency": "AED"},
        "taxes": [{"rateTypeId": 4711, "value": 24, "currency": "AED"}],
    }
    amount, place = (flat, "amountIncludingTaxes") if form == "flat" else ({"base": flat}, "amountIncludingTaxes.base")
    for more in ({}, {"comment": 5}):
        body = ONE_TIME | {"amountIncludingTaxes": amount} | more
        errors = faults(await client.post(f"{API}/purchases/{made['id']}/commitment", json=body))
        assert set(errors) - {"comment"} == {f"{place}.taxes[0].rateTypeId", f"{place}.excludingTaxes.currency"}


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": "OneTime"}, {"type": ["OneTimeCommitment"]}])
async def test_without_a_known_type_what_both_have_is_still_named(
    client: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    made = await make_purchase(client)
    more = {"comment": 5, "state": "Denied"}
    errors = faults(await client.post(f"{API}/commitments", json=body | more))
    assert set(errors) == {"type", "purchaseId", "comment", "state"}
    errors = faults(await client.post(f"{API}/purchases/{made['id']}/commitment", json=body | more))
    assert set(errors) == {"type", "comment", "state"}


async def test_every_fault_of_a_subscription_is_named(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    body = SUBSCRIPTION | {
        "startDate": "2025-02-30",
        "firstInvoiceDate": "0000-01-01",
        "invoicingFrequency": {"value": 0, "unit": "Month"},
        "subscriptionDuration": {"value": 1, "unit": "Decade"},
        "contractualObligation": {"unit": "Month"},
        "terminationNotice": 5,
        "state": "Denied",
        "attachmentIds": [1],
    }
    errors = faults(await client.post(f"{API}/purchases/{made['id']}/commitment", json=body))
    assert set(errors) == {
        "startDate",
        "firstInvoiceDate",
        "invoicingFrequency.value",
        "subscriptionDuration.unit",
        "contractualObligation.value",
        "terminationNotice",
        "state",
        "attachmentIds[0]",
    }


async def test_a_total_out_of_reach_is_named_with_all_else(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    amount = {"excludingTaxes": {"value": 999_999_999_999.99, "currency": "EUR"}}
    body = SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": {"base": amount}, "comment": 5}
    errors = faults(await client.post(f"{API}/purchases/{made['id']}/commitment", json=body))
    assert set(errors) == {"amountIncludingTaxesPerPeriod.base", "comment"}


async def test_every_fault_of_a_closing_is_named(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    place = f"{API}/purchases/{made['id']}/closing"
    assert set(faults(await client.post(place, json={"date": "9999-12-31", "comment": 5}))) == {"date", "comment"}
    assert set(faults(await client.post(place, json={"date": "2025-02-30", "comment": 5}))) == {"date", "comment"}


async def test_headers_and_body_at_fault_are_named_together(client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "x" * 1000, "If-Match": "not quoted"}
    answer = await client.post(f"{API}/purchases?colour=red", json=PURCHASE | {"title": ""}, headers=headers)
    assert set(faults(answer)) == {"Idempotency-Key", "If-Match", "colour", "title"}


KINDS = [
    ("purchases", "purchase.not_found"),
    ("commitments", "commitment.not_found"),
    ("requests", "request.not_found"),
    ("orders", "order.not_found"),
]


@pytest.mark.parametrize(("kind", "code"), KINDS)
async def test_what_is_not_there_is_a_404(client: httpx2.AsyncClient, kind: str, code: str) -> None:
    refused(await client.get(f"{API}/{kind}/2147483647"), 404, code)


COMMANDS: list[tuple[str, str, object]] = [
    ("PUT", "purchases/{}", PURCHASE),
    ("PUT", "purchases/{}/supplier", {"id": 6}),
    ("POST", "purchases/{}/commitment", ONE_TIME),
    ("POST", "purchases/{}/closing", {"comment": "x"}),
    ("PUT", "commitments/{}", ONE_TIME),
    ("POST", "commitments/{}/requests", None),
    ("POST", "requests/{}/cancellations", {"comment": "x"}),
]


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1.1"'}, {"If-Match": "*"}, {"Idempotency-Key": "k"}], ids=str)
@pytest.mark.parametrize(("method", "path", "body"), COMMANDS)
async def test_a_command_on_what_is_not_there_is_a_404_with_or_without_if_match(
    client: httpx2.AsyncClient, company: Company, method: str, path: str, body: object, headers: dict[str, str]
) -> None:
    before = await rows(company)
    place = f"{API}/{path.format(4711)}"
    refused(await client.request(method, place, json=body, headers=headers), 404)
    assert await rows(company) == before


@pytest.mark.parametrize("verb", ["approvals", "denials"])
async def test_a_decision_on_what_is_not_there_is_a_404(approver: httpx2.AsyncClient, verb: str) -> None:
    refused(await approver.post(f"{API}/requests/4711/{verb}", json={"comment": "x"}), 404, "request.not_found")


BAD_IDS = ["0", "-1", "2147483648", "99999999999999999999", "1.0", "1e2", "01", "+1", "abc", "%00", "1%20", "٣"]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("kind", ["purchases", "commitments", "requests", "orders"])
async def test_an_id_in_the_path_that_can_be_none_is_a_404(client: httpx2.AsyncClient, kind: str, bad: str) -> None:
    answer = await client.get(f"{API}/{kind}/{bad}")
    assert refused_anyhow(answer)["status"] == 404


def refused_anyhow(answer: httpx2.Response) -> dict[str, Any]:
    """Check a problem whose instance may be written in another way than the path was."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    return problem


@pytest.mark.parametrize(
    ("field", "value"),
    [("ownerId", 0), ("natureId", -5), ("costCenterId", 2**31), ("establishmentId", 10**30), ("supplier", {"id": 1.5})],
)
async def test_an_id_in_a_body_that_can_be_none_is_a_400(client: httpx2.AsyncClient, field: str, value: object) -> None:
    errors = faults(await client.post(f"{API}/purchases", json=PURCHASE | {field: value}))
    assert {name.partition(".")[0] for name in errors} == {field}


async def test_what_a_body_refers_to_of_another_company_is_a_400(client: httpx2.AsyncClient, rival: Company) -> None:
    async with await rival.caller() as stranger:
        await make_purchase(stranger)
        theirs = await make_purchase(stranger)
    answer = await client.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": theirs["id"]})
    assert set(faults(answer)) == {"purchaseId"}


@pytest.mark.parametrize("kind", ["purchases", "commitments"])
async def test_a_delete_is_a_405_that_says_what_is_allowed(client: httpx2.AsyncClient, kind: str) -> None:
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"])
    place = f"{API}/{kind}/{purchase['id'] if kind == 'purchases' else commitment['id']}"
    answer = await client.delete(place)
    refused(answer, 405, "method.not_allowed")
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))
    assert (await client.get(place)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "purchases", {"GET", "POST"}),
        ("PATCH", "purchases/1", {"GET", "PUT"}),
        ("GET", "purchases/1/closing", {"POST"}),
        ("PUT", "requests/1", {"GET"}),
        ("POST", "orders", {"GET"}),
        ("GET", "commitments", {"POST"}),
        ("BREW", "orders/1", {"GET"}),
    ],
)
async def test_another_method_is_a_405_that_says_what_is_allowed(
    client: httpx2.AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = await client.request(method, f"{API}/{path}")
    refused(answer, 405, "method.not_allowed")
    assert allowed <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "path", ["/cleemy-procurement", f"{API}/", f"{API}/purchase", f"{API}/purchases/", f"{API}/orders/1/x"]
)
async def test_an_unknown_path_is_a_404_problem(client: httpx2.AsyncClient, path: str) -> None:
    refused(await client.get(path), 404)


async def test_no_refusal_is_a_success(client: httpx2.AsyncClient, live: Live) -> None:
    life = await live("closed when approved")
    answers = [
        await client.post(f"{life.purchase}/closing"),
        await client.post(f"{life.request}/cancellations"),
        await client.put(life.commitment, json=ONE_TIME),
        await client.put(life.purchase, json=PURCHASE),
        await client.post(f"{life.commitment}/requests"),
    ]
    for answer in answers:
        refused(answer, 409)
