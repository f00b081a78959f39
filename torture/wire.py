"""The way over the wire: one call with its headers, its patience, and its bad manners; and what came back."""

import asyncio
import time
from contextlib import suppress
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx2
import msgspec

from torture.companies import CALLERS, COMPANIES
from torture.history import Call, End, Operation
from torture.schedules import Break, Intent
from torture.server import Server

_HANGS_UP_AFTER: Final = 0.015
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Alarm(Protocol):
    """What tells clients that time is over before it is: ``jumped`` is set when their clock goes forth."""

    jumped: asyncio.Event


class Door:
    """Where the clients find the server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._calls = 0

    @property
    def url(self) -> str:
        """Its address."""
        return self._server.url

    def headers_of(self, company: str, caller: str) -> dict[str, str]:
        """Say who calls."""
        secret = CALLERS[caller].secret(company)
        return {"Host": COMPANIES[company].host, "Authorization": f"lucca application={secret}"}

    async def call(self, line: httpx2.AsyncClient, operation: Operation, intent: Intent, clock: Alarm) -> Call:
        """Make one call of an operation, and write it down before it is made."""
        self._calls += 1
        call = Call(f"{operation.company}-{operation.number}-{self._calls}", began=time.monotonic())
        operation.calls.append(call)
        headers = self.headers_of(operation.company, operation.caller) | {"X-Request-Id": call.id}
        if operation.key is not None:
            headers["Idempotency-Key"] = operation.key
        if operation.if_match is not None:
            headers["If-Match"] = f'"{operation.purchase}.{operation.if_match}"'
        content = b""
        if operation.said:
            headers["Content-Type"] = "application/json"
            content = _encode(operation.said)
        breaks = intent.breaks if len(operation.calls) == 1 else Break.NEVER
        try:
            if breaks is Break.HALF_SENT and content:
                call.end = End.UNSENT
                await self._send_half(operation, headers, content)
            else:
                patience = _HANGS_UP_AFTER if breaks is Break.UNREAD else intent.patience
                address = self.url + operation.path
                request = line.build_request(operation.method, address, headers=headers, content=content)
                await _exchange(line, request, call, patience, clock)
        finally:
            # Also when the schedule ends while the call is under way.
            call.ended = time.monotonic()
        return call

    async def _send_half(self, operation: Operation, headers: dict[str, str], content: bytes) -> None:
        """Announce a body, send half of it, and hang up."""
        address = urlsplit(self.url)
        lines = [f"{operation.method} {operation.path} HTTP/1.1", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with suppress(OSError):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content[: len(content) // 2])
            await writer.drain()
            writer.close()
            await writer.wait_closed()


async def _exchange(
    line: httpx2.AsyncClient, request: httpx2.Request, call: Call, patience: float, clock: Alarm
) -> None:
    """Send a call and wait for its answer, until patience ends or the clock says that it has."""
    sending = asyncio.create_task(line.send(request))
    jumping = asyncio.create_task(clock.jumped.wait())
    try:
        await asyncio.wait({sending, jumping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
        answer = await sending
    except httpx2.ConnectError:
        call.end = End.UNSENT
    except (httpx2.HTTPError, asyncio.CancelledError):
        call.end = End.LOST
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
    else:
        call.end, call.status, call.answer = End.ANSWERED, answer.status_code, answer.content
        call.etag, call.location = answer.headers.get("ETag"), answer.headers.get("Location")
        call.is_replay = "Idempotency-Replayed" in answer.headers
        with suppress(msgspec.DecodeError):
            call.told = msgspec.json.decode(answer.content)
    finally:
        jumping.cancel()
        sending.cancel()
        await asyncio.gather(sending, jumping, return_exceptions=True)
