"""Comments on purchases, and who may see one, as a rival."""

from datetime import UTC, datetime

from emplette.storage import comments
from tests.storage.trying import DAY, Call, case

LATER = datetime(9999, 1, 1, tzinfo=UTC)


@case(comments.find_around)
async def _find_around(call: Call) -> object:
    return await comments.find_around(call.db, call.tenant, call.ids.purchase, today=DAY)


@case(comments.of_purchase)
async def _of_purchase(call: Call) -> object:
    return (await comments.of_purchase(call.db, call.tenant, call.ids.purchase, before=(LATER, 2**31 - 1), most=9))[0]
