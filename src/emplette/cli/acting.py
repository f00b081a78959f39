"""Acting for a company from the command line: what a use case is given there."""

from datetime import UTC, datetime
from typing import Final

from emplette.domain.addresses import Reach
from emplette.domain.people import Permission, Principal, Scope, User, UserKind
from emplette.services.tenants import find_tenant
from emplette.services.work import Shelf, Work
from emplette.settings import read_settings
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user

_MAY: Final = {Permission.CONFIGURE: Scope.ALL, Permission.VIEW: Scope.ALL}


async def work_of(db: Session, account: str) -> Work:
    """Prepare what somebody does at a terminal, in the name of the company's user "Command line".

    Raises:
        Refusal: there is no such company.
    """
    tenant = await find_tenant(db, account)
    user = User(await command_line_user(db, tenant.id), "Command line", "", kind=UserKind.KEY)
    who = Principal(user, 0, "", _MAY, auto_approve=False)
    shelf = Shelf(reach=Reach.parse(read_settings().webhooks_allowed_networks))
    return Work(tenant, who, tenant.now(datetime.now(UTC)), db, shelf)
