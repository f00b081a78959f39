"""Calls that are wrong around their body: paths, hosts, headers, media types that are wanted, parameters."""

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE, make_purchase
from tests.fixtures.problems import faults, refused, rows

PATHS = [
    "/cleemy-procurement/api/purchases/%2e%2e/purchases",
    "/cleemy-procurement/api/purchases/..%2f1",
    "/cleemy-procurement/api/purchases/%00",
    "/cleemy-procurement/api/purchases/1%00",
    "/cleemy-procurement/api/purchases/1%0a",
    "/cleemy-procurement/api/purchases/1%2fclosing",
    "/cleemy-procurement//api/purchases",
    "//cleemy-procurement/api/purchases",
    "/cleemy-procurement/api/purchases//1",
    "/cleemy-procurement/api/purchases/1/",
    "/cleemy-procurement/api/purchases/%ff",
    "/cleemy-procurement/api/purchases/%zz",
    "/cleemy-procurement/api/purchases/%",
    "/cleemy-procurement/api/purchases;x=1",
    "/cleemy-procurement/API/purchases",
    "/cleemy-procurement/api/Purchases",
    "/cleemy-procurement/api/purchases.json",
    "/CLEEMY-PROCUREMENT/api/purchases",
    "/etc/passwd",
    "/.git/config",
    "/" + "x" * 5000,
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_path_where_nothing_is_is_a_404(
    client: httpx2.AsyncClient, company: Company, method: str, path: str
) -> None:
    url = httpx2.URL(f"http://{company.host}").copy_with(raw_path=path.encode())
    answer = await client.request(method, url, json=PURCHASE)
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await rows(company))["purchases"] == 0


async def test_an_escaped_path_is_the_path(client: httpx2.AsyncClient, company: Company) -> None:
    made = await make_purchase(client)
    url = httpx2.URL(f"http://{company.host}").copy_with(raw_path=f"{API}/%70urchases/{made['id']}".encode())
    assert (await client.get(url)).json()["id"] == made["id"]


async def test_an_address_that_is_too_long_is_a_414(client: httpx2.AsyncClient) -> None:
    refused(await client.get(f"{API}/purchases?_={'x' * 40_000}"), 414, "address.too_long")


@pytest.mark.parametrize("host", ["", " ", "a b", "a/b", "a@b", "exa_mple..x", "-x", "[::1", "a:b:c", "x" * 300 + "!"])
async def test_a_host_that_is_none_is_refused(client: httpx2.AsyncClient, host: str) -> None:
    answer = await client.get(f"{API}/purchases", headers={"Host": host})
    assert answer.status_code in {400, 404}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "image/*", "text/*;q=1"])
async def test_an_answer_that_is_not_wanted_is_a_406(client: httpx2.AsyncClient, company: Company, accept: str) -> None:
    answer = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Accept": accept})
    refused(answer, 406, "accept.impossible")
    assert (await rows(company))["purchases"] == 0


@pytest.mark.parametrize(
    "accept",
    ["application/json", "*/*", "application/*", "text/html, application/json;q=0.1", "text/html,*/*;q=0.8", ""],
)
async def test_an_answer_that_is_wanted_in_some_way_is_given(client: httpx2.AsyncClient, accept: str) -> None:
    assert (await client.get(f"{API}/purchases", headers={"Accept": accept})).status_code == 200


async def test_ten_kilobytes_of_headers_are_a_431(client: httpx2.AsyncClient, company: Company) -> None:
    answer = await client.post(f"{API}/purchases", json=PURCHASE, headers={"X-Long": "x" * 10_000})
    refused(answer, 431, "headers.too_large")
    many = {f"X-{number}": "x" * 100 for number in range(100)}
    refused(await client.post(f"{API}/purchases", json=PURCHASE, headers=many), 431, "headers.too_large")
    assert (await rows(company))["purchases"] == 0


@pytest.mark.parametrize("path", ["purchases", "purchases/1", "orders/1"])
async def test_a_head_is_a_get_without_its_body(client: httpx2.AsyncClient, path: str) -> None:
    got, head = await client.get(f"{API}/{path}"), await client.head(f"{API}/{path}")
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content)) or got.status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("purchases", "GET, HEAD, OPTIONS, POST"),
        ("purchases/1", "GET, HEAD, OPTIONS, PUT"),
        ("purchases/1/closing", "OPTIONS, POST"),
    ],
)
async def test_options_say_what_is_allowed_to_anybody(company: Company, path: str, allowed: str) -> None:
    async with company.client() as nobody:
        answer = await nobody.options(f"{API}/{path}")
    assert answer.status_code == 204
    assert answer.headers["Allow"] == allowed


async def test_no_other_origin_may_call_unless_told_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{API}/purchases", headers={"Origin": "https://evil.test"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


QUERIES = ["colour=red", "=1", "colour", "limit=1&colour=red", "%00=1", "%ff=1", "colour=%ff", "a.b=1", "limit[]=1"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["purchases", "requests", "orders"])
async def test_an_unknown_parameter_is_a_400(client: httpx2.AsyncClient, path: str, query: str) -> None:
    url = client.base_url.copy_with(raw_path=f"{API}/{path}?{query}".encode())
    assert len(faults(await client.get(url))) == 1


@pytest.mark.parametrize("query", ["limit=%zz", "limit=%", "page=%ff", "search.terms=%00", "search.terms=%ED%A0%80"])
async def test_a_parameter_that_is_not_utf8_is_a_400(client: httpx2.AsyncClient, query: str) -> None:
    url = client.base_url.copy_with(raw_path=f"{API}/purchases?{query}".encode())
    assert set(faults(await client.get(url))) == {query.partition("=")[0]}


@pytest.mark.parametrize("verb", ["approvals", "denials", "cancellations", "closing", "requests", "commitment"])
async def test_a_verb_on_the_wrong_thing_is_a_404_or_405(client: httpx2.AsyncClient, verb: str) -> None:
    made = await make_purchase(client)
    answer = await client.post(f"{API}/orders/{made['id']}/{verb}", json={"comment": "x"})
    assert answer.status_code in {404, 405}
