"""Companies' accounts: making one, finding one, and what it brings along."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from emplette.domain.errors import Faults, Invalid
from emplette.domain.organisation import Organisation
from emplette.domain.parties import Conditions, Letterhead, PostalAddress, address_of, or_none
from emplette.domain.people import Tenant
from emplette.domain.tenants import Account, TenantDraft, faults_of_tenant
from emplette.domain.territories import territory
from emplette.domain.text import LONGEST_COMMENT, LONGEST_NAME, fault_of_text
from emplette.formats.suppliers import registration, vat_number
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


@dataclass(frozen=True, slots=True)
class SaidOfCompany:
    """What somebody says of a company for its orders: None is kept, an empty text clears."""

    street: str | None = None
    additional: str | None = None
    postal_code: str | None = None
    city: str | None = None
    identifier: str | None = None
    vat_number: str | None = None
    conditions_fr: str | None = None
    conditions_en: str | None = None


async def change_tenant(db: Session, tenant: Tenant, said: SaidOfCompany, *, now: datetime) -> Letterhead:
    """Change what a company says of itself on the orders that are made from now on.

    Raises:
        Invalid: names everything that can't be.
    """
    faults = Faults()
    for name in said.__slots__:
        longest = LONGEST_COMMENT if name.startswith("conditions") else LONGEST_NAME
        fault = fault_of_text(getattr(said, name) or "", longest=longest)
        if fault:
            faults.add(_FIELDS[name], fault)
    faults.raise_if_any()
    before = await storage.letterhead(db, tenant.id)
    after = _changed(before, said, tenant, faults)
    faults.raise_if_any()
    if after != before:
        await storage.write_letterhead(db, tenant.id, after, now=now)
    return after


_FIELDS = {
    "street": "street",
    "additional": "additional",
    "postal_code": "postalCode",
    "city": "city",
    "identifier": "identifier",
    "vat_number": "vatNumber",
    "conditions_fr": "conditionsFr",
    "conditions_en": "conditionsEn",
}


def _changed(before: Letterhead, said: SaidOfCompany, tenant: Tenant, faults: Faults) -> Letterhead:
    address, conditions = before.address or PostalAddress(), before.conditions or Conditions()
    parts = ("street", "additional", "postal_code", "city")
    lines = [getattr(address, part) if getattr(said, part) is None else getattr(said, part) for part in parts]
    texts = Conditions(_kept(said.conditions_fr, conditions.fr), _kept(said.conditions_en, conditions.en))
    return Letterhead(
        address=or_none(address_of(*lines)),
        registration_id=_number("identifier", said.identifier, before.registration_id, registration, tenant, faults),
        vat_number=_number("vatNumber", said.vat_number, before.vat_number, vat_number, tenant, faults),
        conditions=None if texts == Conditions() else texts,
    )


def _kept(said: str | None, before: str | None) -> str | None:
    return before if said is None else said.strip() or None


def _number(
    path: str, said: str | None, before: str | None, read: Callable[[str, str], str], tenant: Tenant, faults: Faults
) -> str | None:
    if said is None or not said.strip():
        return _kept(said, before)
    try:
        return read(said, tenant.country)
    except ValueError as fault:
        faults.add(path, str(fault))
        return before


async def find_real_company(db: Session) -> str | None:
    """Name the account of a company that is no demo, if there is one."""
    return await storage.find_real(db)


async def take_over(db: Session, tenant: Tenant, brought: Organisation) -> None:
    """Take over what a company brings along, with the ids that it has had so far."""
    await organisation.take_over(db, tenant.id, brought)


async def is_staffed(db: Session, tenant: Tenant) -> bool:
    """Tell whether anybody works for the company yet."""
    return await organisation.has_people(db, tenant.id)
