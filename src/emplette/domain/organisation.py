"""What a company brings along, with the ids that it has had so far: its people, its places and its words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEstablishment:
    """An establishment: a place that buys, in the territory whose tax is due and with the currency it reckons in."""

    id: int
    name: str
    territory_id: str
    currency: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """Where people work, and who leads them."""

    id: int
    name: str
    parent_id: int | None = None
    head_id: int | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFamily:
    """A kind of natures; how much tax is got back goes by it."""

    id: int
    name: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One value of an axis."""

    id: int
    axis_id: int
    name: str
    code: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSupplier:
    """A supplier of the company's list."""

    id: int
    name: str
    territory_id: str
    is_active: bool = True


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
