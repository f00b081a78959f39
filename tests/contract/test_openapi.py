"""The OpenAPI document says what the wire does."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from emplette.http.contract import GET, POST, Registry, operation
from emplette.http.contract.openapi import Document
from emplette.services.access import HostUnknown, KeyUnknown
from tests.contract.toys import OFTEN, ONCE, TOYS, OrderOut, send_order

DOCUMENT = Document(Registry(TOYS), version="1.2.3", at_the_gate=(HostUnknown, KeyUnknown)).build()
CREATE = DOCUMENT["paths"]["/api/orders"]["post"]
LIST = DOCUMENT["paths"]["/api/orders"]["get"]
COPY = {"order_id": "id", "name": "items.0.title"}


def schema_of(reference: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**reference, "components": DOCUMENT["components"]})


ORDER_IN = schema_of(CREATE["requestBody"]["content"]["application/json"]["schema"])


def every(node: Any, key: str) -> Iterator[Any]:  # noqa: ANN401 - any part of a document
    if isinstance(node, dict):
        yield from ([node[key]] if key in node else [])
        for value in node.values():
            yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def test_patterns_can_be_read_in_every_dialect_of_regular_expressions() -> None:
    patterns = set(every(DOCUMENT, "pattern"))
    assert any("\\u3164" in pattern for pattern in patterns)
    for pattern in patterns:
        assert pattern.isascii()
        assert "\\U" not in pattern


def test_every_reference_leads_somewhere() -> None:
    references = set(every(DOCUMENT, "$ref"))
    assert references
    for reference in references:
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_schema_is_one() -> None:
    for schema in [*DOCUMENT["components"]["schemas"].values(), *every(DOCUMENT["paths"], "schema")]:
        Draft202012Validator.check_schema(schema)


def test_every_operation_is_there_but_the_hidden_ones() -> None:
    @operation(GET, "/hidden", answers={200: str}, public=True, hidden=True)
    async def stay_hidden() -> str:
        return ""

    document = Document(Registry([*TOYS, stay_hidden]), version="1").build()
    assert set(every(document["paths"], "operationId")) == {toy.__name__ for toy in TOYS}


GOOD: list[dict[str, Any]] = [
    ONCE,
    OFTEN,
    {**ONCE, "comment": None, "taxes": None, "state": None, "unknown": 1},
    {**ONCE, "tagIds": [1, "123e4567-e89b-12d3-a456-426614174000"], "taxes": [{"rateTypeId": 1, "value": 0.5}]},
]
BAD: list[dict[str, Any]] = [
    {},
    {**ONCE, "type": "Often"},
    {**ONCE, "type": "Never"},
    {**ONCE, "title": None},
    {**ONCE, "title": "  "},
    {**ONCE, "title": "a" * 1_001},
    {**ONCE, "ownerId": 0},
    {**ONCE, "ownerId": 2**31},
    {**ONCE, "price": {"value": "120", "currency": "EUR"}},
    {**ONCE, "price": {"value": 120, "currency": "XXX"}},
    {**ONCE, "tagIds": [1, 2, 3, 4]},
]


@pytest.mark.parametrize("body", GOOD)
async def test_what_the_schema_allows_is_accepted(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert ORDER_IN.is_valid(body)
    assert (await send_order(client, json.dumps(body).encode())).status_code == 201


@pytest.mark.parametrize("body", BAD)
async def test_what_the_schema_forbids_is_refused(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert not ORDER_IN.is_valid(body)
    assert (await send_order(client, json.dumps(body).encode())).status_code == 400


def test_a_union_says_by_what_it_is_told_apart() -> None:
    (discriminator,) = every(CREATE["requestBody"], "discriminator")
    assert discriminator["propertyName"] == "type"
    assert set(discriminator["mapping"]) == {"Once", "Often"}


def test_every_problem_of_an_operation_is_listed_by_status_and_code() -> None:
    answers: dict[str, Any] = CREATE["responses"]
    codes = {status: {*answer["x-codes"]} for status, answer in answers.items() if status != "201"}
    assert codes == {
        "400": {"request.invalid", "body.broken", "body.not_json"},
        "401": {"key.unknown", "key.missing", "key.malformed"},
        "403": {"permission.missing"},
        "404": {"tenant.unknown_host"},
        "406": {"accept.impossible"},
        "408": {"body.too_slow"},
        "409": {"conflict"},
        "412": {"version.stale"},
        "413": {"body.too_large"},
        "414": {"address.too_long"},
        "415": {"body.unsupported_media_type"},
        "422": {"idempotency.reused"},
        "429": {"rate.exceeded", "key.tried_often"},
        "431": {"headers.too_large"},
        "500": {"internal"},
        "503": {"unavailable", "overtaken"},
        "504": {"outcome.unknown"},
    }


async def test_an_answer_is_of_the_schema_that_is_promised(client: httpx2.AsyncClient) -> None:
    created = await send_order(client, json.dumps(ONCE).encode())
    schema_of(CREATE["responses"]["201"]["content"]["application/json"]["schema"]).validate(created.json())
    listed = await client.get("/api/orders?fields.root=next,count")
    schema_of(LIST["responses"]["200"]["content"]["application/json"]["schema"]).validate(listed.json())
    refused = await send_order(client, b"{}")
    schema_of(CREATE["responses"]["400"]["content"]["application/problem+json"]["schema"]).validate(refused.json())


def test_parameters_are_described_as_they_are_written() -> None:
    by_name = {each["name"]: each for each in LIST["parameters"] if "name" in each}
    assert by_name["limit"]["schema"] == {"type": "integer", "minimum": 0, "maximum": 1000, "default": 100}
    assert (by_name["ownerId"]["style"], by_name["ownerId"]["explode"]) == ("form", False)
    assert [each["format"] for each in by_name["createdAt.from"]["schema"]["anyOf"]] == ["date-time", "date"]
    assert not any(each["required"] for each in by_name.values())
    (in_path,) = [each for each in DOCUMENT["paths"]["/api/orders/{orderId}"]["get"]["parameters"] if "in" in each]
    assert (in_path["name"], in_path["in"], in_path["schema"]["minimum"]) == ("orderId", "path", 1)


def test_the_key_the_permission_and_what_is_ours_are_marked() -> None:
    change = DOCUMENT["paths"]["/api/orders/{orderId}"]["put"]
    assert change["x-emplette"] is True
    assert "x-emplette" not in CREATE
    assert CREATE["x-permissions"] == ["purchases"]
    assert (CREATE["security"], DOCUMENT["paths"]["/api/open"]["get"]["security"]) == ([{"apiKey": []}], [])
    assert {"$ref": "#/components/parameters/Authorization"} in CREATE["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in CREATE["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} not in change["parameters"]
    assert {"$ref": "#/components/parameters/IfMatch"} in change["parameters"]


def test_examples_summaries_and_links_are_carried_over() -> None:
    assert (CREATE["summary"], CREATE["description"]) == ("Order a toy.", "It is made at once.")
    assert CREATE["requestBody"]["content"]["application/json"]["examples"]["once"]["value"]["title"] == "A toy"
    assert CREATE["responses"]["201"]["links"] == {
        "get_order": {"operationId": "get_order", "parameters": {"orderId": "$response.body#/id"}}
    }


def test_a_link_leads_into_the_path_and_the_body_of_what_follows() -> None:
    @operation(POST, "/api/copies", answers={201: OrderOut}, tag="Copies", links={"label_order": COPY})
    async def copy_order() -> OrderOut:
        raise NotImplementedError

    answers = Document(Registry([*TOYS, copy_order]), version="1").build()["paths"]["/api/copies"]["post"]["responses"]
    assert answers["201"]["links"]["label_order"] == {
        "operationId": "label_order",
        "parameters": {"orderId": "$response.body#/id"},
        "requestBody": {"name": "$response.body#/items/0/title"},
    }


def test_a_link_into_nothing_is_a_mistake() -> None:
    @operation(POST, "/api/copies", answers={201: OrderOut}, tag="Copies", links={"get_order": {"name": "title"}})
    async def copy_order() -> OrderOut:
        raise NotImplementedError

    with pytest.raises(ValueError, match="get_order has no name"):
        Document(Registry([*TOYS, copy_order]), version="1").build()


def test_a_body_is_mandatory_only_where_it_is() -> None:
    assert CREATE["requestBody"]["required"] is True
    assert DOCUMENT["paths"]["/api/orders/{orderId}/closing"]["post"]["requestBody"]["required"] is False
    assert "requestBody" not in DOCUMENT["paths"]["/api/orders/{orderId}/requests"]["post"]
