"""Lists that come in pages: all items, one after the other, however many pages they are on."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender, Sender
from emplette.client.wire import UNSET, Answer

T = TypeVar("T")

PAGE: Final = 100
"""How many items are asked for at once when nobody says: the most that every list gives."""


class Page(Answer, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[T]
    next: str | None = None
    """What to give as ``page`` in order to go on after this one; None at the end."""
    prev: str | None = None
    count: int | None = None


class _Listing(Generic[T]):
    """A list of which nothing has been asked yet."""

    def __init__(self, path: str, kind: Any, query: Mapping[str, object]) -> None:  # noqa: ANN401 - the type of an item
        sized = query if query.get("limit") is not UNSET else {**query, "limit": PAGE}
        self._ask: Ask[Page[T]] = Ask(method="GET", path=path, answer=Page[kind], query=sized)

    def _after(self, page: str | None) -> Ask[Page[T]]:
        return self._ask.with_query(page=page, fields_root="next") if page else self._ask.with_query(fields_root="next")

    def _of_counting(self) -> Ask[Page[T]]:
        return self._ask.with_query(limit=0, fields_root="count")


class Listing(_Listing[T]):
    """A list: iterate over it for its items, over ``pages()`` to go page by page."""

    def __init__(self, sender: Sender, path: str, kind: Any, query: Mapping[str, object]) -> None:  # noqa: ANN401
        super().__init__(path, kind, query)
        self._sender = sender

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """Go page by page; each says with ``next`` where to go on, also another day."""
        page = self._sender.send(self._after(None))
        yield page
        while page.next is not None:
            page = self._sender.send(self._after(page.next))
            yield page

    def count(self) -> int:
        """Ask how many items there are on all pages."""
        return self._sender.send(self._of_counting()).count or 0


class AsyncListing(_Listing[T]):
    """A list: iterate over it with ``async for``, over ``pages()`` to go page by page."""

    def __init__(self, sender: AsyncSender, path: str, kind: Any, query: Mapping[str, object]) -> None:  # noqa: ANN401
        super().__init__(path, kind, query)
        self._sender = sender

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Go page by page; each says with ``next`` where to go on, also another day."""
        page = await self._sender.send(self._after(None))
        yield page
        while page.next is not None:
            page = await self._sender.send(self._after(page.next))
            yield page

    async def count(self) -> int:
        """Ask how many items there are on all pages."""
        return (await self._sender.send(self._of_counting())).count or 0
