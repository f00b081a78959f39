"""Several `emplette serve`, as on several machines, on one PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.runtime.servers import EMPLETTE, Server, folder_of_its_own, served


@contextmanager
def machines(count: int, url: str, owner_url: str, **settings: object) -> Iterator[Sequence[Server]]:
    """Start so many servers of one worker, each with a data folder of its own."""
    with ExitStack() as stack:
        folders = [stack.enter_context(folder_of_its_own()) for _ in range(count)]
        chosen: dict[str, Any] = {"workers": 1, "database_url": url, "owner_database_url": owner_url} | settings
        yield [stack.enter_context(served(folder, command=[*EMPLETTE, "serve"], **chosen)) for folder in folders]
