"""The child of a workshop: limits itself, then does what it is told, one task after the other, until nobody is there.

Run as ``python -m emplette.formats.workbench PARENT MEMORY SECONDS PROCESSOR``. Messages are MessagePack behind
their length: ``[function, arguments]`` in, ``[True, answer]`` or ``[False, [kind, message]]`` out.
"""

import os
import resource
import signal
import struct
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO, Final

import msgspec

from emplette.parentage import end_with_parent

LENGTH: Final = struct.Struct(">I")
"""How the length of a message is written, before it."""

READY: Final = b"ready"
"""What the child says first."""

OUT_OF_MEMORY: Final = 71
"""The exit code of a child that ran out of memory: what it has left is in pieces."""

_LONGEST_MESSAGE = 1_000
_OPEN_FILES = 64
_NICE = 5


def limit(memory: int) -> None:
    """Take from this process what it does not need; what a system does not know is left out."""
    os.nice(_NICE)
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    for which, most in limits.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


def limit_time(seconds: int, processor: int) -> None:
    """Let the kernel end this process when the next task takes too long, whatever has become of the parent.

    Seconds by the clock, and of a processor.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + processor + 1, most))
    signal.alarm(seconds + 1)


def work(orders: BinaryIO, answers: BinaryIO, seconds: int, processor: int) -> None:
    """Do what is ordered until there are no more orders."""
    while head := orders.read(LENGTH.size):
        function, arguments = msgspec.msgpack.decode(orders.read(*LENGTH.unpack(head)))
        limit_time(seconds, processor)
        try:
            answer = msgspec.msgpack.encode((True, _function(function)(**arguments)))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
            answer = msgspec.msgpack.encode((False, (type(error).__name__, str(error)[:_LONGEST_MESSAGE])))
        _send(answers, answer)
        signal.alarm(0)


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _send(answers: BinaryIO, body: bytes) -> None:
    answers.write(LENGTH.pack(len(body)) + body)
    answers.flush()


def main() -> None:
    """Be the child."""
    parent, memory, seconds, processor = map(int, sys.argv[1:])
    end_with_parent(parent, signal.SIGKILL)
    # A worker has sockets, some of which it got from its own parent: not every event loop keeps them from a child.
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    # The person who presses Ctrl-C means the server, which ends its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit(memory)
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "wb")
    # Libraries in C may print: that must not get between the answers.
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a file
        os.dup2(nowhere.fileno(), 1)
    _send(answers, READY)
    work(sys.stdin.buffer, answers, seconds, processor)


if __name__ == "__main__":
    main()
