"""The rest of the catalogue: registers, rates and the organisation answer as documented and take what is documented."""

import copy
import re
from typing import Any

import httpx2
import pytest

from emplette.http.app import openapi_document
from tests.documented.schemas import document, faults_of
from tests.fixtures.companies import Company

FILES = ["registers.yaml", "organisation.yaml", "taxes.yaml"]
OPERATIONS = {name: (file, made) for file in FILES for name, made in document(file)["operations"].items()}
READ = {name: of for name, of in OPERATIONS.items() if of[1]["method"] == "GET"}
SCHEMAS: dict[str, dict[str, Any]] = document("registers.yaml")["schemas"]
EXAMPLES: dict[str, dict[str, Any]] = document("registers.yaml")["examples"]
IDS = {"nature": 1, "cost-center": 3, "supplier": 6}
PUT = {"cost-center": "/cleemy-procurement/api/costcenters/3", "supplier": "/cleemy-procurement/api/suppliers/6"}


def path_of(made: dict[str, Any]) -> str:
    """Fill in the id of what the company of a test has."""
    (schema,) = made["answers"].values()
    path: str = made["path"]
    return path.replace("{id}", str(IDS.get(schema, "")))


def shown(schema: str) -> set[str]:
    """Name the fields that an answer is documented to have."""
    return {name for name, field in SCHEMAS[schema]["properties"].items() if not field.get("writeOnly")}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_documented_call_is_ours_and_not_marked_as_an_addition(name: str) -> None:
    _, made = OPERATIONS[name]
    ours = {re.sub(r"\{\w+\}", "{id}", path): methods for path, methods in openapi_document()["paths"].items()}
    described = ours[made["path"]][made["method"].lower()]
    assert set(map(str, made["answers"])) <= set(described["responses"])
    assert "x-emplette" not in described


@pytest.mark.parametrize("name", READ)
async def test_what_is_read_fits_the_documented_schema(client: httpx2.AsyncClient, name: str) -> None:
    file, made = READ[name]
    ((status, schema),) = made["answers"].items()
    is_list = "items" in str(document(file)["schemas"][schema]) and "{id}" not in made["path"] and file != "taxes.yaml"
    query = made.get("query", {"fields.root": "prev,next,count", "limit": "1", "page": "1"} if is_list else {})
    answer = await client.get(path_of(made), params=query)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert faults_of(f"{file}#/schemas/{schema}", told) == []
    if is_list:
        assert told["items"]
        assert told["count"] >= len(told["items"])


@pytest.mark.parametrize("schema", IDS)
async def test_an_entry_shows_every_documented_field(client: httpx2.AsyncClient, schema: str) -> None:
    (place,) = (path_of(made) for _, made in READ.values() if made["answers"] == {200: schema})
    assert shown(schema) <= set((await client.get(place)).json())


async def test_a_documented_nature_is_made(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/cleemy-procurement/api/natures", json=EXAMPLES["nature.post"])
    assert answer.status_code == 201, answer.text
    assert faults_of("registers.yaml#/schemas/nature", answer.json()) == []
    assert answer.json()["costFamily"] == {"id": 1, "name": "General"}
    assert answer.json()["accountingPlans"] == EXAMPLES["nature.post"]["accountingPlans"]


@pytest.mark.parametrize("schema", PUT)
async def test_a_documented_put_is_taken_and_what_is_answered_can_be_put_back(
    client: httpx2.AsyncClient, schema: str
) -> None:
    sent = EXAMPLES[f"{schema}.put"]
    answer = await client.put(PUT[schema], json=sent)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert faults_of(f"registers.yaml#/schemas/{schema}", told) == []
    for field in sent.keys() - {"owner", "territory"}:
        assert told.get(field, sent[field]) == sent[field]
    again = await client.put(PUT[schema], json=told)
    assert again.status_code == 200, again.text
    assert {**again.json(), "likelyDuplicates": []} == {**told, "likelyDuplicates": []}


@pytest.mark.parametrize("mode", ["AllOrNothing", "SkipInvalidItems"])
async def test_a_documented_import_is_reported_as_documented(client: httpx2.AsyncClient, mode: str) -> None:
    body = EXAMPLES["cost-centers.import"] | {"mode": mode}
    answer = await client.post("/cleemy-procurement/services/imports/costcenters", json=body)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert faults_of("registers.yaml#/schemas/cost-center-import-report", report) == []
    assert (report["mode"], report["imported"], report["failedValidation"]) == (mode, int(mode != "AllOrNothing"), 1)
    assert set(SCHEMAS["problem"]["properties"]) <= set(report["items"][1]["problem"])
    assert (await client.post("/cleemy-procurement/services/imports/costcenters", json=body | {"items": []})).is_success


async def test_organisation_lists_have_the_documented_limits(client: httpx2.AsyncClient, company: Company) -> None:
    await company.owner.execute(
        """INSERT INTO establishments (tenant_id, establishment_id, name, territory_id, currency)
        SELECT $1, n, 'Place ' || n, 'FR', 'EUR' FROM generate_series(100, 220) n""",
        company.tenant_id,
    )
    place = "/organization/structure/api/establishments"
    assert len((await client.get(place)).json()["items"]) == 10
    full = await client.get(place, params={"limit": 100})
    assert len(full.json()["items"]) == 100
    assert faults_of("organisation.yaml#/schemas/places", full.json()) == []
    assert (await client.get(place, params={"limit": 101})).status_code == 400
    assert [one["id"] for one in (await client.get(place, params={"id": "100,102"})).json()["items"]] == [100, 102]


@pytest.mark.parametrize(
    ("schema", "place", "wrong"),
    [
        ("nature", "state", "Gone"),
        ("nature", "accountingPlans", [{"id": "1"}]),
        ("cost-center", "name", None),
        ("supplier", "territory", {"id": 250}),
        ("supplier", "paymentTerm", {"value": 1, "unit": "Fortnight"}),
        ("supplier", "id", 2**31),
    ],
)
async def test_an_answer_that_breaks_the_catalogue_is_found_out(
    client: httpx2.AsyncClient, schema: str, place: str, wrong: object
) -> None:
    (path,) = (path_of(made) for _, made in READ.values() if made["answers"] == {200: schema})
    told = copy.deepcopy((await client.get(path)).json())
    assert faults_of(f"registers.yaml#/schemas/{schema}", told) == []
    assert faults_of(f"registers.yaml#/schemas/{schema}", told | {place: wrong}) != []
