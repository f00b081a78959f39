"""Who calls, and with what headers."""

from dataclasses import dataclass

import httpx2
import pytest

from emplette.domain.people import Permission, Principal, Scope, Tenant
from emplette.http.contract import serve
from emplette.http.contract.cors import Cors
from emplette.http.contract.origin import Origins
from emplette.http.contract.rate import RateLimit
from emplette.services.access import KeyRevoked
from tests.contract.toys import HEADERS, KEY, ONCE, Gate, client_of, contract, faults_of


def problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


@pytest.mark.parametrize("scheme", ["lucca", "Lucca", "LUCCA"])
async def test_the_scheme_of_the_key_is_read_in_any_case(client: httpx2.AsyncClient, scheme: str) -> None:
    answer = await client.get("/api/orders/7", headers={"Authorization": f"{scheme} application={KEY}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "key.missing"),
        ("lucca", "key.malformed"),
        ("lucca application=", "key.malformed"),
        ("lucca user=abc", "key.malformed"),
        (f"Bearer {KEY}", "key.malformed"),
        (f"lucca application={KEY} and more", "key.malformed"),
        (KEY, "key.malformed"),
        ("lucca application=another", "key.unknown"),
    ],
)
async def test_without_a_good_key_nobody_gets_in(client: httpx2.AsyncClient, value: str, code: str) -> None:
    answer = await client.get("/api/orders/7", headers={"Authorization": value})
    problem(answer, 401, code)
    assert answer.headers["www-authenticate"] == "lucca"


async def test_a_doubled_key_is_malformed(gate: Gate) -> None:
    async with client_of(contract(gate)) as client:
        twice = [("Authorization", HEADERS["Authorization"]), ("Authorization", "lucca application=b")]
        problem(await client.get("/api/orders/7", headers=twice), 401, "key.malformed")


async def test_a_key_without_the_permission_is_refused_before_its_body_is_looked_at() -> None:
    async with client_of(contract(Gate({Permission.VIEW: Scope.ALL}))) as client:
        answer = await client.post("/api/orders", content=b"not json")
        problem(answer, 403, "permission.missing")
        assert "`purchases`" in answer.json()["detail"]
        assert (await client.get("/api/orders/7")).status_code == 200


@pytest.mark.parametrize(
    "host", ["toys.example", "TOYS.example", "toys.example:8443", "toys.example.", "Toys.Example.:1"]
)
async def test_the_company_is_found_by_the_host_name_alone(client: httpx2.AsyncClient, host: str) -> None:
    assert (await client.get("/api/orders/7", headers={"Host": host})).status_code == 200


async def test_an_unknown_host_is_told_so_before_the_key_is_looked_at(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/orders/7", headers={"Host": "other.example", "Authorization": ""})
    problem(answer, 404, "tenant.unknown_host")


@pytest.mark.parametrize("host", ["a b", "toys.example/x", "toys.example:x", "..", "é", "[::1"])
async def test_a_malformed_host_is_refused(client: httpx2.AsyncClient, host: str) -> None:
    answer = await client.get("/api/orders/7", headers={b"Host": host.encode()})
    assert "Host" in faults_of(answer)


async def test_what_is_public_needs_neither_host_nor_key(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/open", headers={"Host": "other.example", "Authorization": ""})
    assert answer.json() == {"open": True}


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", 'APPLICATION/JSON;charset="UTF-8"', "application/x.y+json"],
)
async def test_json_is_read_under_all_its_names(client: httpx2.AsyncClient, kind: str) -> None:
    answer = await client.post("/api/orders", json=ONCE, headers={"Content-Type": kind})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "text/json", "application/xml", "application/json; charset=latin1", "multipart/form-data"],
)
async def test_another_media_type_is_refused(client: httpx2.AsyncClient, kind: str) -> None:
    answer = await client.post("/api/orders", json=ONCE, headers={"Content-Type": kind})
    problem(answer, 415, "body.unsupported_media_type")


