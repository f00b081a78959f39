"""A line between a client and a server that loses answers: what was said arrives, and then the line is cut."""

import contextlib
import itertools
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from urllib.parse import urlsplit

_PIECE = 65_536


class Line:
    """Carries what is said to a server and what it answers, and loses every so manyth answer."""

    def __init__(self, url: str, *, loses_every: int) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answers = itertools.count(1)
        self._loses_every = loses_every
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self.lost = 0

    @property
    def url(self) -> str:
        """Where the line begins."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @classmethod
    @contextmanager
    def to(cls, url: str, *, loses_every: int) -> Iterator["Line"]:
        """Lay a line to a server."""
        line = cls(url, loses_every=loses_every)
        with ThreadPoolExecutor(200) as threads:
            threads.submit(line._accept, threads)
            try:
                yield line
            finally:
                line._cut()

    def _accept(self, threads: ThreadPoolExecutor) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                with self._lock:
                    self._open |= {client, server}
                threads.submit(self._carry_questions, client, server)
                threads.submit(self._carry_answers, server, client)

    def _carry_questions(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(_PIECE):
                server.sendall(piece)
        self._hang_up(client, server)

    def _carry_answers(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := server.recv(_PIECE):
                if self._is_lost(piece):
                    break
                client.sendall(piece)
        self._hang_up(client, server)

    def _is_lost(self, piece: bytes) -> bool:
        if not piece.startswith(b"HTTP/1.1 "):
            return False
        with self._lock:
            lost = next(self._answers) % self._loses_every == 0
            self.lost += lost
        return lost

    def _hang_up(self, *sockets: socket.socket) -> None:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        with self._lock:
            self._open -= set(sockets)

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up(*list(self._open))
