"""The way to PostgreSQL: a pool, and a session for each call that counts what it says.

A command is one statement, atomic by itself, and nobody begins or commits a transaction for it; only what is too much
for one statement, an import, says several that take effect together (:meth:`Session.together`). A statement that lost
a deadlock or a serialisation race did nothing and is said again. When the connection breaks, what was read is simply
not known (:class:`~emplette.domain.errors.Unavailable`); what was being written may have happened
(:class:`~emplette.domain.errors.OutcomeUnknown`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

import asyncpg

from emplette.domain.errors import OutcomeUnknown, Unavailable
from emplette.storage.constraints import refusal_of
from emplette.storage.hosts import Hosts
from emplette.storage.merging import RACES, UNDONE, Arguments, Item, Kind, Merger
from emplette.storage.pulse import Pulse
from emplette.storage.replicas import Replica

ATTEMPTS: Final = 8
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
    OSError,
)
_NOT_NOW = (asyncpg.TooManyConnectionsError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError)

# Plans are kept, and everything we ask is asked over an index: a table that was small when a statement was planned
# must not be scanned whole once it has grown.
# What is between us and the database may forget a connection on which nothing is said: in clouds after four minutes.
# Then it is not closed but silent, and the next call waits for nothing; so the server says something each minute.
_SETTINGS: Final = {
    "jit": "off",
    "timezone": "UTC",
    "enable_seqscan": "off",
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

T = TypeVar("T")


async def _keep_as_it_is(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Give a connection back without a round trip: no statement of ours leaves anything on it."""


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, patience: float, merges: bool = True) -> None:
        self.pool = pool
        self.merger = Merger(self, merges=merges)
        self._patience = patience
        self.replica: Replica | None = None
        self._pulse: asyncio.Task[None] | None = None

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        size: int = 10,
        patience: float = 4.0,
        name: str = "emplette",
        merges: bool = True,
        watches: bool = False,
        replica: str | None = None,
        lock_patience: float | None = None,
    ) -> Self:
        """Open the pool; connections are made when they are needed.

        Args:
            url: a ``postgresql://`` address; several hosts are allowed, the one that accepts writes is taken.
            size: the most connections this process holds.
            patience: seconds to wait for a free connection before giving up.
            name: what the database calls its connections when it is asked who is there.
            merges: whether what waits at the same moment is said together, see merging.py.
            watches: whether a server that falls silent is given up, see pulse.py; for a process that stays.
            replica: the address of a copy, from which those read who only read, see replicas.py.
            lock_patience: seconds after which a statement that waits for what somebody else holds is given up, so that
                one does not hold up all that are said with it; by default never.
        """
        hosts = Hosts(url)
        settings = _SETTINGS | {"application_name": name}
        if lock_patience is not None:
            settings |= {"lock_timeout": f"{lock_patience * 1000:.0f}"}
        wishes: dict[str, Any] = {
            "min_size": 0,
            "max_size": size,
            "reset": _keep_as_it_is,
            "max_inactive_connection_lifetime": 0,
            "max_cached_statement_lifetime": 0,
            "statement_cache_size": 500,
            "server_settings": settings,
        }
        pool = await asyncpg.create_pool(url, connect=hosts.connect, timeout=patience, **wishes)
        database = cls(pool, patience=patience, merges=merges)
        if replica is not None:
            database.replica = await Replica.connect(replica, database, **wishes)
        if watches:
            database._pulse = asyncio.create_task(Pulse(hosts, server_settings=settings).keep_feeling())
        return database

    async def close(self) -> None:
        """Close the pool once what is running has ended."""
        if self._pulse is not None:
            self._pulse.cancel()
            await asyncio.gather(self._pulse, return_exceptions=True)
        if self.replica is not None:
            self.replica.close()
        await self.pool.close()

    def session(self, *, only_reads: bool = False) -> "Session":
        """Begin what one call says to the database; one that only reads does so from the replica, if there is one."""
        return Session(self, self.replica if only_reads else None)

    async def on_a_connection(
        self, ask: Callable[["asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"], Awaitable[T]]
    ) -> T:
        """Lend a connection for one statement."""
        try:
            # Watching the clock costs more than taking what is free.
            waits = not self.pool.get_idle_size()
            connection = await self.pool.acquire(timeout=self._patience if waits else None)
        except (*_LOST, *_NOT_NOW, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
            reason = "The database can't be reached just now."
            raise Unavailable(reason) from error
        try:
            return await ask(connection)
        except asyncpg.InternalClientError as error:
            # The server took leave of this connection while nobody used it. asyncpg then refuses to begin anything
            # on it, and would go on refusing; nothing was sent.
            connection.terminate()
            reason = "The database has closed the connection."
            raise Unavailable(reason) from error
        finally:
            await self.pool.release(connection)

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Read rows; the parameters are made when there is a connection.

        Raises:
            Unavailable: they could not be read.
        """
        try:
            return await self.on_a_connection(lambda connection: connection.fetch(sql, *arguments()))
        except UNDONE as error:
            reason = "The database stopped the reading."
            raise Unavailable(reason) from error
        except _LOST as error:
            reason = "The database was lost while it was read."
            raise Unavailable(reason) from error

    async def write(self, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        """Say a statement that changes everything or nothing; the parameters are made when there is a connection.

        Raises:
            Unavailable: nothing was begun.
            OutcomeUnknown: the connection broke while the statement ran.
        """

        async def ask(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> list[asyncpg.Record]:
            return await connection.fetch(sql, *arguments())

        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self.on_a_connection(ask)
            except RACES as race:
                if attempt == ATTEMPTS:
                    reason = "Too many others are writing the same just now."
                    raise Unavailable(reason) from race
                await asyncio.sleep(0.002 * attempt)
            except UNDONE as error:
                reason = "The database stopped the write before it did anything."
                raise Unavailable(reason) from error
            except asyncpg.ReadOnlySQLTransactionError as error:
                # Another server has taken over: what leads to this one is of no more use.
                await self.pool.expire_connections()
                reason = "The database takes no writes just now."
                raise Unavailable(reason) from error
            except _LOST as error:
                reason = "The connection to the database broke during the write."
                raise OutcomeUnknown(reason) from error
        raise AssertionError


class Session:
    """What one call says to the database, and how often.

    ``statements`` counts the round trips, less the drawing of ids; ``begun`` tells whether a write was sent.
    """

    def __init__(self, database: Database, replica: Replica | None = None) -> None:
        self.database = database
        self._replica = replica
        self.statements = 0
        self.begun = False

    async def fetch(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Read rows."""
        self.statements += 1
        if self._replica is not None:
            rows = await self._replica.read(sql, lambda: arguments)
            if rows is not None:
                return rows
        return await self.database.read(sql, lambda: arguments)

    async def fetchrow(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        """Read the first row, if there is one."""
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    async def write(self, sql: str, *arguments: object, expects: Collection[str] = ()) -> list[asyncpg.Record]:
        """Say a command: one statement that changes everything or nothing.

        Args:
            sql: the statement.
            arguments: its parameters.
            expects: the constraints that it may break, about which the caller wants to hear as the driver tells it.

        Raises:
            Unavailable: nothing was begun.
            OutcomeUnknown: the connection broke while the statement ran.
            Refusal: a constraint of the database, which nothing was done against, as the domain says it.
        """
        self.statements += 1
        with _told_as_refusals(expects):
            return await self._write(sql, arguments)

    async def say(self, kind: Kind, tenant: int, item: Item, *, expects: Collection[str] = ()) -> asyncpg.Record | None:
        """Say one item of a kind, with all of that kind that wait at this moment (see merging.py); answer its row.

        Raises:
            Unavailable, OutcomeUnknown, Refusal: as `write` does.
        """
        self.statements += 1
        with _told_as_refusals(expects):
            begin = _nothing if kind.found is None else self._begin
            return await self.database.merger.say(kind, tenant, item, begin=begin)

    async def draw(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Draw a block of ids: a write that counts apart, since it serves many calls.

        Raises:
            Unavailable: it may be lost with the connection, and nobody misses it.
        """
        try:
            return await self.database.write(sql, lambda: arguments)
        except OutcomeUnknown as unknown:
            reason = "The database was lost while ids were drawn."
            raise Unavailable(reason) from unknown

    async def together(self, say: Callable[["Together"], Awaitable[bool]], *, expects: Collection[str] = ()) -> bool:
        """Say statements that take effect together: when ``say`` answers True, and else none of them.

        It is not tried again here: a lost race is False as well, and a table that an update has changed meanwhile.

        Raises:
            Unavailable: nothing was written.
            OutcomeUnknown: the connection broke while all was about to take effect.
            Refusal: as `write` says, and ``expects`` is for it what it is there.
        """
        is_ending = False

        async def ask(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> bool:
            nonlocal is_ending
            async with connection.transaction():
                if not await say(Together(self, connection)):
                    raise _Withdrawn
                self.begun = is_ending = True
            return True

        try:
            with _told_as_refusals(expects):
                return await self.database.on_a_connection(ask)
        except (_Withdrawn, *RACES, asyncpg.InvalidCachedStatementError):
            return False
        except UNDONE as error:
            reason = "The database stopped the write: nothing of it was done."
            raise Unavailable(reason) from error
        except _LOST as error:
            if is_ending:
                reason = "The connection to the database broke at the very end: all of it is written, or nothing."
                raise OutcomeUnknown(reason) from error
            reason = "The connection to the database broke during the write: nothing of it was done."
            raise Unavailable(reason) from error

    def _begin(self) -> None:
        self.begun = True

    async def _write(self, sql: str, arguments: tuple[object, ...]) -> list[asyncpg.Record]:
        def begin() -> tuple[object, ...]:
            self._begin()
            return arguments

        return await self.database.write(sql, begin)


@contextmanager
def _told_as_refusals(expects: Collection[str]) -> Iterator[None]:
    """Tell a broken constraint as the domain does, unless it is one that the caller expects."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as broken:
        refusal = None if broken.constraint_name in expects else refusal_of(broken.constraint_name)
        if refusal is None:
            raise
        raise refusal from broken


def _nothing() -> None:
    """Begin nothing: reading changes nothing."""


class _Withdrawn(Exception):
    """What was said shall not take effect."""


class Together:
    """Where statements are said that take effect together."""

    def __init__(self, session: Session, connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> None:
        self._session = session
        self._connection = connection

    async def write(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Say one of them."""
        self._session.statements += 1
        return await self._connection.fetch(sql, *arguments)
