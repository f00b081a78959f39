"""What ties a child to its parent: a child outlives its parent by a moment at most, however the parent ended.

Child and supervisor share a pair of sockets: the child finds its end as its standard input. The supervisor says
``go`` when the database is there, the child says ``ready`` when it does its work; the end of it is the parent's end.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from emplette.parentage import KERNEL_TELLS, end_with_parent

GO = b"go\n"
READY = b"ready\n"


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """Give what a child runs before it becomes another program, so that the kernel ends it with its parent.

    It has to run after the change of user, which would undo it; ``subprocess`` runs it there. The parent is the
    thread that starts the child: that must be one that lasts.
    """
    return partial(end_with_parent, os.getpid(), with_signal)


class Parent:
    """The supervisor, as one of its children knows it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    @classmethod
    def at_standard_input(cls) -> Self:
        """Take the line that the supervisor left."""
        try:
            return cls(socket.socket(fileno=sys.stdin.fileno()))
        except OSError:
            sys.exit("this is a part of `emplette serve`, and only that starts it")

    def wait_for_go(self) -> None:
        """Wait until there is work to do; end with the parent, then and later."""
        if self._line.recv(len(GO), socket.MSG_WAITALL) != GO:
            sys.exit(1)
        if not KERNEL_TELLS:
            threading.Thread(target=self._end_with_it, daemon=True).start()

    def say_ready(self) -> None:
        """Tell that the work is being done."""
        self._line.sendall(READY)

    def _end_with_it(self) -> None:
        if not self._line.recv(1):
            os._exit(1)


def guard() -> None:
    """Wait for the parent's end and quit the process named by the argument: for a program that is not ours.

    Run as ``python -m emplette.runtime.lifeline PID`` where the kernel does not do it.
    """
    sys.stdin.buffer.read()
    os.kill(int(sys.argv[1]), signal.SIGQUIT)


if __name__ == "__main__":
    guard()
