"""Companies' accounts: making one, finding one, and what it brings along."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from emplette.domain.errors import Invalid
from emplette.domain.organisation import Organisation
from emplette.domain.people import Tenant
from emplette.domain.tenants import Account, TenantDraft, faults_of_tenant
from emplette.domain.territories import territory
from emplette.storage import organisation, people
from emplette.storage import tenants as storage
from emplette.storage.database import Session


async def create_tenant(db: Session, draft: TenantDraft, *, now: datetime) -> Tenant:
    """Make a company's account; calls under its host names are answered within seconds.

    Raises:
        Invalid: names everything that can't be or is taken.
    """
    draft = replace(draft, hosts=tuple(host.lower() for host in draft.hosts))
    faults = faults_of_tenant(draft, today=now.date())
    await storage.note_taken(db, draft, faults)
    faults.raise_if_any()
    return await storage.create(db, replace(draft, country=territory(draft.country).id), now=now)


async def find_tenant(db: Session, account: str) -> Tenant:
    """Find a company by its account.

    Raises:
        Invalid: there is none.
    """
    tenant = await people.tenant_of_account(db, account)
    if tenant is None:
        raise Invalid.field("tenant", f"There is no company with the account {account!r}: see `emplette tenant list`.")
    return tenant


async def list_tenants(db: Session) -> Sequence[Account]:
    """List the companies, by account."""
    return await storage.all_accounts(db)


async def find_real_company(db: Session) -> str | None:
    """Name the account of a company that is no demo, if there is one."""
    return await storage.find_real(db)


async def take_over(db: Session, tenant: Tenant, brought: Organisation) -> None:
    """Take over what a company brings along, with the ids that it has had so far."""
    await organisation.take_over(db, tenant.id, brought)


async def is_staffed(db: Session, tenant: Tenant) -> bool:
    """Tell whether anybody works for the company yet."""
    return await organisation.has_people(db, tenant.id)
