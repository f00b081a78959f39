"""What users of other systems complained about in notifications, each against the running server."""

from emplette.storage.database import Database
from tests.fixtures.mailboxes import Mailbox, correspondent, rows_of, write_all
from tests.fixtures.offices import Office


async def test_complaint_23_a_mail_that_fails_stands_in_the_way_of_no_approval(
    office: Office, box: Mailbox, database: Database
) -> None:
    """https://github.com/Dolibarr/dolibarr/issues/33668"""
    request = (await office.ask(35)).json()
    box.answers = lambda _: "554 This server takes no mails"
    await write_all(database, correspondent(box))
    approved = await office.decide(36, request["id"])
    assert (approved.status_code, approved.json()["state"], "order" in approved.json()) == (201, "Approved", True)
    await write_all(database, correspondent(box, "smtp://127.0.0.1:1"))
    rows = [(row["kind"], row["state"]) for row in await rows_of(office.company)]
    assert rows == [("asked", "Parked"), ("decided", "Waiting")]
