"""The sealed log, what is held against it and the feed, as a rival."""

from datetime import UTC, datetime

from emplette.storage import checks, comparing, feeds, former, seals
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


@case(feeds.read_back)
async def _read_back(call: Call) -> object:
    filters = EventFilters(object_ids=[call.ids.purchase])
    return await feeds.read_back(call.db, call.tenant, filters, after=0, until=1_000, limit=10)


@case(feeds.last_before)
async def _last_before(call: Call) -> object:
    return await feeds.last_before(call.db, call.tenant, datetime.now(UTC), head=1_000)


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


@case(checks.gone, alike=True)
async def _gone(call: Call) -> object:
    return await checks.gone(call.db, call.tenant, NATURES, most=10)


@case(checks.below, alike=True)
async def _below(call: Call) -> object:
    return await checks.below(call.db, call.tenant, "natures", "nature_id", most=10)


@case(checks.hanging_on_nothing, alike=True)
async def _hanging_on_nothing(call: Call) -> object:
    return await checks.hanging_on_nothing(call.db, call.tenant, most=10)


@case(checks.epochs)
async def _epochs(call: Call) -> object:
    return await checks.epochs(call.db, call.tenant)


@case(comparing.is_company_told, alike=True)
async def _is_company_told(call: Call) -> object:
    return await comparing.is_company_told(call.db, call.tenant)


@case(comparing.gone, alike=True)
async def _gone_too(call: Call) -> object:
    return await comparing.gone(call.db, call.tenant, comparing.POLICIES_TOLD, most=10)


@case(comparing.keys)
async def _keys(call: Call) -> object:
    return [sorted(one.there) for one in await comparing.keys(call.db, call.tenant, after=0, most=10)]


@case(comparing.policies)
async def _policies(call: Call) -> object:
    return [one.id for one in await comparing.policies(call.db, call.tenant, after=0, most=10)]


@case(comparing.documents, alike=True)
async def _documents(call: Call) -> object:
    return await comparing.documents(call.db, call.tenant, after=0, most=10)


@case(comparing.attachments)
async def _attachments(call: Call) -> object:
    return await comparing.attachments(call.db, call.tenant, after=0, most=10)


@case(comparing.missing_attachments, alike=True)
async def _missing_attachments(call: Call) -> object:
    return await comparing.missing_attachments(call.db, call.tenant, most=10)


@case(comparing.company)
async def _company(call: Call) -> object:
    return sorted((await comparing.company(call.db, call.tenant)).there)


@case(former.said_at)
async def _said_at(call: Call) -> object:
    return await former.said_at(call.db, call.tenant, call.ids.purchase, call.ids.commitment, datetime.now(UTC))
