"""What ties a child to its parent: a child outlives its parent by a moment at most, however the parent ended."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1

# Only Linux can have the kernel do it; elsewhere a pipe's end is watched.
KERNEL_TELLS = sys.platform == "linux"

_libc = ctypes.CDLL(None, use_errno=True) if KERNEL_TELLS else None


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """Give what a child runs before it becomes another program, so that the kernel ends it with its parent.

    It has to run after the change of user, which would undo it; ``subprocess`` runs it there. The parent is the
    thread that starts the child: that must be one that lasts.
    """
    parent = os.getpid()

    def ask_the_kernel() -> None:
        if _libc is None:
            return
        if _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
