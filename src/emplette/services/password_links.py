"""Links by which people choose a password: each good once, and for some days."""

from datetime import datetime, timedelta

from emplette.domain.errors import Invalid
from emplette.domain.keys import hash_of_secret
from emplette.domain.organisation import UserNotFound
from emplette.domain.people import Tenant, User
from emplette.domain.sign_in import LINK_LIFE, LONGEST_LINK, NoMailAddress
from emplette.services.randomness import new_secret
from emplette.storage import sign_in as storage
from emplette.storage.database import Session
from emplette.storage.sign_in import Member


async def make_link(
    db: Session, tenant: Tenant, user_id: int, *, actor: int, now: datetime, life: timedelta = LINK_LIFE
) -> tuple[User, str]:
    """Make a link by which somebody sets a password, once; answer whom it is for, and its secret.

    Raises:
        UserNotFound: there is no such person.
        NoMailAddress: they could not sign in with it.
        Invalid: they have left, or it would be good for too long.
    """
    member = await member_of(db, tenant, user_id)
    if not member.user.is_active(tenant.today(now)):
        raise Invalid.field("user", f"{member.user.name} ({user_id}) has left.")
    if not timedelta(0) < life <= LONGEST_LINK:
        raise Invalid.field("life", f"Must be more than nothing, and {LONGEST_LINK.days} days at most.")
    secret = new_secret()
    await storage.make_link(
        db, tenant.id, user_id, secret_hash=hash_of_secret(secret), ends_at=now + life, actor=actor, now=now
    )
    return member.user, secret


async def member_of(db: Session, tenant: Tenant, user_id: int) -> Member:
    """Find somebody who signs in with a password.

    Raises:
        UserNotFound: there is no such person.
        NoMailAddress: they have nothing to sign in with.
    """
    member = await storage.member(db, tenant.id, user_id)
    if member is None:
        raise UserNotFound
    if not member.email:
        raise NoMailAddress(f"{member.user.name} ({user_id}) has no mail address to sign in with.")
    return member
