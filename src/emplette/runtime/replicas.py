"""The replica that a setting names, looked at before anything is served."""

from collections.abc import Callable

import asyncpg

from emplette.runtime.exits import ReplicaRefused
from emplette.runtime.schema import Urls, connect, place
from emplette.storage.replicas import commits_wait_for_replicas, is_copy

_PATIENCE = 5.0


async def check_replica(url: str, urls: Urls, *, say: Callable[[str], None]) -> None:
    """Compare a replica with the database, and say how it will be read from. One that is away is no hindrance.

    Raises:
        ReplicaRefused: it is no copy of the database.
    """
    primary = await connect(urls.serving, patience=_PATIENCE, say=say)
    try:
        replica = await asyncpg.connect(url, timeout=_PATIENCE)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        say(f"the replica at {place(url)} cannot be reached ({error}): until it can, all is read from the primary")
        await primary.close()
        return
    try:
        if not await is_copy(replica, of=primary):
            raise ReplicaRefused(f"EMPLETTE_REPLICA_URL: the database at {place(url)} is no copy of the one we serve")
        if not await commits_wait_for_replicas(primary):
            say(
                f"commits don't wait until the replica at {place(url)} has applied them (that takes synchronous_commit "
                "= remote_apply and synchronous_standby_names): whenever it lags, all is read from the primary"
            )
    finally:
        await replica.close()
        await primary.close()
