"""Who calls: the company by host name, the caller by API key or session; known in the process for some seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from emplette.domain.errors import NotFound, Unauthenticated
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Principal, Tenant
from emplette.domain.sign_in import SessionOver, Terms
from emplette.storage import people, sign_in
from emplette.storage.database import Database
from emplette.storage.people import KeyFound
from emplette.storage.sign_in import SessionFound

_SECOND: Final = 1_000_000_000
LIFETIME: Final = 4
"""Seconds after which a company or a key is looked up again; what the docs promise is 5."""
_MOST_KEPT: Final = 50_000
_NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is noted when a session was used last."""

K = TypeVar("K")
T = TypeVar("T")


class HostUnknown(NotFound):
    """No company answers under this host name."""

    code = "tenant.unknown_host"


class KeyUnknown(Unauthenticated):
    """The API key is unknown to this company."""

    code = "key.unknown"


class KeyExpired(Unauthenticated):
    """The API key has expired."""

    code = "key.expired"


class KeyRevoked(Unauthenticated):
    """The API key has been revoked."""

    code = "key.revoked"


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    until: int


class Access:
    """Finds out who calls."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int] = time.monotonic_ns, terms: Terms | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms or Terms()
        self._tenants: dict[str, _Kept[Tenant]] = {}
        self._keys: dict[tuple[int, bytes], _Kept[KeyFound]] = {}
        self._sessions: dict[tuple[int, bytes], _Kept[SessionFound]] = {}

    async def tenant_of_host(self, host: str) -> Tenant:
        """Find the company that answers under a host name.

        Raises:
            HostUnknown: none does, and none is the default.
        """
        kept = self._tenants.get(host)
        if kept is not None and self._clock() < kept.until:
            return kept.value
        tenant = await people.tenant_of_host(self._database.session(), host)
        if tenant is None:
            self._tenants.pop(host, None)
            detail = f"No company answers under {host or 'an empty host name'}: see `emplette tenant create --host`."
            raise HostUnknown(detail)
        _keep(self._tenants, host, _Kept(tenant, self._clock() + LIFETIME * _SECOND))
        return tenant

    async def principal_of_key(self, tenant: Tenant, secret: str) -> Principal:
        """Find who acts with an API key.

        Raises:
            KeyUnknown, KeyExpired, KeyRevoked: nobody does, or nobody any more.
        """
        now = datetime.now(UTC)
        name = (tenant.id, hash_of_secret(secret))
        kept = self._keys.get(name)
        if kept is None or self._clock() >= kept.until:
            session = self._database.session()
            found = await people.key(session, *name)
            if found is None:
                self._keys.pop(name, None)
                raise KeyUnknown
            kept = _Kept(found, self._clock() + LIFETIME * _SECOND)
            _keep(self._keys, name, kept)
            if found.last_used_on != now.date():
                await people.note_use(session, tenant.id, found.principal.key_id, secret_hash=name[1], on=now.date())
        return _in_force(kept.value, tenant, now)

    async def session(self, tenant: Tenant, secret: str) -> SessionFound:
        """Find a session, by what the browser keeps: who has signed in, and how pages look to them.

        Raises:
            SessionOver: nobody has, or nobody any more.
        """
        now = datetime.now(UTC)
        name = (tenant.id, hash_of_secret(secret))
        kept = self._sessions.get(name)
        if kept is None or self._clock() >= kept.until:
            self._sessions.pop(name, None)
            session = self._database.session()
            found = await sign_in.find(session, *name)
            if found is None or found.session.awaits_code or found.session.is_over(now, self._terms):
                raise SessionOver
            kept = _Kept(found, self._clock() + LIFETIME * _SECOND)
            _keep(self._sessions, name, kept)
            if now - found.session.used_at >= _NOTED_EVERY:
                await sign_in.note_use(session, tenant.id, found.session.id, at=now)
        if not kept.value.principal.user.is_active(tenant.today(now)):
            raise SessionOver("The person has left.")
        return kept.value

    def forget_session(self, tenant: Tenant, secret: str) -> None:
        """Look a session up anew when it is shown again: in this process, it ends at once."""
        self._sessions.pop((tenant.id, hash_of_secret(secret)), None)


def _in_force(found: KeyFound, tenant: Tenant, now: datetime) -> Principal:
    if found.revoked_at is not None:
        raise KeyRevoked
    if found.expires_on is not None and tenant.today(now) > found.expires_on:
        detail = f"It was good until {found.expires_on}."
        raise KeyExpired(detail)
    if found.good_until is not None and now >= found.good_until:
        detail = f"It was replaced, and good until {found.good_until:%Y-%m-%d %H:%M} UTC: use the key's new secret."
        raise KeyExpired(detail)
    person = found.principal.person
    if person is not None and not person.is_active(tenant.today(now)):
        detail = "The person it is bound to has left."
        raise KeyRevoked(detail)
    return found.principal


def _keep(shelf: dict[K, _Kept[T]], name: K, value: _Kept[T]) -> None:
    if len(shelf) >= _MOST_KEPT:
        shelf.clear()
    shelf[name] = value
