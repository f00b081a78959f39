"""Writing the lines of the log: those of one turn of the event loop together, since writing costs more than they."""

import asyncio
import atexit
import select
from contextlib import suppress
from threading import Lock
from typing import BinaryIO, Final

AT_ONCE: Final = select.PIPE_BUF
"""Bytes that the system writes to a pipe in one piece: of what is longer, lines of other processes may get between."""


class Lines:
    """Where lines are written: within a turn of the event loop, or at once where none runs and when it is urgent.

    Nothing is kept longer than the turn, and nothing is left when the program ends in order.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: list[bytes] = []
        self._lock = Lock()
        atexit.register(self.write)

    def info(self, line: bytes) -> None:
        """Write a line soon."""
        with self._lock:
            self._waiting.append(line)
            is_first = len(self._waiting) == 1
        if is_first:
            try:
                asyncio.get_running_loop().call_soon(self.write)
            except RuntimeError:
                self.write()

    debug = info

    def error(self, line: bytes) -> None:
        """Write a line at once, after those that wait."""
        with self._lock:
            self._waiting.append(line)
        self.write()

    warning = critical = error

    def write(self) -> None:
        """Write what waits, several lines at a time."""
        # Where nothing can be written, nobody can be told.
        with self._lock, suppress(OSError):
            waiting, self._waiting = self._waiting, []
            piece = b""
            for line in waiting:
                if piece and len(piece) + len(line) >= AT_ONCE:
                    self._write(piece)
                    piece = b""
                piece += line + b"\n"
            if piece:
                self._write(piece)

    def _write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._file.flush()
