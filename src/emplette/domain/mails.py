"""Mails: of what people are told, when, and over which server.

What happened stands in the log, and mails are made from there, after it has happened: no command waits for a mail, and
none fails because of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from emplette.domain.parties import Language

LINK_LIFE: Final = timedelta(days=3)
"""So long a link decides, unless it is used before."""

DIGEST_AT: Final = time(8)
"""When digests go out, as clocks have it where the company is."""

KEEPS_TRYING: Final = timedelta(days=1)
"""So long a mail is tried again; then it is parked until somebody looks."""

TELLS_OF: Final = timedelta(days=1)
"""What happened longer ago when it is first looked at is not told any more: mails were not sent then."""

_PORTS: Final = {"smtp": 587, "smtps": 465}


class MailKind(StrEnum):
    """Why somebody gets a mail."""

    ASKED = "asked"
    REMINDED = "reminded"
    DECIDED = "decided"
    MENTIONED = "mentioned"
    ENDING = "ending"


class MailState(StrEnum):
    """What has become of a mail. One is dropped when, before it was sent, there was nothing left to tell."""

    WAITING = "Waiting"
    SENT = "Sent"
    DROPPED = "Dropped"
    PARKED = "Parked"


class MailMode(StrEnum):
    """How somebody wants to be told."""

    IMMEDIATE = "Immediate"
    DIGEST = "Digest"
    NONE = "None"


KINDS: Final[Mapping[str, MailKind]] = MappingProxyType(
    {
        "request.created": MailKind.ASKED,
        "request.step_approved": MailKind.ASKED,
        "request.step_objected": MailKind.ASKED,
        "request.begun_anew": MailKind.ASKED,
        "request.reassigned": MailKind.ASKED,
        "request.approver_replaced": MailKind.ASKED,
        "request.escalated": MailKind.ASKED,
        "request.reminded": MailKind.REMINDED,
        "request.approved": MailKind.DECIDED,
        "request.denied": MailKind.DECIDED,
        "request.cancelled": MailKind.DECIDED,
        "subscription.notice_due": MailKind.ENDING,
        "subscription.end_due": MailKind.ENDING,
        "subscription.ran_out": MailKind.ENDING,
        "comment.created": MailKind.MENTIONED,
    }
)
"""Of which events people get a mail, and why."""


@dataclass(frozen=True, slots=True)
class MailWish:
    """How somebody wants to be told, in which language, and between which hours not at all."""

    mode: MailMode = MailMode.IMMEDIATE
    language: Language = Language.ENGLISH
    quiet_from: time | None = None
    quiet_until: time | None = None

    def is_quiet(self, at: time) -> bool:
        """Tell whether somebody wants to be left in peace at that time of the day; the night may lie in between."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until

    def due_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Say when a mail is to be sent: at once or with the next digest, and in either case not in quiet hours."""
        due = now if self.mode is not MailMode.DIGEST else _next(DIGEST_AT, now, zone)
        return self.peace_until(due, zone) or due

    def peace_until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Say until when somebody is to be left in peace; None when it is not quiet now."""
        if self.quiet_until is None or not self.is_quiet(now.astimezone(zone).time()):
            return None
        return _next(self.quiet_until, now, zone)


def _next(at: time, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the next moment at which clocks show a time; where they are put back, it may be the second of two."""
    today = after.astimezone(zone).date()
    shown = (
        datetime.combine(day, at, zone).replace(fold=fold).astimezone(after.tzinfo)
        for day in (today, today + timedelta(days=1))
        for fold in (0, 1)
    )
    return next(moment for moment in shown if moment > after)


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes mails.

    With ``is_wrapped`` the conversation begins with TLS; else it goes over to TLS when the server offers it, and it has
    to when a password is said to another machine.
    """

    host: str
    port: int
    is_wrapped: bool
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, address: str) -> "MailServer":
        """Read ``smtp://USER:PASSWORD@HOST:PORT`` or ``smtps://...``.

        Raises:
            ValueError: it is no such address; the message never holds it, because of the password.
        """
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("expected smtp://HOST[:PORT] or smtps://HOST[:PORT], with USER:PASSWORD@ before the host")
        if (parts.username is None) != (parts.password is None):
            raise ValueError("name both a user and a password, or neither")
        user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.hostname, port, parts.scheme == "smtps", user, password)

    @property
    def needs_tls(self) -> bool:
        """Tell whether nothing is said before the conversation is secret."""
        return self.password is not None and not _is_here(self.host)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def sender_of(text: str) -> tuple[str, str]:
    """Read whom mails are from: ``Purchases <purchases@example.com>``, or the address alone.

    Raises:
        ValueError: there is no address in it.
    """
    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or not text.isprintable() or any(sign.isspace() for sign in address):
        raise ValueError("expected a mail address, as Purchases <purchases@example.com>")
    return name, address


def fault_of_mailing(smtp_url: str | None, mail_from: str, public_url: str | None) -> str | None:
    """Say what is wrong with where mails go, whom they are from and where they lead; by the names of the settings."""
    if public_url is not None and not public_url.startswith(("https://", "http://")):
        return "PUBLIC_URL: expected an address that begins with https://"
    if smtp_url is None:
        return None
    try:
        MailServer.parse(smtp_url)
    except ValueError as error:
        return f"SMTP_URL: {error}"
    try:
        sender_of(mail_from)
    except ValueError as error:
        return f"MAIL_FROM: {error}"
    return None
