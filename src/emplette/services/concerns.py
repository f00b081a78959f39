"""What an administrator should look after."""

from collections.abc import Mapping

from emplette.domain.concerns import Concern, Outlook
from emplette.domain.people import Permission
from emplette.services.work import Work
from emplette.storage import concerns


async def list_concerns(work: Work) -> Mapping[Concern, int]:
    """Count what there is to look after, the most pressing first; nothing for those who configure nothing."""
    if Permission.CONFIGURE not in work.who.permissions:
        return {}
    return await concerns.count(work.db, work.tenant.id, Outlook.at(work.now, work.today))
