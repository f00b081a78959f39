"""The budgets of companies, as a process keeps them."""

import time
from collections.abc import Callable
from typing import Final

from emplette.domain.budgets import Book
from emplette.storage.budgets import read_book
from emplette.storage.database import Session

_SECOND: Final = 1_000_000_000


class Books:
    """The budgets of companies, kept in the process for a few seconds; what the docs promise is five.

    Nothing rests on their being new: a command is written only when there are no other budgets than those that it was
    decided with, and when each has left what it was decided with.
    """

    def __init__(self, *, seconds: int = 4, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._kept: dict[int, tuple[int, Book]] = {}

    async def current(self, db: Session, tenant: int) -> Book:
        """Find the budgets of a company."""
        until, book = self._kept.get(tenant, (0, None))
        return book if book is not None and self._clock() < until else await self.anew(db, tenant)

    async def anew(self, db: Session, tenant: int) -> Book:
        """Read the budgets of a company anew."""
        book = await read_book(db, tenant)
        self._kept[tenant] = (self._clock() + self._lifetime, book)
        return book

    def forget(self, tenant: int) -> None:
        """Forget the budgets of a company: something was not written that was decided with them."""
        self._kept.pop(tenant, None)
