"""Reading from a copy of the database, and never anything older than was there when the reading began.

A replica follows the primary at some distance; how far, nobody can promise, and the settings that keep it close may be
changed while we run. So nothing is taken on trust. Before each reading the primary is asked how far it has come, a
small question that all share who read at the same moment. Then the replica is asked whether it has come as far, waited
for if it nearly has, and read. Whatever is in the way, the reading is done on the primary, and the replica left alone
for a moment. Who reads can't tell the difference: what anybody was told is done, by whichever server, is there.
"""

import asyncio
import functools
import time
from typing import Any, Final, Protocol, Self

import asyncpg
import structlog
from asyncpg.connect_utils import SessionAttribute

from emplette.storage.hosts import Connection
from emplette.storage.merging import Arguments, Item, Kind, Merger

log = structlog.get_logger("emplette.database")

_PATIENCE: Final = 1.0
"""Seconds that the replica has for a small question, or to let us in."""

_WAITS: Final = (0.0, 0.002, 0.005, 0.01, 0.03)
"""Seconds before each look whether the replica has come far enough."""

_REST: Final = 1.0
"""Seconds for which a replica that could not be read is left alone."""

# What was acknowledged is on the primary's disk, unless commits do not wait for that.
_POSITION: Final = Kind("""
SELECT i.n, system_identifier AS system,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline,
    (CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
        ELSE pg_current_wal_flush_lsn() END)::text AS position,
    (SELECT oid FROM pg_database WHERE datname = current_database())::bigint AS database
FROM unnest($2::int[]) WITH ORDINALITY AS i(item, n), pg_control_system() WHERE $1::int = 0
""")
_HERE: Final = Item(0, 0)

# Positions of two timelines say nothing about each other, and those of another database still less.
_HAS_COME: Final = """
SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn
        AND $2::int IN (timeline_id, min_recovery_end_timeline) AS far_enough,
    system_identifier = $3::bigint AND EXISTS (
        SELECT FROM pg_database WHERE datname = current_database() AND oid::bigint = $4) AS is_copy
FROM pg_control_checkpoint(), pg_control_recovery(), pg_control_system()
"""
_WAITS_FOR: Final = "SELECT current_setting('synchronous_commit'), current_setting('synchronous_standby_names')"


class _NotNow(Exception):
    """The replica can't be read just now; the message says why."""


_IN_THE_WAY: Final = (
    _NotNow,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Primary(Protocol):
    """The database that the replica is a copy of."""

    @property
    def merger(self) -> Merger:
        """Asks it what several want to know at the same moment."""


class Replica:
    """A copy of the database, to read from."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", primary: Primary) -> None:
        self._pool = pool
        self._primary = primary
        self._rests_until = 0.0
        self.trouble: str | None = None
        """Why it could not be read the last time; None when it could."""

    @classmethod
    async def connect(cls, url: str, primary: Primary, **wishes: Any) -> Self:  # noqa: ANN401
        """Open a pool, as ``asyncpg.create_pool`` does; connections are made when they are needed."""
        attribute = SessionAttribute.prefer_standby if "," in url else SessionAttribute.any
        pool = await asyncpg.create_pool(url, timeout=_PATIENCE, target_session_attrs=attribute, **wishes)
        return cls(pool, primary)

    def close(self) -> None:
        """Close the pool, and wait for nobody."""
        self._pool.terminate()

    async def read(self, sql: str, arguments: Arguments) -> list[asyncpg.Record] | None:
        """Read rows, of which none is older than this moment; None when they have to be read from the primary.

        Raises:
            Unavailable: the primary can't be asked how far it has come.
        """
        if time.monotonic() < self._rests_until:
            return None
        position = await self._primary.merger.say(_POSITION, 0, _HERE, begin=_begin_nothing)
        if position is None:
            raise AssertionError
        try:
            rows = await self._read(position, sql, arguments)
        except _IN_THE_WAY as error:
            self._rest(str(error) or type(error).__name__)
            return None
        if self.trouble is not None:
            log.info("replica.read_again")
            self.trouble = None
        return rows

    async def is_read(self) -> bool:
        """Tell whether it can be read just now; if not, ``trouble`` says why."""
        return await self.read("SELECT 1", tuple) is not None

    async def _read(self, position: asyncpg.Record, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        async with self._pool.acquire(timeout=_PATIENCE) as connection:
            try:
                await _wait_for(connection, position)
                return await connection.fetch(sql, *arguments())
            except BaseException:
                # It may hang: nobody waits for it to say that it has stopped.
                connection.terminate()
                raise

    def _rest(self, reason: str) -> None:
        self._rests_until = time.monotonic() + _REST
        if self.trouble is None:
            log.warning("replica.not_read", reason=reason)
        self.trouble = reason


async def _wait_for(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", position: asyncpg.Record) -> None:
    """Wait until the replica has come as far as the primary had.

    Raises:
        _NotNow: it takes too long, or it is no copy.
    """
    question = functools.partial(connection.fetch, _HAS_COME, *_wanted(position), timeout=_PATIENCE)
    for pause in _WAITS:
        await asyncio.sleep(pause)
        (row,) = await question()
        if not row["is_copy"]:
            raise _NotNow("It is no copy of the database.")
        if row["far_enough"]:
            return
    raise _NotNow("It lags behind.")


def _wanted(position: asyncpg.Record) -> list[object]:
    return [position[name] for name in ("position", "timeline", "system", "database")]


def _begin_nothing() -> None:
    """Begin nothing: a question changes nothing."""


async def is_copy(connection: Connection, *, of: Connection) -> bool:
    """Tell whether what a connection leads to is a copy of what another one leads to."""
    (there,) = await of.fetch(_POSITION.sql, 0, [0])
    (row,) = await connection.fetch(_HAS_COME, *_wanted(there))
    found: bool = row["is_copy"]
    return found


async def commits_wait_for_replicas(connection: Connection) -> bool:
    """Tell whether a commit is acknowledged only when a replica has applied it."""
    (row,) = await connection.fetch(_WAITS_FOR)
    return bool(row[0] == "remote_apply" and row[1])
