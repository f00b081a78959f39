"""Signing in as whom a provider vouches for."""

from datetime import datetime

from emplette.domain.people import Tenant, User
from emplette.domain.sign_in import folded_login
from emplette.formats.identity_providers import ProviderRefused, Vouched
from emplette.storage import identities
from emplette.storage.database import Session


async def person_of(db: Session, tenant: Tenant, vouched: Vouched, *, now: datetime) -> User:
    """Find who it is that a provider vouches for; the first time by the mail address that it has verified.

    Raises:
        ProviderRefused: nobody here.
    """
    found = await identities.find(db, tenant.id, vouched.issuer, vouched.subject)
    if found is None and vouched.mail is not None:
        login = folded_login(vouched.mail)
        await identities.bind(db, tenant.id, vouched.issuer, vouched.subject, login=login, now=now)
        found = await identities.find(db, tenant.id, vouched.issuer, vouched.subject)
    if found is None or not found.is_active(tenant.today(now)):
        raise ProviderRefused("Nobody here has the mail address that it has verified.")
    return found
