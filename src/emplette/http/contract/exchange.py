"""One call over ASGI: what became known about it on the way, and the one answer that it gets."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import quote_from_bytes

import structlog

from emplette.domain.people import Principal, Tenant
from emplette.http.contract.headers import Headers
from emplette.http.contract.receive import Message, Receive, Scope, Send
from emplette.http.contract.registry import Operation
from emplette.http.contract.replies import RawHeaders, Response
from emplette.http.contract.statuses import UNREAD, WITHOUT_LENGTH

log = structlog.get_logger("emplette.http")

Observer = Callable[["Exchange", int], None]
"""Hears of every call that was answered, and with which status."""


@dataclass(slots=True)
class Exchange:
    """One call and what became known about it on the way."""

    scope: Scope
    receive: Receive
    send: Send
    request_id: str
    started: float
    headers: Headers
    base_url: str = ""
    client: str = ""
    host: str = ""
    secure: bool = False
    operation: Operation | None = None
    tenant: Tenant | None = None
    who: Principal | None = None
    received: bool = False
    answered: bool = False

    @property
    def seconds(self) -> float:
        """How long the call has been taking."""
        return perf_counter() - self.started

    @property
    def raw_path(self) -> str:
        """The path as it came over the wire."""
        raw: bytes = self.scope["raw_path"]
        return raw.decode() if raw.isascii() else quote_from_bytes(raw, safe=b"/%")

    async def answer(
        self,
        response: Response,
        observers: Sequence[Observer],
        *,
        beside: RawHeaders | None = None,
        patience: float | None = None,
    ) -> None:
        """Send the answer, with the headers that every answer has and those ``beside``; a second one is not sent.

        A file of which nothing is taken for ``patience`` seconds is broken off; the server below hangs up then. Without
        it, as for all that is no file, nobody looks.
        """
        if self.answered:
            log.warning("answered.late", request_id=self.request_id, status=response.status)
            return
        self.answered = True
        headers = [*response.headers, (b"x-request-id", self.request_id.encode()), *(beside or [])]
        if self.base_url.startswith("https:"):
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        if response.status not in WITHOUT_LENGTH and response.stream is None and not _says_its_length(response):
            headers.append((b"content-length", str(len(response.body)).encode()))
        if response.status in UNREAD and self.scope.get("http_version", "").startswith("1"):
            headers.append((b"connection", b"close"))
        start: Message = {"type": "http.response.start", "status": response.status, "headers": headers}
        await self.send(start)
        if response.stream is None or await self._sent(response.stream, patience):
            body = b"" if self.scope["method"] == "HEAD" else response.body
            await self.send({"type": "http.response.body", "body": body})
        for observe in observers:
            observe(self, response.status)

    async def _sent(self, stream: AsyncGenerator[bytes, None], patience: float | None) -> bool:
        """Send piece by piece, as long as somebody takes them; tell whether that was to the end.

        Sending does not say that the caller has hung up: the server below throws away what it is given then.
        """
        leaving = asyncio.ensure_future(self._left())
        try:
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    if leaving.done() or not await self._taken(piece, patience):
                        return False
        finally:
            leaving.cancel()
        return True

    async def _taken(self, piece: bytes, patience: float | None) -> bool:
        """Send a piece; False when there was no room for it for so long, since nobody takes what was sent before."""
        try:
            async with asyncio.timeout(patience):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            log.info("answer.not_taken", request_id=self.request_id, seconds=patience)
            return False
        return True

    async def _left(self) -> None:
        """Wait until the caller has hung up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


def report(error: Exception, exchange: Exchange) -> None:
    """Log a failure by its kind and place; its message may hold what people wrote, so it is for debugging only."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    name = exchange.operation.name if exchange.operation else None
    log.error("failed", request_id=exchange.request_id, operation=name, error=type(error).__qualname__, where=frames)
    log.debug("failed.because", request_id=exchange.request_id, message=str(error))


def _says_its_length(response: Response) -> bool:
    return any(name == b"content-length" for name, _ in response.headers)
