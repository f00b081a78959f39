"""Webhooks: who may make one, what can be said of one, what is shown of its secrets, and what is refused."""

import asyncio
import base64
import re
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.problems import faults, refused

WEBHOOKS = f"{API}/webhooks"
WHOLE = {
    "webhookUrl": "https://example.com:8443/hooks?from=emplette",
    "name": "Accounts",
    "topics": ["order.created", "request.approved"],
    "objectTypes": ["order", "request"],
}


@pytest.fixture
async def admin(company: Company) -> httpx2.AsyncClient:
    return await company.caller(permissions=("configure",))


async def made(caller: httpx2.AsyncClient, **said: str) -> dict[str, Any]:
    answer = await caller.post(WEBHOOKS, json=WHOLE | said)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_webhook_is_answered_as_it_was_written_and_its_secret_only_once(admin: httpx2.AsyncClient) -> None:
    answer = await admin.post(WEBHOOKS, json=WHOLE)
    assert answer.status_code == 201, answer.text
    webhook = answer.json()
    secret = webhook.pop("secret")
    assert {name: webhook[name] for name in WHOLE} == WHOLE
    assert (webhook["status"], webhook["version"], [each["id"] for each in webhook["secrets"]]) == ("active", 1, [1])
    assert answer.headers["Location"] == webhook["href"] == f"{WEBHOOKS}/{webhook['id']}"
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    read = await admin.get(webhook["href"])
    assert read.json() == webhook
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert webhook in (await admin.get(WEBHOOKS)).json()["items"]


@pytest.mark.parametrize("permissions", [("manage", "view:all", "purchases:all", "approve", "pay")])
async def test_only_who_configures_may_see_or_make_one(
    company: Company, admin: httpx2.AsyncClient, permissions: tuple[str, ...]
) -> None:
    webhook = await made(admin)
    other = await company.caller(permissions=permissions)
    for answer in (
        await other.get(WEBHOOKS),
        await other.get(webhook["href"]),
        await other.get(f"{webhook['href']}/deliveries"),
        await other.post(WEBHOOKS, json=WHOLE),
        await other.put(webhook["href"], json={"status": "inactive"}),
        *[await other.post(f"{webhook['href']}/{what}") for what in ("deletion", "pings", "secrets", "resumptions")],
        await other.post(f"{webhook['href']}/replays", json={"after": "0"}),
    ):
        refused(answer, 403, "permission.missing")


async def test_a_topic_that_never_comes_is_refused_with_the_one_that_was_meant(admin: httpx2.AsyncClient) -> None:
    body = WHOLE | {"topics": ["order.create", "log.restored", "nothing at all"], "objectTypes": ["orders", "invoice"]}
    assert faults(await admin.post(WEBHOOKS, json=body)) == {
        "topics[0]": ["order.create is no type of event; order.created is one."],
        "topics[2]": ["nothing at all is no type of event."],
        "objectTypes[0]": ["Events tell of no orders; of order they do."],
        "objectTypes[1]": ["Events tell of no invoice."],
    }


async def test_every_fault_is_named_at_once(admin: httpx2.AsyncClient) -> None:
    body = WHOLE | {"webhookUrl": "http://example.com", "topics": ["order.created", "Order"], "objectTypes": ["a b"]}
    assert faults(await admin.post(WEBHOOKS, json=body)).keys() == {"webhookUrl", "topics[1]", "objectTypes[0]"}
    body |= {"name": " ", "status": "suspended", "after": "x"}
    assert {"webhookUrl", "name", "status", "after"} <= faults(await admin.post(WEBHOOKS, json=body)).keys()
    webhook = await made(admin)
    assert faults(await admin.put(webhook["href"], json={"webhookUrl": None, "status": "suspended"})).keys() == {
        "webhookUrl",
        "status",
    }


REFUSED = [
    "ftp://example.com/",
    "https://",
    "https://me:secret@example.com/",
    "https://example.com/#part",
    "https://exa mple.com/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "http://example.com/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://10.1.2.3/",
    "https://100.64.0.1/",
    "https://192.168.1.1/",
    "https://224.0.0.1/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://emplette.localhost./",
    "https://exämple.com/",
]


async def test_what_is_no_https_address_of_the_public_internet_is_refused(admin: httpx2.AsyncClient) -> None:
    for url in REFUSED:
        assert faults(await admin.post(WEBHOOKS, json={"webhookUrl": url})).keys() == {"webhookUrl"}, url


