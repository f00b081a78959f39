"""Founding the first company of an installation: whole, or not at all, and by one founder only."""

from datetime import datetime
from typing import Final

from emplette.domain.founding import FOUNDER, Founding
from emplette.domain.people import Principal, Tenant, User, UserKind
from emplette.domain.roles import Role, RoleGrant
from emplette.storage import organisation, sign_in, tenants
from emplette.storage.changes import Change, write_among
from emplette.storage.commands import Author
from emplette.storage.database import Session, Together
from emplette.storage.ids import keep_above
from emplette.storage.keys import FIRST_USER
from emplette.storage.roles import ROLE_GRANTS

_IS_EMPTY: Final = "SELECT NOT EXISTS (SELECT FROM tenants) AS is_empty"
# Nobody else founds or makes a company meanwhile; whoever waited sees this one.
_HOLD: Final = "LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE"


async def is_empty(db: Session) -> bool:
    """Tell whether there is no company yet."""
    return bool((await db.fetch(_IS_EMPTY))[0]["is_empty"])


async def found(db: Session, said: Founding, *, hashed: str, now: datetime) -> Tenant | None:
    """Found the first company: its account, its first words, its founder with a password and the role to configure.

    None when there is a company already.
    """
    founded: list[Tenant] = []

    async def say(together: Together) -> bool:
        await together.write(_HOLD)
        if not (await together.write(_IS_EMPTY))[0]["is_empty"]:
            return False
        tenant = await tenants.create_among(together, said.draft, now=now)
        founded.append(tenant)
        await organisation.take_over(together, tenant.id, said.first_words())
        await sign_in.set_password(together, tenant.id, FOUNDER, hashed=hashed, actor=FOUNDER, now=now)
        await keep_above(together, tenant.id, ROLE_GRANTS.kind, 1)
        grant = RoleGrant(id=1, user_id=FOUNDER, role=Role.ADMINISTRATOR, granted_at=now)
        return await write_among(together, tenant.id, ROLE_GRANTS, [Change(None, grant)], author=_author(now))

    return founded[0] if await db.together(say) else None


def _author(now: datetime) -> Author:
    """Say who gives the founder their role: the same as makes companies."""
    user = User(FIRST_USER, "Command line", "", kind=UserKind.KEY)
    return Author(Principal(user, 0, "", {}, auto_approve=False), now, None)
