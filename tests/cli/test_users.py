"""People are invited, let in and given roles from the command line; what opens anything is shown once."""

import json
import re

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.people import Permission, Scope, Tenant
from emplette.storage import people, sign_in
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.mailboxes import SENDER, mailbox
from tests.fixtures.visitors import browser, send

PASSWORD = "seven green lamps at noon"


@pytest_asyncio.fixture
async def inside(acme: Tenant, zoe: int, owner: OwnerConnection, app: Router) -> Company:
    """Let the pages of the company be visited; Zoe has a mail address."""
    await owner.execute("UPDATE users SET email = 'zoe@acme.test' WHERE tenant_id = $1 AND user_id = $2", acme.id, zoe)
    return Company(acme.id, f"{acme.account}.test", app, owner)


async def enter(company: Company, password: str) -> httpx2.Response:
    async with browser(company) as zoe:
        return await send(zoe, "/sign-in", login="zoe@acme.test", password=password)


async def test_an_invitation_is_a_link_by_which_a_password_is_chosen(
    emplette: Type, acme: Tenant, zoe: int, inside: Company
) -> None:
    first = await emplette("user", "invite", str(zoe), "--tenant", acme.account)
    made = await emplette("user", "invite", str(zoe), "--tenant", acme.account, "--life", "24h")
    assert (made.code, len(made.out)) == (0, 1)
    link = made.out[0].removeprefix(f"https://{acme.account}.test")
    async with browser(inside) as visitor:
        former = first.out[0].removeprefix(f"https://{acme.account}.test")
        assert (await visitor.get(former)).status_code == 404
        told = await send(visitor, link, password=PASSWORD, again=PASSWORD)
        assert told.headers["location"] == "/"
    assert (await enter(inside, PASSWORD)).status_code == 303


