"""Bodies that can't be read, for every operation that takes one: a clear problem, and nothing written."""

import json

import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import ONE_TIME, PURCHASE, SUBSCRIPTION
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults, refused, rows

JSON = {"Content-Type": "application/json"}
DRAFT = {"name": "Zoé", "territoryId": "FR"}
# Each operation with a body: the stage in which it would be allowed, and a body that it would take.
OPERATIONS: dict[str, tuple[str, str, str, dict[str, object]]] = {
    "create a purchase": ("new", "POST", "/cleemy-procurement/api/purchases", PURCHASE),
    "change a purchase": ("new", "PUT", "{0.purchase}", PURCHASE),
    "list its supplier": ("new", "PUT", "{0.purchase}/supplier", {"id": 6}),
    "commit by path": ("new", "POST", "{0.purchase}/commitment", ONE_TIME),
    "subscribe by path": ("new", "POST", "{0.purchase}/commitment", SUBSCRIPTION),
    "commit by body": ("new", "POST", "/cleemy-procurement/api/commitments", ONE_TIME | {"purchaseId": 1}),
    "change a commitment": ("committed", "PUT", "{0.commitment}", ONE_TIME),
    "close": ("new", "POST", "{0.purchase}/closing", {"comment": "Over", "date": "2025-01-01"}),
    "approve": ("pending", "POST", "{0.request}/approvals", {"comment": "Fine"}),
    "deny": ("pending", "POST", "{0.request}/denials", {"comment": "No"}),
    "cancel": ("pending", "POST", "{0.request}/cancellations", {"comment": "No more"}),
}
EACH = pytest.mark.parametrize("name", OPERATIONS)


async def _refused(live: Live, company: Company, name: str, body: bytes) -> dict[str, list[str]]:
    """Send a body in the place of the good one, and check that nothing came of it."""
    stage, method, path, _ = OPERATIONS[name]
    life = await live(stage, supplier=DRAFT)
    who = life.approver if name in {"approve", "deny"} else life.submitter
    before = await rows(company)
    answer = await who.request(method, path.format(life), content=body, headers=JSON)
    errors = faults(answer)
    assert await rows(company) == before
    return errors


def _good(name: str) -> bytes:
    return json.dumps(OPERATIONS[name][3]).encode()


@EACH
async def test_the_good_bodies_are_good(live: Live, name: str) -> None:
    stage, method, path, _ = OPERATIONS[name]
    life = await live(stage, supplier=DRAFT)
    who = life.approver if name in {"approve", "deny"} else life.submitter
    answer = await who.request(method, path.format(life), content=_good(name), headers=JSON)
    assert answer.is_success, answer.text


NO_JSON = {
    "words": b"hello",
    "a form": b"title=Chairs&ownerId=35",
    "XML": b"<purchase/>",
    "single quotes": b"{'title': 'Chairs'}",
    "a comment": b'{"title": "Chairs" // why\n}',
    "a comma too many": b'{"title": "Chairs",}',
    "a comma too few": b'{"title": "Chairs" "ownerId": 35}',
    "two documents": b"{}{}",
    "something behind it": b"{} x",
    "a bare NaN": b'{"x": NaN}',
    "Infinity": b'{"x": Infinity}',
    "minus Infinity": b'{"x": -Infinity}',
    "a bare word": b'{"x": nul}',
    "a raw newline": b'{"x": "a\nb"}',
    "a bad escape": b'{"x": "\\x41"}',
    "half an escape": b'{"x": "\\u12"}',
    "UTF-16": '{"title": "Chairs"}'.encode("utf-16"),
    "Latin-1": '{"title": "Büro"}'.encode("latin-1"),
    "a lone continuation": b'{"x": "\x80"}',
    "an overlong slash": b'{"x": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"x": "\xed\xa0\x80"}',
    "beyond Unicode": b'{"x": "\xf4\x90\x80\x80"}',
    "a byte order mark alone": b"\xef\xbb\xbf",
    "NUL": b"\x00",
    "compressed": b"\x1f\x8b\x08\x00",
}


@EACH
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON.keys())
async def test_what_is_not_json_in_utf8_is_refused(live: Live, company: Company, name: str, body: bytes) -> None:
    assert set(await _refused(live, company, name, body)) == {"$"}


@EACH
@pytest.mark.parametrize("value", [b"null", b"[]", b"[{}]", b'"{}"', b"0", b"true"])
async def test_what_is_no_object_is_refused(live: Live, company: Company, name: str, value: bytes) -> None:
    assert set(await _refused(live, company, name, value)) == {"$"}


