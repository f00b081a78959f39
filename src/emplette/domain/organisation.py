"""What a company brings along, with the ids that it has had so far: its people, its places and its words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from emplette.domain.errors import NotFound
from emplette.domain.parties import Conditions, PostalAddress
from emplette.domain.people import UserKind
from emplette.domain.registers import FIRST_VERSION, Reference


class EstablishmentNotFound(NotFound):
    """There is no such establishment."""

    code = "establishment.not_found"


class LegalUnitNotFound(NotFound):
    """There is no such legal unit."""

    code = "legal_unit.not_found"


class DepartmentNotFound(NotFound):
    """There is no such department."""

    code = "department.not_found"


class AxisNotFound(NotFound):
    """There is no such analytic axis."""

    code = "axis.not_found"


class SectionNotFound(NotFound):
    """There is no such section of an analytic axis."""

    code = "axis_section.not_found"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user.not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalUnit:
    """A company of the group, to which establishments belong."""

    id: int
    name: str
    territory_id: str
    is_active: bool = True
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEstablishment:
    """An establishment: a place that buys, in the territory whose tax is due and with the currency it reckons in."""

    id: int
    name: str
    territory_id: str
    currency: str
    is_active: bool = True
    legal_unit_id: int | None = None
    registration_id: str | None = None
    vat_number: str | None = None
    address: PostalAddress | None = None
    conditions: Conditions | None = None
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return _named(("legalUnitId", "legal_units", self.legal_unit_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """Where people work, and who leads them."""

    id: int
    name: str
    parent_id: int | None = None
    head_id: int | None = None
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return _named(("parentId", "departments", self.parent_id), ("headId", "users", self.head_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the company; ``left_on`` is the first day on which they are no longer there."""

    id: int
    first_name: str
    last_name: str
    email: str | None = None
    manager_id: int | None = None
    department_id: int | None = None
    establishment_id: int | None = None
    left_on: date | None = None
    kind: UserKind = UserKind.PERSON
    version: int = FIRST_VERSION

    @property
    def name(self) -> str:
        """The whole name, as it is shown."""
        return f"{self.first_name} {self.last_name}".strip()

    def references(self) -> list[Reference]:
        """Whom and what they refer to."""
        return _named(
            ("managerId", "users", self.manager_id),
            ("departmentId", "departments", self.department_id),
            ("establishmentId", "establishments", self.establishment_id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFamily:
    """A kind of natures; how much tax is got back goes by it."""

    id: int
    name: str
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """A kind of expense."""

    id: int
    name: str
    cost_family_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCostCenter:
    """A cost center: where expenses are charged, and who answers for them."""

    id: int
    name: str
    code: str
    owner_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A further way to sort expenses."""

    id: int
    name: str
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One value of an axis."""

    id: int
    axis_id: int
    name: str
    code: str
    is_active: bool = True
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return _named(("axisId", "axes", self.axis_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSupplier:
    """A supplier of the company's list."""

    id: int
    name: str
    territory_id: str
    is_active: bool = True
    address: PostalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How much of a tax is got back on what a cost family is for: a fraction, 1 is all of it."""

    rate_type_id: int
    cost_family_id: int
    coefficient: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """All that a company brings along."""

    establishments: tuple[OwnEstablishment, ...] = ()
    departments: tuple[Department, ...] = ()
    people: tuple[Person, ...] = ()
    cost_families: tuple[CostFamily, ...] = ()
    natures: tuple[Nature, ...] = ()
    cost_centers: tuple[OwnCostCenter, ...] = ()
    axes: tuple[Axis, ...] = ()
    axis_sections: tuple[Section, ...] = ()
    suppliers: tuple[OwnSupplier, ...] = ()
    recovery_rules: tuple[Recovery, ...] = ()


def _named(*fields: tuple[str, str, int | None]) -> list[Reference]:
    return [Reference(path, register, number) for path, register, number in fields if number is not None]
