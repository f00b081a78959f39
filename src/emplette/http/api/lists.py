"""Lists of documents: their filters, the piece that is asked for, and the answer with its neighbours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Protocol, TypeVar

from msgspec import UNSET, Meta

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.http.contract import Cursor, Direction, Id, Listed, PagedQuery, RootField
from emplette.storage.lists import COUNTED_TERMS, Filters, Slice

T = TypeVar("T")

LARGEST_PAGE: Final = 100
SMALL_PAGE: Final = 10
"""How many items lists of the organisation have at most, and when nothing is said: fewer than others."""

PURCHASE_READERS = (Permission.VIEW, Permission.PURCHASES, Permission.APPROVE)
"""Who may look at purchases and what is under them; whose, their scope says."""

REGISTER_READERS = (Permission.VIEW, Permission.PURCHASES, Permission.MANAGE, Permission.APPROVE)
"""Who may read a company's registers: everybody who has to do with purchases."""


class _Dated(Protocol):
    """The parameters of a list that can be narrowed by the time of creation."""

    @property
    def created_from(self) -> datetime | None:
        """From then on."""

    @property
    def created_to(self) -> datetime | None:
        """Until just before then."""


class OrganisationQuery(PagedQuery):
    """The parameters that every list of the organisation has."""

    limit: Annotated[int, Meta(ge=0, le=LARGEST_PAGE, description="How many items a page has at most.")] = SMALL_PAGE
    id: list[Id] = []


class _Paged(Protocol):
    """A page of a list of any kind."""

    @property
    def next(self) -> tuple[Any, ...] | None:
        """The row behind which the next page begins."""

    @property
    def prev(self) -> tuple[Any, ...] | None:
        """The row before which the previous page ends."""

    @property
    def count(self) -> int | None:
        """How many there are on all pages."""


def filters_of(query: _Dated, **values: Sequence[Any]) -> Filters:
    """Gather the filters of a list."""
    terms = getattr(query, "search_terms", "").strip()
    return Filters({name: list(those) for name, those in values.items()}, query.created_from, query.created_to, terms)


def slice_of(query: PagedQuery, filters: Filters | None = None) -> Slice:
    """Work out which piece of the list is asked for.

    Raises:
        Invalid: a page number so far out that only a token leads there.
    """
    position = query.position
    counted = query.asks_for(RootField.COUNT)
    if isinstance(position, Cursor):
        keys: Any = position.keys
        forward = position.direction is Direction.NEXT
        return Slice(query.limit, after=keys if forward else None, before=None if forward else keys, counted=counted)
    offset = (position.number - 1) * query.limit
    if filters is not None and filters.terms and offset >= COUNTED_TERMS:
        message = f"With search.terms pages have numbers up to {COUNTED_TERMS:,} items; go on with the token of next."
        raise Invalid.field("page", message)
    return Slice(query.limit, offset=offset, counted=counted)


def listed(query: PagedQuery, page: _Paged, items: list[T]) -> Listed[T]:
    """Answer a page, with what was asked for besides its items."""
    following = query.asks_for(RootField.NEXT) and page.next is not None
    leading = query.asks_for(RootField.PREV) and page.prev is not None
    return Listed(
        items=items,
        next=query.token(Direction.NEXT, page.next) if following and page.next else UNSET,
        prev=query.token(Direction.PREV, page.prev) if leading and page.prev else UNSET,
        count=UNSET if page.count is None else page.count,
    )
