"""Inviting people where mails can be sent: the link goes to whom it is for, and is shown only when it could not."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.mailboxes import SENDER, Mailbox, mailbox
from tests.fixtures.pages import Visiting, seen, visiting
from tests.fixtures.programs import program
from tests.fixtures.visitors import PASSWORD, browser, let_in, send

BO = "/settings/people/37"
LEE = "/settings/people/38"


@pytest_asyncio.fixture
async def box(company: Company) -> AsyncIterator[Mailbox]:
    async with mailbox(company) as opened:
        yield opened


@pytest_asyncio.fixture
async def writing(company: Company, migrated: Urls, data_dir: Path, box: Mailbox) -> AsyncIterator[Company]:
    """Lend the company, served by a program that sends mails."""
    async with program(migrated.serving, pool_size=2, data_dir=data_dir, smtp_url=box.url, mail_from=SENDER) as app:
        yield replace(company, app=app)


@pytest_asyncio.fixture
async def administrator(writing: Company) -> AsyncIterator[Visiting]:
    await let_in(writing, 37)
    async with await visiting(writing, 36, "administrator") as visitor:
        yield visitor


def _written(mail: EmailMessage) -> list[str]:
    return [str(part.get_content()) for part in mail.iter_parts() if isinstance(part, EmailMessage)]


async def test_a_link_is_mailed_to_whom_it_is_for_and_shown_to_nobody(
    administrator: Visiting, writing: Company, box: Mailbox
) -> None:
    answer = await administrator.send(await administrator.see(BO), f"{BO}/link", by="mail")
    assert (answer.status_code, answer.headers["location"]) == (303, BO)
    told = await administrator.see(BO)
    assert "The mail server took the link" in told.text
    assert "/password-links/" not in told.text
    (mail,) = box.came
    assert mail["To"] == "Bo Second <User37@example.test>"
    text, page = _written(mail)
    assert "Alma Approver vous ouvre les achats" in text
    (secret,) = re.findall(r"/password-links/([A-Za-z0-9_-]{43})\s", text)
    place = f"/password-links/{secret}"
    assert place in page
    async with browser(writing) as bo:
        assert (await send(bo, place, password=PASSWORD, again=PASSWORD)).status_code == 303
        assert (await bo.get("/account")).status_code == 200
        assert (await bo.get(place)).status_code == 404


async def test_a_link_is_shown_when_that_is_wanted_or_the_mail_was_not_taken(
    administrator: Visiting, writing: Company, box: Mailbox
) -> None:
    shown = seen(await administrator.send(await administrator.see(BO), f"{BO}/link"))
    assert (len(shown.tree.xpath("//input[@id='link']")), box.tried) == (1, [])
    box.answers = lambda _: "550 No such mailbox"
    page = seen(await administrator.send(await administrator.see(BO), f"{BO}/link", by="mail"))
    assert "Not sent: 550 No such mailbox." in page.text
    (link,) = page.tree.xpath("//input[@id='link']/@value")
    assert (await administrator.client.get(str(link))).status_code == 200
    await let_in(writing, 38)
    left = seen(await administrator.send(await administrator.see(LEE), f"{LEE}/link", by="mail"))
    assert (left.status, "let in no more" in left.text, len(box.tried)) == (400, True, 1)
