"""C1 to C9: where the documents of a purchase and its commitment contradict each other, every reading works."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_purchase
from tests.fixtures.problems import faults

Way = Callable[[httpx2.AsyncClient, int, dict[str, Any]], Awaitable[httpx2.Response]]
TERMS = pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION], ids=["one-time", "subscription"])


async def _by_path(client: httpx2.AsyncClient, purchase_id: int, body: dict[str, Any]) -> httpx2.Response:
    return await client.post(f"{API}/purchases/{purchase_id}/commitment", json=body)


async def _by_body(client: httpx2.AsyncClient, purchase_id: int, body: dict[str, Any]) -> httpx2.Response:
    return await client.post(f"{API}/commitments", json=body | {"purchaseId": purchase_id})


WAYS = pytest.mark.parametrize("way", [_by_path, _by_body], ids=["path", "body"])


@TERMS
@WAYS
async def test_c1_both_paths_take_both_types(client: httpx2.AsyncClient, terms: dict[str, Any], way: Way) -> None:
    purchase = await make_purchase(client)
    answer = await way(client, purchase["id"], terms)
    assert answer.is_success, answer.text
    assert answer.json()["type"] == terms["type"]
    assert answer.json()["purchase"]["id"] == purchase["id"]
    assert (await client.get(f"{API}/purchases/{purchase['id']}")).json()["commitment"]["id"] == answer.json()["id"]


@TERMS
async def test_c1_a_purchase_in_the_body_must_be_that_of_the_path(
    client: httpx2.AsyncClient, terms: dict[str, Any]
) -> None:
    purchase, other = await make_purchase(client), await make_purchase(client)
    answer = await _by_path(client, purchase["id"], terms | {"purchaseId": other["id"]})
    assert set(faults(answer)) == {"purchaseId"}
    assert "commitment" not in (await client.get(f"{API}/purchases/{purchase['id']}")).json()
    assert (await _by_path(client, purchase["id"], terms | {"purchaseId": purchase["id"]})).status_code == 200


@TERMS
async def test_c1_a_null_purchase_in_the_body_is_that_of_the_path(
    client: httpx2.AsyncClient, terms: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    assert (await _by_path(client, purchase["id"], terms | {"purchaseId": None})).status_code == 200


@pytest.mark.parametrize("missing", [{}, {"purchaseId": None}], ids=["absent", "null"])
async def test_c1_without_a_purchase_in_the_path_the_body_must_name_it(
    client: httpx2.AsyncClient, missing: dict[str, Any]
) -> None:
    answer = await client.post(f"{API}/commitments", json=ONE_TIME | missing)
    assert set(faults(answer)) == {"purchaseId"}


@TERMS
async def test_c2_the_guides_path_answers_201(client: httpx2.AsyncClient, terms: dict[str, Any]) -> None:
    purchase = await make_purchase(client)
    assert (await _by_body(client, purchase["id"], terms)).status_code == 201


@TERMS
@pytest.mark.parametrize("status", [200, 201])
async def test_c2_the_references_path_answers_200_or_what_the_key_was_made_for(
    company: Company, terms: dict[str, Any], status: int
) -> None:
    async with await company.caller(created_status=status) as client:
        purchase = await make_purchase(client)
        assert (await _by_path(client, purchase["id"], terms)).status_code == status


async def test_c2_a_key_made_for_201_is_answered_201_everywhere_else_too(company: Company) -> None:
    async with await company.caller(created_status=201) as client:
        purchase = await make_purchase(client)
        made = await _by_body(client, purchase["id"], ONE_TIME)
        assert made.status_code == 201
        changed = await client.put(f"{API}/commitments/{made.json()['id']}", json=ONE_TIME)
        assert changed.status_code == 200


@WAYS
async def test_c2_both_send_the_location(client: httpx2.AsyncClient, way: Way) -> None:
    purchase = await make_purchase(client)
    answer = await way(client, purchase["id"], ONE_TIME)
    assert answer.headers["Location"] == f"{API}/commitments/{answer.json()['id']}"
    assert (await client.get(answer.headers["Location"])).json()["id"] == answer.json()["id"]


@TERMS
@WAYS
async def test_c3_the_body_is_the_commitment_and_its_id_again_and_itself_in_items(
    client: httpx2.AsyncClient, terms: dict[str, Any], way: Way
) -> None:
    purchase = await make_purchase(client)
    body = (await way(client, purchase["id"], terms)).json()
    assert body["id"] == body["commitmentId"]
    (item,) = body["items"]
    assert item == {name: value for name, value in body.items() if name != "items"}


async def test_c4_the_body_is_the_whole_purchase_and_its_id_again(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{API}/purchases", json=PURCHASE)
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"] == body["purchaseId"]
    assert body == (await client.get(f"{API}/purchases/{body['id']}")).json()
    assert answer.headers["Location"] == f"{API}/purchases/{body['id']}"


FLAT = {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": []}


@pytest.mark.parametrize(
    "amount",
    [
        FLAT,
        {"base": FLAT},
        {"base": FLAT, "counter": FLAT, "rate": 1},
        {"base": FLAT, "counter": {"excludingTaxes": {"value": 7, "currency": "USD"}, "taxes": []}, "rate": 9},
        {"base": FLAT, "counter": None, "rate": None},
        FLAT | {"base": None},
        {"base": FLAT, "excludingTaxes": {"value": 5, "currency": "EUR"}},
        {"excludingTaxes": {"value": 120, "currency": "EUR"}},
        FLAT | {"taxes": None, "includingTaxes": None},
        FLAT | {"includingTaxes": {"value": 120, "currency": "EUR"}},
    ],
)
@pytest.mark.parametrize(
    ("terms", "field"),
    [(ONE_TIME, "amountIncludingTaxes"), (SUBSCRIPTION, "amountIncludingTaxesPerPeriod")],
    ids=["one-time", "subscription"],
)
async def test_c5_an_amount_may_be_flat_or_in_two_currencies_of_which_the_base_counts(
    client: httpx2.AsyncClient, terms: dict[str, Any], field: str, amount: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    value = terms[field]["excludingTaxes"]["value"]
    scaled = _with_value(amount, value)
    answer = await _by_path(client, purchase["id"], terms | {field: scaled})
    assert answer.status_code == 200, answer.text
    told = answer.json()[field]
    assert told["base"]["excludingTaxes"] == told["excludingTaxes"] == {"value": value, "currency": "EUR"}
    assert told["counter"]["excludingTaxes"] == {"value": value, "currency": "EUR"}
    assert told["rate"] == 1


def _with_value(amount: object, value: int) -> object:
    """Put the value of the terms in the place of 120, wherever it stands."""
    if isinstance(amount, dict):
        return {
            name: value if (name, part) == ("value", 120) else _with_value(part, value) for name, part in amount.items()
        }
    return amount


async def test_c5_an_answer_carries_both_currencies_and_the_flat_amount(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    taxes = [{"rateTypeId": await _normal_rate(client), "value": 24, "currency": "EUR"}]
    body = ONE_TIME | {"amountIncludingTaxes": FLAT | {"taxes": taxes}}
    told = (await _by_path(client, purchase["id"], body)).json()["amountIncludingTaxes"]
    flat = {
        "excludingTaxes": {"value": 120, "currency": "EUR"},
        "taxes": taxes,
        "includingTaxes": {"value": 144, "currency": "EUR"},
    }
    assert {name: told[name] for name in flat} == flat
    assert told["base"] == flat
    assert told["counter"] == flat
    assert told["rate"] == 1
    assert "rateDate" not in told


async def _normal_rate(client: httpx2.AsyncClient) -> int:
    rates = await client.get("/cleemy-procurement/taxes/api/rates?date=2025-04-14&territoryId=FR")
    number: int = rates.json()[0]["rateType"]["id"]
    return number


async def test_c5_a_subscription_tells_both_the_period_and_the_whole(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    told = (await _by_path(client, purchase["id"], SUBSCRIPTION)).json()
    for field, value in (("amountIncludingTaxesPerPeriod", 1000), ("amountIncludingTaxes", 12000)):
        expected = {"value": value, "currency": "EUR"}
        assert told[field]["excludingTaxes"] == told[field]["base"]["includingTaxes"] == expected
        assert told[field]["counter"]["includingTaxes"] == expected


@TERMS
@pytest.mark.parametrize("sent", [{"attachmentIds": []}, {"attachmentIds": None}, {}], ids=["empty", "null", "absent"])
async def test_c6_c7_no_attachments_are_accepted_for_both_types_and_answered_as_none(
    client: httpx2.AsyncClient, terms: dict[str, Any], sent: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    body = {name: value for name, value in terms.items() if name != "attachmentIds"} | sent
    answer = await _by_path(client, purchase["id"], body)
    assert answer.status_code == 200
    assert answer.json()["attachmentIds"] == []
    assert "attachments" not in answer.json()


OPTIONAL = ["contractualObligation", "terminationNotice", "comment", "paymentMethod"]


@pytest.mark.parametrize("field", OPTIONAL)
@pytest.mark.parametrize("is_null", [True, False], ids=["null", "absent"])
async def test_c8_what_the_schema_does_not_let_be_null_may_be_null_or_absent(
    client: httpx2.AsyncClient,
    field: str,
    is_null: bool,  # noqa: FBT001
) -> None:
    purchase = await make_purchase(client)
    body = {name: value for name, value in SUBSCRIPTION.items() if name != field} | ({field: None} if is_null else {})
    answer = await _by_path(client, purchase["id"], body)
    assert answer.status_code == 200
    told = answer.json()
    if field in {"contractualObligation", "terminationNotice"}:
        assert field not in told
    else:
        assert told[field] is None


async def test_c8_an_obligation_and_a_notice_are_answered_as_they_were_sent(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    said = {
        "contractualObligation": {"value": 6, "unit": "Month"},
        "terminationNotice": {"value": 8, "unit": "Week"},
        "comment": "",
        "paymentMethod": "SingleUseCard",
    }
    told = (await _by_path(client, purchase["id"], SUBSCRIPTION | said)).json()
    assert {name: told[name] for name in said} == said
    assert told["contractualEndDate"] == "2025-10-13"
