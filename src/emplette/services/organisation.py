"""Looking at the organisation of a company: its places, its departments, its axes."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from emplette.domain.errors import NotFound
from emplette.domain.organisation import (
    Axis,
    AxisNotFound,
    CostFamily,
    Department,
    DepartmentNotFound,
    EstablishmentNotFound,
    LegalUnit,
    LegalUnitNotFound,
    OwnEstablishment,
    Section,
    SectionNotFound,
)
from emplette.domain.registers import Entry
from emplette.services.registers import Written, read_entry
from emplette.services.work import Work
from emplette.storage import registers
from emplette.storage.lists import Slice
from emplette.storage.organisation import AXES, COST_FAMILIES, DEPARTMENTS, ESTABLISHMENTS, LEGAL_UNITS, SECTIONS
from emplette.storage.registers import EntryPage, Filters, Register

T = TypeVar("T", bound=Entry)
Wanted = Mapping[str, Sequence[Any]]


async def list_establishments(work: Work, wanted: Wanted, piece: Slice) -> EntryPage[OwnEstablishment]:
    """List establishments, by id."""
    return await _list(work, ESTABLISHMENTS, wanted, piece)


async def read_establishment(work: Work, number: int) -> Written[OwnEstablishment]:
    """Look at an establishment."""
    return await _read(work, ESTABLISHMENTS, number, EstablishmentNotFound)


async def list_legal_units(work: Work, wanted: Wanted, piece: Slice) -> EntryPage[LegalUnit]:
    """List legal units, by id."""
    return await _list(work, LEGAL_UNITS, wanted, piece)


async def read_legal_unit(work: Work, number: int) -> Written[LegalUnit]:
    """Look at a legal unit."""
    return await _read(work, LEGAL_UNITS, number, LegalUnitNotFound)


async def list_cost_families(work: Work) -> list[CostFamily]:
    """List the cost families, by id: a company has few."""
    return await registers.find_every(work.db, work.tenant.id, COST_FAMILIES)


async def list_departments(work: Work, wanted: Wanted, piece: Slice) -> EntryPage[Department]:
    """List departments, by id."""
    return await _list(work, DEPARTMENTS, wanted, piece)


async def read_department(work: Work, number: int) -> Written[Department]:
    """Look at a department."""
    return await _read(work, DEPARTMENTS, number, DepartmentNotFound)


async def list_axes(work: Work, wanted: Wanted, piece: Slice) -> EntryPage[Axis]:
    """List analytic axes, by id."""
    return await _list(work, AXES, wanted, piece)


async def read_axis(work: Work, number: int) -> Written[Axis]:
    """Look at an analytic axis."""
    return await _read(work, AXES, number, AxisNotFound)


async def list_sections(work: Work, wanted: Wanted, piece: Slice) -> EntryPage[Section]:
    """List sections of analytic axes, by id."""
    return await _list(work, SECTIONS, wanted, piece)


async def read_section(work: Work, number: int) -> Written[Section]:
    """Look at a section of an analytic axis."""
    return await _read(work, SECTIONS, number, SectionNotFound)


async def _list(work: Work, register: Register[T], wanted: Wanted, piece: Slice) -> EntryPage[T]:
    return await registers.list_entries(work.db, work.tenant.id, register, Filters(wanted), piece)


async def _read(work: Work, register: Register[T], number: int, absent: type[NotFound]) -> Written[T]:
    return await read_entry(work, register, number, absent)
