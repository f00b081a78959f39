"""Every field at fault is named by its path, and the fault says what would be right."""

import json
from typing import Any

import httpx2
import pytest

from tests.contract.toys import OFTEN, ONCE, Gate, faults_of, send_order


def changed(order: dict[str, Any], path: str, raw: str) -> bytes:
    """Write the order with one field replaced by raw JSON."""
    whole: dict[str, Any] = json.loads(json.dumps(order))
    *parents, last = path.split(".")
    place = whole
    for name in parents:
        place = place[name]
    place[last] = "@"
    return json.dumps(whole).replace('"@"', raw).encode()


WHOLE_NUMBER = "Must be a whole number between 1 and 2147483647."
NUMBER = "Must be a number, without quotes."
ABSURD = "Must be an amount of money; its exponent is beyond the reach of any currency."
DIGITS = "Must have at most 15 significant digits."
DAY = "Must be a date like 2025-04-14, and a day that exists."
TEXT = "Must be text, in quotes."
EMPTY = "Must not be empty."

REFUSED: list[tuple[str, str, str]] = [
    *[("ownerId", raw, WHOLE_NUMBER) for raw in ("0", "-1", "2147483648", "1.5", '"1"', "true", "[]", "1E999999999")],
    ("ownerId", "9" * 5_000, WHOLE_NUMBER),
    ("ownerId", "1E-999999999", WHOLE_NUMBER),
    *[("price.value", raw, NUMBER) for raw in ('"120"', "true", "{}", '""', '"NaN"')],
    *[("price.value", raw, ABSURD) for raw in ("1E999999999", "-1E999999999", "1E-999999999", "0E999999999")],
    ("price.value", "1E99999999999999999999", NUMBER),
    *[("price.value", raw, DIGITS) for raw in ("1234567890123456", "0.1234567890123456", "1." + "1" * 100_000)],
    ("price.value", "-1", "Must not be negative."),
    *[("on", raw, DAY) for raw in ('"2025-02-30"', '"0000-01-01"', '"10000-01-01"', '"2025-4-1"', '"14/04/2025"')],
    *[("on", raw, DAY) for raw in ('"2025-04-14T00:00:00"', '"20250414"', "20250414", '""', '"٢٠٢٥-٠٤-١٤"')],
    *[("title", raw, TEXT) for raw in ("1", "true", "{}", '["A"]')],
    *[("title", raw, EMPTY) for raw in ('""', '"  \\t\\n "', '"\\u00a0\\u2003"', '"\\u200b"')],
    *[("title", f'"{text}"', EMPTY) for text in ("\U000e0020", "\u3164", "\u2800", "\ufe0f")],
    ("title", f'"{"a" * 1_001}"', "At most 1,000 characters; these are 1,001."),
    ("title", f'"{"a" * 100_000}"', "At most 1,000 characters; these are 100,000."),
    ("comment", f'"{"a" * 10_001}"', "At most 10,000 characters; these are 10,001."),
    ("state", '"Provisioned"', "Must be Created."),
    ("price.currency", '"eur"', "Must be one of EUR, USD."),
    ("price.currency", "1", "Must be one of EUR, USD."),
    ("price", "120", "Must be an object, in braces."),
    ("taxes", "{}", "Must be a list, in brackets."),
    ("tagIds", "[1,2,3,4]", "Must have between 0 and 3 items."),
    ("urgent", '"true"', "Must be true or false."),
    ("urgent", "0", "Must be true or false."),
    ("type", '"Never"', "Must be one of Once, Often."),
    ("type", "1", "Must be one of Once, Often."),
]


@pytest.mark.parametrize(("path", "raw", "said"), REFUSED, ids=lambda value: str(value)[:40])
async def test_a_value_that_can_t_be_is_refused_at_its_field(
    client: httpx2.AsyncClient, gate: Gate, path: str, raw: str, said: str
) -> None:
    answer = await send_order(client, changed(ONCE, path, raw))
    assert faults_of(answer)[path] == [said]
    assert set(faults_of(answer)) == {path}
    assert all(work.call.body_hash == b"" for work in gate.works)


@pytest.mark.parametrize("code", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0)])
@pytest.mark.parametrize("field", ["title", "comment"])
async def test_control_characters_are_refused(client: httpx2.AsyncClient, field: str, code: int) -> None:
    escaped = await send_order(client, changed(ONCE, field, f'"a\\u{code:04x}b"'))
    assert field in faults_of(escaped)
    if code > 0x20:
        raw = await send_order(client, changed(ONCE, field, f'"a{chr(code)}b"'))
        assert field in faults_of(raw)


