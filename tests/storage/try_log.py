"""The sealed log, what is held against it and the feed, as a rival."""

from emplette.storage import checks, feeds, seals
from emplette.storage.feeds import EventFilters
from emplette.storage.natures import NATURES
from tests.storage.trying import Call, case


@case(seals.seal, alike=True)
async def _seal(call: Call) -> object:
    return await seals.seal(call.db, call.tenant, 10)


@case(seals.head)
async def _head(call: Call) -> object:
    return await seals.head(call.db, call.tenant)


@case(seals.piece)
async def _piece(call: Call) -> object:
    return await seals.piece(call.db, call.tenant, after=0, most=10)


@case(feeds.read)
async def _read(call: Call) -> object:
    filters = EventFilters(object_ids=[call.ids.purchase])
    return await feeds.read(call.db, call.tenant, filters, after=0, until=1_000, limit=10)


@case(checks.events)
async def _events(call: Call) -> object:
    return await checks.events(call.db, call.tenant, after=0, most=10)


@case(checks.lost, alike=True)
async def _lost(call: Call) -> object:
    return await checks.lost(call.db, call.tenant, most=10)


@case(checks.purchases)
async def _purchases(call: Call) -> object:
    return await checks.purchases(call.db, call.tenant, after=0, most=10)


@case(checks.entries)
async def _entries(call: Call) -> object:
    return [one.id for one in await checks.entries(call.db, call.tenant, NATURES, after=3, most=10)]
