"""What people do with budgets: make one, correct one, look at them and at what hangs on each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from emplette.domain.budgets import (
    Budget,
    BudgetNotFound,
    Correction,
    EntryState,
    Numbers,
    carried_over,
    note_faults,
)
from emplette.domain.errors import Faults, Invalid
from emplette.domain.registers import Known
from emplette.domain.spending import Months
from emplette.services.charging import forget_book
from emplette.services.registers import Decide, Written, read_entry, write_entry
from emplette.services.takeovers import take_over
from emplette.services.work import Work
from emplette.storage import budget_entries, registers, takeovers
from emplette.storage.budget_entries import EntriesPage
from emplette.storage.budgets import BUDGETS
from emplette.storage.changes import Change
from emplette.storage.database import Together
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters

_AT_ONCE: Final = 1_000


async def list_budgets(work: Work, filters: Mapping[str, Sequence[Any]], piece: Slice) -> EntryPage[Budget]:
    """List the budgets, by id."""
    return await registers.list_entries(work.db, work.tenant.id, BUDGETS, Filters(filters), piece)


async def list_budgets_seen(work: Work, months: Months, currency: str) -> list[Budget]:
    """List the budgets of some months, in a currency, of which the caller may see all that hangs on them."""
    visible = work.who.visible
    if visible is not None and not visible.cost_centers:
        return []
    found, after = list[Budget](), None
    while True:
        page = await list_budgets(work, {"currency": [currency]}, Slice(_AT_ONCE, after=after))
        found += page.items
        after = page.next
        if after is None:
            break
    return [
        each
        for each in found
        if each.starts_on < months.end
        and each.ends_on >= months.first
        and (visible is None or each.cost_center_id in visible.cost_centers)
    ]


async def read_budget(work: Work, budget_id: int) -> Written[Budget]:
    """Look at a budget.

    Raises:
        BudgetNotFound: there is none.
    """
    return await read_entry(work, BUDGETS, budget_id, BudgetNotFound)


async def list_entries(
    work: Work, budget_id: int, states: list[EntryState], piece: Slice
) -> tuple[Budget, EntriesPage]:
    """List what hangs on a budget, of the purchases that the caller may see, by request.

    Raises:
        BudgetNotFound: there is none.
    """
    budget = (await read_budget(work, budget_id)).entry
    wanted = states or [EntryState.RESERVED, EntryState.COMMITTED]
    return budget, await budget_entries.list_entries(
        work.db, work.tenant.id, budget_id, wanted, work.who.visible, piece
    )


async def create_budget(work: Work, make: Callable[[int], Budget]) -> Written[Budget]:
    """Make a budget; it takes over what is asked for or approved already and falls into it.

    Raises:
        Invalid: it can't be, or what it names is not there.
        KeyReused: the idempotency key was used for another request.
    """
    budget = make(await work.new_id("budget"))
    numbers = {budget.id: Numbers(budget.amount_minor)}

    async def load() -> tuple[Sequence[Budget], Known]:
        return [], await registers.names_of(work.db, work.tenant.id, BUDGETS, budget.references())

    def decide(_: Sequence[Budget], __: Known) -> Change[Budget]:
        faults = Faults()
        note_faults(budget, faults)
        faults.raise_if_any()
        return Change(None, budget)

    async def finish(together: Together, made: Budget) -> None:
        numbers.update(await take_over(together, work.tenant.id, [made], work.author))

    done = await write_entry(work, BUDGETS, load, decide, finish=finish)
    forget_book(work)
    if done.replayed:
        at_first = await takeovers.numbers_at_first(work.db, work.tenant.id, done.entry)
        return replace(done, entry=replace(done.entry, numbers=at_first))
    return replace(done, entry=replace(done.entry, numbers=numbers[budget.id]))


async def correct_budget(
    work: Work, budget_id: int, amount_of: Callable[[Budget], int], reason: str
) -> Written[Budget]:
    """Change the amount of a budget, for a reason; lowered below what hangs on it, it has an overrun.

    Raises:
        BudgetNotFound: there is none.
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: it would be less than nothing, or more than can be kept.
    """

    def decide(found: Sequence[Budget], _: Known) -> Change[Budget]:
        if not found:
            raise BudgetNotFound
        correction = Correction(amount_of(found[0]), work.now, work.who.user.id)
        return Change(found[0], found[0].corrected(correction, reason))

    return await _write(work, [budget_id], decide)


async def carry_over(
    work: Work, budget_id: int, source_id: int, amount_of: Callable[[Budget], int | None], reason: str
) -> Written[Budget]:
    """Carry over what is free of an earlier budget, all of it or so much.

    Raises:
        BudgetNotFound: there is none.
        PreconditionFailed: it is not at a version that the caller accepts.
        NothingToCarryOver: the other is not earlier, of another currency, or has not so much free.
        Invalid: the other is not there, or the amount can't be.
    """

    def decide(found: Sequence[Budget], _: Known) -> Change[Budget]:
        by_id = {budget.id: budget for budget in found}
        into, source = by_id.get(budget_id), by_id.get(source_id)
        if into is None:
            raise BudgetNotFound
        if source is None:
            raise Invalid.field("fromBudgetId", f"There is no budget {source_id}.")
        minor = amount_of(into)
        after, left = carried_over(into, source, minor, reason, at=work.now, by=work.who.user.id)
        return Change(into, after, also=(Change(source, left),))

    return await _write(work, [budget_id, source_id], decide)


async def _write(work: Work, budget_ids: Sequence[int], decide: Decide[Budget]) -> Written[Budget]:
    done = await write_entry(
        work, BUDGETS, lambda: registers.find_all(work.db, work.tenant.id, BUDGETS, budget_ids), decide
    )
    forget_book(work)
    return done
