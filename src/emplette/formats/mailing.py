"""Giving mails to the server that sends them, by SMTP."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from emplette.domain.mails import MailServer

_PATIENCE: Final = 10.0
_FOR_EVER: Final = 500


class NotSent(Exception):
    """The server did not take a mail; the message says why, and ``for_ever`` that it never will."""

    def __init__(self, reason: str, *, for_ever: bool = False) -> None:
        super().__init__(reason)
        self.for_ever = for_ever


class ServerSilent(Exception):
    """No mail can be given to the server now: it is not there, or does not let us in; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation with the server."""

    client: aiosmtplib.SMTP

    async def send(self, mail: EmailMessage) -> None:
        """Give the server one mail.

        Raises:
            NotSent: it did not take it.
            ServerSilent: it hung up, so that others will not be taken either.
        """
        try:
            await self.client.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            (first, *_) = refused.recipients
            raise NotSent(_said(first), for_ever=first.code >= _FOR_EVER) from None
        except aiosmtplib.SMTPNotSupported as unable:
            # An address with other letters than ASCII, to a server that knows no such addresses: it takes all others.
            raise NotSent(_why(unable), for_ever=True) from None
        except aiosmtplib.SMTPResponseException as refused:
            if not self.client.is_connected:
                raise ServerSilent(_said(refused)) from None
            with suppress(aiosmtplib.SMTPException):
                await self.client.rset()
            # The sender, or the content: the same mail is not taken at another time either.
            raise NotSent(_said(refused), for_ever=refused.code >= _FOR_EVER) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerSilent(_why(error)) from None
        except (UnicodeError, ValueError) as error:
            raise NotSent(f"Can't be sent: {error}", for_ever=True) from None


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends mails over a server, from one address; ``public_url`` is where links lead, else each company's own host."""

    server: MailServer
    sender: str
    public_url: str | None = None
    patience: float = _PATIENCE

    @classmethod
    def named(cls, smtp_url: str | None, sender: str, public_url: str | None) -> "Mailer | None":
        """Name the server to which mails are given; None when none is named, and nobody is written to."""
        return None if smtp_url is None else cls(MailServer.parse(smtp_url), sender, public_url)

    def base_url(self, host: str | None) -> str:
        """Say where people of a company find its pages."""
        return (self.public_url or f"https://{host or 'localhost'}").rstrip("/")

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Begin a conversation, secretly where that is possible, and where a password is said in any case.

        Raises:
            ServerSilent: there was none.
        """
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=self.patience,
            use_tls=server.is_wrapped,
            start_tls=False if server.is_wrapped else True if server.needs_tls else None,
            tls_context=ssl.create_default_context(),
        )
        try:
            await client.connect()
            if server.user is not None and server.password is not None:
                await client.login(server.user, server.password)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise ServerSilent(_why(error)) from None
        try:
            yield Line(client)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()


def _said(answer: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientRefused) -> str:
    return f"{answer.code} {answer.message}"[:500]


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:500]