async def test_a_compressed_body_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/orders", json=ONCE, headers={"Content-Encoding": "gzip"})
    problem(answer, 415, "body.unsupported_media_type")


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", "text/html,application/json;q=0.9", ""],
)
async def test_who_accepts_json_gets_it(client: httpx2.AsyncClient, accept: str) -> None:
    assert (await client.get("/api/orders/7", headers={"Accept": accept})).status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/json;q=0", "application/json;q=0.0, */*", "text/*"]
)
async def test_who_excludes_json_is_told_so(client: httpx2.AsyncClient, accept: str) -> None:
    problem(await client.get("/api/orders/7", headers={"Accept": accept}), 406, "accept.impossible")


async def test_an_operation_answers_in_its_own_media_type(client: httpx2.AsyncClient) -> None:
    place = "/api/files/123e4567-e89b-12d3-a456-426614174000"
    for accept in ("application/pdf", "application/json"):
        answer = await client.get(place, headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.text == "123e4567-e89b-12d3-a456-426614174000 at http://toys.example"
    problem(await client.get(place, headers={"Accept": "text/html"}), 406, "accept.impossible")


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~", "0b5f8a1e-6d0c-4d9e-9a57-0f3f4f1f9f10"])
async def test_an_idempotency_key_is_visible_ascii(client: httpx2.AsyncClient, gate: Gate, key: str) -> None:
    await client.post("/api/orders", json=ONCE, headers={"Idempotency-Key": key})
    assert gate.works[0].call.idempotency_key == key


@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 1_000, "two words", "clé", "a\tb"])
async def test_any_other_idempotency_key_is_a_fault_beside_the_others(
    client: httpx2.AsyncClient, gate: Gate, key: str
) -> None:
    headers = {b"Idempotency-Key": key.encode()}
    answer = await client.post("/api/orders", json={**ONCE, "title": ""}, headers=headers)
    assert set(faults_of(answer)) == {"Idempotency-Key", "title"}
    assert all(work.call.idempotency_key is None for work in gate.works)


async def test_a_doubled_idempotency_key_is_a_fault(client: httpx2.AsyncClient) -> None:
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    assert set(faults_of(await client.post("/api/orders", json=ONCE, headers=twice))) == {"Idempotency-Key"}


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        ('"12.1"', ("12.1",)),
        ('"12.1", "12.2"', ("12.1", "12.2")),
        ('"*"', ("*",)),
        ('"*", "12.1"', ("*", "12.1")),
        ('W/"12.1"', ()),
        ('W/"12.1","12.2"', ("12.2",)),
        ('""', ("",)),
        ('"a,b"', ("a,b",)),
    ],
)
async def test_the_versions_of_if_match_are_handed_on(
    client: httpx2.AsyncClient, gate: Gate, value: str, versions: tuple[str, ...]
) -> None:
    await client.put("/api/orders/7", json={}, headers={"If-Match": value})
    assert gate.works[0].call.if_match == versions


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}, {"If-Match": " * "}])
async def test_without_if_match_or_with_a_star_no_version_is_asked_for(
    client: httpx2.AsyncClient, gate: Gate, headers: dict[str, str]
) -> None:
    await client.put("/api/orders/7", json={}, headers=headers)
    assert gate.works[0].call.if_match is None


@pytest.mark.parametrize("first", ["*", '"12.1"'])
async def test_a_doubled_if_match_is_a_fault(client: httpx2.AsyncClient, first: str) -> None:
    twice = [("If-Match", first), ("If-Match", '"12.2"')]
    assert set(faults_of(await client.put("/api/orders/7", json={}, headers=twice))) == {"If-Match"}


@pytest.mark.parametrize("value", ["12.1", '"12.1', '"a" "b"', "", 'w/"1"', '*, "1"'])
async def test_a_malformed_if_match_is_a_fault(client: httpx2.AsyncClient, value: str) -> None:
    answer = await client.put("/api/orders/7", json={}, headers={"If-Match": value})
    assert set(faults_of(answer)) == {"If-Match"}


@pytest.mark.parametrize("given", ["abc", "A-1_2.3", "x" * 64])
async def test_a_request_id_of_the_caller_is_kept(client: httpx2.AsyncClient, given: str) -> None:
    answer = await client.get("/nowhere", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == answer.json()["requestId"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, '"quoted"'])
async def test_a_request_id_that_can_t_be_repeated_is_replaced(client: httpx2.AsyncClient, given: str) -> None:
    answer = await client.get("/nowhere", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == answer.json()["requestId"] != given


async def test_ten_thousand_bytes_of_headers_are_refused_cleanly(client: httpx2.AsyncClient) -> None:
    problem(await client.get("/api/orders/7", headers={"X-Long": "x" * 10_000}), 431, "headers.too_large")


async def test_an_address_of_forty_thousand_bytes_is_refused_cleanly(client: httpx2.AsyncClient) -> None:
    problem(await client.get("/api/orders?search.terms=" + "x" * 40_000), 414, "address.too_long")


async def test_other_origins_are_not_let_in_by_default(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/open", headers={"Origin": "https://app.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_an_origin_that_a_setting_names_may_call() -> None:
    async with client_of(contract(cors=Cors(["https://app.example"]))) as client:
        origin = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        asked = await client.options("/api/orders", headers=origin)
        assert asked.headers["access-control-allow-origin"] == "https://app.example"
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "idempotency-key" in asked.headers["access-control-allow-headers"]
        told = await client.get("/api/open", headers=origin)
        assert told.headers["access-control-allow-origin"] == "https://app.example"
        assert told.headers["vary"] == "origin"
        other = await client.get("/api/open", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_a_rate_limit_says_when_to_come_back() -> None:
    async with client_of(contract(rate_limit=RateLimit(2))) as client:
        assert [(await client.get("/api/orders/7")).status_code for _ in range(2)] == [200, 200]
        answer = await client.get("/api/orders/7")
        problem(answer, 429, "rate.exceeded")
        assert 0 < int(answer.headers["retry-after"]) <= 30
        assert (await client.get("/api/open")).status_code == 200


@pytest.mark.parametrize(
    ("trusted", "base"),
    [(["127.0.0.0/8"], "https://toys.example:8443"), (["10.0.0.1"], "http://inner"), ([], "http://inner")],
)
async def test_forwarded_headers_count_only_from_trusted_proxies(trusted: list[str], base: str) -> None:
    gate = Gate()
    forwarded = {"Host": "inner", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "toys.example:8443"}
    async with client_of(contract(gate, origins=Origins(trusted))) as client:
        answer = await client.get("/api/orders/7", headers=forwarded)
    if base.startswith("https"):
        assert gate.works[0].call.base_url == base
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    else:
        problem(answer, 404, "tenant.unknown_host")
        assert "strict-transport-security" not in answer.headers


async def test_of_forwarded_headers_that_come_twice_the_nearest_proxys_counts() -> None:
    gate = Gate()
    twice = [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example")]
    once = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "toys.example:8443")]
    async with client_of(contract(gate, origins=Origins(["127.0.0.0/8"]))) as client:
        await client.get("/api/orders/7", headers=[("Host", "inner"), *twice, *once])
    assert gate.works[0].call.base_url == "https://toys.example:8443"


@dataclass(slots=True)
class Revoking(Gate):
    """Lets a key in so many times, and then never again."""

    times: int = 1

    async def principal_of_key(self, tenant: Tenant, key: str, *, client: str) -> Principal:
        self.times -= 1
        if self.times < 0:
            raise KeyRevoked
        return await Gate.principal_of_key(self, tenant, key, client=client)


@pytest.mark.parametrize(("times", "reached"), [(1, 0), (2, 1)], ids=["while the body came", "while it waited"])
async def test_a_key_that_was_revoked_during_a_long_call_gets_no_answer(
    monkeypatch: pytest.MonkeyPatch, times: int, reached: int
) -> None:
    monkeypatch.setattr(serve, "ADMITTED_FOR", -1.0)
    gate = Revoking(times=times)
    async with client_of(contract(gate)) as client:
        problem(await client.get("/api/orders/7"), 401, "key.revoked")
    assert len(gate.works) == reached


async def test_a_key_that_was_revoked_while_a_body_came_has_written_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "ADMITTED_FOR", -1.0)
    gate = Revoking()
    async with client_of(contract(gate)) as client:
        problem(await client.post("/api/orders", json=ONCE), 401, "key.revoked")
    assert gate.works == []


async def test_a_command_that_was_done_is_answered_whatever_became_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "ADMITTED_FOR", -1.0)
    async with client_of(contract(Revoking(times=2))) as client:
        assert (await client.post("/api/orders", json=ONCE)).status_code == 201
