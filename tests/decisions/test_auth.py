"""Keys and companies: who gets in, and as whom."""

import hashlib
from datetime import date

import httpx2
import pytest

from emplette.services.access import Access, HostUnknown, KeyRevoked, KeyUnknown
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE, make_purchase
from tests.fixtures.problems import refused, rows

OPERATIONS = [
    ("GET", "purchases"),
    ("POST", "purchases"),
    ("GET", "purchases/1"),
    ("PUT", "purchases/1"),
    ("PUT", "purchases/1/supplier"),
    ("POST", "purchases/1/commitment"),
    ("POST", "purchases/1/closing"),
    ("POST", "commitments"),
    ("GET", "commitments/1"),
    ("PUT", "commitments/1"),
    ("POST", "commitments/1/requests"),
    ("GET", "requests"),
    ("GET", "requests/1"),
    ("POST", "requests/1/approvals"),
    ("POST", "requests/1/denials"),
    ("POST", "requests/1/cancellations"),
    ("GET", "orders"),
    ("GET", "orders/1"),
    ("GET", "../taxes/api/rates?date=2025-01-01&territoryId=FR"),
]
EACH = pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(each) for each in OPERATIONS])


def _place(path: str) -> str:
    return f"{API}/{path}".replace("/api/../", "/")


KEYS = [
    (None, "key.missing"),
    ("", "key.missing"),
    ("lucca", "key.malformed"),
    ("lucca application", "key.malformed"),
    ("lucca application=", "key.malformed"),
    ("lucca user=secret", "key.malformed"),
    ("Bearer secret", "key.malformed"),
    ("Basic dTpw", "key.malformed"),
    ("application=secret", "key.malformed"),
    ("lucca application=a b", "key.malformed"),
    ("lucca application=nobody-has-this-key", "key.unknown"),
    ("lucca application=" + "x" * 600, "key.malformed"),
]


@EACH
@pytest.mark.parametrize(("header", "code"), KEYS)
async def test_without_a_good_key_every_operation_is_a_401(
    company: Company, method: str, path: str, header: str | None, code: str
) -> None:
    async with company.client() as nobody:
        headers = {} if header is None else {"Authorization": header}
        answer = await nobody.request(method, _place(path), headers=headers)
    refused(answer, 401, code)
    assert answer.headers["WWW-Authenticate"] == "lucca"


@pytest.mark.parametrize("scheme", ["lucca", "Lucca", "LUCCA", "lUcCa"])
async def test_the_scheme_is_read_in_any_case(client: httpx2.AsyncClient, scheme: str) -> None:
    secret = client.headers["Authorization"].partition(" ")[2]
    answer = await client.get(f"{API}/purchases", headers={"Authorization": f"{scheme} {secret}"})
    assert answer.status_code == 200


async def _change(client: httpx2.AsyncClient, company: Company, change: str) -> None:
    secret = client.headers["Authorization"].partition("=")[2]
    await company.owner.execute(
        f"UPDATE api_keys SET {change} WHERE tenant_id = $1 AND secret_hash = $2",  # noqa: S608  constants below
        company.tenant_id,
        hashlib.sha256(secret.encode()).digest(),
    )


@EACH
@pytest.mark.parametrize(
    ("change", "code"),
    [("revoked_at = now()", "key.revoked"), ("expires_on = '2025-01-01'", "key.expired")],
)
async def test_a_key_that_has_ended_is_a_401(company: Company, method: str, path: str, change: str, code: str) -> None:
    before = await rows(company)
    async with await company.caller() as client:
        await _change(client, company, change)
        answer = await client.request(method, _place(path), json=None if method == "GET" else PURCHASE)
    refused(answer, 401, code)
    assert answer.headers["WWW-Authenticate"] == "lucca"
    assert await rows(company) == before


async def test_a_key_that_ends_later_is_good(company: Company) -> None:
    async with await company.caller() as client:
        await _change(client, company, "expires_on = '2999-12-31'")
        assert (await client.get(f"{API}/purchases")).status_code == 200


async def test_a_key_of_somebody_who_left_lets_nobody_in(company: Company) -> None:
    async with await company.caller(person=38) as client:
        refused(await client.get(f"{API}/purchases"), 401, "key.revoked")


async def test_keys_are_stored_hashed(client: httpx2.AsyncClient, company: Company) -> None:
    secret = client.headers["Authorization"].partition("=")[2]
    texts = await company.owner.fetch(
        "SELECT to_jsonb(k)::text AS row FROM api_keys k WHERE tenant_id = $1", company.tenant_id
    )
    assert texts
    assert not any(secret in row["row"] for row in texts)


