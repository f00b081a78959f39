"""Saying on which days a company works: what reminders, and requests that go up, are counted in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from emplette.domain.errors import Faults
from emplette.domain.people import Tenant
from emplette.domain.working_days import WorkCalendar, note_faults
from emplette.formats.working_days import days_of, fault_of_place
from emplette.services.work import Work
from emplette.storage import people
from emplette.storage import working_days as storage
from emplette.storage.database import Session

_NO_VERSION: Final = "Working days have no versions: leave If-Match out."


@dataclass(frozen=True, slots=True)
class SaidOfWorkingDays:
    """What somebody says of a company's days; None leaves it as it is, an empty text keeps no public holidays."""

    weekdays: Sequence[int] | None = None
    holidays_of: str | None = None
    days_off: Sequence[date] | None = None


async def set_working_days(
    db: Session, tenant: Tenant, said: SaidOfWorkingDays, *, actor: int, now: datetime
) -> WorkCalendar:
    """Say on which days a company works; running servers follow within 5 seconds.

    Raises:
        Invalid: names everything that can't be.
    """
    before, faults = tenant.calendar, Faults()
    place = before.holidays_of if said.holidays_of is None else said.holidays_of.strip() or None
    after = WorkCalendar(
        before.weekdays if said.weekdays is None else frozenset(said.weekdays),
        place,
        before.days_off if said.days_off is None else frozenset(said.days_off),
    )
    note_faults(after, faults)
    fault = None if place is None else fault_of_place(place)
    if fault is not None:
        faults.add("holidaysOf", fault)
    faults.raise_if_any()
    if after != before:
        await storage.set_calendar(db, tenant.id, after, actor=actor, now=now)
    return after


async def read_working_days(work: Work) -> WorkCalendar:
    """Tell on which days the caller's company works, as it was said last."""
    return (await _company_of(work)).calendar


async def change_working_days(work: Work, said: SaidOfWorkingDays) -> WorkCalendar:
    """Say on which days the caller's company works; running servers follow within 5 seconds.

    Raises:
        PreconditionFailed: it is meant for a version.
        Invalid: names everything that can't be.
    """
    work.refuse_version(_NO_VERSION)
    return await set_working_days(work.db, await _company_of(work), said, actor=work.who.user.id, now=work.now)


async def _company_of(work: Work) -> Tenant:
    """Read the company anew: what the process keeps of it may be seconds old."""
    found = await people.tenant_of_account(work.db, work.tenant.account)
    return work.tenant if found is None else found


def coming_days_off(calendar: WorkCalendar, today: date) -> list[date]:
    """List the days of the current year and the next, not gone by, that are public holidays or days off besides."""
    public = [] if calendar.holidays_of is None else [days_of(calendar.holidays_of, today.year + n) for n in (0, 1)]
    days = set(calendar.days_off).union(*public)
    return sorted(day for day in days if day >= today and day.isoweekday() in calendar.weekdays)
