"""What waits for people, and reminding of it, as a rival."""

from datetime import date

from emplette.storage import escalating
from emplette.storage.escalating import Reminder
from tests.storage.trying import NOW, Call, case

_DAY = date(2090, 1, 1)


@case(escalating.standing, alike=True)
async def _standing(call: Call) -> object:
    return await escalating.standing(call.db, call.tenant, today=_DAY)


@case(escalating.remind)
async def _remind(call: Call) -> object:
    version = await call.neighbours.owner.fetchval(
        "SELECT version FROM purchases WHERE tenant_id = $1 AND purchase_id = $2",
        call.neighbours.company.tenant_id,
        call.ids.purchase,
    )
    reminder = Reminder(call.ids.request, call.ids.purchase, version or 1, 1, NOW, 2)
    return await escalating.remind(call.db, call.tenant, [reminder], now=NOW)
