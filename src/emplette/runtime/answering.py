"""What an HTTP worker is made of: one process, one event loop, granian in it, and the application."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import structlog
import uvloop
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels
from granian.server.embed import Server

from emplette.runtime.connections import PATIENCE, Doorkeeper, room_for
from emplette.runtime.lifeline import Parent
from emplette.runtime.logs import configure_logs
from emplette.settings import Settings, read_settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Application(Protocol):
    """What answers calls, and can be told to leave nobody waiting, since it has to stop."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a call."""

    def take_leave(self) -> None:
        """Answer those who only wait."""


log = structlog.get_logger("emplette.worker")

# More than the contract lets through, so that what is too much is refused by the contract, with a problem to read.
# Beyond this, granian answers a bare 431.
_HEADERS = 64 * 1024
_BACKLOG = 1024
# Milliseconds in which the head of a call has to be there, and the next one of the same connection: not before the
# doorkeeper would close it, since proxies keep connections for a minute and send the next call on one of them.
_HEAD = int(1000 * PATIENCE)
# Calls of one connection of HTTP/2 at a time. Who takes many of them back at once is sent away by the server itself.
_STREAMS = 100
# Milliseconds after which a silent connection of HTTP/2 is asked whether somebody is there, and seconds to answer.
_PING = 30_000
_PONG = 20

# So many more objects than before make Python look for those that nobody can reach: a few dozen calls.
_ALLOCATIONS = 20_000


class Worker(Server):
    """granian, given a socket that listens already."""

    def __init__(self, app: App, listener: int, settings: Settings, *, connections: int) -> None:
        super().__init__(
            app,
            interface=Interfaces.ASGI,
            http=HTTPModes.auto,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=connections,
            http1_settings=HTTP1Settings(max_buffer_size=_HEADERS, header_read_timeout=_HEAD),
            http2_settings=HTTP2Settings(
                max_headers_size=_HEADERS,
                max_concurrent_streams=_STREAMS,
                keep_alive_interval=_PING,
                keep_alive_timeout=_PONG,
            ),
            # Its own lines go where ours go, and only its errors: it greets, and warns of being embedded.
            log_level=LogLevels.error,
            log_dictconfig={"handlers": {}, "formatters": {}, "loggers": {"_granian": {"propagate": True}}},
            ssl_cert=settings.tls_cert,
            ssl_key=settings.tls_key,
            ssl_protocol_min=SSLProtocols.tls12,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """Take the supervisor's socket instead of opening one."""
        self._ssp = None
        # The stub does not know what it is made of: the descriptor, whether it is a path's, and the backlog.
        self._shd: Any = SocketHolder(self._listener, False, _BACKLOG)  # type: ignore[call-arg] # noqa: FBT003


def answering(app: App, on_start: Callable[[], None]) -> App:
    """Tell when the application has started, and say why when it could not."""

    async def watched(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                on_start()
            elif message["type"] == "lifespan.startup.failed":
                log.error("the application did not start", reason=message.get("message", ""))

        await app(scope, receive, tell)

    return watched


async def serve(app: App, listener: int, settings: Settings, *, take_leave: Callable[[], None]) -> bool:
    """Answer calls until told to stop, then finish those under way; False when the server broke."""
    connections = room_for(settings.connections)
    keeper = Doorkeeper(listener, connections)
    server = Worker(keeper.watching(app), listener, settings, connections=connections)
    loop = asyncio.get_running_loop()
    keeping = loop.create_task(keeper.keep())

    def stop() -> None:
        server.stop()  # type: ignore[no-untyped-call]
        take_leave()

    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop)
    await server.serve()
    keeping.cancel()
    return not server.interrupt_children


def _collect_seldom() -> None:
    """Look for garbage seldom, and never through what was made at the start: it took a tenth of a call's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 100)


def work(create: Callable[[Settings], Application]) -> None:
    """Be one of the workers of ``emplette serve``; the argument is the file descriptor of the listening socket."""
    parent = Parent.at_standard_input()
    settings = read_settings()
    configure_logs(settings, process="worker")
    logging.captureWarnings(capture=True)
    parent.wait_for_go()
    application = create(settings)
    app = answering(application, parent.say_ready)
    _collect_seldom()
    served = uvloop.run(serve(app, int(sys.argv[1]), settings, take_leave=application.take_leave))
    sys.exit(0 if served else 1)
