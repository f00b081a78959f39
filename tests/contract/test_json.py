"""What is JSON, and what looks like it."""

import json

import httpx2
import pytest

from tests.contract.toys import ONCE, Gate, faults_of, fields_at_fault, send_order

CLEAN = json.dumps(ONCE).encode()


def with_title(raw: bytes) -> bytes:
    return CLEAN.replace(b'"A toy"', raw)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"order=1", "is not JSON at line 1, column 1"),
        (CLEAN[:-1], "ends too early"),
        (CLEAN[:40], "ends too early"),
        (b'{"title": "never clo', "ends too early"),
        (CLEAN + b"{}", "is not JSON at line 1"),
        (with_title(b'"A\ntoy"'), "is not JSON"),
        (with_title(b"'A toy'"), "is not JSON"),
        (b'{"a": 1, // why\n}', "is not JSON at line 1"),
        (with_title(b'"\xff"'), "is not UTF-8 at byte"),
        (b'{"ignored": "\xc3\x28"}', "is not UTF-8 at byte 14"),
        (CLEAN.decode().encode("utf-16"), "is not UTF-8 at byte 1"),
        (with_title(b"NaN"), "contains NaN"),
        (with_title(b"-Infinity"), "contains -Infinity"),
        (b'{"ignored": Infinity}', "contains Infinity"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested too deeply"),
        (with_title(b"01"), "is not JSON"),
        (with_title(b"+1"), "is not JSON"),
    ],
)
async def test_what_is_not_json_is_refused_and_the_place_is_named(
    client: httpx2.AsyncClient, gate: Gate, body: bytes, said: str
) -> None:
    answer = await send_order(client, body)
    (fault,) = faults_of(answer)["$"]
    assert said in fault
    assert answer.json()["code"] == "body.not_json"
    assert gate.works == []


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true", b"[{}]"])
async def test_a_body_has_to_be_an_object(client: httpx2.AsyncClient, body: bytes) -> None:
    assert faults_of(await send_order(client, body)) == {"$": ["Must be an object, in braces."]}


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
async def test_a_mandatory_body_can_t_be_left_out(client: httpx2.AsyncClient, body: bytes) -> None:
    faults = faults_of(await send_order(client, body))
    assert faults["$"] == ["Must be an object, in braces; it is empty."]
    assert "title" in faults


async def test_sixty_four_levels_are_read(client: httpx2.AsyncClient) -> None:
    deep = CLEAN.replace(b'"type"', b'"ignored": ' + b"[" * 63 + b"]" * 63 + b', "type"')
    assert (await send_order(client, deep)).status_code == 201


async def test_many_objects_beside_each_other_are_not_deep(client: httpx2.AsyncClient) -> None:
    wide = CLEAN.replace(b'"type"', b'"ignored": [' + b",".join([b"{}"] * 1_000) + b'], "type"')
    assert (await send_order(client, wide)).status_code == 201


async def test_a_byte_order_mark_is_ignored(client: httpx2.AsyncClient) -> None:
    assert (await send_order(client, b"\xef\xbb\xbf" + CLEAN)).status_code == 201


async def test_every_doubled_key_is_named_at_every_depth(client: httpx2.AsyncClient) -> None:
    body = CLEAN.replace(b'"value"', b'"value": 1, "value"').replace(b'"title"', b'"title": "B", "title"')
    body = body.replace(b'"type"', b'"ignored": [{"x": 1, "x": 2}], "type"')
    answer = await send_order(client, body)
    assert fields_at_fault(answer) == ["ignored[0].x", "price.value", "title"]
    assert set(map(tuple, faults_of(answer).values())) == {("Must be given once; the key is doubled.",)}


@pytest.mark.parametrize("quote", [b'\\"', b"\\u0022"])
@pytest.mark.parametrize("space", [b"", b" ", b"\n\t"])
async def test_one_stray_quote_at_the_end_of_a_key_is_dropped_at_every_depth(
    client: httpx2.AsyncClient, quote: bytes, space: bytes
) -> None:
    body = CLEAN
    for key in (b"title", b"price", b"value", b"type"):
        body = body.replace(b'"' + key + b'":', b'"' + key + quote + b'"' + space + b":")
    answer = await send_order(client, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["price"] == 120


async def test_only_one_stray_quote_is_dropped(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, CLEAN.replace(b'"title"', b'"title\\"\\""'))
    assert faults_of(answer) == {"title": ["Must be given."]}


async def test_a_key_with_a_stray_quote_beside_its_clean_twin_is_doubled(client: httpx2.AsyncClient) -> None:
    body = CLEAN.replace(b'"value"', b'"value\\"": 120, "value"')
    assert faults_of(await send_order(client, body)) == {"price.value": ["Must be given once; the key is doubled."]}


async def test_a_quote_at_the_end_of_a_text_stays(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, with_title(b'"the \\"toy\\""'))
    assert answer.json()["title"] == 'the "toy"'


@pytest.mark.parametrize("place", [b'"ignored": "X", "type"', b'"ignored": [{"y": "X"}], "type"', b'"X": 1, "type"'])
@pytest.mark.parametrize("unfit", [b"\\u0000", b"\\ud800", b"\\udc00x", b"\\udc00\\ud800"])
async def test_nul_and_lone_surrogates_are_refused_wherever_they_stand(
    client: httpx2.AsyncClient, place: bytes, unfit: bytes
) -> None:
    answer = await send_order(client, CLEAN.replace(b'"type"', place.replace(b"X", unfit)))
    assert len(faults_of(answer)) == 1


async def test_a_pair_of_surrogates_is_a_character(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, with_title(b'"\\ud83e\\uddf8 \xf0\x9f\xa7\xb8"'))
    assert answer.json()["title"] == "\U0001f9f8 \U0001f9f8"


async def test_what_is_ignored_is_not_looked_at_otherwise(client: httpx2.AsyncClient) -> None:
    ignored = b'"createdAt": "1", "id": -1, "author": {"id": "\\u0007"}, "n": 1E999999999, "b": "\x7f", "type"'
    assert (await send_order(client, CLEAN.replace(b'"type"', ignored))).status_code == 201


async def test_a_number_of_half_a_million_digits_costs_nothing_where_nobody_reads_it(
    client: httpx2.AsyncClient,
) -> None:
    body = CLEAN.replace(b'"type"', b'"n": ' + b"9" * 500_000 + b', "type"')
    assert (await send_order(client, body)).status_code == 201
