"""What bodies and paths refer to and may not: other companies' things, disabled ones, ids that can be none."""

import json
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase, make_request
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults, refused, rows

JSON = {"Content-Type": "application/json"}
NO_IDS = ["0", "-1", "2147483648", "-2147483649", "1e400", "99999999999999999999", "1.5", '"1"', "true", "[]", "{}"]
FIELDS = ["ownerId", "natureId", "costCenterId", "establishmentId", "departmentId"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", NO_IDS)
async def test_an_id_that_can_be_none_is_refused_by_name(
    client: httpx2.AsyncClient, company: Company, method: str, field: str, value: str
) -> None:
    made = await make_purchase(client)
    before = await rows(company)
    body = json.dumps(PURCHASE | {field: "MARK"}).replace('"MARK"', value)
    place = f"{API}/purchases" if method == "POST" else f"{API}/purchases/{made['id']}"
    assert set(faults(await client.request(method, place, content=body, headers=JSON))) == {field}
    assert await rows(company) == before


@pytest.mark.parametrize("value", NO_IDS)
@pytest.mark.parametrize(
    ("name", "written", "field"),
    [
        ("axisSectionIds", "[361, MARK]", "axisSectionIds[1]"),
        ("supplier", '{"id": MARK}', "supplier.id"),
        ("owner", '{"id": MARK}', "owner.id"),
    ],
)
async def test_an_id_inside_something_that_can_be_none_is_refused_by_name(
    client: httpx2.AsyncClient, company: Company, name: str, written: str, field: str, value: str
) -> None:
    body = json.dumps(PURCHASE | {name: "MARK"}).replace('"MARK"', written.replace("MARK", value))
    assert set(faults(await client.post(f"{API}/purchases", content=body, headers=JSON))) == {field}
    assert (await rows(company))["purchases"] == 0


@pytest.mark.parametrize("value", NO_IDS)
async def test_a_purchase_that_can_be_none_is_refused_by_name(client: httpx2.AsyncClient, value: str) -> None:
    body = json.dumps(ONE_TIME | {"purchaseId": "MARK"}).replace('"MARK"', value)
    assert set(faults(await client.post(f"{API}/commitments", content=body, headers=JSON))) == {"purchaseId"}


@pytest.mark.parametrize("value", NO_IDS)
async def test_a_type_of_rate_that_can_be_none_is_refused_by_name(client: httpx2.AsyncClient, value: str) -> None:
    purchase = await make_purchase(client)
    line = {"rateTypeId": "MARK", "value": 1, "currency": "EUR"}
    amount = {"excludingTaxes": {"value": 1, "currency": "EUR"}, "taxes": [line]}
    body = json.dumps(ONE_TIME | {"amountIncludingTaxes": amount}).replace('"MARK"', value)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", content=body, headers=JSON)
    assert set(faults(answer)) == {"amountIncludingTaxes.taxes[0].rateTypeId"}


@pytest.mark.parametrize("value", [*NO_IDS, '"5f1c2a54"', '"6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10 "', "null"])
async def test_an_attachment_that_can_be_none_is_refused_by_its_place(
    client: httpx2.AsyncClient, company: Company, value: str
) -> None:
    made = await make_purchase(client)
    committed = await make_commitment(client, made["id"])
    before = await rows(company)
    body = json.dumps(ONE_TIME | {"attachmentIds": [7, "MARK"]}).replace('"MARK"', value)
    for method, place in (("POST", f"purchases/{made['id']}/commitment"), ("PUT", f"commitments/{committed['id']}")):
        answer = await client.request(method, f"{API}/{place}", content=body, headers=JSON)
        assert set(faults(answer)) == {"attachmentIds[1]"}
    file_id = json.dumps({"fileId": "MARK"}).replace('"MARK"', value)
    assert set(faults(await client.post(f"{API}/attachments", content=file_id, headers=JSON))) == {"fileId"}
    assert await rows(company) == before


# What the rival has and this company has not.
_OF_THE_RIVAL = """
INSERT INTO departments (tenant_id, department_id, name) VALUES ({t}, 77, 'Theirs');
INSERT INTO establishments (tenant_id, establishment_id, name, territory_id, currency)
    VALUES ({t}, 77, 'Theirs', 'FR', 'EUR');
INSERT INTO users (tenant_id, user_id, first_name, last_name) VALUES ({t}, 77, 'T', 'Heirs');
INSERT INTO natures (tenant_id, nature_id, name, state) VALUES ({t}, 77, 'Theirs', 'Enabled');
INSERT INTO cost_centers (tenant_id, cost_center_id, name, code, state) VALUES ({t}, 77, 'Theirs', 'T', 'Enabled');
INSERT INTO axis_sections (tenant_id, axis_section_id, axis_id, name, code, state)
    VALUES ({t}, 77, 1, 'Theirs', 'T', 'Enabled');
INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id, state)
    VALUES ({t}, 77, 'Theirs', 'theirs', 'FR', 'Active');
"""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *(({name: 77}, name) for name in FIELDS),
        ({"axisSectionIds": [77]}, "axisSectionIds[0]"),
        ({"supplier": {"id": 77}}, "supplier.id"),
    ],
)
async def test_what_another_company_has_is_missing_here(
    client: httpx2.AsyncClient, company: Company, rival: Company, change: dict[str, Any], field: str
) -> None:
    await company.owner.execute(_OF_THE_RIVAL.replace("{t}", str(rival.tenant_id)))
    made = await make_purchase(client)
    before = await rows(company)
    theirs = faults(await client.post(f"{API}/purchases", json=PURCHASE | change))
    assert set(theirs) == {field}
    assert set(faults(await client.put(f"{API}/purchases/{made['id']}", json=PURCHASE | change))) == {field}
    nobodys = faults(
        await client.post(f"{API}/purchases", json=json.loads(json.dumps(PURCHASE | change).replace("77", "78")))
    )
    assert [message.replace("77", "78") for message in theirs[field]] == nobodys[field]
    assert await rows(company) == before


