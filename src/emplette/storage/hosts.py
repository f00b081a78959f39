"""Which of several servers takes the writes, and when another one has taken over.

An address may name several servers of PostgreSQL: one that takes writes and copies that stand by. All of them are asked
at once, so one that is gone or silent delays nobody for longer than its time. When two take writes, the later one
counts: every taking over begins a new timeline, which is the server's own word for it. What has been seen once is kept
in mind: a server that was overtaken and comes back as if nothing had happened is refused.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

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


@dataclass(frozen=True, slots=True)
class Writer:
    """A server that takes writes: its address, whose copies count as the same, and its timeline."""

    url: str
    system: int
    timeline: int


class Hosts:
    """The servers that an address names, and the one of them that takes the writes."""

    def __init__(self, url: str) -> None:
        self._urls = one_by_one(url)
        self._finding = asyncio.Lock()
        self.writer: Writer | None = None
        """The one that was found to take writes last; None before, and where there is one server alone."""

    async def connect(self, *_: Any, timeout: float = 10.0, **wishes: Any) -> Connection:  # noqa: ANN401, ASYNC109
        """Connect to the one that takes writes, as ``asyncpg.connect`` does; with one server alone, to that one.

        Raises:
            NoneTakesWrites: there is none just now.
            asyncpg.PostgresError: the only one that could refuses us.
        """
        if len(self._urls) == 1:
            return await asyncpg.connect(self._urls[0], timeout=timeout, **wishes)
        before = self.writer
        with suppress(*_NOT_THIS_ONE):
            if before is not None:
                return (await self._reach(before.url, wishes))[1]
        async with self._finding:
            if self.writer is not None and self.writer != before:
                # Somebody else has found it meanwhile.
                return (await self._reach(self.writer.url, wishes))[1]
            return await self._find(wishes)

    async def look_around(self, **wishes: Any) -> None:  # noqa: ANN401
        """Ask all of them anew which one takes the writes, where there are several.

        Raises:
            NoneTakesWrites: there is none just now.
        """
        if len(self._urls) > 1:
            async with self._finding:
                (await self._find(wishes)).terminate()

    async def _find(self, wishes: dict[str, Any]) -> Connection:
        """Ask all of them; connect to the one that took over last."""
        reached: list[tuple[Writer, Connection]] = []
        errors: list[Exception] = []

        async def ask(url: str) -> None:
            try:
                reached.append(await self._reach(url, wishes))
            except _NOT_THIS_ONE as error:
                errors.append(error)

        chosen: Connection | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for url in self._urls:
                    group.create_task(ask(url))
            if not reached:
                raise _why(errors)
            if len({writer.system for writer, _ in reached}) > 1:
                raise NoneTakesWrites("Two servers take writes, and they are no copies of each other: choose one.")
            self.writer, chosen = max(reached, key=lambda one: one[0].timeline)
            return chosen
        finally:
            for _, connection in reached:
                if connection is not chosen:
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
        except BaseException:
            connection.terminate()
            raise
        return found, connection

    def _refuse_overtaken(self, found: Writer) -> None:
        known = self.writer
        if known is not None and known.system != found.system:
            raise NoneTakesWrites(f"{_place(found.url)} is no copy of the database that was served before.")
        if known is not None and known.timeline > found.timeline:
            raise NoneTakesWrites(f"{_place(found.url)} takes writes, but another server has taken over from it.")


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
    return NoneTakesWrites(f"None of the servers takes writes: {said}")


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "A server"