async def test_what_a_put_leaves_out_is_kept_and_null_clears(admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    del webhook["secret"]
    changed = (await admin.put(webhook["href"], json={"name": None, "topics": None, "status": "inactive"})).json()
    assert changed == webhook | {"name": None, "topics": [], "status": "inactive", "version": 2}


async def test_a_stale_version_is_refused(admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    await admin.put(webhook["href"], json={"name": "First"})
    answer = await admin.put(webhook["href"], json={"name": "Second"}, headers={"If-Match": f'"{webhook["id"]}.1"'})
    refused(answer, 412, "version.stale")


async def test_of_two_changes_at_once_none_is_lost(admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    await asyncio.gather(
        admin.put(webhook["href"], json={"name": "Both"}), admin.put(webhook["href"], json={"topics": ["order.closed"]})
    )
    read = (await admin.get(webhook["href"])).json()
    assert (read["name"], read["topics"], read["version"]) == ("Both", ["order.closed"], 3)


async def test_a_repeat_makes_no_second_one_and_has_the_same_secret(admin: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "webhook-1"}
    first = await admin.post(WEBHOOKS, json=WHOLE, headers=headers)
    again = await admin.post(WEBHOOKS, json=WHOLE, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    refused(await admin.post(WEBHOOKS, json=WHOLE | {"name": "Other"}, headers=headers), 422, "idempotency.reused")


async def test_a_deleted_one_is_gone_with_its_secrets(company: Company, admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    assert (await admin.post(f"{webhook['href']}/deletion")).json()["status"] == "inactive"
    refused(await admin.get(webhook["href"]), 404, "webhook.not_found")
    refused(await admin.post(f"{webhook['href']}/pings"), 404, "webhook.not_found")
    assert webhook["id"] not in {each["id"] for each in (await admin.get(WEBHOOKS)).json()["items"]}
    count = "SELECT count(*) FROM webhook_secrets WHERE tenant_id = $1 AND webhook_id = $2"
    assert await company.owner.fetchval(count, company.tenant_id, webhook["id"]) == 0


async def test_another_secret_goes_beside_the_old_one_for_a_while(admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    answer = await admin.post(f"{webhook['href']}/secrets", json={"overlapHours": 2})
    assert answer.status_code == 201, answer.text
    rotated = answer.json()
    assert rotated["secret"] != webhook["secret"]
    assert [(each["id"], each["expiresAt"] is None) for each in rotated["secrets"]] == [(1, False), (2, True)]
    at_once = (await admin.post(f"{webhook['href']}/secrets", json={"overlapHours": 0})).json()
    assert [(each["id"], each["expiresAt"]) for each in at_once["secrets"]] == [(3, None)]


async def test_a_sixth_valid_secret_is_refused(admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    for _ in range(4):
        assert (await admin.post(f"{webhook['href']}/secrets")).status_code == 201
    refused(await admin.post(f"{webhook['href']}/secrets"), 409, "webhook.secrets")


async def test_no_secret_and_no_address_stands_in_the_log(company: Company, admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin, webhookUrl="https://example.com/hooks/hidden-word")
    rotated = (await admin.post(f"{webhook['href']}/secrets")).json()
    rows = await company.owner.fetch(
        "SELECT facts::text FROM events WHERE tenant_id = $1 AND object_type = 'webhook'", company.tenant_id
    )
    told = " ".join(row["facts"] for row in rows)
    assert "order.created" in told
    assert "hidden-word" not in told
    texts = await company.owner.fetch("SELECT texts::text FROM event_texts WHERE tenant_id = $1", company.tenant_id)
    kept = " ".join(row["texts"] for row in texts) + told
    for secret in (webhook["secret"], rotated["secret"]):
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        assert secret.removeprefix("whsec_") not in kept
        assert raw.hex() not in kept


async def test_a_place_that_is_not_in_the_log_is_gone(admin: httpx2.AsyncClient) -> None:
    refused(await admin.post(WEBHOOKS, json=WHOLE | {"after": "1-999999"}), 410, "events.position_gone")
    webhook = await made(admin)
    refused(await admin.post(f"{webhook['href']}/replays", json={"after": "999999"}), 410, "events.position_gone")
    assert faults(await admin.post(f"{webhook['href']}/replays", json={"after": "x"})).keys() == {"after"}
    assert faults(await admin.post(f"{webhook['href']}/replays", json={})).keys() == {"after"}


async def test_every_command_is_told_in_the_log(company: Company, admin: httpx2.AsyncClient) -> None:
    webhook = await made(admin)
    await admin.put(webhook["href"], json={"name": "Other"})
    for what, body in (("secrets", None), ("pings", None), ("resumptions", None), ("replays", {"after": "0"})):
        assert (await admin.post(f"{webhook['href']}/{what}", json=body)).status_code == 201
    await admin.post(f"{webhook['href']}/deletion")
    rows = await company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 AND object_type = 'webhook' ORDER BY event_id", company.tenant_id
    )
    told = [row["type"].removeprefix("webhook.") for row in rows]
    assert told[:2] == ["created", "secret_changed"]
    assert told[2:7] == ["changed", "secret_changed", "pinged", "resumed", "replayed"]
    assert set(told[7:]) == {"changed", "secret_changed", "deleted"}
