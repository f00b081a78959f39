"""Where operations live: paths, methods, and everything beside them."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from emplette.http.contract import GET, Contract, Registry, operation
from emplette.http.contract.receive import Message
from emplette.http.contract.routes import Routes
from tests.contract.toys import HEADERS, Gate, contract


async def call_raw(
    app: Callable[..., Any], method: str, raw_path: bytes, body: bytes = b""
) -> tuple[int, bytes, dict[str, str]]:
    """Call with a path exactly as it is: no client tidies it up on the way."""
    sent: list[Message] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    path, _, query = raw_path.partition(b"?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()],
        "client": ("127.0.0.1", 1),
    }
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], sent[1]["body"], headers


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"",
        b"*",
        b"/nowhere",
        b"/api/orders/",
        b"/api//orders",
        b"//api/orders",
        b"/api/orders/7/",
        b"/api/./orders",
        b"/api/x/../orders",
        b"/api/orders/..",
        b"/api/orders/../orders",
        b"/api/orders/%2e%2e",
        b"/api/orders/%2E%2e/orders",
        b"/api/orders/7%2frequests",
        b"/api/orders/%00",
        b"/api/orders/7%00",
        b"/api/orders%00",
        b"/api/orders/%",
        b"/api/orders/%7",
        b"/api/orders/%zz",
        b"/api/orders/%ff",
        b"/api/orders/\xff",
        b"/api/orders/caf\xc3\xa9",
        b"/api/orders/%0a",
        b"/API/orders",
        b"/api/orders;a=b",
    ],
)
async def test_nothing_answers_at_a_path_that_is_not_one(gate: Gate, path: bytes) -> None:
    status, body, headers = await call_raw(contract(gate), "GET", path)
    assert status == 404
    assert headers["content-type"] == "application/problem+json"
    assert b'"code":"path.unknown"' in body
    assert gate.works == []


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "+7",
        "07",
        "7.0",
        "2147483648",
        "9" * 400,
        "abc",
        "7a",
        "%20",
        "7%20",
        "\u0667",
        "1e1",
        "0x7",
    ],
)
async def test_nothing_has_an_id_that_can_t_be_one(client: httpx2.AsyncClient, gate: Gate, number: str) -> None:
    answer = await client.get(f"/api/orders/{number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "path.unknown")
    assert gate.works == []


@pytest.mark.parametrize("number", ["1", "7", "2147483647", "%37"])
async def test_every_int32_from_one_is_an_id(client: httpx2.AsyncClient, number: str) -> None:
    assert (await client.get(f"/api/orders/{number}")).status_code == 200


async def test_what_is_in_a_path_and_no_uuid_is_not_there(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/files/7")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/orders/7", "GET, HEAD, OPTIONS, PUT"),
        ("PATCH", "/api/orders", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/orders/7/closing", "OPTIONS, POST"),
        ("HEAD", "/api/orders/7/closing", "OPTIONS, POST"),
        ("TRACE", "/api/open", "GET, HEAD, OPTIONS"),
        ("BREW", "/api/open", "GET, HEAD, OPTIONS"),
        ("get", "/api/open", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_method_that_a_path_does_not_take_is_told_which_ones_it_takes(
    gate: Gate, method: str, path: str, allowed: str
) -> None:
    status, _, headers = await call_raw(contract(gate), method, path.encode())
    assert (status, headers["allow"]) == (405, allowed)
    assert gate.works == []


async def test_the_method_is_looked_at_before_the_key(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/api/orders/7", headers={"Authorization": ""})
    assert answer.status_code == 405
    assert answer.json()["allow"] == answer.headers["allow"]


async def test_options_says_what_can_be_done(client: httpx2.AsyncClient) -> None:
    answer = await client.options("/api/orders/7", headers={"Authorization": ""})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert "content-length" not in answer.headers


async def test_head_is_get_without_its_body(client: httpx2.AsyncClient) -> None:
    whole = await client.get("/api/orders/7")
    head = await client.head("/api/orders/7")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    assert (await client.head("/api/orders/0")).status_code == 404


async def test_a_websocket_is_turned_away() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await contract()({"type": "websocket", "path": "/api/orders"}, send, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_literal_segment_goes_before_a_variable() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/a/{first}/c", "variable")
    routes.add("GET", "/a/b/d", "literal")
    assert routes.find("/a/b/d").methods == {"GET": "literal"}
    assert routes.find("/a/b/c").values == {"first": "b"}


def test_two_operations_can_t_share_a_place_or_a_name() -> None:
    @operation(GET, "/api/open", answers={200: str}, public=True)
    async def look_again() -> str:
        return ""

    with pytest.raises(ValueError, match="is taken"):
        contract(None, look_again)
    with pytest.raises(ValueError, match="Two operations are called look_again"):
        Contract(Registry([look_again, look_again]), Gate())


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"null", b"{}", b" { } "])
async def test_an_operation_without_a_body_takes_nothing_written_in_any_way(
    client: httpx2.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/api/orders/7/requests", content=body)
    assert answer.status_code == 201


@pytest.mark.parametrize("body", [b"[]", b"0", b'""', b'{"a": 1}', b"false", b"nothing", b"{}{}"])
async def test_an_operation_without_a_body_refuses_any_other(
    client: httpx2.AsyncClient, gate: Gate, body: bytes
) -> None:
    answer = await client.post("/api/orders/7/requests", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["$"]
    assert gate.works == []


@pytest.mark.parametrize(
    ("body", "comment"), [(b"", None), (b" \n", None), (b"{}", None), (b'{"comment": "done"}', "done")]
)
async def test_a_body_that_may_be_left_out(client: httpx2.AsyncClient, body: bytes, comment: str | None) -> None:
    headers = {"Content-Type": "application/json"} if body.strip() else {}
    answer = await client.post("/api/orders/7/closing", content=body, headers=headers)
    assert answer.json()["comment"] == comment


@pytest.mark.parametrize("body", [b"null", b"[]", b'"done"'])
async def test_a_body_that_may_be_left_out_is_an_object_or_none_at_all(client: httpx2.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/orders/7/closing", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_a_body_of_a_get_is_not_looked_at(client: httpx2.AsyncClient) -> None:
    assert (await client.request("GET", "/api/orders/7", content=b"whatever")).status_code == 200


async def test_a_path_may_be_written_with_escapes() -> None:
    status, _, _ = await call_raw(contract(), "POST", b"/api/%6Frders/%37/requests")
    assert status == 201
