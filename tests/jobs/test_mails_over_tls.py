"""Mails go to their server secretly: by STARTTLS or from the first byte, and to nobody whose certificate is wrong."""

import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import AuthResult

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.mailboxes import Mailbox, correspondent, let_time_pass, mailbox, rows_of, write_all
from tests.fixtures.offices import Office
from tests.house.source import ROOT

CERTIFICATE = ROOT / "tests" / "runtime" / "certificate"
USER, PASSWORD = b"emplette", b"between us"
ELSEWHERE = "127.1"
"""This machine, by a name that does not look like it: what goes to another one has to be secret."""


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate as somebody does who has an authority of their own: by OpenSSL's own variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE / "localhost.pem"))


@pytest.fixture
def secret() -> ssl.SSLContext:
    """Lend what a server shows of itself."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE / "localhost.pem", CERTIFICATE / "localhost.key")
    return context


class Doorkeeper:
    """Lets in who knows the password, and remembers what was said to it."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, bytes]] = []

    def __call__(self, _server: object, _session: object, _envelope: object, _way: str, said: Any) -> AuthResult:  # noqa: ANN401  aiosmtpd's
        self.heard.append((said.login, said.password))
        return AuthResult(success=self.heard[-1] == (USER, PASSWORD))


@pytest.fixture
def doorkeeper() -> Doorkeeper:
    return Doorkeeper()


@pytest_asyncio.fixture
async def by_starttls(
    box: Mailbox, company: Company, secret: ssl.SSLContext, doorkeeper: Doorkeeper
) -> AsyncIterator[Mailbox]:
    """Lend a server that takes nothing before the conversation is secret and it knows who speaks."""
    del box
    options = {"tls_context": secret, "require_starttls": True, "auth_required": True, "authenticator": doorkeeper}
    async with mailbox(company, **options) as lent:
        yield lent


def at(box: Mailbox, host: str = "localhost", scheme: str = "smtp", *, user: bool = True) -> str:
    """Write the address of a server by another name."""
    login = f"{USER.decode()}:{PASSWORD.decode().replace(' ', '%20')}@" if user else ""
    return f"{scheme}://{login}{host}:{box.url.rpartition(':')[2]}"


async def state(company: Company) -> tuple[str, str]:
    (row,) = await rows_of(company)
    return row["state"], row["last_error"] or ""


async def test_a_mail_goes_by_starttls_and_the_password_is_said_only_then(
    office: Office, by_starttls: Mailbox, doorkeeper: Doorkeeper, database: Database, trusted: None
) -> None:
    del trusted
    await office.ask(35)
    await write_all(database, correspondent(by_starttls, at(by_starttls)))
    assert (len(by_starttls.came), doorkeeper.heard) == (1, [(USER, PASSWORD)])
    assert await state(office.company) == ("Sent", "")


async def test_a_mail_goes_over_tls_from_the_first_byte(
    office: Office, box: Mailbox, database: Database, secret: ssl.SSLContext, trusted: None
) -> None:
    del box, trusted
    await office.ask(35)
    async with mailbox(office.company, ssl_context=secret) as wrapped:
        await write_all(database, correspondent(wrapped, at(wrapped, scheme="smtps", user=False)))
        assert len(wrapped.came) == 1


async def test_whose_certificate_nobody_here_trusts_gets_neither_password_nor_mail(
    office: Office, by_starttls: Mailbox, doorkeeper: Doorkeeper, database: Database
) -> None:
    await office.ask(35)
    await write_all(database, correspondent(by_starttls, at(by_starttls)))
    assert (by_starttls.tried, doorkeeper.heard) == ([], [])
    waiting, why = await state(office.company)
    assert (waiting, "certificate verify failed" in why) == ("Waiting", True)


async def test_a_server_that_begins_with_tls_and_is_not_trusted_gets_nothing(
    office: Office, box: Mailbox, database: Database, secret: ssl.SSLContext
) -> None:
    del box
    await office.ask(35)
    async with mailbox(office.company, ssl_context=secret) as wrapped:
        await write_all(database, correspondent(wrapped, at(wrapped, scheme="smtps")))
        assert wrapped.tried == []
    assert (await state(office.company))[0] == "Waiting"


async def test_a_certificate_for_another_name_is_none(
    office: Office, by_starttls: Mailbox, doorkeeper: Doorkeeper, database: Database, trusted: None
) -> None:
    del trusted
    await office.ask(35)
    await write_all(database, correspondent(by_starttls, at(by_starttls, ELSEWHERE)))
    assert (by_starttls.tried, doorkeeper.heard) == ([], [])


async def test_no_password_is_said_to_another_machine_that_offers_no_secrecy_and_the_mail_comes_when_it_does(
    office: Office, box: Mailbox, by_starttls: Mailbox, doorkeeper: Doorkeeper, database: Database, trusted: None
) -> None:
    del trusted
    await office.ask(35)
    await write_all(database, correspondent(box, at(box, ELSEWHERE)))
    assert box.tried == []
    waiting, why = await state(office.company)
    assert (waiting, "STARTTLS" in why) == ("Waiting", True)
    await let_time_pass(office.company)
    await write_all(database, correspondent(by_starttls, at(by_starttls)))
    assert (len(by_starttls.came), doorkeeper.heard) == (1, [(USER, PASSWORD)])
