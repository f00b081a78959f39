"""Calls straight into the application, without a client between: thousands of them in seconds."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.routing import Router

BOUNDARY = "one-of-many-cells"


@dataclass(frozen=True, slots=True)
class Ask:
    """A call: what it asks for, its body as JSON or as a file, and its query."""

    method: str
    path: str
    body: Any = None
    file: tuple[str, bytes] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> tuple[bytes, str]:
        """Write the body, and say what it is."""
        if self.file is not None:
            name, content = self.file
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            return (
                head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(),
                f"multipart/form-data; boundary={BOUNDARY}",
            )
        return b"" if self.body is None else json.dumps(self.body).encode(), "application/json"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer."""

    status: int
    body: bytes

    @property
    def code(self) -> str:
        """The code of the problem, if it is one."""
        if self.status < 400:
            return ""
        told: str = json.loads(self.body)["code"]
        return told

    @property
    def json(self) -> Any:  # noqa: ANN401  JSON
        """What it says."""
        return json.loads(self.body)


async def ask(app: Router, what: Ask, *, host: str, authorization: str | None) -> Told:
    """Make a call."""
    content, kind = what.content()
    headers = [(b"host", host.encode()), (b"content-length", str(len(content)).encode())]
    if content:
        headers.append((b"content-type", kind.encode()))
    headers += [(name.lower().encode(), value.encode()) for name, value in what.headers.items()]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": what.method,
        "scheme": "http",
        "path": what.path,
        "raw_path": what.path.encode(),
        "query_string": urlencode(what.query).encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 80),
    }
    waiting = [{"type": "http.request", "body": content, "more_body": False}]
    status, pieces = 0, []

    async def receive() -> Any:  # noqa: ANN401  ASGI
        # Who has sent everything waits for the answer, and does not hang up.
        return waiting.pop() if waiting else await asyncio.Future()

    async def send(message: Any) -> None:  # noqa: ANN401  ASGI
        nonlocal status
        status = message.get("status", status)
        pieces.append(message.get("body", b""))

    await app(scope, receive, send)
    return Told(status, b"".join(pieces))
