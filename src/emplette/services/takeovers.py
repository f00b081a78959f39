"""What new budgets take over: what is asked for or approved already, and falls into them."""

from collections.abc import Sequence
from dataclasses import replace

from emplette.domain.budgeting import charge_of, days_of
from emplette.domain.budgets import Book, Budget, Coverage, Numbers
from emplette.storage import takeovers
from emplette.storage.budgets import book_together
from emplette.storage.commands import Author
from emplette.storage.database import Together
from emplette.storage.takeovers import Said, Standing, Taken


async def take_over(together: Together, tenant: int, made: Sequence[Budget], author: Author) -> dict[int, Numbers]:
    """Hang on budgets that were just made what is asked for or approved already and falls into them.

    The answer has the numbers of those into which something fell.
    """
    book = await book_together(together, tenant)
    numbers = {budget.id for budget in made}
    new = replace(book, lines=tuple(line for line in book.lines if line.budget.id in numbers))
    first_day, last_day = min(one.starts_on for one in made), max(one.ends_on for one in made)
    found = await takeovers.charged(together, tenant, first_day, last_day)
    taken = [one for standing in found for one in _taken(standing, new)]
    return await takeovers.take(together, tenant, taken, author)


def _taken(standing: Standing, book: Book) -> list[Taken]:
    """Find what falls into the budgets: what a commitment says, and what an amendment that waits would add to it."""
    said, proposed = standing.said, standing.proposed
    coverage = _coverage(standing, said, book)
    taken = [Taken(standing, said, claim) for claim in coverage.claims]
    if proposed is not None:
        added = book.difference(coverage, _coverage(standing, proposed, book))
        taken += [Taken(standing, proposed, claim) for claim in added.claims]
    return taken


def _coverage(standing: Standing, said: Said, book: Book) -> Coverage:
    return book.coverage(charge_of(standing.place, said.amount, days_of(said.terms, standing.stopped_on), book))
