"""What waits for somebody's decision, as a rival."""

from datetime import timedelta

from emplette.storage import approvals, feeds
from tests.storage.trying import NOW, Call, case

_ASKED = 36
"""Who is asked in every company; in the rival's, nothing waits for them."""
LATER = (NOW + timedelta(days=9999), 0)


@case(approvals.count_waiting)
async def _count_waiting(call: Call) -> object:
    return await approvals.count_waiting(call.db, call.tenant, _ASKED)


@case(approvals.waiting)
async def _waiting(call: Call) -> object:
    return await approvals.waiting(call.db, call.tenant, _ASKED, limit=5)


@case(feeds.of_purchase)
async def _of_purchase(call: Call) -> object:
    return await feeds.of_purchase(call.db, call.tenant, call.ids.purchase, before=LATER, most=10)
