"""The database, brought up to date before anything is served from it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import asyncpg

from emplette.domain.errors import Refusal
from emplette.runtime.exits import DatabaseFailed
from emplette.services import exchange_rates, taxes
from emplette.storage import imports
from emplette.storage.hosts import Hosts
from emplette.storage.imports import Noted
from emplette.storage.migrate import alone, count_tenants, migrate, what_is_amiss

IMPORT: Final = "emplette import"
"""The command as which an import connects."""

_TRY_AGAIN_AFTER = 0.5
_SAY_EVERY = 5.0

_UNREACHABLE = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Urls:
    """One database, as each of its two roles sees it."""

    serving: str
    owner: str


async def connect(
    url: str, *, patience: float, say: Callable[[str], None], hosts: Hosts | None = None
) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect; wait for a database that is on its way.

    Args:
        url: its address, which may name several servers.
        patience: seconds to wait.
        say: told that we wait.
        hosts: the servers of that address, for who wants to know afterwards to which of them.

    Raises:
        DatabaseFailed: it can't be reached in time, or it refuses us.
    """
    hosts = hosts or Hosts(url)
    began = said_at = time.monotonic()
    while True:
        try:
            return await hosts.connect()
        except _UNREACHABLE as error:
            waited = time.monotonic() - began
            if waited > patience:
                raise DatabaseFailed(f"the database at {place(url)} cannot be reached: {error}") from None
            if time.monotonic() - said_at > _SAY_EVERY:
                said_at = time.monotonic()
                say(f"waiting for the database at {place(url)} since {waited:.0f} s")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise DatabaseFailed(f"the database at {place(url)} refuses us: {error}") from None
        await asyncio.sleep(_TRY_AGAIN_AFTER)


async def bring_up_to_date(
    urls: Urls, *, patience: float = 60.0, say: Callable[[str], None], is_restoring: bool = False
) -> list[str]:
    """Apply the migrations that are missing, as the owner, grant the serving role its rights, load the rates.

    Returns:
        What was done, by name; nothing when all was up to date.

    Raises:
        DatabaseFailed: the database can't be reached, or its schema is not one this program can bring up to date.
    """
    connection = await connect(urls.owner, patience=patience, say=say)
    try:
        async with alone(connection):
            done = await migrate(connection, serving_role=role_of(urls.serving), is_restoring=is_restoring)
            if await taxes.seed_rates(connection):
                done.append("VAT rates")
            if await exchange_rates.seed_rates(connection):
                done.append("exchange rates")
    except Refusal as refusal:
        raise DatabaseFailed(f"{refusal.title()} {refusal.detail}") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
        raise DatabaseFailed(f"the schema could not be brought up to date: {error}") from None
    finally:
        await connection.close()
    return done


@contextmanager
def told_as_failure() -> Iterator[None]:
    """Tell what the driver says of a database that is lost meanwhile as what it is for who typed a command.

    Raises:
        DatabaseFailed: with the driver's words.
    """
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
        raise DatabaseFailed(f"the database was lost: {error}") from None


def role_of(url: str) -> str | None:
    """Read which role an address names, in either of the two ways of naming it."""
    parts = urlsplit(url)
    return _asked(parts).get("user") if parts.username is None else unquote(parts.username)


def place(url: str) -> str:
    """Name the database of an address, and nothing of what opens it."""
    parts = urlsplit(url)
    return f"{parts.hostname or _asked(parts).get('host', 'localhost')}{parts.path}"


def _asked(parts: SplitResult) -> dict[str, str]:
    return dict(parse_qsl(parts.query))


@dataclass(frozen=True, slots=True)
class Condition:
    """What the database says of itself; ``amiss`` says why its schema is not ours, when it is not."""

    version: str
    amiss: str | None
    tenants: int
    last_import: tuple[str, Noted] | None = None
    imports_running: int = 0


async def condition_of(url: str) -> Condition:
    """Ask the database how it is.

    Raises:
        DatabaseFailed: it can't be reached, or it refuses us.
    """
    connection = await connect(url, patience=0, say=lambda _: None)
    try:
        version = connection.get_server_version()
        amiss = await what_is_amiss(connection)
        condition = Condition(f"{version.major}.{version.micro}", amiss, 0)
        if amiss is not None:
            return condition
        return replace(
            condition,
            tenants=await count_tenants(connection),
            last_import=await imports.latest(connection),
            imports_running=await imports.count_running(connection, IMPORT),
        )
    finally:
        await connection.close()
