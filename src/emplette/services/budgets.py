"""What people do with budgets: make one, correct one, look at them and at what hangs on each."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from emplette.domain.budgeting import charge_of, days_of
from emplette.domain.budgets import Book, Budget, BudgetNotFound, note_faults
from emplette.domain.errors import Faults
from emplette.domain.registers import Known
from emplette.services.registers import Written, read_entry, write_entry
from emplette.services.work import Work
from emplette.storage import registers, takeovers
from emplette.storage.budgets import BUDGETS, book_together
from emplette.storage.changes import Change
from emplette.storage.commands import Author
from emplette.storage.database import Together
from emplette.storage.takeovers import Taken


async def read_budget(work: Work, budget_id: int) -> Written[Budget]:
    """Look at a budget.

    Raises:
        BudgetNotFound: there is none.
    """
    return await read_entry(work, BUDGETS, budget_id, BudgetNotFound)


async def create_budget(work: Work, make: Callable[[int], Budget]) -> Written[Budget]:
    """Make a budget; it takes over what is asked for or approved already and falls into it.

    Raises:
        Invalid: it can't be, or what it names is not there.
        KeyReused: the idempotency key was used for another request.
    """
    budget = make(await work.new_id("budget"))

    async def load() -> tuple[Sequence[Budget], Known]:
        return [], await registers.names_of(work.db, work.tenant.id, BUDGETS, budget.references())

    def decide(_: Sequence[Budget], __: Known) -> Change[Budget]:
        faults = Faults()
        note_faults(budget, faults)
        faults.raise_if_any()
        return Change(None, budget)

    async def finish(together: Together, made: Budget) -> None:
        await take_over(together, work.tenant.id, [made], work.author)

    return await write_entry(work, BUDGETS, load, decide, finish=finish)


async def take_over(together: Together, tenant: int, made: Sequence[Budget], author: Author) -> None:
    """Hang on budgets that were just made what is asked for or approved already and falls into them."""
    book = await book_together(together, tenant)
    numbers = {budget.id for budget in made}
    new = replace(book, lines=tuple(line for line in book.lines if line.budget.id in numbers))
    first_day, last_day = min(one.starts_on for one in made), max(one.ends_on for one in made)
    found = await takeovers.charged(together, tenant, first_day, last_day)
    taken = [one for standing in found for one in _taken(standing, new)]
    await takeovers.take(together, tenant, taken, author)


def _taken(standing: takeovers.Standing, book: Book) -> list[Taken]:
    days = days_of(standing.starts_on, standing.frequency, standing.periods_count)
    charge = charge_of(standing.place, standing.amount, days, book)
    return [Taken(standing, claim) for claim in book.coverage(charge).claims]
