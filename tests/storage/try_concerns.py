"""What there is to look after, as a rival: both have a policy of their own, and nothing else that is of concern."""

from emplette.domain.concerns import Outlook
from emplette.storage import concerns
from tests.storage.trying import DAY, NOW, Call, case


@case(concerns.count, alike=True)
async def _count(call: Call) -> object:
    return await concerns.count(call.db, call.tenant, Outlook.at(NOW, DAY))
