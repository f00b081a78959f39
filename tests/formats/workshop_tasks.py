"""What the tests have done in a workshop: good work, and every way to die at it."""

import ctypes
import os
import resource
import signal
import sys
import time


def echo(**things: object) -> dict[str, object]:
    return things


def fail(*, message: str) -> None:
    raise ValueError(message)


def sleep(*, seconds: float) -> None:
    time.sleep(seconds)


def spin() -> None:
    while True:
        pass


def crash() -> None:
    ctypes.string_at(0)


def leave(*, code: int) -> None:
    os._exit(code)


def hoard(*, size: int) -> int:
    return len(bytearray(size))


def chatter() -> str:
    os.write(1, b"a library speaks\n")
    os.write(2, b"and complains\n")
    return "done"


def boast(*, size: int) -> bytes:
    return bytes(size)


def lie(*, length: int) -> None:
    """Announce an answer that is longer than anybody should wait for."""
    for number in range(3, 20):
        try:
            os.write(number, length.to_bytes(4, "big"))
        except OSError:
            continue


def write(*, path: str) -> None:
    with open(path, "wb") as file:  # noqa: PTH123 - as plainly as a library does
        file.write(b"something")


def surroundings() -> dict[str, object]:
    return {
        "settings": sorted(name for name in os.environ if name.startswith("EMPLETTE_")),
        "folder": os.getcwd(),  # noqa: PTH109 - where the process stands
        "nice": os.nice(0),
        "interrupted": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "script": sys.argv[0],
    }
