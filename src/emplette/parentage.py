"""A process ends with its parent, however the parent ended: Linux has the kernel see to it."""

import ctypes
import os
import signal
import sys

KERNEL_TELLS = sys.platform == "linux"
"""Whether the kernel ends a child with its parent; elsewhere the child has to notice by itself."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if KERNEL_TELLS else None


def end_with_parent(parent: int, with_signal: signal.Signals) -> None:
    """Have the kernel end this process with its parent; end at once when the parent is gone already.

    It has to be asked after a change of user, which would undo it. The parent is the thread that started this process:
    that must be one that lasts.

    Args:
        parent: the process number of the parent, as the parent said it.
        with_signal: what the kernel sends.
    """
    if _libc is None:
        return
    if _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)