async def test_what_another_company_wrote_can_neither_be_seen_nor_changed(
    company: Company, rival: Company, live: Live
) -> None:
    life = await live("approved")
    before = await rows(company)
    async with await rival.caller(permissions=("purchases:all", "view:all", "manage", "approve"), person=36) as thief:
        for method, place, body in (
            ("GET", life.purchase, None),
            ("PUT", life.purchase, PURCHASE),
            ("PUT", f"{life.purchase}/supplier", {"id": 6}),
            ("POST", f"{life.purchase}/commitment", ONE_TIME),
            ("POST", f"{life.purchase}/closing", None),
            ("GET", life.commitment, None),
            ("PUT", life.commitment, ONE_TIME),
            ("POST", f"{life.commitment}/requests", None),
            ("GET", life.request, None),
            ("POST", f"{life.request}/approvals", None),
            ("POST", f"{life.request}/denials", {"comment": "x"}),
            ("POST", f"{life.request}/cancellations", None),
            ("GET", life.order, None),
        ):
            refused(await thief.request(method, place, json=body), 404)
        body = ONE_TIME | {"purchaseId": life.purchase_id}
        assert set(faults(await thief.post(f"{API}/commitments", json=body))) == {"purchaseId"}
        for kind in ("purchases", "requests", "orders"):
            assert (await thief.get(f"{API}/{kind}?fields.root=count")).json() == {"items": [], "count": 0}
    assert await rows(company) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE natures SET state = 'Disabled' WHERE tenant_id = $1",
        "UPDATE cost_centers SET state = 'Disabled' WHERE tenant_id = $1",
        "UPDATE suppliers SET state = 'Archived' WHERE tenant_id = $1",
        "UPDATE users SET left_on = '2025-01-01' WHERE tenant_id = $1 AND user_id = 35",
        "UPDATE axis_sections SET state = 'Disabled' WHERE tenant_id = $1",
        "UPDATE establishments SET is_archived = true WHERE tenant_id = $1",
    ],
)
async def test_what_is_no_longer_in_use_is_refused_for_new_purchases_and_kept_by_old_ones(
    client: httpx2.AsyncClient, company: Company, change: str
) -> None:
    made = await make_purchase(client)
    await company.owner.execute(change, company.tenant_id)
    before = await rows(company)
    assert faults(await client.post(f"{API}/purchases", json=PURCHASE))
    assert faults(await client.put(f"{API}/purchases/{made['id']}", json=PURCHASE))
    assert await rows(company) == before
    committed = await make_commitment(client, made["id"])
    assert (await client.post(f"{API}/commitments/{committed['id']}/requests")).status_code == 201


async def test_somebody_who_leaves_later_may_still_own(client: httpx2.AsyncClient, company: Company) -> None:
    await company.owner.execute(
        "UPDATE users SET left_on = '2999-01-01' WHERE tenant_id = $1 AND user_id = 35", company.tenant_id
    )
    assert (await make_purchase(client))["owner"]["id"] == 35


async def test_too_many_sections_are_refused(client: httpx2.AsyncClient, company: Company) -> None:
    many = list(range(1, 102))
    assert "axisSectionIds" in faults(await client.post(f"{API}/purchases", json=PURCHASE | {"axisSectionIds": many}))
    assert (await rows(company))["purchases"] == 0


async def test_a_section_named_twice_counts_once(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client, axisSectionIds=[361, 361])
    assert [section["id"] for section in made["axisSections"]] == [361]


async def test_an_order_is_no_request_and_a_request_no_order(client: httpx2.AsyncClient) -> None:
    request = await make_request(client)
    await make_purchase(client)
    second = await make_purchase(client)
    refused(await client.get(f"{API}/orders/{second['id']}"), 404, "order.not_found")
    refused(await client.get(f"{API}/requests/{second['id']}"), 404, "request.not_found")
    assert request["id"] < second["id"]