@EACH
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
async def test_a_body_that_is_cut_off_is_refused(live: Live, company: Company, name: str, part: float) -> None:
    good = _good(name)
    assert set(await _refused(live, company, name, good[: max(1, int(len(good) * part))])) == {"$"}


@EACH
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
@pytest.mark.parametrize("kind", ["lists", "objects"])
async def test_a_body_that_is_nested_too_deeply_is_refused(
    live: Live, company: Company, name: str, depth: int, kind: str
) -> None:
    opening, closing = (b"[", b"]") if kind == "lists" else (b'{"x":', b"}")
    nested = opening * depth + b"1" + closing * depth
    assert set(await _refused(live, company, name, _good(name)[:-1] + b', "more": ' + nested + b"}")) == {"$"}


@EACH
async def test_depth_that_never_ends_is_refused(live: Live, company: Company, name: str) -> None:
    assert set(await _refused(live, company, name, b"[" * 500_000)) == {"$"}


@EACH
@pytest.mark.parametrize("twin", ["{}", '{}"'], ids=["doubled", "beside its twin with a stray quote"])
async def test_every_doubled_key_is_refused_by_name(live: Live, company: Company, name: str, twin: str) -> None:
    good = _good(name).decode()
    for key, value in OPERATIONS[name][3].items():
        again = f", {json.dumps(twin.format(key))}: {json.dumps(value)}}}"
        assert set(await _refused(live, company, name, (good[:-1] + again).encode())) == {key}


@EACH
@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udc00", "\\u0007", "\\u009f", "\x7f"])
async def test_a_text_with_what_no_text_has_is_refused_by_name(
    live: Live, company: Company, name: str, text: str
) -> None:
    texts = {"create a purchase": "title", "change a purchase": "title", "list its supplier": ""}
    field = texts.get(name, "comment")
    if field:
        body = json.dumps(OPERATIONS[name][3] | {field: "MARK"}).replace("MARK", f"a{text}b")
        assert set(await _refused(live, company, name, body.encode())) == {field}


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in {"close", "approve", "cancel"}])
@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t"])
async def test_no_body_where_one_is_needed_is_refused(live: Live, company: Company, name: str, body: bytes) -> None:
    errors = await _refused(live, company, name, body)
    assert "$" in errors


TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonx",
    "application/json; charset=latin-1",
    "application/json; charset=utf-16",
    "json",
    "*/*",
    "",
]


@EACH
@pytest.mark.parametrize("media_type", TYPES)
async def test_a_body_of_another_type_is_a_415(live: Live, company: Company, name: str, media_type: str) -> None:
    stage, method, path, _ = OPERATIONS[name]
    life = await live(stage, supplier=DRAFT)
    who = life.approver if name in {"approve", "deny"} else life.submitter
    before = await rows(company)
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await who.request(method, path.format(life), content=_good(name), headers=headers)
    refused(answer, 415, "body.unsupported_media_type")
    assert await rows(company) == before


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
async def test_json_is_json_however_it_is_called(live: Live, media_type: str) -> None:
    life = await live("new")
    answer = await life.submitter.put(
        life.purchase, content=json.dumps(PURCHASE).encode(), headers={"Content-Type": media_type}
    )
    assert answer.status_code == 200


@EACH
@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity"])
async def test_a_compressed_body_is_a_415(live: Live, company: Company, name: str, coding: str) -> None:
    stage, method, path, _ = OPERATIONS[name]
    life = await live(stage, supplier=DRAFT)
    who = life.approver if name in {"approve", "deny"} else life.submitter
    before = await rows(company)
    headers = JSON | {"Content-Encoding": coding}
    refused(await who.request(method, path.format(life), content=_good(name), headers=headers), 415)
    assert await rows(company) == before


MEBIBYTE = 2**20


@EACH
async def test_a_body_of_more_than_a_mebibyte_is_a_413(live: Live, company: Company, name: str) -> None:
    stage, method, path, _ = OPERATIONS[name]
    life = await live(stage, supplier=DRAFT)
    who = life.approver if name in {"approve", "deny"} else life.submitter
    before = await rows(company)
    good = _good(name)
    answer = await who.request(method, path.format(life), content=good.ljust(MEBIBYTE + 1), headers=JSON)
    problem = refused(answer, 413, "body.too_large")
    assert problem["limit"] == MEBIBYTE
    assert await rows(company) == before
    answer = await who.request(method, path.format(life), content=good.ljust(MEBIBYTE), headers=JSON)
    assert answer.is_success, answer.text
