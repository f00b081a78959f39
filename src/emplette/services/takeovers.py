"""What new budgets take over: what is asked for or approved already, and falls into them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from emplette.domain.budgeting import charge_of, days_of
from emplette.domain.budgets import Book, Budget, Coverage, Numbers
from emplette.storage import takeovers
from emplette.storage.budgets import book_together
from emplette.storage.commands import Author
from emplette.storage.database import Together
from emplette.storage.takeovers import Said, Scope, Standing, Taken


async def take_over(together: Together, tenant: int, made: Sequence[Budget], author: Author) -> dict[int, Numbers]:
    """Hang on budgets that were just made what is asked for or approved already and falls into them.

    The answer has the numbers of those into which something fell.
    """
    book = await book_together(together, tenant)
    ids = {budget.id for budget in made}
    new = replace(book, lines=tuple(line for line in book.lines if line.budget.id in ids))
    scopes = [_scope(budget, book) for budget in made]
    numbers: dict[int, Numbers] = {}
    after, is_all = 0, False
    while not is_all:
        found = await takeovers.charged(together, tenant, scopes, after=after)
        taken = await asyncio.to_thread(_taken_of_all, found, new)
        numbers |= await takeovers.take(together, tenant, taken, author)
        after, is_all = found[-1].commitment_id if found else after, len(found) < takeovers.PIECE
    return numbers


def _scope(budget: Budget, book: Book) -> Scope:
    """Tell where to look for what may fall into a budget; what does is decided by the book."""
    return Scope(
        budget.starts_on,
        budget.ends_on,
        budget.cost_center_id,
        _natures(budget, book),
        None if budget.department_id is None else book.departments_of(budget.department_id),
        budget.establishment_id,
        budget.axis_section_id,
    )


def _natures(budget: Budget, book: Book) -> list[int] | None:
    if budget.nature_id is not None:
        return [budget.nature_id]
    family = budget.cost_family_id
    return None if family is None else [nature for nature, its in book.families.items() if its == family]


def _taken_of_all(found: Sequence[Standing], book: Book) -> list[Taken]:
    return [one for standing in found for one in _taken(standing, book)]


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
