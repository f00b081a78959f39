"""Work on the disk, in a thread, that is waited for also when what asked for it is interrupted."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def to_its_end(do: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do something in a thread, and never go on while it is still at work.

    A thread can't be interrupted. Who is cancelled while it copies files would give the folder back, or remove it, and
    the thread would go on writing there.
    """
    doing = asyncio.ensure_future(asyncio.to_thread(do, *arguments, **named))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise
