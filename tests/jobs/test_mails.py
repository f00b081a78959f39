"""Mails go out after what they are about has happened, once, in a real conversation by SMTP."""

import asyncio
from datetime import UTC, datetime, time

from emplette.storage.database import Database
from tests.fixtures.absences import away
from tests.fixtures.mailboxes import (
    TAKEN,
    Mailbox,
    correspondent,
    let_time_pass,
    mailbox,
    rows_of,
    text_of,
    wish,
    write_all,
)
from tests.fixtures.offices import Office
from tests.fixtures.policies import put_in_force

BOTH = "steps: [{name: Committee, all: [36, 37]}]"
_NO_MORE = "UPDATE mail_wishes SET mode = 'None', quiet_from = NULL, quiet_until = NULL WHERE tenant_id = $1"
NEARLY_ALWAYS = (time(0, 0), time(23, 59, 59))


async def test_who_is_asked_gets_a_mail_with_the_facts_and_the_content_hash_of_the_request(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35, title="Chairs")).json()
    await write_all(database, correspondent(box))
    (mail,) = box.came
    assert (str(mail["To"]), mail["Subject"]) == ("Alma Approver <user36@example.test>", "À approuver : Chairs")
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert request["contentHash"] in text
        assert f"https://{office.company.host}/approvals/{request['id']}" in text
        assert "120,00\xa0€" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<https://{office.company.host}/account/mails>"


async def test_everybody_is_written_to_once_however_many_write_and_however_often_they_look(
    office: Office, box: Mailbox, database: Database
) -> None:
    await put_in_force(office.company, BOTH)
    request = (await office.ask(35)).json()
    await asyncio.gather(*(write_all(database, correspondent(box)) for _ in range(4)))
    # A step that goes on is no reason to ask those again who were asked before.
    await office.decide(36, request["id"])
    await write_all(database, correspondent(box))
    assert sorted(str(mail["To"]) for mail in box.tried) == [
        "Alma Approver <user36@example.test>",
        "Bo Second <user37@example.test>",
    ]


async def test_the_owner_hears_of_a_decision_of_somebody_else_and_of_none_of_their_own(
    office: Office, box: Mailbox, database: Database
) -> None:
    await wish(office.company, 35)
    first, second, third = [(await office.ask(35, title=f"Chairs {n}")).json() for n in (1, 2, 3)]
    await office.decide(36, first["id"])
    await office.decide(36, second["id"], "denials", comment="Too dear")
    await (await office.of(35)).post(f"/cleemy-procurement/api/requests/{third['id']}/cancellations", json={})
    await write_all(database, correspondent(box))
    told = {mail["Subject"]: text_of(mail) for mail in box.to(35)}
    assert set(told) == {"Approved: Chairs 1", "Denied: Chairs 2"}
    assert "Comment: Too dear" in told["Denied: Chairs 2"]
    assert "Decided by: Alma Approver" in told["Denied: Chairs 2"]
    assert box.to(36) == [], "what is decided is not asked any more"


async def test_who_is_reminded_gets_another_mail_of_the_same_conversation(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35)).json()
    await write_all(database, correspondent(box))
    await office.company.owner.execute(
        """WITH e AS (
            INSERT INTO events (tenant_id, at, type, object_type, object_id, purchase_id, actor_id, facts)
            VALUES ($1, now(), 'request.reminded', 'request', $2, $3, 36, '{}') RETURNING event_id)
        INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM e""",
        office.company.tenant_id,
        request["id"],
        request["purchase"]["id"],
    )
    await write_all(database, correspondent(box))
    first, second = box.to(36)
    assert second["Subject"].startswith("Toujours en attente")
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


async def test_who_stands_in_for_somebody_away_is_asked_too_as_far_as_they_may_decide(
    office: Office, box: Mailbox, database: Database
) -> None:
    await away(await office.of(36), 37, atMost={"value": 100, "currency": "EUR"})
    small, _large = (await office.ask(35, 90)).json(), await office.ask(35, 110)
    await write_all(database, correspondent(box))
    assert (len(box.to(36)), len(box.to(37))) == (2, 1)
    assert f"/approvals/{small['id']}" in text_of(box.to(37)[0])


async def test_what_is_refused_for_now_is_tried_again_by_the_same_name_and_parked_after_a_day(
    office: Office, box: Mailbox, database: Database
) -> None:
    await office.ask(35)
    box.answers = lambda _: "451 Come again"
    for hours in (0, 12, 13):
        await let_time_pass(office.company, hours=hours)
        await write_all(database, correspondent(box))
    (row,) = await rows_of(office.company)
    assert (row["state"], row["attempts"], row["last_error"]) == ("Parked", 3, "451 Come again")
    assert len({mail["Message-ID"] for mail in box.tried}) == 1


