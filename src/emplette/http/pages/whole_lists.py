"""Whole lists: what a form offers to choose from, and what a page shows at once, however many there are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

from emplette.domain.registers import Entry
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage

AT_ONCE: Final = 1000

T = TypeVar("T", bound=Entry)


async def pages_of(list_page: Callable[[Slice], Awaitable[EntryPage[T]]]) -> AsyncIterator[EntryPage[T]]:
    """Read a list page by page, to its end."""
    piece: Slice | None = Slice(AT_ONCE)
    while piece is not None:
        found = await list_page(piece)
        yield found
        piece = None if found.next is None else Slice(AT_ONCE, after=found.next)


async def every(list_page: Callable[[Slice], Awaitable[EntryPage[T]]]) -> list[T]:
    """Read all entries of a list."""
    return [entry async for found in pages_of(list_page) for entry in found.items]
