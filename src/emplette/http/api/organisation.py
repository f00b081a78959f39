"""The organisation of a company, to be looked at: where the hrefs of every other answer lead."""

from collections.abc import Sequence

from emplette.domain.errors import NotFound
from emplette.domain.organisation import (
    Axis,
    AxisNotFound,
    Department,
    DepartmentNotFound,
    EstablishmentNotFound,
    LegalUnit,
    LegalUnitNotFound,
    OwnEstablishment,
    Section,
    SectionNotFound,
)
from emplette.domain.registers import Known
from emplette.domain.territories import TERRITORIES, find_territory
from emplette.http.api.lists import REGISTER_READERS, OrganisationQuery, listed, slice_of
from emplette.http.api.parties import AddressOut, ConditionsOut, LegalRegistrationOut, address_out, conditions_out
from emplette.http.api.references import ORGANIZATION, NamedOut, UserOut, user_out
from emplette.http.api.suppliers import TerritoryOut, territory_out
from emplette.http.contract import GET, Call, Id, Listed, operation
from emplette.services import organisation
from emplette.services.work import Work

_TAG = "Organisation"


class PlacesQuery(OrganisationQuery):
    """Which establishments or legal units to list: those in use, unless `isArchived` says otherwise."""

    is_archived: list[bool] = []

    def wanted(self) -> dict[str, Sequence[object]]:
        """Say by which values of which filters."""
        return {"id": self.id, "isArchived": self.is_archived or [False]}


class DepartmentsQuery(OrganisationQuery):
    """Which departments to list."""


class AxesQuery(OrganisationQuery):
    """Which axes to list."""


class SectionsQuery(OrganisationQuery):
    """Which sections to list: all of them, unless `isArchived` says otherwise."""

    axis_id: list[Id] = []
    is_archived: list[bool] = []


class EstablishmentOut(NamedOut):
    """An establishment: a place that buys, its territory and the currency it reckons in.

    `legalRegistration`, `address` and `orderConditions` are ours: they are printed on orders.
    """

    legal_unit_id: int | None
    legal_unit: NamedOut | None
    territory: TerritoryOut
    territory_id: str
    currency: str
    is_archived: bool
    legal_registration: LegalRegistrationOut
    address: AddressOut | None
    order_conditions: ConditionsOut | None


class LegalUnitOut(NamedOut):
    """A legal unit: a company of the group."""

    territory: TerritoryOut
    territory_id: str
    is_archived: bool


class DepartmentOut(NamedOut):
    """A department, and who leads it."""

    parent_id: int | None
    parent: NamedOut | None
    head: UserOut | None


class AxisOut(NamedOut):
    """An analytic axis."""


class AxisSectionOut(NamedOut):
    """A section of an analytic axis."""

    code: str
    axis_id: int
    axis: NamedOut
    is_archived: bool


class TerritoryNotFound(NotFound):
    """There is no such territory here."""

    code = "territory.not_found"


