"""Webhooks from the command line: made, shown, changed, rotated, pinged, deleted; and events, listened to."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook as Standard

from emplette.domain.people import Tenant
from emplette.jobs.seals import seal_what_waits
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection
from tests.fixtures.receivers import receiver
from tests.fixtures.webhooks import telling

URL = "https://example.com/hooks"


@pytest.fixture(autouse=True)
async def _alone(owner: OwnerConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    await owner.execute("UPDATE webhooks SET status = 'inactive'")
    monkeypatch.setenv("EMPLETTE_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8")


async def make(emplette: Type, tenant: Tenant, *words: str, url: str = URL) -> str:
    made = await emplette("webhook", "create", "--tenant", tenant.account, "--url", url, *words)
    assert made.code == 0, made.err
    return made.out[-1]


async def shown(emplette: Type, tenant: Tenant) -> list[dict[str, object]]:
    listed = await emplette("webhook", "list", "--tenant", tenant.account, "--json")
    assert listed.code == 0, listed.err
    found: list[dict[str, object]] = json.loads(listed.out[0])
    return found


async def test_a_webhook_goes_through_its_life(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    secret = await make(emplette, acme, "--topic", "order.created", "--object-type", "order", "--name", "Accounts")
    assert secret.startswith("whsec_")
    (webhook,) = await shown(emplette, acme)
    told = ("webhookUrl", "topics", "objectTypes", "name", "status")
    assert [webhook[name] for name in told] == [URL, ["order.created"], ["order"], "Accounts", "active"]
    number = str(webhook["id"])
    of = ("--tenant", acme.account, number)
    assert (await emplette("webhook", "change", *of, "--status", "inactive", "--topic", "")).code == 0
    assert [(one["status"], one["topics"]) for one in await shown(emplette, acme)] == [("inactive", [])]
    rotated = await emplette("webhook", "rotate", *of, "--overlap", "1")
    assert rotated.out[-1].startswith("whsec_")
    assert rotated.out[-1] != secret
    assert (await emplette("webhook", "resume", *of)).code == 0
    assert (await emplette("webhook", "replay", *of, "--after", "0")).code == 0
    one = await emplette("webhook", "show", *of)
    assert one.code == 0
    assert any(line.split() == ["status", "inactive"] for line in one.out)
    assert not any("whsec_" in line for line in one.out)
    assert (await emplette("webhook", "delete", *of)).code == 0
    assert await shown(emplette, acme) == []
    types = [event.type for event in await events_of(owner, acme.id) if event.type.startswith("webhook.")]
    assert types[:2] == ["webhook.created", "webhook.secret_changed"]
    assert types[-1] == "webhook.deleted"


async def test_a_refusal_names_the_option(emplette: Type, acme: Tenant) -> None:
    for words, named in (
        (("create", "--tenant", acme.account, "--url", "https://10.0.0.1/"), "--url"),
        (("create", "--tenant", acme.account, "--url", URL, "--after", "x"), "--after"),
        (("change", "--tenant", acme.account, "1", "--status", "suspended"), "--status"),
    ):
        said = await emplette("webhook", *words)
        assert said.code == 1
        assert said.err[0].startswith(f"emplette: {named}: "), said.err
    said = await emplette("webhook", "show", "--tenant", acme.account, "99")
    assert (said.code, said.err) == (1, ["emplette: WEBHOOK_ID: There is no such webhook."])


async def test_a_ping_says_how_it_went(emplette: Type, acme: Tenant, database: Database) -> None:
    async with receiver() as there, telling(database):
        await make(emplette, acme, "--topic", "tenant.clock_moved", url=there.url)
        (webhook,) = await shown(emplette, acme)
        of = ("--tenant", acme.account, str(webhook["id"]))
        good = await emplette("webhook", "ping", *of)
        assert (good.code, good.err) == (0, [f"emplette: webhook {webhook['id']} was told"])
        there.answers = lambda _: 500
        bad = await emplette("webhook", "ping", *of)
        # Whoever told it runs in this process, too, and logs that it failed.
        assert (bad.code, bad.err[-1]) == (1, "emplette: WEBHOOK_ID: Answered 500.")
        listed = await emplette("webhook", "list", "--tenant", acme.account)
        assert "Answered 500." in listed.out[1]


async def test_a_fault_in_one_of_several_words_names_their_option(emplette: Type, acme: Tenant) -> None:
    said = await emplette("webhook", "create", "--tenant", acme.account, "--url", URL, "--topic", "Order")
    assert (said.code, said.err) == (1, ["emplette: --topic: Order is no type of event."])


async def test_who_listens_is_told_and_what_is_forwarded_is_signed(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    await make(emplette, acme)
    await seal_what_waits(database.session(), datetime.now(UTC))
    async with receiver() as there:
        words = ("--after", "0", "--types", "webhook.created,webhook.pinged", "--count", "1", "--forward-to", there.url)
        said = await emplette("listen", "--tenant", acme.account, *words)
    assert said.code == 0, said.err
    assert said.out[0].startswith("1-")
    assert said.out[0].endswith("  webhook.created  webhook 1  -> 204")
    secret = next(word for line in said.err for word in line.split() if word.startswith("whsec_"))
    (heard,) = there.heard
    Standard(secret).verify(heard.body, heard.headers)
    assert heard.event["type"] == "webhook.created"


async def test_listening_elsewhere_refuses_who_is_not_there_and_who_is_not_emplette(
    emplette: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCCA_KEY", "a-key-of-somewhere-else")
    async with receiver() as there:
        for url, why in (
            ("http://127.0.0.1:1", "Cannot be reached"),
            ("acme.example", "Must be an address such as https://acme.example.com."),
            (there.url, "Answered 204, and not as Emplette does."),
        ):
            said = await emplette("listen", "--url", url)
            assert (said.code, len(said.err)) == (1, 1), said.err
            assert said.err[0].startswith(f"emplette: --url: {why}"), said.err


async def test_listening_refuses_what_it_cannot_do(emplette: Type, acme: Tenant) -> None:
    for words, named in (
        ((), "--tenant"),
        (("--url", "http://127.0.0.1:1"), "--key"),
        (("--tenant", acme.account, "--forward-to", "localhost"), "--forward-to"),
        (("--tenant", acme.account, "--secret", "whsec_?"), "--secret"),
    ):
        said = await emplette("listen", *words)
        assert (said.code, said.err[0].startswith(f"emplette: {named}: ")) == (1, True), said.err


async def test_a_number_or_a_place_that_is_not_there_is_said_with_its_name(emplette: Type, acme: Tenant) -> None:
    of = ("--tenant", acme.account)
    await make(emplette, acme)
    (webhook,) = await shown(emplette, acme)
    for command in (("resume",), ("show",), ("ping",), ("replay", "--after", "0")):
        said = await emplette("webhook", *command, *of, "999999")
        assert (said.code, said.err[-1]) == (1, "emplette: WEBHOOK_ID: There is no such webhook."), command
    for place, why in (("999", "What was at position 999"), ("never", "Must be a cursor")):
        said = await emplette("webhook", "replay", *of, str(webhook["id"]), "--after", place)
        assert (said.code, said.err[-1].startswith(f"emplette: --after: {why}")) == (1, True), said.err
    said = await emplette("listen", *of, "--after", "never")
    assert (said.code, said.err) == (1, ["emplette: --after: Must be a cursor, such as 1-42, or a position."])
