"""What orders print of both sides is ours: written where suppliers and establishments are, and read there."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.problems import refused

SUPPLIERS = f"{API}/suppliers"
ADDRESS = {"street": "3 rue du Four", "additional": None, "postalCode": "69001", "city": "Lyon"}
CONDITIONS = {"fr": "Livrer avant 8 heures.\nSonner deux fois.", "en": None}
SAID: dict[str, Any] = {"name": "Four", "territoryId": "FR", "address": ADDRESS, "orderConditions": CONDITIONS}


async def test_a_supplier_keeps_its_address_and_conditions(client: httpx2.AsyncClient) -> None:
    made = await client.post(SUPPLIERS, json=SAID, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.text
    assert (made.json()["address"], made.json()["orderConditions"]) == (ADDRESS, CONDITIONS)
    assert (await client.get(made.json()["href"])).json() == {
        name: value for name, value in made.json().items() if name != "likelyDuplicates"
    }
    again = await client.post(SUPPLIERS, json=SAID, headers={"Idempotency-Key": "one"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["address"] == ADDRESS


async def test_what_is_absent_is_kept_and_null_clears(client: httpx2.AsyncClient) -> None:
    place = (await client.post(SUPPLIERS, json=SAID)).json()["href"]
    kept = await client.put(place, json={"name": "Fournil"})
    assert (kept.json()["address"], kept.json()["orderConditions"]) == (ADDRESS, CONDITIONS)
    moved = await client.put(place, json={"address": {"city": "Paris"}})
    assert moved.json()["address"] == {"street": None, "additional": None, "postalCode": None, "city": "Paris"}
    for nothing in (None, {}, {"street": "", "city": "  "}):
        await client.put(place, json={"address": ADDRESS})
        assert (await client.put(place, json={"address": nothing})).json()["address"] is None
    for nothing in (None, {}, {"fr": ""}):
        await client.put(place, json={"orderConditions": CONDITIONS})
        assert (await client.put(place, json={"orderConditions": nothing})).json()["orderConditions"] is None


async def test_a_supplier_of_which_nothing_is_said_has_none(client: httpx2.AsyncClient) -> None:
    supplier = (await client.get(f"{SUPPLIERS}/6")).json()
    assert (supplier["address"], supplier["orderConditions"]) == (None, None)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"address": "3 rue du Four"}, {"address"}),
        ({"address": {"street": "x" * 256, "city": 1}}, {"address.street", "address.city"}),
        ({"address": {"city": "a\u0000"}}, {"address.city"}),
        ({"orderConditions": {"fr": "x" * 10_001}}, {"orderConditions.fr"}),
        ({"orderConditions": {"en": ["x"]}}, {"orderConditions.en"}),
    ],
)
async def test_every_field_at_fault_is_named(
    client: httpx2.AsyncClient, said: dict[str, Any], fields: set[str]
) -> None:
    problem = refused(await client.post(SUPPLIERS, json={"name": "Four", "territoryId": "FR"} | said), 400)
    assert set(problem["errors"]) == fields


async def test_an_establishment_shows_what_orders_print_of_it(client: httpx2.AsyncClient, company: Company) -> None:
    place = "/organization/structure/api/establishments/1"
    bare = (await client.get(place)).json()
    assert (bare["address"], bare["orderConditions"]) == (None, None)
    assert bare["legalRegistration"] == {"identifier": None, "vatNumber": None}
    await company.owner.execute(
        """UPDATE establishments SET registration_id = '30326504500012', vat_number = 'FR40303265045',
            address = '{"city": "Lyon", "postal_code": "69001"}', conditions = '{"en": "30 days"}'
        WHERE tenant_id = $1 AND establishment_id = 1""",
        company.tenant_id,
    )
    told = (await client.get(place)).json()
    assert told["legalRegistration"] == {"identifier": "30326504500012", "vatNumber": "FR40303265045"}
    assert told["address"] == {"street": None, "additional": None, "postalCode": "69001", "city": "Lyon"}
    assert told["orderConditions"] == {"fr": None, "en": "30 days"}
