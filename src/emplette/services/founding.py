"""Founding the first company of an installation, by whoever was given the link for it."""

from datetime import UTC, datetime

from emplette.domain.founding import Founding, FoundingOver, faults_of_founding
from emplette.domain.people import Tenant, User
from emplette.services.passwords import Passwords
from emplette.storage import founding as storage
from emplette.storage.database import Session


async def is_to_be_founded(db: Session) -> bool:
    """Tell whether the installation has no company yet."""
    return await storage.is_empty(db)


async def found_company(
    db: Session, said: Founding, password: str, *, passwords: Passwords, now: datetime
) -> tuple[Tenant, User]:
    """Found the first company; answer it, and who may configure it from now on.

    Raises:
        FoundingOver: there is a company already.
        Invalid: names everything that can't be.
    """
    faults = faults_of_founding(said, today=now.astimezone(UTC).date())
    known = [said.first_name, said.last_name, said.email, said.company, "emplette"]
    fault = await passwords.fault_of(password, known=known)
    if fault is not None:
        faults.add("password", fault)
    faults.raise_if_any()
    hashed = await passwords.hash(password)
    tenant = await storage.found(db, said, hashed=hashed, now=now)
    if tenant is None:
        raise FoundingOver
    founder = said.founder
    return tenant, User(founder.id, founder.first_name, founder.last_name)
