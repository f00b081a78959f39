"""What the wire asks of the program behind it, for every call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from emplette.domain.people import Principal, Tenant


@dataclass(frozen=True, slots=True)
class Call:
    """What the wire knows about a call; a handler may ask for it as an argument.

    ``base_url`` is the scheme and host that were called, for absolute links, ``host`` the name alone, ``client`` the
    address of the caller, ``program`` what it says it is, and ``languages`` what it says to understand. ``body_hash``
    is the same for every way of writing the same body. ``if_match`` holds the strong entity tags without their quotes;
    it is None when any version will do: without the header, or with `*`. ``status`` is how success is answered unless
    the reply says otherwise.
    """

    method: str
    path: str
    base_url: str
    request_id: str
    idempotency_key: str | None
    body_hash: bytes
    if_match: tuple[str, ...] | None
    status: int
    host: str = ""
    client: str = ""
    languages: str = ""
    program: str = ""


class Command(Protocol):
    """What a handler works with. ``begun`` turns true when a write is sent to the database."""

    @property
    def begun(self) -> bool:
        """Tell whether something may have been written."""


class Gate(Protocol):
    """Finds out who calls, and prepares what the handler works with."""

    async def tenant_of_host(self, host: str) -> Tenant:
        """Find the company that answers under a host name (lower case, no port; empty when none was sent).

        Raises:
            NotFound: no company does.
        """

    async def principal_of_key(self, tenant: Tenant, key: str, *, client: str) -> Principal:
        """Find who acts with an API key, which came from an address.

        Raises:
            Unauthenticated: the key is unknown here, expired or revoked.
            TooManyRequests: wrong ones came too often.
        """

    def work(self, tenant: Tenant, who: Principal, call: Call) -> Command:
        """Prepare what the handler works with."""


Handler = Callable[..., Awaitable[Any]]
