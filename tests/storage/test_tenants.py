"""Companies on a real database: who is quicker has the account, the host, the being the default."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from emplette.domain.errors import Invalid
from emplette.domain.keys import KeyDraft
from emplette.domain.organisation import Department, Nature, Organisation, OwnSupplier, Person
from emplette.domain.people import Tenant
from emplette.domain.tenants import TenantDraft
from emplette.services import keys, tenants
from emplette.services.access import Access, KeyUnknown
from emplette.storage import keys as stored_keys
from emplette.storage import people
from emplette.storage import tenants as storage
from emplette.storage.database import Database
from emplette.storage.ids import Ids
from tests.fixtures.database import OwnerConnection

NOW = datetime(2025, 4, 14, 9, tzinfo=UTC)
DRAFT = TenantDraft("quick", "Quick", ("quick.test",))
FORM = KeyDraft("Order form", "it@acme.test")


@pytest_asyncio.fixture(scope="module")
async def quick(database: Database) -> Tenant:
    return await tenants.create_tenant(database.session(), DRAFT, now=NOW)


@pytest_asyncio.fixture(scope="module")
async def rival(database: Database) -> Tenant:
    return await tenants.create_tenant(
        database.session(), TenantDraft("rival", "Rival", ("rival-of-quick.test",)), now=NOW
    )


@pytest.mark.parametrize(
    ("draft", "field"),
    [(replace(DRAFT, hosts=("other.test",)), "account"), (replace(DRAFT, account="slow"), "host")],
)
@pytest.mark.usefixtures("quick")
async def test_the_slower_of_two_is_told_what_was_taken(database: Database, draft: TenantDraft, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await storage.create(database.session(), draft, now=NOW)
    assert list(refused.value.faults) == [field]
    assert await people.tenant_of_account(database.session(), "slow") is None


@pytest_asyncio.fixture
async def default(owner: OwnerConnection, quick: Tenant) -> AsyncIterator[Tenant]:
    await owner.execute("UPDATE tenants SET is_default = true WHERE tenant_id = $1", quick.id)
    yield quick
    await owner.execute("UPDATE tenants SET is_default = false WHERE tenant_id = $1", quick.id)


async def test_there_is_one_default(database: Database, default: Tenant) -> None:
    draft = TenantDraft("slow", "Slow", ("slow.test",), is_default=True)
    for attempt in (
        tenants.create_tenant(database.session(), draft, now=NOW),
        storage.create(database.session(), draft, now=NOW),
    ):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert list(refused.value.faults) == ["default"]
    assert (await Access(database).tenant_of_host("nobodys.test")).account == default.account


async def test_a_secret_is_for_one_key_of_a_company_and_may_be_chosen_by_another(
    database: Database, quick: Tenant, rival: Tenant
) -> None:
    secret = "the-same-secret-for-both"
    await keys.create_key(database.session(), quick, FORM, now=NOW, secret=secret)
    with pytest.raises(Invalid) as refused:
        await keys.create_key(database.session(), quick, FORM, now=NOW, secret=secret)
    assert list(refused.value.faults) == ["secret"]
    await keys.create_key(database.session(), rival, FORM, now=NOW, secret=secret)
    found = [await Access(database).principal_of_key(tenant, secret) for tenant in (quick, rival)]
    assert {who.key_name for who in found} == {FORM.name}


async def test_a_rival_neither_sees_nor_revokes_a_key(database: Database, quick: Tenant, rival: Tenant) -> None:
    db = database.session()
    theirs = len(await keys.list_keys(db, rival))
    # Ids are counted for each company: this one's must be higher than the rival's.
    key, secret = [await keys.create_key(db, quick, FORM, now=NOW) for _ in range(theirs + 1)][-1]
    with pytest.raises(KeyUnknown):
        await Access(database).principal_of_key(rival, secret)
    assert await stored_keys.by_id(db, rival.id, key.id) is None
    actor = await stored_keys.command_line_user(db, rival.id)
    assert await stored_keys.revoke(db, rival.id, key.id, actor=actor, now=NOW) is None
    assert (await Access(database).principal_of_key(quick, secret)).key_id == key.id


async def test_a_company_that_was_made_otherwise_gets_a_command_line_user_once(
    database: Database, owner: OwnerConnection
) -> None:
    tenant = await owner.fetchval(
        """INSERT INTO tenants (account, name, time_zone, currency, country)
        VALUES ('imported', 'Imported', 'Europe/Paris', 'EUR', 'FR') RETURNING tenant_id"""
    )
    at_once = await asyncio.gather(*(stored_keys.command_line_user(database.session(), tenant) for _ in range(8)))
    later = await stored_keys.command_line_user(database.session(), tenant)
    assert set(at_once) == {later}
    assert later >= stored_keys.FIRST_USER
    assert await owner.fetchval("SELECT count(*) FROM users WHERE tenant_id = $1", tenant) == 1


async def test_what_a_company_brings_along_keeps_its_ids_and_new_ones_lie_above(
    database: Database, rival: Tenant
) -> None:
    brought = Organisation(
        departments=(Department(id=14, name="Marketing", head_id=36), Department(id=15, name="Web", parent_id=14)),
        people=(
            Person(id=36, first_name="Zoe", last_name="Zander", department_id=14),
            Person(id=35, first_name="Olive", last_name="Owner", manager_id=36, department_id=15),
        ),
        natures=(Nature(id=1, name="Supplies", is_active=False),),
        suppliers=(OwnSupplier(id=6, name="Älpler", territory_id="CH"),),
    )
    assert not await tenants.is_staffed(database.session(), rival)
    await tenants.take_over(database.session(), rival, brought)
    assert await tenants.is_staffed(database.session(), rival)
    found = await people.by_id(database.session(), rival.id, [35, 36])
    assert {user.id: user.name for user in found.values()} == {35: "Olive Owner", 36: "Zoe Zander"}
    ids = Ids()
    above = {kind: await ids.next(database.session(), rival.id, kind) for kind in ("user", "nature", "supplier")}
    assert above == {"user": 37, "nature": 2, "supplier": 7}
