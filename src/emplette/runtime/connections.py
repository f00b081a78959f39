"""Closing connections on which nobody calls, so that nobody can take them all by opening many and saying nothing.

The HTTP server ends a call whose head does not come, once it knows that it is one: not a connection that says nothing,
that does not finish its TLS handshake, or that speaks HTTP/2 and asks for nothing. So each worker looks at its own
connections: one that had no call for long is closed; when many are open it has to go soon, and of whom has too many at
once. One on which a call is under way is left alone: its time is limited by the contract. So is one whose other end is
still taking the answer, which for us is given once the HTTP server has it, and for a caller far away is not.
"""

import asyncio
import os
import resource
import socket
import stat
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Any, Final, NamedTuple

import structlog

from emplette.http.contract.rate import household

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Peer = tuple[str, int]

log = structlog.get_logger("emplette.connections")

PATIENCE: Final = 75.0
"""Seconds that a connection may be open without a call."""
WHEN_CROWDED: Final = 10.0
"""The same, when more than half of what there may be are open."""
OF_TOO_MANY: Final = 2.0
"""The same, of an address that then has more than a quarter of what there may be."""

_EVERY: Final = 1.0
_LEAST_TAKEN: Final = 4096
"""Bytes that the other end has to take meanwhile for it to count as taking an answer: not what keeps a line alive."""
_FLOW: Final = Struct("=120xQQ")
"""Where a flow stands in what Linux tells of a connection."""
_OTHER_FILES: Final = 512
_MAPPED: Final = "::ffff:"
_OWN_FILES: Final = Path("/proc/self/fd")


class _Flow(NamedTuple):
    """How many bytes of ours the other end has taken, and how many have come from it."""

    taken: int
    come: int


class Doorkeeper:
    """Watches over the connections of one worker.

    Args:
        listener: the descriptor of the socket that they came in by.
        most: how many there may be.
        clock: tells the time in seconds.
    """

    def __init__(self, listener: int, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        with socket.socket(fileno=os.dup(listener)) as ours:
            self._port: int = ours.getsockname()[1]
        self._most = most
        self._clock = clock
        self._calls: Counter[Peer] = Counter()
        self._since: dict[Peer, float] = {}
        self._seen: dict[Peer, _Flow] = {}
        self._spared: set[Peer] = set()

    def watching(self, app: App) -> App:
        """Take note of the calls of an application."""

        async def watched(scope: Message, receive: Receive, send: Send) -> None:
            client = scope.get("client")
            if client is None:
                await app(scope, receive, send)
                return
            # granian writes the port as text.
            peer = (client[0].removeprefix(_MAPPED), int(client[1]))
            self._calls[peer] += 1
            try:
                await app(scope, receive, send)
            finally:
                self._since[peer] = self._clock()
                self._calls[peer] -= 1
                if not self._calls[peer]:
                    del self._calls[peer]

        return watched

    async def keep(self) -> None:
        """Look at the connections again and again, and close those that have to go."""
        while True:
            await asyncio.sleep(_EVERY)
            found = await asyncio.to_thread(self.look)
            closed = self.tidy(found)
            if closed:
                log.debug("closed connections without calls", count=closed, open=len(found))

    def tidy(self, found: dict[Peer, socket.socket]) -> int:
        """Close those of the connections that have to go; answer how many."""
        now, crowded = self._clock(), len(found) > self._most / 2
        shares = Counter(household(address) for address, _ in found) if crowded else Counter[str]()
        self._since = {peer: self._since.get(peer, now) for peer in found}
        seen, spared, closed = dict[Peer, _Flow](), set[Peer](), 0
        for peer, connection in found.items():
            with connection:
                if peer in self._calls:
                    continue
                flow = _flow_of(connection)
                before = self._seen.get(peer, flow)
                if flow.taken - before.taken >= _LEAST_TAKEN:
                    self._since[peer], before = now, flow
                seen[peer] = flow._replace(taken=before.taken)
                patience = WHEN_CROWDED if crowded else PATIENCE
                if shares[household(peer[0])] > self._most / 4:
                    patience = OF_TOO_MANY
                if now - self._since[peer] < patience:
                    continue
                # It may be a call of which we have not heard yet. Once only, or who sends a byte a second would stay.
                if flow.come > before.come and peer not in self._spared:
                    spared.add(peer)
                    continue
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                closed += 1
        self._seen, self._spared = seen, spared
        return closed

    def look(self) -> dict[Peer, socket.socket]:
        """Find our connections among the files that this process has open; each is lent a second time."""
        found: dict[Peer, socket.socket] = {}
        # All names first: what is lent on the way has one too.
        for file in [int(entry.name) for entry in _OWN_FILES.iterdir()] if _OWN_FILES.is_dir() else ():
            with suppress(OSError):
                lent = _lent(file)
                peer = None if lent is None else self._peer_of(lent)
                if lent is not None and (peer is None or peer in found):
                    lent.close()
                elif lent is not None and peer is not None:
                    found[peer] = lent
        return found

    def _peer_of(self, lent: socket.socket) -> Peer | None:
        """Name who is at the other end, if it is a connection of ours."""
        if lent.family not in {socket.AF_INET, socket.AF_INET6} or lent.getsockname()[1] != self._port:
            return None
        try:
            address, port = lent.getpeername()[:2]
        except OSError:
            return None
        return address.removeprefix(_MAPPED), port


def _lent(file: int) -> socket.socket | None:
    """Open a socket a second time; None for a file that is none."""
    copy = os.dup(file)
    if stat.S_ISSOCK(os.fstat(copy).st_mode):
        return socket.socket(fileno=copy)
    os.close(copy)
    return None


def _flow_of(connection: socket.socket) -> _Flow:
    """Ask the system what went over a connection."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _FLOW.size)
    return _Flow(*_FLOW.unpack(told.ljust(_FLOW.size, b"\0")))


def room_for(most: int) -> int:
    """Let this process open so many connections, or as many as the system allows; answer how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + _OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return min(most, max(allowed - _OTHER_FILES, 64))
