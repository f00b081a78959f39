"""Several `emplette serve`, as on several machines, on one PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from tests.runtime.servers import EMPLETTE, Server, environment_of, folder_of_its_own

COMMAND = [*EMPLETTE, "serve"]


@contextmanager
def machines(count: int, url: str, owner_url: str, **settings: object) -> Iterator[list[Server]]:
    """Start so many servers of one worker at the same moment, each with a data folder of its own."""
    chosen: dict[str, Any] = {"workers": 1, "database_url": url, "owner_database_url": owner_url} | settings
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        folders = [stack.enter_context(folder_of_its_own()) for _ in range(count)]
        starting = [
            threads.submit(Server, folder, COMMAND, environment_of(folder, **(chosen | {"log_level": "info"})))
            for folder in folders
        ]
        for one in starting:
            if one.exception() is None:
                stack.callback(partial(Server.end, one.result()))
        yield [one.result() for one in starting]
