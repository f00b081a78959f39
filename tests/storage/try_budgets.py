"""Calls of the storage about budgets and what hangs on them."""

from datetime import date

from emplette.domain.budgets import Budget, Claim, EntryState, Place, Share
from emplette.domain.commitments import OneTime
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money, TaxedAmount
from emplette.storage import budget_checks, budget_entries, budgets, changes, givebacks, takeovers
from emplette.storage.budgets import BUDGETS
from emplette.storage.changes import Change
from emplette.storage.database import Together
from emplette.storage.lists import Slice
from emplette.storage.registers import find
from emplette.storage.takeovers import Said, Scope, Standing, Taken
from tests.storage.trying import Call, author, case

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)


@case(budgets.read_book)
async def _book(call: Call) -> object:
    # Each company has its own; of the other's there is nothing in it.
    book = await budgets.read_book(call.db, call.tenant)
    return [line for line in book.lines if line.budget.id == call.ids.word]


@case(budgets.book_together)
async def _book_together(call: Call) -> object:
    found: list[object] = []

    async def say(together: Together) -> bool:
        book = await budgets.book_together(together, call.tenant)
        found.extend(line for line in book.lines if line.budget.id == call.ids.word)
        return False

    await call.db.together(say)
    return found


@case(budget_entries.list_entries)
async def _entries(call: Call) -> object:
    return await budget_entries.list_entries(
        call.db, call.tenant, call.ids.word, list(EntryState), None, Slice(10, counted=True)
    )


@case(budget_entries.held_by)
async def _held(call: Call) -> object:
    held = await budget_entries.held_by(call.db, call.tenant, call.ids.commitment)
    return dict(held.by_budget) or held.stopped_on


@case(budget_entries.shares_of)
async def _shares_of(call: Call) -> object:
    shares, stopped_on = await budget_entries.shares_of(call.db, call.tenant, call.ids.commitment)
    return shares or stopped_on


@case(budget_checks.hanging)
async def _hanging(call: Call) -> object:
    return await budget_checks.hanging(call.db, call.tenant, after=call.ids.word - 1, most=1)


@case(takeovers.charged)
async def _charged(call: Call) -> object:
    found: list[object] = []

    async def say(together: Together) -> bool:
        anywhere = Scope(FIRST, LAST, None, None, None, None, None)
        standing = await takeovers.charged(together, call.tenant, [anywhere], after=0)
        found.extend(one for one in standing if one.said.request_id == call.ids.request)
        return False

    await call.db.together(say)
    return found


@case(takeovers.take)
async def _take(call: Call) -> object:
    ids, found = call.ids, list[object]()
    place = Place(ids.word, ids.word, None, None, frozenset())
    amount = TaxedAmount(Money(100, CURRENCIES["EUR"]))
    said = Said(ids.request, EntryState.RESERVED, OneTime(FIRST, FIRST), amount)
    standing = Standing(ids.commitment, ids.purchase, place, said)
    taken = Taken(standing, said, Claim(ids.word - 1, 100, is_over=False, periods=1, first_date=FIRST, last_date=FIRST))

    async def say(together: Together) -> bool:
        found.append(await takeovers.take(together, call.tenant, [taken], author()))
        return False

    await call.db.together(say)
    return found


@case(givebacks.alone_with_budgets)
async def _alone_with_budgets(call: Call) -> object:
    async def say(together: Together) -> bool:
        await givebacks.alone_with_budgets(together, call.tenant)
        return True

    await call.db.together(say)
    return None


@case(givebacks.shares)
async def _shares(call: Call) -> object:
    found: list[object] = []

    async def say(together: Together) -> bool:
        found.extend(await givebacks.shares(together, call.tenant, call.ids.commitment))
        return False

    await call.db.together(say)
    return found


@case(givebacks.give_back)
async def _give_back(call: Call) -> object:
    share = Share(call.ids.word, call.ids.request, 100, 2, FIRST, LAST, EntryState.COMMITTED)

    async def say(together: Together) -> bool:
        await givebacks.give_back(together, call.tenant, [share], author())
        return True

    await call.db.together(say)
    return None


@case(takeovers.numbers_at_first)
async def _numbers_at_first(call: Call) -> object:
    budget = Budget(id=call.ids.word, name="A", starts_on=FIRST, ends_on=LAST, currency="EUR")
    return (await takeovers.numbers_at_first(call.db, call.tenant, budget)).reserved_minor or None


@case(changes.write_then)
async def _write_then(call: Call) -> object:
    budget, _ = await find(call.db, call.tenant, BUDGETS, call.ids.word)

    async def finish(_: Together) -> None:
        """Say nothing more."""

    if budget is None:
        return None
    return await changes.write_then(
        call.db, call.tenant, BUDGETS, [Change(budget, budget)], author=author(), finish=finish
    )
