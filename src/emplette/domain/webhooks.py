"""Webhooks: who wants to be told of what happens, at which address, and how he knows that it was us who told him."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from emplette.domain.addresses import Reach
from emplette.domain.errors import Conflict, Faults, NotFound
from emplette.domain.events import fault_of_event_type, fault_of_object_type
from emplette.domain.registers import FIRST_VERSION, Reference
from emplette.domain.text import fault_of_name

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (what secrets begin with)
SECRET_BYTES: Final = 32
MOST_SECRETS: Final = 5
LONGEST_URL: Final = 2_000
MOST_FILTERS: Final = 100
LONGEST_OVERLAP: Final = timedelta(days=30)
PINGED: Final = "webhook.pinged"
"""What the event of a ping is called; it goes to the webhook that it was made for, whatever that wants to hear."""

RESTORED: Final = "log.restored"
"""What the message is called that tells of a new epoch; it is no event, and stands in no log."""

_PORTS: Final = {"https": 443, "http": 80}
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?\.?")


class WebhookNotFound(NotFound):
    """There is no such webhook."""

    code = "webhook.not_found"


class TooManySecrets(Conflict):
    """The webhook has as many secrets as it can have."""

    code = "webhook.secrets"


class WebhookStatus(StrEnum):
    """Whether a webhook is told; a suspended one is not, because it could not be reached."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: an address taken apart. ``path`` is what is asked for there, with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Take an address apart.

        Raises:
            ValueError: it can't be one; the text says what would be right.
        """
        if len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url):
            raise ValueError(f"Must be an address of at most {LONGEST_URL:,} visible ASCII characters.")
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            raise ValueError("Must be an address such as https://example.com/hooks.") from None
        if parts.scheme not in _PORTS or not (_HOST.fullmatch(host) or _is_address(host)):
            raise ValueError("Must be an address such as https://example.com/hooks.")
        if parts.username is not None or parts.password is not None or "#" in url:
            raise ValueError("Must have neither a user, nor a password, nor a fragment.")
        if port == 0:
            raise ValueError("Port 0 is none.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], path)

    @property
    def authority(self) -> str:
        """The host, and the port where it is not the usual one: what stands in the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SecretTerm:
    """A secret, without what is secret about it: its number and how long it signs."""

    id: int
    created_at: datetime
    expires_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it signs."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription, as it is kept: where to, of what (nothing stands for everything), and which secrets there are.

    ``replayed_after`` is the place of the log, as a cursor is written, from which it was last told anew.
    """

    id: int
    url: str
    name: str | None = None
    topics: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ()
    status: WebhookStatus = WebhookStatus.ACTIVE
    secrets: tuple[SecretTerm, ...] = ()
    created_at: datetime
    pinged_at: datetime | None = None
    resumed_at: datetime | None = None
    replayed_after: str | None = None
    replayed_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to: nothing."""
        return []

    def rotated(self, now: datetime, overlap: timedelta) -> "Webhook":
        """Add a secret, with which the others end after so long; those that have ended are forgotten.

        Raises:
            TooManySecrets: too many are valid at once.
        """
        ends = now + overlap
        kept = tuple(
            replace(term, expires_at=ends if term.expires_at is None else min(term.expires_at, ends))
            for term in self.secrets
            if term.is_valid(now)
        )
        kept = tuple(term for term in kept if term.is_valid(now))
        if len(kept) >= MOST_SECRETS:
            raise TooManySecrets(f"{len(kept)} secrets are valid: wait until one has ended, or let them end now.")
        number = max((term.id for term in self.secrets), default=0) + 1
        return replace(self, secrets=(*kept, SecretTerm(number, now)), version=self.version + 1)


def faults_of_webhook(webhook: Webhook, reach: Reach, faults: Faults) -> None:
    """Note everything that is wrong with what somebody says of a webhook, by its names on the wire."""
    if webhook.name is not None:
        fault = fault_of_name(webhook.name)
        if fault is not None:
            faults.add("name", fault)
    for index, topic in enumerate(webhook.topics):
        fault = None if topic == RESTORED else fault_of_event_type(topic)
        if fault is not None:
            faults.add(f"topics[{index}]", fault)
    for index, object_type in enumerate(webhook.object_types):
        fault = fault_of_object_type(object_type)
        if fault is not None:
            faults.add(f"objectTypes[{index}]", fault)
    fault = fault_of_url(webhook.url, reach)
    if fault is not None:
        faults.add("webhookUrl", fault)


def fault_of_url(url: str, reach: Reach) -> str | None:
    """Say why nothing is sent to an address, as far as the address tells; where its name leads is seen when sending."""
    try:
        target = Target.parse(url)
    except ValueError as error:
        return str(error)
    is_local = target.host.rstrip(".") == "localhost" or target.host.rstrip(".").endswith(".localhost")
    address = target.host if _is_address(target.host) else "127.0.0.1" if is_local else None
    if address is not None and not reach.permits(address):
        return f"{target.host} is no address of the public internet; EMPLETTE_WEBHOOKS_ALLOWED_NETWORKS can allow it."
    if target.scheme == "http" and (not reach.allowed or (address and not reach.permits_without_tls(address))):
        return "Must begin with https://; http:// is for networks in EMPLETTE_WEBHOOKS_ALLOWED_NETWORKS."
    return None


def secret_text(secret: bytes) -> str:
    """Write a secret as it is shown and as it is used."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def signatures(secrets: list[bytes], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Sign a message: the headers by which its receiver knows that it is from us, and when it was sent.

    ``secrets`` are those that are valid, the oldest first. `Lucca-Signature` has room for one: it is made with the
    oldest, which every receiver knows; `webhook-signature` has one for each.
    """
    written = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seconds = str(int(now.timestamp()))
    standard = (_signature(secret, f"{message_id}.{seconds}.".encode() + body) for secret in secrets)
    return {
        "Lucca-Timestamp": written,
        "Lucca-Signature": _signature(secret_text(secrets[0]).encode(), f"{written}.".encode() + body),
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in standard),
    }


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
