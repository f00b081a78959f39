"""What waits for somebody's decision, as a rival."""

from emplette.storage import approvals
from tests.storage.trying import Call, case

_ASKED = 36
"""Who is asked in every company; in the rival's, nothing waits for them."""


@case(approvals.count_waiting)
async def _count_waiting(call: Call) -> object:
    return await approvals.count_waiting(call.db, call.tenant, _ASKED)


@case(approvals.waiting)
async def _waiting(call: Call) -> object:
    return await approvals.waiting(call.db, call.tenant, _ASKED, limit=5)
