"""Webhooks and their deliveries, as a rival."""

from uuid import UUID

from emplette.domain.deliveries import Answered, Waiting
from emplette.storage import deliveries, webhooks
from emplette.storage.deliveries import Claimed, Outcome
from tests.storage.trying import Call, case

CLAIM = UUID(int=0x71)


@case(webhooks.read)
async def _read(call: Call) -> object:
    return (await webhooks.read(call.db, call.tenant, call.ids.word)).webhook


@case(webhooks.progress_of)
async def _progress(call: Call) -> object:
    return await webhooks.progress_of(call.db, call.tenant, [call.ids.word])


@case(webhooks.secrets_of)
async def _secrets(call: Call) -> object:
    return await webhooks.secrets_of(call.db, call.tenant, call.ids.word)


@case(deliveries.waiting)
async def _waiting(call: Call) -> object:
    return await deliveries.waiting(call.db, call.tenant, call.ids.word)


@case(deliveries.new_events)
async def _new(call: Call) -> object:
    claimed = Claimed(call.tenant, "", call.ids.word, "", ["order.created"], [], 1, 0, None)
    found = await deliveries.new_events(call.db, call.tenant, claimed, until=1_000, most=100)
    return [one.object_id for one in found if one.object_id == call.ids.order]


@case(deliveries.events_at)
async def _at(call: Call) -> object:
    return await deliveries.events_at(call.db, call.tenant, range(1, 100))


@case(deliveries.list_waiting)
async def _list(call: Call) -> object:
    return await deliveries.list_waiting(call.db, call.tenant, call.ids.word, after=0, most=10)


@case(deliveries.settle)
async def _settle(call: Call) -> object:
    failed = Answered(status=500)
    outcome = Outcome(epoch=1, position=2, told=[1], waiting=[Waiting(2, ("order", 1))], failed=failed, is_failing=True)
    return await deliveries.settle(call.db, call.tenant, call.ids.word, CLAIM, outcome)
