"""Looking over what is spent, and what keeps it: sums with what makes up each, and whom requests wait for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from emplette.domain.spending import Facet, Line, Months, NotCountedYet, Split, Sum, Wanted, number_of
from emplette.services.work import Work
from emplette.storage import slowness, spending
from emplette.storage.lists import Slice
from emplette.storage.slowness import WaitedFor, Waiting
from emplette.storage.spending import MOST_LATE, Place, Titled


@dataclass(frozen=True, slots=True)
class Row:
    """What was spent on one of a facet; ``of`` is its id, or the number of a month."""

    of: int
    name: str
    split: Split


@dataclass(frozen=True, slots=True)
class Overview:
    """What is spent in some months, in one currency: whole, and by each facet.

    Months are all there, in their order; of the others the largest come first. ``counts`` says how many there are of
    each, of which ``rows`` has some.
    """

    months: Months
    currency: str
    currencies: tuple[str, ...]
    whole: Split
    rows: Mapping[Facet, tuple[Row, ...]]
    counts: Mapping[Facet, int]


@dataclass(frozen=True, slots=True)
class ListedLine:
    """A line of what makes up a sum, and what its purchase is about."""

    line: Line
    about: Titled


@dataclass(frozen=True, slots=True)
class LinesPage:
    """A page of what makes up a sum; how many lines that are in all, and what they come to."""

    items: tuple[ListedLine, ...]
    next: Place | None
    prev: Place | None
    count: int | None
    minor: int


async def look_over(work: Work, months: Months, currency: str = "", *, most: int) -> Overview:
    """Sum up what the caller may see of what is spent.

    Args:
        work: who looks.
        months: of which months.
        currency: in which currency; the company's, or else the first in which there is anything, when none is named.
        most: so many natures, cost centers and suppliers are named, those with the largest sums.

    Raises:
        NotCountedYet: too much of it is still to be counted.
    """
    found = await spending.sums(work.db, work.tenant.id, work.who.visible, months)
    _refuse_behind(found.late)
    currencies = tuple(sorted({each.currency for each in found.by}))
    if not currency:
        home = work.tenant.currency
        currency = home if home in currencies or not currencies else currencies[0]
    splits = {facet: _splits(found.by, facet, currency) for facet in Facet}
    by_month = splits.pop(Facet.MONTH)
    largest = {facet: _largest(some) for facet, some in splits.items()}
    shown = {facet: ids[:most] for facet, ids in largest.items()}
    names = await spending.names(work.db, work.tenant.id, shown)
    rows = {
        facet: tuple(Row(of, names.get((facet, of), ""), splits[facet][of]) for of in ids)
        for facet, ids in shown.items()
    }
    numbers = [number_of(month) for month in months.each]
    rows[Facet.MONTH] = tuple(Row(number, "", by_month.get(number, Split())) for number in numbers)
    counts = {facet: len(ids) for facet, ids in largest.items()} | {Facet.MONTH: len(numbers)}
    return Overview(months, currency, currencies, _whole(by_month.values()), rows, counts)


async def list_lines(work: Work, wanted: Wanted, piece: Slice) -> LinesPage:
    """List what makes up a sum, of what the caller may see, by month and purchase.

    Raises:
        NotCountedYet: too much of it is still to be counted.
    """
    found = await spending.lines(work.db, work.tenant.id, work.who.visible, wanted, piece)
    _refuse_behind(found.late)
    titles = await spending.titles(work.db, work.tenant.id, sorted({line.purchase_id for line in found.items}))
    items = tuple(ListedLine(line, titles[line.purchase_id]) for line in found.items)
    return LinesPage(items, found.next, found.prev, found.count if piece.counted else None, found.minor)


async def name_of(work: Work, facet: Facet, of: int) -> str:
    """Find what a nature, a cost center or a supplier is called; nothing when it is not there."""
    return (await spending.names(work.db, work.tenant.id, {facet: [of]})).get((facet, of), "")


async def list_waited_for(work: Work) -> list[WaitedFor]:
    """List whom the requests that the caller may see wait for, who has kept one waiting longest first."""
    return await slowness.by_person(work.db, work.tenant.id, work.who.visible)


async def list_waiting_for(work: Work, user_id: int, *, most: int) -> list[Waiting]:
    """List the requests that the caller may see and that wait for somebody, the oldest first."""
    return await slowness.of_person(work.db, work.tenant.id, work.who.visible, user_id, most=most)


def _refuse_behind(late: int) -> None:
    if late > MOST_LATE:
        raise NotCountedYet


def _splits(by: Mapping[Sum, int], facet: Facet, currency: str) -> dict[int, Split]:
    splits: dict[int, Split] = {}
    for each, minor in by.items():
        if each.facet is facet and each.currency == currency:
            splits[each.of] = splits.get(each.of, Split()).and_more(each.state, minor)
    return splits


def _largest(splits: Mapping[int, Split]) -> list[int]:
    return sorted(splits, key=lambda of: (-splits[of].whole, of))


def _whole(splits: Collection[Split]) -> Split:
    return Split(
        sum(each.asked for each in splits), sum(each.approved for each in splits), sum(each.closed for each in splits)
    )
