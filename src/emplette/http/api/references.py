"""How answers point at things: people absolutely, as the documents' examples do, our own resources by path."""

from typing import Final

from msgspec import UNSET, UnsetType

from emplette.domain.people import User
from emplette.domain.purchases import CostCenter, Establishment, Named, Purchase, PurchaseType
from emplette.domain.suppliers import Supplier
from emplette.http.contract import Answer
from emplette.http.contract.places import BASE, href

ORGANIZATION: Final = "/organization/structure/api"


class UserOut(Answer):
    """A reference to a user; there are no pictures, so none is linked."""

    id: int
    href: str
    name: str
    first_name: str
    last_name: str
    picture_href: str | None = None


def user_out(user: User, base_url: str) -> UserOut:
    """Point at a user."""
    return UserOut(
        id=user.id,
        href=f"{base_url}/api/v3/users/{user.id}",
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
    )


class NamedOut(Answer):
    """A reference to something of the company's own words."""

    id: int
    name: str
    href: str


class CostCenterOut(Answer):
    """A reference to a cost center."""

    id: int
    name: str
    code: str
    href: str


class SupplierOut(Answer):
    """The supplier of a purchase; one that is only written down on it has no id."""

    name: str
    territory_id: str
    id: int | UnsetType = UNSET
    href: str | UnsetType = UNSET


class PurchaseReferenceOut(Answer):
    """A reference to a purchase."""

    id: int
    href: str
    name: str
    type: PurchaseType | UnsetType = UNSET


class DocumentOut(Answer):
    """A reference to a request or an order, by its id."""

    id: int
    href: str
    state: str


class OrderReferenceOut(Answer):
    """A reference to an order."""

    id: int
    number: str
    href: str


def nature_out(nature: Named) -> NamedOut:
    """Point at a nature."""
    return NamedOut(id=nature.id, name=nature.name, href=f"{BASE}/api/natures/{nature.id}")


def cost_center_out(center: CostCenter) -> CostCenterOut:
    """Point at a cost center."""
    return CostCenterOut(id=center.id, name=center.name, code=center.code, href=f"{BASE}/api/costcenters/{center.id}")


def establishment_out(establishment: Establishment) -> NamedOut:
    """Point at an establishment."""
    place = f"{ORGANIZATION}/establishments/{establishment.id}"
    return NamedOut(id=establishment.id, name=establishment.name, href=place)


def department_out(department: Named) -> NamedOut:
    """Point at a department."""
    return NamedOut(id=department.id, name=department.name, href=f"{ORGANIZATION}/departments/{department.id}")


def section_out(section: Named) -> NamedOut:
    """Point at a section of an analytic axis."""
    return NamedOut(id=section.id, name=section.name, href=f"{ORGANIZATION}/axis-sections/{section.id}")


def supplier_out(supplier: Supplier) -> SupplierOut:
    """Tell the supplier of a purchase."""
    if supplier.id is None:
        return SupplierOut(name=supplier.name, territory_id=supplier.territory_id)
    place = f"{BASE}/api/suppliers/{supplier.id}"
    return SupplierOut(name=supplier.name, territory_id=supplier.territory_id, id=supplier.id, href=place)


def purchase_reference_out(purchase: Purchase) -> PurchaseReferenceOut:
    """Point at a purchase."""
    return PurchaseReferenceOut(
        id=purchase.id,
        href=href("purchase", purchase.id),
        name=purchase.title,
        type=UNSET if purchase.type is None else purchase.type,
    )