@EACH
async def test_a_key_of_another_company_is_unknown(
    client: httpx2.AsyncClient, company: Company, rival: Company, method: str, path: str
) -> None:
    secret = client.headers["Authorization"].partition("=")[2]
    async with rival.client(secret) as stranger:
        answer = await stranger.request(method, _place(path))
    refused(answer, 401, "key.unknown")
    assert company.tenant_id != rival.tenant_id


@EACH
async def test_a_host_that_nobody_has_is_a_404_before_any_key(company: Company, method: str, path: str) -> None:
    async with company.client("a-key-that-is-unknown", host="nobody.test") as lost:
        refused(await lost.request(method, _place(path)), 404, "tenant.unknown_host")


@pytest.mark.parametrize("port", ["", ":80", ":8443", ":1"])
@pytest.mark.parametrize("upper", [True, False])
async def test_a_company_is_found_by_its_whole_host_name_without_port(
    client: httpx2.AsyncClient,
    company: Company,
    port: str,
    upper: bool,  # noqa: FBT001
) -> None:
    host = (company.host.upper() if upper else company.host) + port
    assert (await client.get(f"{API}/purchases", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["x.{}", "{}.x", "{}x", "company"])
async def test_a_part_of_a_host_name_is_not_enough(client: httpx2.AsyncClient, company: Company, host: str) -> None:
    answer = await client.get(f"{API}/purchases", headers={"Host": host.format(company.host)})
    refused(answer, 404, "tenant.unknown_host")


async def test_a_company_may_have_several_hosts(client: httpx2.AsyncClient, company: Company) -> None:
    other = f"other-{company.host}"
    await company.owner.execute(
        "INSERT INTO tenant_hosts (host, tenant_id, position) VALUES ($1, $2, 1)", other, company.tenant_id
    )
    made = await make_purchase(client)
    answer = await client.get(f"{API}/purchases/{made['id']}", headers={"Host": other})
    assert answer.status_code == 200
    assert answer.json()["owner"]["href"] == f"http://{other}/api/v3/users/35"


async def test_the_default_company_answers_for_every_other_host(client: httpx2.AsyncClient, company: Company) -> None:
    change = "UPDATE tenants SET is_default = NOT is_default WHERE tenant_id = $1"
    await company.owner.execute(change, company.tenant_id)
    try:
        answer = await client.get(f"{API}/purchases", headers={"Host": f"anything-{company.tenant_id}.test:81"})
        assert answer.status_code == 200
    finally:
        await company.owner.execute(change, company.tenant_id)


async def test_what_a_key_does_is_authored_by_a_user_of_its_own(company: Company) -> None:
    async with await company.caller() as first, await company.caller() as second:
        one, two = await make_purchase(first), await make_purchase(second)
    assert one["author"] == one["modifier"]
    assert one["author"]["id"] != two["author"]["id"]
    assert one["author"]["name"].startswith("Key ")


async def test_a_key_tells_when_it_was_used_last(client: httpx2.AsyncClient, company: Company) -> None:
    await client.get(f"{API}/purchases")
    used = await company.owner.fetchval("SELECT last_used_on FROM api_keys WHERE tenant_id = $1", company.tenant_id)
    assert isinstance(used, date)


class Clock:
    """A clock that is put forward by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> int:
        return int(self.now * 1_000_000_000)


async def test_a_revoked_key_and_a_changed_company_count_within_five_seconds(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    clock = Clock()
    access = Access(database, clock=clock)
    secret = client.headers["Authorization"].partition("=")[2]
    tenant = await access.tenant_of_host(company.host)
    await access.principal_of_key(tenant, secret)
    await company.owner.execute("UPDATE tenants SET time_zone = 'UTC' WHERE tenant_id = $1", company.tenant_id)
    await company.owner.execute("UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1", company.tenant_id)
    await access.principal_of_key(tenant, secret)
    clock.now = 5
    assert (await access.tenant_of_host(company.host)).time_zone.key == "UTC"
    with pytest.raises(KeyRevoked):
        await access.principal_of_key(tenant, secret)


async def test_a_new_key_and_a_new_host_count_at_once(company: Company, database: Database) -> None:
    access = Access(database, clock=Clock())
    tenant = await access.tenant_of_host(company.host)
    host = f"new-{company.host}"
    with pytest.raises(KeyUnknown):
        await access.principal_of_key(tenant, f"secret-of-{company.host}")
    with pytest.raises(HostUnknown):
        await access.tenant_of_host(host)
    await company.owner.execute("INSERT INTO tenant_hosts (host, tenant_id) VALUES ($1, $2)", host, company.tenant_id)
    async with await company.caller() as client:
        secret = client.headers["Authorization"].partition("=")[2]
    assert (await access.tenant_of_host(host)).id == company.tenant_id
    assert (await access.principal_of_key(tenant, secret)).auto_approve
