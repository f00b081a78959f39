"""Mails go out after what they are about has happened, once, in a real conversation by SMTP."""

from collections.abc import AsyncIterator

import pytest_asyncio

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.mailboxes import Mailbox, correspondent, give_addresses, mailbox, write_all
from tests.fixtures.offices import Office


@pytest_asyncio.fixture
async def box(company: Company) -> AsyncIterator[Mailbox]:
    """Lend a server for the mails of this test's company."""
    await give_addresses(company, 35, 36, 37, 39)
    async with mailbox() as lent:
        yield lent


async def test_who_is_asked_gets_a_mail_with_the_facts_and_the_content_hash(
    office: Office, box: Mailbox, database: Database
) -> None:
    request = (await office.ask(35, title="Chairs")).json()
    await write_all(database, correspondent(box))
    (mail,) = box.came
    assert str(mail["To"]) == "Alma Approver <user36@example.test>"
    assert mail["Subject"] == "À approuver : Chairs"
    text = mail.get_body(("plain",))
    assert text is not None
    assert request["contentHash"] in text.get_content()
    assert f"https://{office.company.host}/approvals/{request['id']}" in text.get_content()
