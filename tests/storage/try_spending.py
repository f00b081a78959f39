"""What is spent, and whom requests wait for, as a rival: the other company's is neither summed up nor listed."""

from datetime import date

from emplette.domain.people import Visible
from emplette.domain.spending import Facet, Months, SpendingStage, Wanted
from emplette.storage import slowness, spending, spending_checks, spending_counts
from emplette.storage.lists import Slice
from tests.storage.trying import Call, case

APPROVER = 36
"""Whom both companies have."""
MONTHS = Months.between(date(2025, 1, 1), date(2026, 12, 31))


@case(spending.sums)
async def _sums(call: Call) -> object:
    # Each company has its own; of the other's there is nothing among them.
    visible = Visible(frozenset({call.ids.word}), call.ids.word, frozenset({call.ids.word}))
    all_of_it = (await spending.sums(call.db, call.tenant, None, MONTHS)).by
    seen = (await spending.sums(call.db, call.tenant, visible, MONTHS)).by
    return [minor for each, minor in all_of_it.items() if each.of == call.ids.word], sorted(seen.values())


@case(spending.lines)
async def _lines(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), call.ids.word, frozenset({call.ids.word}))
    wanted = Wanted(MONTHS, "EUR", frozenset(SpendingStage), nature_id=call.ids.word)
    both = [await spending.lines(call.db, call.tenant, seen, wanted, Slice(5)) for seen in (None, visible)]
    return [(found.items, found.count, found.minor) for found in both]


@case(spending.names)
async def _names(call: Call) -> object:
    facets = (Facet.NATURE, Facet.COST_CENTER, Facet.SUPPLIER)
    return await spending.names(call.db, call.tenant, {facet: [call.ids.word] for facet in facets})


@case(spending.titles)
async def _titles(call: Call) -> object:
    return await spending.titles(call.db, call.tenant, [call.ids.purchase])


@case(spending_counts.count, alike=True)
async def _count(call: Call) -> object:
    while await spending_counts.count(call.db, call.tenant, 1_000):
        pass
    return None


@case(spending_checks.lines)
async def _checked_lines(call: Call) -> object:
    return await spending_checks.lines(call.db, call.tenant, after=call.ids.purchase - 1, most=1)


@case(spending_checks.wrong, alike=True)
async def _wrong(call: Call) -> object:
    return await spending_checks.wrong(call.db, call.tenant, most=5)


@case(slowness.by_person)
async def _by_person(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), None)
    return [await slowness.by_person(call.db, call.tenant, seen) for seen in (None, visible)]


@case(slowness.of_person)
async def _of_person(call: Call) -> object:
    visible = Visible(frozenset({call.ids.word}), None)
    return [await slowness.of_person(call.db, call.tenant, seen, APPROVER, most=5) for seen in (None, visible)]
