"""Text and JSON: what is refused, what is kept as it was sent, and what is not looked at."""

import json
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults, rows

JSON = {"Content-Type": "application/json"}
KEPT = [
    "Chairs",
    " Chairs ",
    "Ch\tairs\nand\r\ntables",
    "a\rb",
    "café and cafe\u0301",
    "👩‍👩‍👧‍👦 🇫🇷 🪑",
    "\u202emirrored\u202c and \u2067isolated\u2069",
    "العربية עברית हिन्दी 中文 ไทย",
    "zero\u200bwidth\ufeff",
    "\U0010ffff",
    "<script>alert(1)</script> & \"quotes\" 'and' \\back",
    "'; DROP TABLE purchases; --",
    "{{7*7}} ${7*7} %s %n",
    "x" * 1000,
    "👍" * 1000,
    "null",
    "\u2028\u2029",
    "\xa0",
]


@pytest.mark.parametrize("text", [text for text in KEPT if text.strip()])
async def test_a_title_is_kept_as_it_was_sent(client: httpx2.AsyncClient, text: str) -> None:
    made = await make_purchase(client, title=text)
    assert made["title"] == text
    assert (await client.get(f"{API}/purchases/{made['id']}")).json()["title"] == text


@pytest.mark.parametrize("text", [*KEPT, "", " ", "\n", "x" * 10_000, "👍" * 10_000])
async def test_a_comment_is_kept_as_it_was_sent(client: httpx2.AsyncClient, text: str) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], comment=text)
    assert made["comment"] == text
    assert (await client.get(f"{API}/commitments/{made['id']}")).json()["comment"] == text


EMPTY = ["", " ", "\t\n\r", "\u00a0\u2003\u3000", "\u200b", "\ufeff", "\u200e\u200f \u2060"]


@pytest.mark.parametrize("text", EMPTY)
async def test_an_empty_or_white_title_is_refused(client: httpx2.AsyncClient, text: str) -> None:
    assert set(faults(await client.post(f"{API}/purchases", json=PURCHASE | {"title": text}))) == {"title"}


CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
REFUSED = [chr(code) for code in CONTROLS if chr(code) not in "\t\n\r"]


@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "raw"])
@pytest.mark.parametrize("char", REFUSED, ids=[f"U+{ord(char):04X}" for char in REFUSED])
async def test_control_characters_are_refused(
    client: httpx2.AsyncClient,
    char: str,
    escaped: bool,  # noqa: FBT001
) -> None:
    body = json.dumps(PURCHASE | {"title": f"a{char}b"}, ensure_ascii=escaped)
    if not escaped and char < " ":
        body = body.replace(f"\\u{ord(char):04x}", char).replace("\\b", char).replace("\\f", char)
    answer = await client.post(f"{API}/purchases", content=body.encode(), headers=JSON)
    assert set(faults(answer)) <= {"title", "$"}


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\udc00\\ud800", "\\ud83d x", "x\\ude00"])
@pytest.mark.parametrize("field", ["title", "supplier.name"])
async def test_lone_surrogates_are_refused(client: httpx2.AsyncClient, half: str, field: str) -> None:
    changes: dict[str, Any] = (
        {"title": "MARK"} if field == "title" else {"supplier": {"name": "MARK", "territoryId": "FR"}}
    )
    body = json.dumps(PURCHASE | changes).replace("MARK", half)
    assert set(faults(await client.post(f"{API}/purchases", content=body, headers=JSON))) == {field}


async def test_a_pair_of_surrogates_is_one_character(client: httpx2.AsyncClient) -> None:
    body = json.dumps(PURCHASE | {"title": "MARK"}).replace("MARK", "\\ud83e\\ude91")
    assert (await client.post(f"{API}/purchases", content=body, headers=JSON)).json()["title"] == "🪑"


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": "x" * 1001}),
        ("title", {"title": "👍" * 1001}),
        ("title", {"title": "x" * 100_000}),
        ("supplier.name", {"supplier": {"name": "x" * 256, "territoryId": "FR"}}),
    ],
)
async def test_what_is_too_long_in_a_purchase_is_refused(
    client: httpx2.AsyncClient, field: str, change: dict[str, Any]
) -> None:
    assert set(faults(await client.post(f"{API}/purchases", json=PURCHASE | change))) == {field}


@pytest.mark.parametrize("text", ["x" * 10_001, "👍" * 10_001, "x" * 100_000])
async def test_a_comment_that_is_too_long_is_refused_everywhere(live: Live, company: Company, text: str) -> None:
    life = await live("pending")
    fresh = await live("new")
    before = await rows(company)
    for who, place, body in (
        (life.submitter, f"{fresh.purchase}/commitment", ONE_TIME),
        (life.submitter, f"{fresh.purchase}/closing", {}),
        (life.submitter, f"{life.request}/cancellations", {}),
        (life.approver, f"{life.request}/approvals", {}),
        (life.approver, f"{life.request}/denials", {}),
    ):
        assert set(faults(await who.post(place, json=body | {"comment": text}))) == {"comment"}
    assert await rows(company) == before