@operation(
    GET,
    f"{ORGANIZATION}/establishments",
    answers={200: Listed[EstablishmentOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={
        "read_establishment": {"establishment_id": "items.0.id"},
        "read_territory": {"territory_id": "items.0.territoryId"},
    },
)
async def list_establishments(work: Work, query: PlacesQuery) -> Listed[EstablishmentOut]:
    """List the establishments, by id."""
    page = await organisation.list_establishments(work, query.wanted(), slice_of(query))
    return listed(query, page, [establishment_out(one, page.known) for one in page.items])


@operation(
    GET,
    f"{ORGANIZATION}/establishments/{{establishment_id}}",
    answers={200: EstablishmentOut},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(EstablishmentNotFound,),
)
async def read_establishment(work: Work, establishment_id: int) -> EstablishmentOut:
    """Read an establishment."""
    done = await organisation.read_establishment(work, establishment_id)
    return establishment_out(done.entry, done.known)


@operation(
    GET,
    f"{ORGANIZATION}/legal-units",
    answers={200: Listed[LegalUnitOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={"read_legal_unit": {"legal_unit_id": "items.0.id"}},
)
async def list_legal_units(work: Work, query: PlacesQuery) -> Listed[LegalUnitOut]:
    """List the legal units, by id."""
    page = await organisation.list_legal_units(work, query.wanted(), slice_of(query))
    return listed(query, page, [legal_unit_out(one) for one in page.items])


@operation(
    GET,
    f"{ORGANIZATION}/legal-units/{{legal_unit_id}}",
    answers={200: LegalUnitOut},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(LegalUnitNotFound,),
)
async def read_legal_unit(work: Work, legal_unit_id: int) -> LegalUnitOut:
    """Read a legal unit."""
    return legal_unit_out((await organisation.read_legal_unit(work, legal_unit_id)).entry)


@operation(
    GET,
    f"{ORGANIZATION}/departments",
    answers={200: Listed[DepartmentOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={"read_department": {"department_id": "items.0.id"}},
)
async def list_departments(work: Work, call: Call, query: DepartmentsQuery) -> Listed[DepartmentOut]:
    """List the departments, by id."""
    page = await organisation.list_departments(work, {"id": query.id}, slice_of(query))
    return listed(query, page, [department_out(one, page.known, call.base_url) for one in page.items])


@operation(
    GET,
    f"{ORGANIZATION}/departments/{{department_id}}",
    answers={200: DepartmentOut},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(DepartmentNotFound,),
)
async def read_department(work: Work, call: Call, department_id: int) -> DepartmentOut:
    """Read a department."""
    done = await organisation.read_department(work, department_id)
    return department_out(done.entry, done.known, call.base_url)


@operation(
    GET,
    f"{ORGANIZATION}/axes",
    answers={200: Listed[AxisOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={"read_axis": {"axis_id": "items.0.id"}},
)
async def list_axes(work: Work, query: AxesQuery) -> Listed[AxisOut]:
    """List the analytic axes, by id."""
    page = await organisation.list_axes(work, {"id": query.id}, slice_of(query))
    return listed(query, page, [axis_out(one) for one in page.items])


@operation(
    GET,
    f"{ORGANIZATION}/axes/{{axis_id}}",
    answers={200: AxisOut},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(AxisNotFound,),
)
async def read_axis(work: Work, axis_id: int) -> AxisOut:
    """Read an analytic axis."""
    return axis_out((await organisation.read_axis(work, axis_id)).entry)


@operation(
    GET,
    f"{ORGANIZATION}/axis-sections",
    answers={200: Listed[AxisSectionOut]},
    needs=REGISTER_READERS,
    tag=_TAG,
    links={"read_axis_section": {"axis_section_id": "items.0.id"}},
)
async def list_axis_sections(work: Work, query: SectionsQuery) -> Listed[AxisSectionOut]:
    """List the sections of analytic axes, by id."""
    wanted: dict[str, Sequence[object]] = {
        "id": query.id,
        "axisId": query.axis_id,
        "isArchived": query.is_archived,
    }
    page = await organisation.list_sections(work, wanted, slice_of(query))
    return listed(query, page, [axis_section_out(one, page.known) for one in page.items])


@operation(
    GET,
    f"{ORGANIZATION}/axis-sections/{{axis_section_id}}",
    answers={200: AxisSectionOut},
    needs=REGISTER_READERS,
    tag=_TAG,
    problems=(SectionNotFound,),
)
async def read_axis_section(work: Work, axis_section_id: int) -> AxisSectionOut:
    """Read a section of an analytic axis."""
    done = await organisation.read_section(work, axis_section_id)
    return axis_section_out(done.entry, done.known)


@operation(
    GET,
    f"{ORGANIZATION}/territories/{{territory_id}}",
    answers={200: TerritoryOut},
    tag=_TAG,
    problems=(TerritoryNotFound,),
    ours=True,
)
async def read_territory(territory_id: str) -> TerritoryOut:
    """Read a territory, by its code."""
    found = find_territory(territory_id)
    if found is None or found.id not in TERRITORIES:
        raise TerritoryNotFound
    return territory_out(found.id)


def establishment_out(one: OwnEstablishment, known: Known) -> EstablishmentOut:
    """Tell an establishment."""
    return EstablishmentOut(
        id=one.id,
        name=one.name,
        href=_place("establishments", one.id),
        legal_unit_id=one.legal_unit_id,
        legal_unit=None if one.legal_unit_id is None else _named(known, "legal_units", one.legal_unit_id),
        territory=territory_out(one.territory_id),
        territory_id=one.territory_id,
        currency=one.currency,
        is_archived=not one.is_active,
        legal_registration=LegalRegistrationOut(identifier=one.registration_id, vat_number=one.vat_number),
        address=address_out(one.address),
        order_conditions=conditions_out(one.conditions),
    )


def legal_unit_out(one: LegalUnit) -> LegalUnitOut:
    """Tell a legal unit."""
    return LegalUnitOut(
        id=one.id,
        name=one.name,
        href=_place("legal_units", one.id),
        territory=territory_out(one.territory_id),
        territory_id=one.territory_id,
        is_archived=not one.is_active,
    )


def department_out(one: Department, known: Known, base_url: str) -> DepartmentOut:
    """Tell a department."""
    return DepartmentOut(
        id=one.id,
        name=one.name,
        href=_place("departments", one.id),
        parent_id=one.parent_id,
        parent=None if one.parent_id is None else _named(known, "departments", one.parent_id),
        head=None if one.head_id is None else user_out(known.users[one.head_id], base_url),
    )


def axis_out(one: Axis) -> AxisOut:
    """Tell an analytic axis."""
    return AxisOut(id=one.id, name=one.name, href=_place("axes", one.id))


def axis_section_out(one: Section, known: Known) -> AxisSectionOut:
    """Tell a section of an analytic axis."""
    return AxisSectionOut(
        id=one.id,
        name=one.name,
        href=_place("axis_sections", one.id),
        code=one.code,
        axis_id=one.axis_id,
        axis=_named(known, "axes", one.axis_id),
        is_archived=not one.is_active,
    )


def _named(known: Known, register: str, number: int) -> NamedOut:
    word = known.word(register, number)
    return NamedOut(id=word.id, name=word.name, href=_place(register, word.id))


def _place(register: str, number: int) -> str:
    return f"{ORGANIZATION}/{register.replace('_', '-')}/{number}"