@pytest.mark.parametrize(
    "text", ["a\tb", "a\nb", "a\r\nb", "\u202eabc", "د\u200fد", "👩‍👩‍👧", "漢字", "a\u00a0b «c»", "é"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
async def test_every_other_character_is_kept_as_sent(client: httpx2.AsyncClient, text: str, ascii_only: bool) -> None:  # noqa: FBT001
    body = json.dumps({**ONCE, "title": text}, ensure_ascii=ascii_only).encode()
    answer = await send_order(client, body)
    assert answer.json()["title"] == text


async def test_lengths_are_counted_in_characters_not_in_bytes(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, json.dumps({**ONCE, "title": "🧸" * 1_000}).encode())
    assert answer.status_code == 201


@pytest.mark.parametrize("raw", ["120", "120.0", "1.2E2", "12e1", "120.00000000000000000000000000", "1200E-1"])
async def test_an_amount_has_one_value_however_it_is_written(client: httpx2.AsyncClient, raw: str) -> None:
    answer = await send_order(client, changed(ONCE, "price.value", raw))
    assert b'"price":120' in answer.content


@pytest.mark.parametrize("raw", ["-0", "-0.0", "0E10", "0"])
async def test_minus_nothing_is_nothing(client: httpx2.AsyncClient, raw: str) -> None:
    answer = await send_order(client, changed(ONCE, "price.value", raw))
    assert b'"price":0,' in answer.content


async def test_no_digit_of_an_amount_is_lost(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, changed(ONCE, "price.value", "1234567890123.45"))
    assert b'"price":1234567890123.45' in answer.content


@pytest.mark.parametrize("raw", ["35.0", "3.5E1", "35"])
async def test_a_whole_number_may_be_written_with_a_point(client: httpx2.AsyncClient, raw: str) -> None:
    assert (await send_order(client, changed(ONCE, "ownerId", raw))).status_code == 201


@pytest.mark.parametrize("raw", ['"0001-01-01"', '"9999-12-31"', '"2024-02-29"'])
async def test_every_day_of_the_calendar_is_a_date(client: httpx2.AsyncClient, raw: str) -> None:
    assert (await send_order(client, changed(ONCE, "on", raw))).status_code == 201


@pytest.mark.parametrize("raw", ['"2025-04-14T09:30:00"', '"2025-04-14"', "1744623000", '"tomorrow"', '""'])
async def test_an_instant_says_its_offset(client: httpx2.AsyncClient, raw: str) -> None:
    answer = await send_order(client, changed(OFTEN, "startsAt", raw))
    assert faults_of(answer) == {"startsAt": ["Must be an instant like 2025-04-14T09:30:00+02:00."]}


async def test_a_field_of_two_types_takes_either(client: httpx2.AsyncClient) -> None:
    fine = changed(ONCE, "tagIds", '[1, "123e4567-e89b-12d3-a456-426614174000"]')
    assert (await send_order(client, fine)).status_code == 201
    (fault,) = faults_of(await send_order(client, changed(ONCE, "tagIds", '[1, "x"]')))["tagIds[1]"]
    assert fault.startswith("Must be a whole number between 1 and 2147483647 or a UUID like")


async def test_every_field_at_fault_is_named_at_once(client: httpx2.AsyncClient) -> None:
    body = {
        "type": "Once",
        "title": " ",
        "ownerId": 404,
        "on": "2025-02-30",
        "comment": 7,
        "price": {"value": -1},
        "taxes": [{"rateTypeId": 1, "value": 1}, {"rateTypeId": "1"}, 7],
    }
    faults = faults_of(await send_order(client, json.dumps(body).encode()))
    assert faults == {
        "title": [EMPTY],
        "ownerId": ["There is no such user."],
        "on": [DAY],
        "comment": [TEXT],
        "price.value": ["Must not be negative."],
        "price.currency": ["Must be given."],
        "taxes[1].rateTypeId": [WHOLE_NUMBER],
        "taxes[1].value": ["Must be given."],
        "taxes[2]": ["Must be an object, in braces."],
    }


async def test_each_missing_field_is_named(client: httpx2.AsyncClient) -> None:
    faults = faults_of(await send_order(client, b'{"type": "Often", "every": {}}'))
    assert sorted(faults) == ["every.unit", "every.value", "ownerId", "price", "startsAt", "title"]
    assert {message for messages in faults.values() for message in messages} == {"Must be given."}


async def test_without_a_type_the_fields_that_all_types_have_are_looked_at(client: httpx2.AsyncClient) -> None:
    faults = faults_of(await send_order(client, b'{"ownerId": 0, "on": 1}'))
    assert faults == {
        "type": ["Must be one of Once, Often."],
        "title": ["Must be given."],
        "ownerId": [WHOLE_NUMBER],
        "price": ["Must be given."],
    }


@pytest.mark.parametrize("field", ["comment", "state", "tagIds", "taxes", "urgent"])
async def test_null_is_absent_where_a_field_may_be_absent(client: httpx2.AsyncClient, gate: Gate, field: str) -> None:
    assert (await send_order(client, json.dumps({**ONCE, field: None}).encode())).status_code == 201
    assert (await send_order(client, json.dumps(ONCE).encode())).status_code == 201
    assert gate.works[0].call.body_hash == gate.works[1].call.body_hash


@pytest.mark.parametrize("field", ["title", "ownerId", "on", "price"])
async def test_null_is_missing_where_a_field_is_mandatory(client: httpx2.AsyncClient, field: str) -> None:
    answer = await send_order(client, json.dumps({**ONCE, field: None}).encode())
    assert faults_of(answer) == {field: ["Must be given."]}


@pytest.mark.parametrize(
    ("body", "kept"),
    [({}, {}), ({"comment": None}, {"comment": None}), ({"name": "A", "comment": ""}, {"name": "A", "comment": ""})],
)
async def test_a_change_tells_null_from_absent(
    client: httpx2.AsyncClient, body: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert (await client.put("/api/orders/7", json=body)).json() == kept