UNKNOWN = [
    (b'"colour": "a\\u0001b"', True),
    (b'"colour": "a\x7fb"', True),
    (b'"colour": 1E999999999', True),
    (b'"colour": 123456789012345678901234567890', True),
    (b'"colour": "' + b"x" * 100_000 + b'"', True),
    (b'"colour": [[[[[[[[[[]]]]]]]]]]', True),
    (b'"a\\u0001": 1', True),
    (b'"colour": "a\\u0000b"', False),
    (b'"col\\u0000our": 1', False),
    (b'"colour": "\xff"', False),
    (b'"colour": "\xc3("', False),
    (b'"colour": "\xed\xa0\x80"', False),
    (b'"colour": "\xc0\x80"', False),
    (b'"colour": {"a": 1, "a": 2}', False),
    (b'"colour": 1, "colour": 1', False),
    (b'"colour": 1, "colour\\"": 1', False),
    (b'"colour": [{"deep": {"x": 1, "x\\"": 2}}]', False),
    (b'"colour": NaN', False),
    (b'"colour": -Infinity', False),
]


@pytest.mark.parametrize(("more", "good"), UNKNOWN)
async def test_what_is_ignored_is_not_looked_at_beyond_utf8_nul_and_doubled_keys(
    client: httpx2.AsyncClient,
    company: Company,
    more: bytes,
    good: bool,  # noqa: FBT001
) -> None:
    body = json.dumps(PURCHASE).encode()[:-1] + b", " + more + b"}"
    answer = await client.post(f"{API}/purchases", content=body, headers=JSON)
    if good:
        assert answer.status_code == 201, answer.text
    else:
        assert faults(answer)
        assert (await rows(company))["purchases"] == 0


@pytest.mark.parametrize("beside", ["name", "territoryId"])
@pytest.mark.parametrize("value", ['"a\\u0001"', "5", "[]", '"' + "x" * 5000 + '"', "1E999999999"])
async def test_what_the_id_of_a_supplier_makes_ignored_is_not_looked_at(
    client: httpx2.AsyncClient, beside: str, value: str
) -> None:
    body = json.dumps(PURCHASE | {"supplier": {"id": 6, beside: "MARK"}}).replace('"MARK"', value)
    assert (await client.post(f"{API}/purchases", content=body, headers=JSON)).status_code == 201


@pytest.mark.parametrize("value", ['"a\\u0001"', "5", "[]", '{"excludingTaxes": {"value": "x"}}', "1E999999999"])
async def test_what_the_base_of_an_amount_makes_ignored_is_not_looked_at(
    client: httpx2.AsyncClient, value: str
) -> None:
    purchase = await make_purchase(client)
    base = {"excludingTaxes": {"value": 120, "currency": "EUR"}}
    amount = {"base": base, "counter": "MARK", "rate": "MARK", "excludingTaxes": "MARK", "taxes": "MARK"}
    body = json.dumps(ONE_TIME | {"amountIncludingTaxes": amount}).replace('"MARK"', value)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", content=body, headers=JSON)
    assert answer.status_code == 200, answer.text


DOUBLED = [
    '"title": "Again"',
    '"title\\"": "Again"',
    '"ownerId": 35',
    '"supplier": {"id": 6, "id": 8}',
    '"supplier": {"id": 6, "id\\"": 6}',
    '"axisSectionIds": [], "axisSectionIds\\"": []',
]


@pytest.mark.parametrize("more", DOUBLED)
async def test_a_doubled_key_is_refused_by_name(client: httpx2.AsyncClient, company: Company, more: str) -> None:
    body = json.dumps(PURCHASE)[:-1]
    if more.startswith(('"supplier', '"axis')):
        name = more[1 : more.index('"', 1)]
        body = json.dumps({key: value for key, value in PURCHASE.items() if key != name})[:-1]
    answer = await client.post(f"{API}/purchases", content=f"{body}, {more}}}", headers=JSON)
    (field,) = faults(answer)
    assert field in {"title", "ownerId", "supplier.id", "axisSectionIds"}
    assert (await rows(company))["purchases"] == 0


QUOTED = [
    ("natureId", '"1"', "natureId"),
    ("ownerId", '"35"', "ownerId"),
    ("axisSectionIds", '["361"]', "axisSectionIds[0]"),
    ("supplier", '{"id": "6"}', "supplier.id"),
    ("title", "5", "title"),
    ("title", "null", "title"),
    ("title", "true", "title"),
    ("title", '["x"]', "title"),
    ("natureId", "true", "natureId"),
    ("natureId", "1.5", "natureId"),
    ("natureId", "{}", "natureId"),
    ("axisSectionIds", "361", "axisSectionIds"),
    ("axisSectionIds", "[null]", "axisSectionIds[0]"),
    ("axisSectionIds", "{}", "axisSectionIds"),
    ("type", '"Onetime"', "type"),
    ("type", "1", "type"),
    ("owner", "35", "owner"),
    ("owner", '{"id": "35"}', "owner.id"),
    ("owner", "{}", "owner.id"),
]


@pytest.mark.parametrize(("name", "value", "field"), QUOTED)
async def test_a_value_of_the_wrong_type_is_refused_by_name(
    client: httpx2.AsyncClient, name: str, value: str, field: str
) -> None:
    body = json.dumps(PURCHASE | {name: "MARK"}).replace('"MARK"', value)
    assert set(faults(await client.post(f"{API}/purchases", content=body, headers=JSON))) == {field}


@pytest.mark.parametrize("zero", ["0", "-0", "0.0", "-0.0", "0e5"])
async def test_minus_zero_is_zero(client: httpx2.AsyncClient, zero: str) -> None:
    purchase = await make_purchase(client)
    body = json.dumps(ONE_TIME).replace("120", zero)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", content=body, headers=JSON)
    assert '"value":-' not in answer.text
    assert answer.json()["amountIncludingTaxes"]["excludingTaxes"]["value"] == 0
