"""API keys are made, listed, rotated and revoked from the command line; a secret is shown once and kept nowhere."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emplette.domain.errors import Invalid
from emplette.domain.keys import KeyDraft, hash_of_secret
from emplette.domain.people import Permission, Scope, Tenant
from emplette.services import keys
from emplette.services.access import Access, KeyExpired, KeyRevoked
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection

FORM = ("--name", "Order form", "--contact", "it@acme.test")


async def make(emplette: Type, tenant: Tenant, *words: str) -> str:
    made = await emplette("key", "create", "--tenant", tenant.account, *FORM, *words)
    assert made.code == 0, made.err
    return made.out[-1]


async def test_the_key_stands_alone_on_the_last_line_and_lets_its_caller_in(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    made = await emplette("key", "create", "--tenant", acme.account, *FORM)
    assert len(made.out) == 1
    assert made.out[-1].startswith("emp_")
    who = await Access(database).principal_of_key(acme, made.out[-1])
    assert (who.key_name, who.user.name, who.person) == ("Order form", "Order form", None)


async def test_without_stated_permissions_a_key_gets_the_usual_ones_and_approves_by_itself(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    who = await Access(database).principal_of_key(acme, await make(emplette, acme))
    assert who.permissions == {
        Permission.PURCHASES: Scope.ALL,
        Permission.VIEW: Scope.ALL,
        Permission.MANAGE: Scope.ALL,
    }
    assert who.auto_approve
    assert who.created_status == 200


async def test_stated_permissions_replace_the_usual_ones(emplette: Type, acme: Tenant, database: Database) -> None:
    secret = await make(emplette, acme, "--permission", "view:supervised", "--permission", "approve")
    who = await Access(database).principal_of_key(acme, secret)
    assert who.permissions == {Permission.VIEW: Scope.SUPERVISED, Permission.APPROVE: Scope.ALL}


async def test_a_key_for_a_person_decides_for_them_and_never_approves_by_itself(
    emplette: Type, acme: Tenant, zoe: int, database: Database
) -> None:
    who = await Access(database).principal_of_key(acme, await make(emplette, acme, "--person", str(zoe)))
    assert who.person is not None
    assert who.person.name == "Zoe Zander"
    assert who.user.identities == {who.user.id, zoe}
    assert not who.auto_approve


async def test_a_key_can_be_told_to_ask_people_and_how_to_answer(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    secret = await make(emplette, acme, "--no-auto-approve", "--created-status", "201", "--expires", "2999-12-31")
    who = await Access(database).principal_of_key(acme, secret)
    assert (who.auto_approve, who.created_status) == (False, 201)


async def test_of_a_secret_only_its_hash_is_kept(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    secret = await make(emplette, acme)
    kept = await owner.fetchval("SELECT secret_hash FROM api_keys WHERE tenant_id = $1", acme.id)
    assert kept == hash_of_secret(secret)
    told = await owner.fetchval("SELECT string_agg(e::text, '') FROM events e WHERE e.tenant_id = $1", acme.id)
    assert secret not in told
    assert kept.hex() not in told


async def test_making_and_revoking_are_written_down_with_the_personal_text_apart(
    emplette: Type, acme: Tenant, owner: OwnerConnection
) -> None:
    await make(emplette, acme)
    await emplette("key", "revoke", "--tenant", acme.account, "1")
    _, created, revoked = await events_of(owner, acme.id)
    assert (created.type, created.object_id, created.actor) == ("api_key.created", 1, "Command line")
    assert created.texts == {"key": {"name": "Order form", "contact": "it@acme.test"}}
    assert {"name", "contact", "secret_hash"}.isdisjoint(created.facts["key"])
    assert created.facts["key"]["permissions"] == ["purchases:all", "view:all", "manage"]
    assert (revoked.type, revoked.object_id, revoked.texts) == ("api_key.revoked", 1, None)
    assert revoked.facts["key"]["revoked_at"] is not None
    assert created.is_to_be_sealed
    assert revoked.is_to_be_sealed


async def test_a_revoked_key_lets_nobody_in_and_is_revoked_once(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    secret = await make(emplette, acme)
    assert (await emplette("key", "revoke", "--tenant", acme.account, "1")).code == 0
    with pytest.raises(KeyRevoked):
        await Access(database).principal_of_key(acme, secret)
    again = await emplette("key", "revoke", "--tenant", acme.account, "1")
    assert again.code == 1
    assert again.err[0].startswith("emplette: KEY_ID: Key 1 (Order form) was revoked on ")


async def test_every_fault_of_a_new_key_has_a_line_that_names_its_option(emplette: Type, acme: Tenant) -> None:
    refused = await emplette(
        *("key", "create", "--tenant", acme.account, "--name", "", "--contact", "nobody", "--person", "99"),
        *("--permission", "purchases", "--created-status", "204", "--expires", "2020-01-01"),
    )
    assert refused.code == 1
    assert refused.out == []
    named = [line.split(":")[1].strip() for line in refused.err]
    assert named == ["--name", "--contact", "--permission", "--person", "--created-status", "--expires"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--permission", "view:own", "--permission", "view:all"), "--permission: Names view more than once"),
        (("--person", "1000000000"), "--person: There is no person 1000000000."),
    ],
    ids=["two scopes of one permission", "the row of a key as a person"],
)
async def test_what_contradicts_itself_is_refused(
    emplette: Type, acme: Tenant, words: tuple[str, ...], said: str
) -> None:
    refused = await emplette("key", "create", "--tenant", acme.account, *FORM, *words)
    assert refused.code == 1
    assert said in refused.err[0]


async def test_somebody_who_left_gets_no_key(emplette: Type, acme: Tenant, zoe: int, owner: OwnerConnection) -> None:
    await owner.execute("UPDATE users SET left_on = '2024-06-30' WHERE tenant_id = $1 AND user_id = $2", acme.id, zoe)
    refused = await emplette("key", "create", "--tenant", acme.account, *FORM, "--person", str(zoe))
    assert refused.err == ["emplette: --person: Zoe Zander (36) has left."]


async def test_a_key_of_another_company_is_not_there(emplette: Type, acme: Tenant) -> None:
    await emplette(
        "tenant", "create", f"{acme.account}-rival", "--host", f"rival.{acme.account}.test", "--name", "Rival"
    )
    await make(emplette, acme)
    refused = await emplette("key", "revoke", "--tenant", f"{acme.account}-rival", "1")
    assert refused.err == [f"emplette: KEY_ID: {acme.account}-rival has no key 1."]


async def test_keys_are_listed_for_people_and_for_programs(emplette: Type, acme: Tenant) -> None:
    secret = await make(emplette, acme, "--expires", "2999-12-31")
    for_people = await emplette("key", "list", "--tenant", acme.account)
    assert [line.split()[0] for line in for_people.out] == ["ID", "1"]
    assert for_people.out[1].endswith("active")
    for_programs = await emplette("key", "list", "--tenant", acme.account, "--json")
    (listed,) = json.loads(for_programs.out[0])
    assert (listed["name"], listed["expires"], listed["standing"]) == ("Order form", "2999-12-31", "active")
    assert secret not in "".join([*for_people.out, *for_programs.out])


async def test_a_key_gets_another_secret_and_both_are_the_same_key_while_they_overlap(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    old = await make(emplette, acme)
    rotated = await emplette("key", "rotate", "--tenant", acme.account, "1", "--overlap", "24h")
    assert rotated.code == 0
    assert len(rotated.out) == 1
    new = rotated.out[0]
    assert new.startswith("emp_")
    assert new != old
    assert re.fullmatch(r"emplette: key 1, Order form: the old secret is good until .* UTC\. .*", rotated.err[0])
    access = Access(database)
    assert await access.principal_of_key(acme, old) == await access.principal_of_key(acme, new)
    (listed,) = await listed_keys(emplette, acme)
    assert datetime.fromisoformat(listed["oldSecretUntil"]) - datetime.now(UTC) > timedelta(hours=23)
    assert listed["oldSecretLastUsed"] == listed["lastUsed"] is not None
    for_people = await emplette("key", "list", "--tenant", acme.account)
    assert "OLD SECRET" in for_people.out[0]
    assert "last used 20" in for_people.out[1]


async def test_nobody_can_choose_the_old_secret_of_another_key(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    old = await make(emplette, acme)
    await emplette("key", "rotate", "--tenant", acme.account, "1")
    draft = KeyDraft("Mine", "me@acme.test")
    with pytest.raises(Invalid):
        await keys.create_key(database.session(), acme, draft, now=datetime.now(UTC), secret=old)


async def test_the_old_secret_ends_with_the_overlap_and_the_ones_before_it_end_no_later(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    oldest = await make(emplette, acme)
    old = (await emplette("key", "rotate", "--tenant", acme.account, "1", "--overlap", "90d")).out[0]
    new = (await emplette("key", "rotate", "--tenant", acme.account, "1", "--overlap", "0")).out[0]
    for secret in (oldest, old):
        with pytest.raises(KeyExpired, match="It was replaced, and good until"):
            await Access(database).principal_of_key(acme, secret)
    assert (await Access(database).principal_of_key(acme, new)).key_id == 1
    (listed,) = await listed_keys(emplette, acme)
    assert listed["standing"] == "active"


async def test_a_revoked_key_lets_in_by_none_of_its_secrets_and_gets_no_other(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    old = await make(emplette, acme)
    new = (await emplette("key", "rotate", "--tenant", acme.account, "1")).out[0]
    await emplette("key", "revoke", "--tenant", acme.account, "1")
    for secret in (old, new):
        with pytest.raises(KeyRevoked):
            await Access(database).principal_of_key(acme, secret)
    refused = await emplette("key", "rotate", "--tenant", acme.account, "1")
    assert refused.code == 1
    assert refused.err[0].startswith("emplette: KEY_ID: Key 1 (Order form) was revoked on ")


async def test_a_key_that_is_over_gets_no_other_secret(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    await make(emplette, acme)
    await owner.execute("UPDATE api_keys SET expires_on = '2020-01-01' WHERE tenant_id = $1", acme.id)
    refused = await emplette("key", "rotate", "--tenant", acme.account, "1")
    assert refused.err == ["emplette: KEY_ID: Key 1 (Order form) was good until 2020-01-01: make a new one."]


async def test_rotating_is_written_down_without_any_secret(
    emplette: Type, acme: Tenant, owner: OwnerConnection
) -> None:
    secrets = [await make(emplette, acme)]
    secrets += (await emplette("key", "rotate", "--tenant", acme.account, "1", "--overlap", "30m")).out
    *_, rotated = await events_of(owner, acme.id)
    assert (rotated.type, rotated.object_id, rotated.actor) == ("api_key.rotated", 1, "Command line")
    assert rotated.facts["rotation"]["former_until"] is not None
    assert {"name", "contact", "secret_hash"}.isdisjoint(rotated.facts["key"])
    assert rotated.is_to_be_sealed
    told = await owner.fetchval("SELECT string_agg(e::text, '') FROM events e WHERE e.tenant_id = $1", acme.id)
    for secret in secrets:
        assert secret not in told
        assert hash_of_secret(secret).hex() not in told


@pytest.mark.parametrize("overlap", ["soon", "-1h", "1.5h", "24", "1w"])
async def test_an_overlap_that_is_no_time_is_not_understood(emplette: Type, acme: Tenant, overlap: str) -> None:
    refused = await emplette("key", "rotate", "--tenant", acme.account, "1", f"--overlap={overlap}")
    assert refused.code == 2


async def test_an_overlap_ends_within_three_months(emplette: Type, acme: Tenant) -> None:
    await make(emplette, acme)
    refused = await emplette("key", "rotate", "--tenant", acme.account, "1", "--overlap", "91d")
    assert refused.code == 1
    assert refused.err[0].startswith("emplette: --overlap: Must be 90 days at most")


async def test_a_key_of_another_company_gets_no_other_secret(emplette: Type, acme: Tenant) -> None:
    await emplette(
        "tenant", "create", f"{acme.account}-rival", "--host", f"rival.{acme.account}.test", "--name", "Rival"
    )
    await make(emplette, acme)
    refused = await emplette("key", "rotate", "--tenant", f"{acme.account}-rival", "1")
    assert refused.err == [f"emplette: KEY_ID: {acme.account}-rival has no key 1."]


async def listed_keys(emplette: Type, acme: Tenant) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(
        (await emplette("key", "list", "--tenant", acme.account, "--json")).out[0]
    )
    return listed


@pytest.mark.parametrize(
    "command", [("list",), ("revoke", "1"), ("rotate", "1"), ("create", *FORM)], ids=lambda command: command[0]
)
async def test_a_company_that_is_not_there_is_named(emplette: Type, command: tuple[str, ...]) -> None:
    refused = await emplette("key", *command, "--tenant", "nobody")
    assert refused.code == 1
    assert refused.err[0].startswith("emplette: --tenant: There is no company with the account 'nobody'")
