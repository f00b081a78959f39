"""Secrets: nothing near one says so, and nothing that is written down holds one."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from emplette.domain.keys import hash_of_secret
from emplette.jobs import worker
from emplette.services import keys
from emplette.services.access import Access, KeyExpired, KeyUnknown
from emplette.settings import Settings
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE

SECRET = "emp_-5Rk0dU0m7Y1oN3V2bq9wXzT8eHs4LcJf6GaPiQtEuB"


@pytest.mark.parametrize("place", range(0, len(SECRET), 6))
def test_secrets_that_differ_in_one_letter_have_hashes_that_have_nothing_in_common(place: int) -> None:
    # A look-up compares hashes, in an index. Whoever knew how far theirs agrees with one that is there would have to
    # find, for each next byte, a secret whose hash begins so: that gets 256 times dearer by the byte, and what is
    # found in the end is no part of the secret.
    other = SECRET[:place] + ("A" if SECRET[place] != "A" else "B") + SECRET[place + 1 :]
    one, two = (int.from_bytes(hash_of_secret(each)) for each in (SECRET, other))
    assert 80 < (one ^ two).bit_count() < 176, "about half of 256 bits"


async def test_no_line_of_the_log_holds_a_key(
    company: Company, capfd: pytest.CaptureFixture[str], app: Callable[..., object]
) -> None:
    assert app is not None
    secrets = [await company.key(), "a-key-that-nobody-has-here"]
    for secret in secrets:
        async with company.client(secret) as client:
            await client.get(f"{API}/purchases")
            await client.get(f"{API}/purchases", params={"wrong": secret})
            await client.post(f"{API}/purchases", json={"title": secret}, headers={"X-Request-Id": "one"})
    logged = "".join(capfd.readouterr())
    for secret in secrets:
        assert secret not in logged


async def test_no_refusal_repeats_the_key(company: Company) -> None:
    async with company.client("a-key-that-nobody-has-here") as client:
        answer = await client.get(f"{API}/purchases")
    assert answer.status_code == 401
    assert "nobody-has" not in answer.text
    assert not any("nobody-has" in value for value in answer.headers.values())


async def test_settings_in_a_traceback_hide_what_opens_anything() -> None:
    shown = repr(Settings(database_url="postgresql://me:s3cr3t@db/x", demo_key="s3cr3t-and-long-enough"))
    assert "s3cr3t" not in shown


async def test_a_key_in_the_wrong_place_is_no_key(company: Company) -> None:
    secret = await company.key()
    async with company.client() as client:
        for asked in (
            {"params": {"application": secret}},
            {"headers": {"X-Api-Key": secret}},
            {"headers": {"Cookie": f"lucca={secret}"}},
            {"headers": {"Proxy-Authorization": f"lucca application={secret}"}},
        ):
            answer: httpx2.Response = await client.get(f"{API}/purchases", **asked)  # type: ignore[arg-type]
            assert answer.status_code == 401


async def test_a_repeat_with_the_new_secret_finds_what_the_old_one_did(company: Company, database: Database) -> None:
    old = await company.key()
    tenant = await Access(database).tenant_of_host(company.host)
    (key,) = await keys.list_keys(database.session(), tenant)
    once = {"Idempotency-Key": "one-call"}
    async with company.client(old) as client:
        made = await client.post(f"{API}/purchases", json=PURCHASE, headers=once)
    now = datetime.now(UTC)
    _, new = await keys.rotate_key(database.session(), tenant, key.id, overlap=timedelta(hours=1), now=now)
    for secret in (new, old):
        async with company.client(secret) as client:
            again = await client.post(f"{API}/purchases", json=PURCHASE, headers=once)
        assert (again.status_code, again.json()) == (made.status_code, made.json())
        assert again.headers["Idempotency-Replayed"] == "true"
    assert (await keys.list_keys(database.session(), tenant))[0].user_id == key.user_id


async def test_of_two_rotations_at_once_one_secret_counts_and_none_is_lost(
    company: Company, database: Database
) -> None:
    old = await company.key()
    tenant = await Access(database).tenant_of_host(company.host)
    (key,) = await keys.list_keys(database.session(), tenant)
    rotations = [
        keys.rotate_key(database.session(), tenant, key.id, overlap=timedelta(hours=1), now=datetime.now(UTC))
        for _ in range(4)
    ]
    made = await asyncio.gather(*rotations)
    access = Access(database)
    for secret in (old, *(secret for _, secret in made)):
        assert (await access.principal_of_key(tenant, secret)).key_id == key.id


async def test_a_rotation_that_ends_old_secrets_ends_those_as_well_that_another_one_has_just_replaced(
    company: Company, database: Database
) -> None:
    old = await company.key()
    tenant = await Access(database).tenant_of_host(company.host)
    (key,) = await keys.list_keys(database.session(), tenant)
    held = company.owner.transaction()
    await held.start()
    # Another rotation under way: it leaves the old secret good for a long while.
    await company.owner.execute(
        "INSERT INTO former_secrets (tenant_id, secret_hash, api_key_id, replaced_at, good_until) "
        "SELECT tenant_id, secret_hash, api_key_id, now(), now() + interval '80 days' FROM api_keys "
        "WHERE tenant_id = $1 AND api_key_id = $2",
        *(tenant.id, key.id),
    )
    other = "UPDATE api_keys SET secret_hash = '\\x00' WHERE tenant_id = $1 AND api_key_id = $2"
    await company.owner.execute(other, tenant.id, key.id)
    rotation = keys.rotate_key(database.session(), tenant, key.id, overlap=timedelta(0), now=datetime.now(UTC))
    waiting = asyncio.create_task(rotation)
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await held.commit()
    _, new = await waiting
    access = Access(database)
    with pytest.raises(KeyExpired):
        await access.principal_of_key(tenant, old)
    assert (await access.principal_of_key(tenant, new)).key_id == key.id


async def test_an_old_secret_is_forgotten_long_after_its_end_and_not_before(
    company: Company, database: Database
) -> None:
    old = await company.key()
    tenant = await Access(database).tenant_of_host(company.host)
    (key,) = await keys.list_keys(database.session(), tenant)
    _, new = await keys.rotate_key(
        database.session(), tenant, key.id, overlap=timedelta(hours=1), now=datetime.now(UTC) - timedelta(days=1)
    )
    for days, refusal in ((89, KeyExpired), (91, KeyUnknown)):
        await worker.sweep_former_secrets(database.session(), datetime.now(UTC) + timedelta(days=days))
        with pytest.raises(refusal):
            await Access(database).principal_of_key(tenant, old)
    assert (await Access(database).principal_of_key(tenant, new)).key_id == key.id


async def test_the_day_of_the_last_use_is_written_once_a_day_and_not_with_each_call(
    company: Company, database: Database
) -> None:
    secret = await company.key()
    written = "SELECT xmin::text, last_used_on FROM api_keys WHERE tenant_id = $1"
    rows = []
    for _ in range(3):
        # A process that has just started, which has to look the key up.
        access = Access(database)
        await access.principal_of_key(await access.tenant_of_host(company.host), secret)
        rows.append(tuple(await company.owner.fetchrow(written, company.tenant_id) or ()))
    assert rows[0][1] is not None
    assert len(set(rows)) == 1
