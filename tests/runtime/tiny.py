"""A small application in the place of ours, so that what is tested is what runs it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from emplette.domain.errors import Refusal
from emplette.runtime.answering import work
from emplette.settings import Settings
from emplette.storage.database import Database

Message = MutableMapping[str, Any]


LONG = "and so on " * 1_600_000
"""More than a system takes from a server for somebody who does not read it."""


class Tiny:
    """Answers with who it is: slowly at /slow, at length at /long, from the database at /database, host at /host."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url or ""
        self._database: Database | None = None

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, text = await self._answer(scope["path"], dict(scope["headers"]))
        body = f"{os.getpid()} {scope['http_version']} {scope['scheme']} {text}".encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def take_leave(self) -> None:
        """Stop as soon as what is under way is answered: nobody waits here."""

    async def _live(
        self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        await receive()
        if os.environ.get("TINY_FAILS"):
            await send({"type": "lifespan.startup.failed", "message": "told to fail"})
            return
        self._database = await Database.connect(self._url)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._database.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, path: str, headers: dict[bytes, bytes]) -> tuple[int, str]:
        if path == "/slow":
            await asyncio.sleep(1)
        if path == "/long":
            return 200, LONG
        if path == "/host":
            return 200, headers[b"host"].decode()
        if path != "/database" or self._database is None:
            return 200, "here"
        try:
            rows = await self._database.session().fetch("SELECT current_user AS role")
        except Refusal as refusal:
            return 503, refusal.code
        return 200, str(rows[0]["role"])


if __name__ == "__main__":
    work(Tiny)