async def test_an_invitation_is_mailed_where_mails_can_be_sent_and_shown_where_they_are_not_taken(
    emplette: Type, acme: Tenant, zoe: int, inside: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("user", "invite", str(zoe), "--tenant", acme.account)
    async with mailbox(inside) as box:
        monkeypatch.setenv("EMPLETTE_SMTP_URL", box.url)
        monkeypatch.setenv("EMPLETTE_MAIL_FROM", SENDER)
        mailed = await emplette(*words)
        assert (mailed.code, mailed.out, mailed.err[-1]) == (
            0,
            [],
            f"emplette: mailed a link to Zoe Zander ({zoe}), zoe@acme.test",
        )
        (mail,) = box.came
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Les achats de Acme vous sont ouverts" in body.get_content()
        (place,) = re.findall(rf"https://{acme.account}\.test(/password-links/\S{{43}})\s", body.get_content())
        async with browser(inside) as visitor:
            assert (await visitor.get(place)).status_code == 200
        assert len((await emplette(*words, "--no-mail")).out) == 1
        box.answers = lambda _: "550 No such mailbox"
        refused = await emplette(*words)
    assert (refused.code, len(refused.out), refused.err[0]) == (0, 1, "emplette: Not sent: 550 No such mailbox.")


async def test_a_password_is_piped_in_and_judged(emplette: Type, acme: Tenant, zoe: int, inside: Company) -> None:
    bad = await emplette("user", "set-password", str(zoe), "--tenant", acme.account, piped="password1234\n")
    assert bad.code == 1
    assert "easily guessed" in bad.err[-1]
    done = await emplette("user", "set-password", str(zoe), "--tenant", acme.account, piped=f"{PASSWORD}\n")
    assert done.code == 0
    assert PASSWORD not in str(done)
    assert (await enter(inside, PASSWORD)).status_code == 303


async def test_sessions_are_listed_and_ended(emplette: Type, acme: Tenant, zoe: int, inside: Company) -> None:
    await emplette("user", "set-password", str(zoe), "--tenant", acme.account, piped=f"{PASSWORD}\n")
    await enter(inside, PASSWORD)
    listed = await emplette("user", "sessions", str(zoe), "--tenant", acme.account, "--json")
    (session,) = json.loads(listed.out[0])
    assert session["user_id"] == zoe
    assert session["address"] == "127.0.0.1"
    ended = await emplette("user", "end-sessions", str(zoe), "--tenant", acme.account)
    assert ended.err == ["emplette: ended 1 session"]
    again = await emplette("user", "end-sessions", str(zoe), "--tenant", acme.account)
    assert again.err == ["emplette: ended 0 sessions"]


async def test_a_role_is_given_listed_and_ended(
    emplette: Type, acme: Tenant, zoe: int, database: Database, owner: OwnerConnection
) -> None:
    async def may() -> bool:
        db = database.session()
        user = (await people.by_id(db, acme.id, [zoe]))[zoe]
        who = await sign_in.principal(db, acme.id, user)
        return who.permissions.get(Permission.CONFIGURE) is Scope.ALL

    given = await emplette("user", "grant", str(zoe), "administrator", "--tenant", acme.account)
    assert given.code == 0
    assert await may()
    assert (await emplette("user", "grant", str(zoe), "administrator", "--tenant", acme.account)).code == 1
    listed = await emplette("user", "roles", "--tenant", acme.account, "--json")
    (role,) = json.loads(listed.out[0])
    assert (role["user_id"], role["role"]) == (zoe, "administrator")
    shown = await emplette("user", "list", "--tenant", acme.account)
    assert any("administrator" in line and str(zoe) in line for line in shown.out)
    lonely = await emplette("user", "end-role", str(role["id"]), "--tenant", acme.account)
    assert (lonely.code, await may()) == (1, True)
    assert "give somebody else that role first" in lonely.err[-1]
    await owner.execute(
        "INSERT INTO users (tenant_id, user_id, first_name, last_name) VALUES ($1, 37, 'Bea', 'Ash')", acme.id
    )
    await emplette("user", "grant", "37", "administrator", "--tenant", acme.account)
    ended = await emplette("user", "end-role", str(role["id"]), "--tenant", acme.account)
    assert ended.code == 0
    assert not await may()


async def test_what_is_not_there_or_makes_no_sense_is_refused_in_one_line(
    emplette: Type, acme: Tenant, zoe: int
) -> None:
    for words in (
        ("invite", "9999"),
        ("invite", str(zoe)),
        ("grant", "9999", "viewer"),
        ("grant", str(zoe), "administrator", "--department", "1"),
        ("end-role", "9999"),
        ("sessions", "9999"),
        ("end-sessions", "9999"),
        ("remove-codes", "9999"),
    ):
        told = await emplette("user", *words, "--tenant", acme.account)
        assert (told.code, told.out) == (1, []), words
        assert len(told.err) == 1, told.err


async def test_a_link_that_is_good_for_no_time_is_not_made(
    emplette: Type, acme: Tenant, zoe: int, inside: Company
) -> None:
    told = await emplette("user", "invite", str(zoe), "--tenant", acme.account, "--life", "0h")
    assert (told.code, told.out) == (1, [])
    assert told.err == ["emplette: --life: Must be more than nothing, and 30 days at most."]
    assert await inside.owner.fetchval("SELECT count(*) FROM password_links WHERE tenant_id = $1", acme.id) == 0


async def test_what_a_role_lacks_is_said_by_what_was_typed(emplette: Type, acme: Tenant, zoe: int) -> None:
    for option in ("--department", "--cost-center"):
        told = await emplette("user", "grant", str(zoe), "viewer", option, "77", "--tenant", acme.account)
        assert told.code == 1
        assert told.err[0].startswith(f"emplette: {option}: There is no ")
    nobody = await emplette("user", "invite", "77", "--tenant", acme.account)
    assert nobody.err == ["emplette: USER_ID: There is no such user."]


async def test_people_come_and_go_by_a_table(
    emplette: Type, acme: Tenant, zoe: int, inside: Company, owner: OwnerConnection
) -> None:
    await emplette("user", "set-password", str(zoe), "--tenant", acme.account, piped=f"{PASSWORD}\n")
    await enter(inside, PASSWORD)
    table = f"id;firstName;lastName;mail;leftOn\n{zoe};Zoe;Ash;zoe@acme.test;2024-01-31\n"
    looked = await emplette("user", "import", "-", "--dry-run", "--tenant", acme.account, piped=table)
    assert looked.code == 0
    assert (await enter(inside, PASSWORD)).status_code == 303
    assert (await emplette("user", "import", "-", "--tenant", acme.account, piped=table)).code == 0
    assert (await enter(inside, PASSWORD)).status_code == 401
    left = await owner.fetch("SELECT object_id, facts FROM events WHERE tenant_id = $1 AND type = 'user.left'", acme.id)
    assert [row["object_id"] for row in left] == [zoe]
    assert '"2024-01-31"' in left[0]["facts"]
    assert await owner.fetchval("SELECT count(*) FROM sessions WHERE tenant_id = $1", acme.id) == 0


async def test_a_last_day_that_is_taken_back_is_told_as_a_return(
    emplette: Type, acme: Tenant, zoe: int, owner: OwnerConnection
) -> None:
    for left_on in ("2024-01-31", "2024-02-29", ""):
        table = f"id;firstName;lastName;leftOn\n{zoe};Zoe;Ash;{left_on}\n"
        assert (await emplette("user", "import", "-", "--tenant", acme.account, piped=table)).code == 0
    told = await owner.fetch(
        """
        SELECT type, facts::jsonb->'user'->>'left_on' AS left_on FROM events
        WHERE tenant_id = $1 AND type IN ('user.left', 'user.returned') ORDER BY event_id
        """,
        acme.id,
    )
    assert [tuple(row) for row in told] == [
        ("user.left", "2024-01-31"),
        ("user.left", "2024-02-29"),
        ("user.returned", None),
    ]
    verified = await emplette("verify", "--tenant", acme.account)
    assert verified.code == 0, (verified.out, verified.err)
