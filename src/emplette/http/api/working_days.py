"""The company's working days: what reminders and requests that go up are counted in."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.people import Permission
from emplette.domain.working_days import MOST_DAYS_OFF, WEEKDAYS, WorkCalendar
from emplette.http.api import examples
from emplette.http.api.lists import REGISTER_READERS
from emplette.http.contract import GET, PUT, Answer, Body, Name, operation
from emplette.http.contract.places import BASE
from emplette.services import working_days
from emplette.services.work import Work
from emplette.services.working_days import SaidOfWorkingDays, coming_days_off

_ONE = f"{BASE}/api/working-days"
_TAG = "Organisation"

_Weekday = Annotated[int, Meta(ge=WEEKDAYS[0], le=WEEKDAYS[-1], description="Monday is 1, Sunday is 7.")]
_Place = Annotated[Name, Meta(description="Whose public holidays are kept: a country, or a part of it: `FR`, `FR-57`.")]


class WorkingDaysIn(Body):
    """What is said of the working days: what is absent is kept, null clears."""

    weekdays: Annotated[list[_Weekday], Meta(min_length=1, max_length=len(WEEKDAYS))] | UnsetType = UNSET
    holidays_of: _Place | UnsetType | None = UNSET
    days_off: Annotated[list[date], Meta(max_length=MOST_DAYS_OFF)] | UnsetType | None = UNSET

    def said(self) -> SaidOfWorkingDays:
        """Take what was sent."""
        return SaidOfWorkingDays(
            weekdays=None if self.weekdays is UNSET else self.weekdays,
            holidays_of=None if self.holidays_of is UNSET else self.holidays_of or "",
            days_off=None if self.days_off is UNSET else self.days_off or [],
        )


class WorkingDaysOut(Answer):
    """On which days of the week the company works, whose public holidays it keeps, and when it is closed besides.

    `notWorkedOn` lists the days of this year and the next, not gone by, on which it would work and does not.
    """

    weekdays: list[int]
    holidays_of: str | None
    days_off: list[date]
    not_worked_on: list[date]


@operation(
    GET,
    _ONE,
    answers={200: WorkingDaysOut},
    needs=(*REGISTER_READERS, Permission.CONFIGURE),
    tag=_TAG,
    ours=True,
)
async def read_working_days(work: Work) -> WorkingDaysOut:
    """Read on which days the company works."""
    return _working_days_out(work, await working_days.read_working_days(work))


@operation(
    PUT,
    _ONE,
    answers={200: WorkingDaysOut},
    needs=Permission.CONFIGURE,
    tag=_TAG,
    examples=examples.WORKING_DAYS,
    ours=True,
)
async def change_working_days(work: Work, days: WorkingDaysIn) -> WorkingDaysOut:
    """Say on which days the company works: what is absent is kept, null clears. It counts within 5 seconds."""
    return _working_days_out(work, await working_days.change_working_days(work, days.said()))


def _working_days_out(work: Work, calendar: WorkCalendar) -> WorkingDaysOut:
    return WorkingDaysOut(
        weekdays=sorted(calendar.weekdays),
        holidays_of=calendar.holidays_of,
        days_off=sorted(calendar.days_off),
        not_worked_on=coming_days_off(calendar, work.today),
    )
