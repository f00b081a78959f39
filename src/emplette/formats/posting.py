"""Sending a message to an address that somebody else has named, so that neither the address nor the answer can harm us.

The name is looked up once, the addresses it leads to are checked, and exactly one of these is connected to: a name
that leads elsewhere a moment later leads nowhere. TLS and the header `Host` keep the name. Nothing of the environment
is asked for a proxy, a redirect is an answer like any other, and no more of an answer is read, nor for longer, than
tells whether it was a yes.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import aiodns
import httpcore2

from emplette.domain.addresses import Reach
from emplette.domain.deliveries import SECONDS_TO_ANSWER, Answered
from emplette.domain.webhooks import Target

LARGEST_ANSWER: Final = 16 * 1024
"""Bytes of an answer that are read; what is longer is cut off."""

_ASKS_FOR_REST: Final = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

_SECONDS_A_QUESTION: Final = 1.0
_QUESTIONS: Final = 2
_NO_SUCH_NAME: Final = {
    aiodns.error.ARES_ENODATA,
    aiodns.error.ARES_ENOTFOUND,
    aiodns.error.ARES_EBADNAME,
    aiodns.error.ARES_ENONAME,
}

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Looks up the addresses of a name."""


class NotAllowed(Exception):
    """A name leads to an address that must not be called; the message says which."""


class Resolver:
    """Looks up names, as many at once as are asked for: one that is never answered holds nothing that others need.

    Names of this machine's own (`/etc/hosts`) come first, then the servers of names that it is configured with.
    """

    def __init__(self, servers: Sequence[str] = (), *, seconds: float = _SECONDS_A_QUESTION) -> None:
        self._servers = list(servers)
        self._seconds = seconds
        self._dns: aiodns.DNSResolver | None = None

    async def resolve(self, host: str, port: int) -> list[str]:
        """Look up the addresses of a name, the one to be taken first.

        Raises:
            socket.gaierror: nothing has that name.
            OSError: nobody answers, or nobody who knows.
        """
        if self._dns is None:
            loop = asyncio.get_running_loop()
            self._dns = aiodns.DNSResolver(self._servers or None, loop, timeout=self._seconds, tries=_QUESTIONS)
        try:
            found = await self._dns.getaddrinfo(host, socket.AF_UNSPEC, port, type=socket.SOCK_STREAM)
        except aiodns.error.DNSError as error:
            number, reason = error.args
            if number in _NO_SUCH_NAME:
                raise socket.gaierror(socket.EAI_NONAME, "no name") from None
            raise OSError(f"The name {host} could not be looked up: {reason}.") from None
        return list(dict.fromkeys(node.addr[0].decode() for node in found.nodes))

    async def close(self) -> None:
        """Look up nothing more; who waits is told so at once."""
        if self._dns is not None:
            await self._dns.close()


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to checked addresses only, and to nothing that is not one."""

    def __init__(self, reach: Reach, resolve: Resolve, *, with_tls: bool) -> None:
        self._reach = reach
        self._resolve = resolve
        self._permits = reach.permits if with_tls else reach.permits_without_tls
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Look up the name, check every address, and connect to the first.

        Raises:
            NotAllowed: one of the addresses must not be called.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            if not self._permits(address):
                raise NotAllowed(_refusal(host, address, is_permitted=self._reach.permits(address)))
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  httpcore's own signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: nobody outside has a socket here."""
        raise NotAllowed(f"{path} is no address of a network.")


def _refusal(host: str, address: str, *, is_permitted: bool) -> str:
    where = address if host == address else f"{host} is at {address}, which"
    if is_permitted:
        return f"{where} may be called with https:// only."
    return f"{where} is no address of the public internet."


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to one receiver, kept while there is something to be sent."""

    target: Target
    pool: httpcore2.AsyncConnectionPool
    seconds: float

    async def post(self, headers: Mapping[str, str], body: bytes) -> Answered:
        """Send a message and hear what is answered; whatever goes wrong is told and not raised."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._send(headers, body)
        except TimeoutError:
            return Answered(error=f"No answer within {self.seconds:g} seconds.")
        except NotAllowed as refused:
            return Answered(error=str(refused))
        except socket.gaierror:
            return Answered(error=f"The name {self.target.host} leads nowhere.")
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as error:
            return Answered(error=_in_words(error))

    async def _send(self, headers: Mapping[str, str], body: bytes) -> Answered:
        sent = {"Host": self.target.authority, "Content-Length": str(len(body)), **headers}
        async with self.pool.stream("POST", _url_of(self.target), headers=list(sent.items()), content=body) as answer:
            taken = 0
            async for piece in answer.aiter_stream():
                taken += len(piece)
                if taken > LARGEST_ANSWER:
                    break
            return Answered(status=answer.status, rest=_rest(answer))


@dataclass(frozen=True, slots=True)
class Poster:
    """Opens lines to receivers."""

    reach: Reach
    resolver: Resolver = field(default_factory=Resolver)
    seconds: float = SECONDS_TO_ANSWER
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @asynccontextmanager
    async def line(self, target: Target, *, width: int) -> AsyncIterator[Line]:
        """Open a line, over which so many messages can be under way at once."""
        network = GuardedNetwork(self.reach, self.resolver.resolve, with_tls=target.scheme == "https")
        async with httpcore2.AsyncConnectionPool(
            ssl_context=self.tls, max_connections=width, network_backend=network
        ) as pool:
            yield Line(target, pool, self.seconds)


def _rest(answer: httpcore2.Response) -> float:
    """Read for how many seconds an answer asks for rest: `Retry-After` has a number of them, or an instant."""
    if answer.status not in _ASKS_FOR_REST:
        return 0.0
    said = {name.lower(): value for name, value in answer.headers}.get(b"retry-after", b"0").decode("latin-1")
    with suppress(ValueError, OverflowError):
        if said.isdecimal():
            return float(said)
        at = parsedate_to_datetime(said)
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return 0.0


def _url_of(target: Target) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
    )


def _in_words(error: Exception) -> str:
    said = str(error) or str(error.__cause__ or "") or type(error).__name__
    return f"The connection failed: {said[:200]}"
