"""In whose name jobs act in a company: in that of its command line, as an administrator at the machine would."""

from datetime import datetime
from typing import Final

from emplette.domain.people import Permission, Principal, Scope, Tenant
from emplette.services.work import Shelf, Work
from emplette.storage import people
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user

_MAY: Final = {Permission.VIEW: Scope.ALL}


async def work_in(tenant: Tenant, db: Session, shelf: Shelf, world: datetime) -> Work:
    """Make the work of a job in a company, at a moment of the world's."""
    actor = await command_line_user(db, tenant.id)
    user = (await people.by_id(db, tenant.id, [actor]))[actor]
    return Work(tenant, Principal(user, 0, "", _MAY, auto_approve=False), tenant.now(world), db, shelf)
