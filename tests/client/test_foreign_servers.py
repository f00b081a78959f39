"""Other servers of this API tell more, or less, than ours: the client reads what it knows."""

import json
from datetime import date
from decimal import Decimal

import httpx2
import pytest

from emplette.client import AnswerUnreadable, BadRequest, Emplette, models

_DAY = date(2025, 4, 14)


def _answering(body: object, status: int = 200) -> Emplette:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=content))
    return Emplette("https://server.test", "a-key", transport=transport)


def test_unknown_fields_and_values_do_no_harm() -> None:
    with _answering({"id": 1, "name": "Software", "state": "Resting", "mood": {"good": True}}) as client:
        nature = client.natures.get(1)
    assert (nature.name, nature.state) == ("Software", "Resting")


def test_what_is_left_out_and_what_is_null_is_none() -> None:
    with _answering(
        {"id": 1, "name": None, "accountingPlans": None, "costFamily": {"id": None, "name": "x"}}
    ) as client:
        nature = client.natures.get(1)
    told: list[object] = [nature.name, nature.accounting_plans, nature.version, nature.state]
    assert told == [None] * 4
    assert nature.cost_family == models.CostFamily(name="x")


def test_decimals_are_exact_also_where_null_stands_for_absent() -> None:
    answer = b'[{"id": null, "percentage": 0.12345678901234567890, "rateType": null}]'
    with _answering(answer) as client:
        rates = client.vat_rates.list(date=_DAY, territory_id="FR")
    assert rates[0].percentage == Decimal("0.12345678901234567890")


def test_a_list_may_have_no_next_page_and_no_items() -> None:
    with _answering({"items": [], "next": None}) as client:
        assert list(client.suppliers.list()) == []


def test_a_list_in_another_envelope_is_not_an_empty_list() -> None:
    with _answering({"data": {"items": [{"id": 35}]}}) as client, pytest.raises(AnswerUnreadable):
        list(client.users.list())


@pytest.mark.parametrize("answer", [b"<html>", b"", b'{"id": "one"}', b"[]", b'{"id": 1', b'{"name": "\xff"}'])
def test_what_is_no_answer_of_this_api_is_told(answer: bytes) -> None:
    with _answering(answer) as client, pytest.raises(AnswerUnreadable):
        client.natures.get(1)


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"\xff", b"[]", b'{"errors": ["PascalCase"]}', b'{"errors": {"OwnerId": "Unknown."}}']
)
def test_any_refusal_is_an_error(answer: bytes) -> None:
    with _answering(answer, 400) as client, pytest.raises(BadRequest):
        client.natures.get(1)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_not_sent_as_one(number: str) -> None:
    price: models.MoneyInput = {"excluding_taxes": {"value": Decimal(number), "currency": "EUR"}}
    with _answering({}) as client, pytest.raises(ValueError, match="no amount"):
        client.purchases.commit(1, type="OneTimeCommitment", cost_date=_DAY, amount_including_taxes=price)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "server.test",
        "ftp://server.test",
        "/api",
        "https://",
        "https://host:port",
        "https://me:pass@host",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="address") as refused:
        Emplette(url, "a-key")
    assert "pass@" not in str(refused.value)


@pytest.mark.parametrize("key", ["", "two words", "lime\n", "clé"])
def test_a_key_that_can_be_none_is_refused_at_once_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="no API key") as refused:
        Emplette("https://server.test", key)
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize("territory", ["", ".", ".."])
def test_an_id_cannot_lead_elsewhere(territory: str) -> None:
    with _answering({}) as client, pytest.raises(ValueError, match="is no id"):
        client.territories.get(territory)


def test_an_id_is_one_piece_of_the_path() -> None:
    asked: list[httpx2.URL] = []

    def note(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url)
        return httpx2.Response(200, json={})

    with Emplette("https://server.test", "a-key", transport=httpx2.MockTransport(note)) as client:
        client.territories.get("../../users?x=#é")
    assert asked[0].raw_path == b"/organization/structure/api/territories/..%2F..%2Fusers%3Fx%3D%23%C3%A9"
