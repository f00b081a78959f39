"""A line to the database that can be bad: slow, silent, cut, or leading nowhere."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

_PIECE = 65_536


class BadLine:
    """Carries what comes at a port of its own to another one of this machine, as badly as it is told to."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.port = 0

    def be_slow(self, seconds: float) -> None:
        """Let every piece take so long, in each direction."""
        self._delay = seconds

    def fall_silent(self) -> None:
        """Carry nothing any more, and close nothing; who connects is let in and hears nothing."""
        self._do(self._set(is_open=False))

    def speak_again(self) -> None:
        """Carry again, first what was held up."""
        self._do(self._set(is_open=True))

    def cut(self) -> None:
        """Break every connection, with a reset; new ones are carried."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Break every connection, and let nobody in."""
        self._do(self._stop_listening())
        self.cut()

    def accept(self) -> None:
        """Let people in again."""
        self._do(self._listen())

    async def _set(self, *, is_open: bool) -> None:
        (self._open.set if is_open else self._open.clear)()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._let_in, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        await self._open.wait()
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._there)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(there_writer)
        for task in (self._carry(reader, there_writer), self._carry(there_reader, writer)):
            running = asyncio.create_task(task)
            self._tasks.add(running)
            running.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                await asyncio.sleep(self._delay)
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(60)

    def __enter__(self) -> Self:
        self._thread.start()
        self.accept()
        self.speak_again()
        return self

    def __exit__(self, *_: object) -> None:
        self.speak_again()
        self.refuse()
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
