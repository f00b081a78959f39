"""The program ``emplette`` as the system starts it: what it is made of is loaded while an interruption ends it at once.

Nothing is begun while code is loaded, so nothing has to be ended in order; Python's own answer would be a traceback of
whatever was being loaded. The command that was typed takes the interruption over when all of it is there.
"""

import os
import signal
from contextlib import suppress
from importlib import import_module
from types import FrameType

_STANDARD_ERROR = 2
_INTERRUPTED = 128 + signal.SIGINT


def run() -> None:
    """Load the command line, and do what was typed."""
    end_at_once_when_interrupted()
    import_module("emplette.cli.main").app()


def end_at_once_when_interrupted() -> None:
    """Let Ctrl-C end the program with a line and 130; who started us deaf to it (``nohup``) is obeyed."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def interrupt_as_usual() -> None:
    """Let Ctrl-C be what Python makes of it, so that a command can end in order."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_signal: int, _frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(_STANDARD_ERROR, b"emplette: interrupted\n")
    os._exit(_INTERRUPTED)
