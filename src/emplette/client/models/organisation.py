"""What is sent and answered: organisation; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, TypeAlias, TypedDict

from emplette.client.models.shared import (
    Address,
    Conditions,
    LegalRegistration,
    Reference,
    Territory,
    UserReference,
)
from emplette.client.wire import ABSENT, Answer

UserKind: TypeAlias = Literal["Key", "Person"]
"""A person, or the row that stands for an API key in histories."""


class Establishment(Answer, frozen=True, kw_only=True, rename="camel"):
    """An establishment: a place that buys, its territory and the currency it reckons in. `legalRegistration`, `address` and `orderConditions` are ours: they are printed on orders."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT
    legal_unit_id: int | None = None
    legal_unit: Reference | None = None
    territory: Territory = ABSENT
    territory_id: str = ABSENT
    currency: str = ABSENT
    is_archived: bool = ABSENT
    legal_registration: LegalRegistration = ABSENT
    address: Address | None = None
    order_conditions: Conditions | None = None


class LegalUnit(Answer, frozen=True, kw_only=True, rename="camel"):
    """A legal unit: a company of the group."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT
    territory: Territory = ABSENT
    territory_id: str = ABSENT
    is_archived: bool = ABSENT


class Department(Answer, frozen=True, kw_only=True, rename="camel"):
    """A department, and who leads it."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT
    parent_id: int | None = None
    parent: Reference | None = None
    head: UserReference | None = None


class Axis(Answer, frozen=True, kw_only=True, rename="camel"):
    """An analytic axis."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT


class AxisSection(Answer, frozen=True, kw_only=True, rename="camel"):
    """A section of an analytic axis."""

    id: int = ABSENT
    name: str = ABSENT
    href: str = ABSENT
    code: str = ABSENT
    axis_id: int = ABSENT
    axis: Reference = ABSENT
    is_archived: bool = ABSENT


class WorkingDays(Answer, frozen=True, kw_only=True, rename="camel"):
    """On which days of the week the company works, whose public holidays it keeps, and when it is closed besides. `notWorkedOn` lists the days of this year and the next, not gone by, on which it would work and does not."""

    weekdays: list[int] = ABSENT
    holidays_of: str | None = None
    days_off: list[dt.date] = ABSENT
    not_worked_on: list[dt.date] = ABSENT


class Person(Answer, frozen=True, kw_only=True, rename="camel"):
    """A user: somebody of the company, or the row that stands for an API key."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    first_name: str = ABSENT
    last_name: str = ABSENT
    picture_href: str | None = None
    kind: UserKind | str = ABSENT
    mail: str | None = None
    manager: UserReference | None = None
    department: Reference | None = None
    establishment: Reference | None = None
    left_on: dt.date | None = None


class WorkingDaysInput(TypedDict, total=False):
    """What is said of the working days: what is absent is kept, null clears."""

    weekdays: Sequence[int]
    holidays_of: str | None
    days_off: Sequence[dt.date] | None
