"""Which VAT rates there are at a place and time, and what companies add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Tenant
from emplette.domain.taxes import (
    ApplicableRate,
    RateType,
    RecoveryRule,
    Span,
    VatRate,
    day_after,
    days_changed,
    fault_of_coefficient,
    fault_of_new_type,
    faults_of_own_rate,
    find_type,
    rates_in_force,
)
from emplette.domain.territories import fault_of_territory, find_territory, territory
from emplette.services.work import Work
from emplette.storage import taxes as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user
from emplette.storage.seeds import Connection


async def list_rates(work: Work, *, territory_id: str, on: date) -> list[ApplicableRate]:
    """List the rates of a territory that are valid on a day for the caller's company, the highest first.

    Raises:
        TerritoryUnknown: there is no such territory.
    """
    place = territory(territory_id)
    return await work.shelf.taxes.rates_on(work.db, work.tenant.id, territory=place, on=on)


@dataclass(frozen=True, slots=True)
class ListedRate:
    """A rate, and where it comes from."""

    rate: VatRate
    source: str
    """The law, or who has set it."""


def shipped_rates(*, territory_id: str, on: date) -> list[ListedRate]:
    """List the rates of a territory on a day as they come with Emplette, the highest first.

    Raises:
        Invalid: there is no such territory.
    """
    code = _territory(territory_id)
    listed = [ListedRate(rate, source) for rate, source in storage.read_table(storage.table())]
    return _of_day(listed, code, on)


async def rates_of_company(db: Session, tenant: Tenant, *, territory_id: str, on: date) -> list[ListedRate]:
    """List the rates of a territory on a day as they are for a company, the highest first.

    Raises:
        Invalid: there is no such territory.
    """
    code = _territory(territory_id)
    sources = {rate.id: source for rate, source in storage.read_table(storage.table())}
    table = await _table(db, tenant)
    listed = [ListedRate(rate, sources.get(rate.id, f"set by {tenant.account}")) for rate in table.in_force]
    return _of_day(listed, code, on)


async def add_rate(
    db: Session,
    tenant: Tenant,
    *,
    territory_id: str,
    rate_type: str,
    percentage: Decimal,
    first_day: date,
    last_day: date | None,
    now: datetime,
) -> tuple[RateType, bool]:
    """Give a type of rate a percentage for a company, from a day on; answer the type, and whether it is a new one.

    Args:
        db: the way to the database.
        tenant: the company.
        territory_id: where.
        rate_type: the type's id or its name; a name that no type has there makes one.
        percentage: a fraction.
        first_day: the first day on which it counts.
        last_day: the last one, if there is one.
        now: when it is said.

    Raises:
        Invalid: names everything that can't be, and what uses a rate that would change.
    """
    faults = faults_of_own_rate(percentage, first_day=first_day, last_day=last_day)
    place = find_territory(territory_id)
    if place is None:
        faults.add("territory", fault_of_territory(territory_id) or "")
        raise Invalid(faults)
    table = await _table(db, tenant)
    kind = find_type(rate_type, table.types, territory_id=place.id)
    fault = None if kind else fault_of_new_type(rate_type)
    if fault:
        faults.add("rateType", fault)
    faults.raise_if_any()
    during = Span(first_day, day_after(last_day))
    if kind is not None:
        await _refuse_if_used(db, tenant, table, kind, percentage, during, field="firstDay")
    actor = await command_line_user(db, tenant.id)
    name = kind.name if kind else rate_type.strip()
    added = await storage.add_rate(
        db, tenant.id, kind, new_type=(place.id, name), percentage=percentage, during=during, actor=actor, now=now
    )
    if added is None:
        raise Invalid.field("rateType", f"Somebody else has just made {name} of {place.id}: say it again.")
    return RateType(added, name, place.id), kind is None


async def end_rate(
    db: Session, tenant: Tenant, *, territory_id: str, rate_type: str, last_day: date, now: datetime
) -> VatRate:
    """End the rate that a type has on the day after, for a company; answer the rate.

    A rate of the type that begins later stays.

    Raises:
        Invalid: there is nothing to end, or something uses it on later days.
    """
    code = _territory(territory_id)
    table = await _table(db, tenant)
    kind = find_type(rate_type, table.types, territory_id=code)
    if kind is None:
        known = ", ".join(f"{one.id} ({one.name})" for one in table.types if one.territory_id == code)
        raise Invalid.field("rateType", f"{code} has no such type of rate; it has {known or 'none'}.")
    first = day_after(last_day)
    rates = [rate for rate in table.in_force if rate.rate_type.id == kind.id]
    ending = next((rate for rate in rates if first is not None and rate.is_valid_on(first)), None)
    if ending is None or first is None:
        raise Invalid.field("lastDay", f"{kind.name} of {code} has no rate after {last_day}: there is nothing to end.")
    during = Span(first, ending.valid_to)
    await _refuse_if_used(db, tenant, table, kind, None, during, field="lastDay")
    actor = await command_line_user(db, tenant.id)
    await storage.end_rate(db, tenant.id, kind, during=during, actor=actor, now=now)
    return ending


async def set_recovery(
    db: Session, tenant: Tenant, *, rate_type: int, cost_family: int, coefficient: Decimal, now: datetime
) -> tuple[RateType, str]:
    """Set how much of a tax a company gets back on what a cost family is for; answer the type and the family's name.

    Raises:
        Invalid: names everything that can't be.
    """
    faults = Faults()
    table = await _table(db, tenant)
    kind = next((one for one in table.types if one.id == rate_type), None)
    if kind is None:
        faults.add("rateType", f"There is no type of rate {rate_type}: see `emplette vat-rates list`.")
    families = await storage.cost_families(db, tenant.id)
    if cost_family not in families:
        known = ", ".join(f"{number} ({name})" for number, name in families.items())
        faults.add("costFamily", f"There is no cost family {cost_family}; there are {known or 'none'}.")
    fault = fault_of_coefficient(coefficient)
    if fault:
        faults.add("coefficient", fault)
    if kind is None or faults:
        raise Invalid(faults)
    actor = await command_line_user(db, tenant.id)
    rule = RecoveryRule(kind.id, cost_family, coefficient)
    await storage.set_rule(db, tenant.id, rule, actor=actor, now=now)
    return kind, families[cost_family]


async def seed_rates(connection: Connection) -> bool:
    """Load the table of rates that comes with Emplette, unless it is loaded; tell whether it was not."""
    return await storage.seed_rates(connection)


@dataclass(frozen=True, slots=True)
class _Table:
    """All types of rate that a company knows, and the rates that they have for it."""

    types: Sequence[RateType]
    in_force: Sequence[VatRate]


async def _table(db: Session, tenant: Tenant) -> _Table:
    shipped = await storage.shipped_rates(db)
    own = (await storage.own_rates(db, tenant.id)).said
    types = [rate.rate_type for rate in shipped] + [said.rate_type for said in own]
    return _Table(list(dict.fromkeys(types)), rates_in_force(shipped, own))


async def _refuse_if_used(
    db: Session,
    tenant: Tenant,
    table: _Table,
    kind: RateType,
    percentage: Decimal | None,
    during: Span,
    *,
    field: str,
) -> None:
    changed = days_changed(table.in_force, kind, percentage, during)
    uses = await storage.uses_of(db, tenant.id, kind.id, changed) if changed else None
    if uses is not None:
        named = ", ".join(map(str, uses.first_ids))
        others = f" and {uses.count - len(uses.first_ids)} more" if uses.count > len(uses.first_ids) else ""
        commitments = "Commitment" if uses.count == 1 else "Commitments"
        uses_it = "names" if uses.count == 1 else "name"
        raise Invalid.field(
            field,
            f"{commitments} {named}{others} {uses_it} {kind.name} ({kind.id}) on days whose rate would change, "
            f"{uses.last_day} the last of them: a rate that a document uses stays as it was.",
        )


def _territory(code: str) -> str:
    place = find_territory(code)
    if place is None:
        raise Invalid.field("territory", fault_of_territory(code) or "")
    return place.id


def _of_day(listed: list[ListedRate], territory_id: str, on: date) -> list[ListedRate]:
    here = [one for one in listed if one.rate.rate_type.territory_id == territory_id and one.rate.is_valid_on(on)]
    return sorted(here, key=lambda one: (-one.rate.percentage, one.rate.id))