async def test_what_the_server_takes_in_the_end_is_not_sent_again(
    office: Office, box: Mailbox, database: Database
) -> None:
    await office.ask(35)
    box.answers = lambda _: "451 Come again" if len(box.tried) < 2 else TAKEN
    for _ in range(4):
        await let_time_pass(office.company)
        await write_all(database, correspondent(box))
    assert (len(box.tried), len(box.came)) == (2, 1)
    assert [row["state"] for row in await rows_of(office.company)] == ["Sent"]


async def test_a_mail_that_is_refused_for_ever_holds_up_nobody_else(
    office: Office, box: Mailbox, database: Database
) -> None:
    await put_in_force(office.company, BOTH)
    await office.ask(35)
    box.answers = lambda mail: "554 Never" if "user36" in mail["To"] else TAKEN
    await write_all(database, correspondent(box))
    assert [(row["user_id"], row["state"]) for row in await rows_of(office.company)] == [(36, "Parked"), (37, "Sent")]


async def test_who_wants_a_digest_gets_one_mail_about_several_things(
    office: Office, box: Mailbox, database: Database
) -> None:
    await wish(office.company, 36, "Digest")
    requests = [(await office.ask(35, title=f"Chairs {n}")).json() for n in (1, 2, 3)]
    await write_all(database, correspondent(box))
    assert box.came == []
    await let_time_pass(office.company)
    await write_all(database, correspondent(box))
    (mail,) = box.came
    assert mail["Subject"] == "3 things to know of your purchases"
    assert [f"/approvals/{request['id']}" in text_of(mail) for request in requests] == [True] * 3


async def test_nobody_is_written_to_in_quiet_hours_nor_who_wants_no_mails(
    office: Office, box: Mailbox, database: Database
) -> None:
    await put_in_force(office.company, BOTH)
    await wish(office.company, 36, quiet=NEARLY_ALWAYS)
    await wish(office.company, 37, "None")
    await office.ask(35)
    await write_all(database, correspondent(box))
    (row,) = await rows_of(office.company)
    assert (row["user_id"], row["state"], box.came) == (36, "Waiting", [])
    assert row["due_at"] > datetime.now(UTC)
    await let_time_pass(office.company)
    await write_all(database, correspondent(box))
    (late,) = await rows_of(office.company)
    assert (late["state"], late["attempts"], late["due_at"] > datetime.now(UTC)) == ("Waiting", 0, True)
    await office.company.owner.execute(_NO_MORE, office.company.tenant_id)
    await let_time_pass(office.company)
    await write_all(database, correspondent(box))
    assert ([each["state"] for each in await rows_of(office.company)], box.came) == (["Dropped"], [])


async def test_a_title_can_add_no_header_and_no_html(office: Office, box: Mailbox, database: Database) -> None:
    title = "Chairs <b>bold</b> & \u2028Bcc: everybody@example.test"
    await office.ask(35, title=title)
    await write_all(database, correspondent(box))
    (mail,) = box.came
    assert mail["Bcc"] is None
    assert "Bcc: everybody" in mail["Subject"]
    assert "<b>" not in text_of(mail, "html")


async def test_a_server_that_is_not_there_is_asked_once_for_all_and_the_mails_wait(
    office: Office, box: Mailbox, database: Database
) -> None:
    await put_in_force(office.company, BOTH)
    await office.ask(35)
    await write_all(database, correspondent(box, "smtp://127.0.0.1:1"))
    rows = await rows_of(office.company)
    assert [(row["state"], row["attempts"]) for row in rows] == [("Waiting", 1), ("Waiting", 1)]
    await let_time_pass(office.company)
    await write_all(database, correspondent(box))
    assert len(box.came) == 2


async def test_an_address_that_the_server_knows_no_letters_for_holds_up_nobody_else(
    office: Office, box: Mailbox, database: Database
) -> None:
    assert box.came == []
    await put_in_force(office.company, BOTH)
    strange = "UPDATE users SET email = 'alma@bücher.test' WHERE tenant_id = $1 AND user_id = 36"
    await office.company.owner.execute(strange, office.company.tenant_id)
    await office.ask(35)
    async with mailbox(office.company, enable_SMTPUTF8=False) as plain:
        await write_all(database, correspondent(plain))
    assert [str(mail["To"]) for mail in plain.came] == ["Bo Second <user37@example.test>"]
    assert {row["user_id"]: row["state"] for row in await rows_of(office.company)} == {36: "Parked", 37: "Sent"}
