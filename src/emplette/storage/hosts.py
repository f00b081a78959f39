"""Which of several servers takes the writes, and when another one has taken over.

An address may name several servers of PostgreSQL: one that takes writes and copies that stand by. All of them are asked
at once, so one that is gone or silent delays nobody for longer than its time. When two take writes, the later one
counts: every taking over begins a new timeline, which is the server's own word for it. What has been seen once is kept
in mind: a server that was overtaken and comes back as if nothing had happened is refused.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.connect_utils import SessionAttribute

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_PATIENCE: Final = 2.0
"""Seconds that a server has to let us in, where there are others."""

# A copy refuses to say this.
_WHO: Final = """
SELECT system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline
FROM pg_control_system()
"""

_NOT_THIS_ONE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
_REFUSED: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class NoneTakesWrites(ConnectionError):
    """None of the servers that an address names takes writes just now."""


class OneIsSilent(NoneTakesWrites, TimeoutError):
    """None takes writes, and one of them says nothing at all."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A server that takes writes: its address, whose copies count as the same, and its timeline."""

    url: str
    system: int
    timeline: int


class Hosts:
    """The servers that an address names, and the one of them that takes the writes; it knows all that is connected."""

    def __init__(self, url: str) -> None:
        self._urls = one_by_one(url)
        self._finding = asyncio.Lock()
        self._writer: Writer | None = None
        self._is_silent = False
        self._connections: WeakKeyDictionary[Connection, Writer | None] = WeakKeyDictionary()

    async def connect(self, *_: Any, timeout: float = 10.0, **wishes: Any) -> Connection:  # noqa: ANN401, ASYNC109
        """Connect to the one that takes writes, as ``asyncpg.connect`` does; with one server alone, to that one.

        Raises:
            NoneTakesWrites: there is none just now.
            asyncpg.PostgresError: the only one that could refuses us.
        """
        if len(self._urls) == 1:
            connection: Connection = await asyncpg.connect(self._urls[0], timeout=timeout, **wishes)
            self._connections[connection] = None
            return connection
        known = self._writer
        found = await self._again(known, wishes)
        if found is None:
            async with self._finding:
                # Somebody else may have found another one meanwhile.
                found = await self._again(self._writer, wishes) if self._writer != known else None
                found = found or await self._find(wishes)
        return found

    def address_of(self, connection: Connection) -> str:
        """Say to which of the servers a connection leads, for programs that must talk to the very same one."""
        writer = self._connections.get(connection)
        return self._urls[0] if writer is None else writer.url

    async def look_around(self, **wishes: Any) -> None:  # noqa: ANN401
        """Where there are several, ask all of them anew; give up the connections to one that has been overtaken.

        Raises:
            NoneTakesWrites: there is none just now.
        """
        if len(self._urls) > 1:
            async with self._finding:
                (await self._find(wishes)).terminate()

    def give_up(self) -> None:
        """Give up all connections, those in use as well: the server has fallen silent."""
        self._is_silent = True
        self._end(lambda _: True)

    async def _again(self, known: Writer | None, wishes: dict[str, Any]) -> "Connection | None":
        """Connect to the one that is known to take writes; None when it does not let us in."""
        if known is not None and not self._is_silent:
            with suppress(*_NOT_THIS_ONE):
                return (await self._reach(known.url, wishes))[1]
        return None

    async def _find(self, wishes: dict[str, Any]) -> Connection:
        """Ask all of them; connect to the one that took over last."""
        reached: list[tuple[Writer, Connection]] = []
        errors: list[Exception] = []

        async def ask(url: str) -> None:
            try:
                reached.append(await self._reach(url, wishes))
            except _NOT_THIS_ONE as error:
                errors.append(error)

        asking = [asyncio.create_task(ask(url)) for url in self._urls]
        chosen: Connection | None = None
        try:
            for answered in asyncio.as_completed(asking):
                await answered
                if reached and self._has_taken_over(reached[-1][0]):
                    break
            self._writer, chosen = self._choose(reached, errors)
            self._is_silent = False
            return chosen
        finally:
            for task in asking:
                task.cancel()
            for _, connection in reached:
                if connection is not chosen:
                    connection.terminate()
            self._end(lambda writer: writer != self._writer)

    @staticmethod
    def _choose(reached: list[tuple[Writer, Connection]], errors: list[Exception]) -> tuple[Writer, Connection]:
        if not reached:
            raise _why(errors)
        if len({writer.system for writer, _ in reached}) > 1:
            raise NoneTakesWrites("Two servers take writes, and they are no copies of each other: name one of them.")
        return max(reached, key=lambda one: one[0].timeline)

    def _end(self, condition: Callable[[Writer | None], bool]) -> None:
        """End connections; who uses one has lost it."""
        for connection, writer in list(self._connections.items()):
            if condition(writer):
                connection.terminate()

    async def _reach(self, url: str, wishes: dict[str, Any]) -> tuple[Writer, Connection]:
        """Connect to one server.

        Raises:
            NoneTakesWrites: it has been overtaken, or is another database.
        """
        wishes = wishes | {"target_session_attrs": SessionAttribute.read_write, "timeout": _PATIENCE}
        connection: Connection = await asyncpg.connect(url, **wishes)
        try:
            (row,) = await connection.fetch(_WHO, timeout=_PATIENCE)
            found = Writer(url, row["system_identifier"], row["timeline"])
            self._refuse_overtaken(found)
            self._connections[connection] = found
        except BaseException:
            connection.terminate()
            raise
        return found, connection

    def _refuse_overtaken(self, found: Writer) -> None:
        known = self._writer
        if known is not None and known.system != found.system:
            raise NoneTakesWrites(f"{_place(found.url)} is no copy of the database that was served before.")
        if known is not None and known.timeline > found.timeline:
            raise NoneTakesWrites(f"{_place(found.url)} takes writes, but another server has taken over from it.")

    def _has_taken_over(self, found: Writer) -> bool:
        """Tell whether this one has taken over from the one that was known: then nobody waits for the others."""
        return self._writer is not None and found.timeline > self._writer.timeline


def one_by_one(url: str) -> list[str]:
    """Write an address that names several servers as one for each; both ways of naming them are known.

    They are ``@host:port,host:port/`` and ``?host=a,b&port=1,2``.
    """
    parts = urlsplit(url)
    who, at, where = parts.netloc.rpartition("@")
    if where:
        return [parts._replace(netloc=f"{who}{at}{host}").geturl() for host in where.split(",")]
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    hosts, ports = asked.get("host", "").split(","), asked.get("port", "").split(",")
    if len(hosts) == 1:
        return [url]
    rest = {name: value for name, value in asked.items() if name not in {"host", "port"}}
    single = [{"host": host, "port": ports[number % len(ports)]} for number, host in enumerate(hosts)]
    return [parts._replace(query=urlencode(rest | one, quote_via=quote)).geturl() for one in single]


def _why(errors: list[Exception]) -> Exception:
    """Say why no server would have us: what one of them says against us counts more than that others are away."""
    for error in errors:
        if isinstance(error, _REFUSED):
            return error
    said = "; ".join(dict.fromkeys(str(error) or type(error).__name__ for error in errors))
    kind = OneIsSilent if any(isinstance(error, TimeoutError) for error in errors) else NoneTakesWrites
    return kind(f"None of the servers takes writes: {said}")


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "A server"
