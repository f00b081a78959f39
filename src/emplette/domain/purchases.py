"""Purchases: what somebody wants to buy, for whom, from whom, charged where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from emplette.domain.errors import Conflict, Faults, NotFound
from emplette.domain.people import Stamp, User
from emplette.domain.suppliers import Supplier, SupplierState
from emplette.domain.workflow import Workflow


class PurchaseState(StrEnum):
    """Where a purchase stands; that of its commitment and its request follow it (Closed is its own alone)."""

    CREATED = "Created"
    PROCESSING = "Processing"
    ONGOING = "Ongoing"
    DENIED = "Denied"
    CANCELLED = "Cancelled"
    CLOSED = "Closed"


class PurchaseAction(StrEnum):
    """What can happen to a purchase."""

    REVISE = "revise"
    COMMIT = "commit"
    SUBMIT = "submit"
    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    CLOSE = "close"
    AMEND = "amend"
    LIST_SUPPLIER = "listSupplier"


class PurchaseType(StrEnum):
    """Bought once, or paid over a time."""

    ONE_TIME = "OneTime"
    SUBSCRIPTION = "Subscription"


_S, _A = PurchaseState, PurchaseAction
LIFE: Final = Workflow(
    "purchase",
    {
        (_S.CREATED, _A.REVISE): _S.CREATED,
        (_S.DENIED, _A.REVISE): _S.DENIED,
        (_S.CANCELLED, _A.REVISE): _S.CANCELLED,
        (_S.CREATED, _A.COMMIT): _S.CREATED,
        (_S.DENIED, _A.COMMIT): _S.CREATED,
        (_S.CANCELLED, _A.COMMIT): _S.CREATED,
        (_S.CREATED, _A.SUBMIT): _S.PROCESSING,
        (_S.PROCESSING, _A.APPROVE): _S.ONGOING,
        (_S.PROCESSING, _A.DENY): _S.DENIED,
        (_S.PROCESSING, _A.CANCEL): _S.CANCELLED,
        (_S.ONGOING, _A.AMEND): _S.ONGOING,
        (_S.ONGOING, _A.CANCEL): _S.CANCELLED,
        (_S.CREATED, _A.CLOSE): _S.CLOSED,
        (_S.DENIED, _A.CLOSE): _S.CLOSED,
        (_S.CANCELLED, _A.CLOSE): _S.CLOSED,
        (_S.ONGOING, _A.CLOSE): _S.CLOSED,
        (_S.CREATED, _A.LIST_SUPPLIER): _S.CREATED,
        (_S.PROCESSING, _A.LIST_SUPPLIER): _S.PROCESSING,
        (_S.ONGOING, _A.LIST_SUPPLIER): _S.ONGOING,
        (_S.DENIED, _A.LIST_SUPPLIER): _S.DENIED,
        (_S.CANCELLED, _A.LIST_SUPPLIER): _S.CANCELLED,
    },
)


class PurchaseNotFound(NotFound):
    """There is no such purchase."""

    code = "purchase.not_found"


class TypeContradicted(Conflict):
    """The commitment is not of the type that the purchase declared."""

    code = "purchase.type_contradicted"


class SupplierListedAlready(Conflict):
    """The supplier of the purchase is a listed one already."""

    code = "purchase.supplier_listed"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the company's own words that a purchase refers to: a nature, a department, a section."""

    id: int
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CostCenter:
    """Where a purchase is charged."""

    id: int
    name: str
    code: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Establishment:
    """The place that buys; its currency is the reference currency of the purchase."""

    id: int
    name: str
    territory_id: str
    currency: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PurchaseDraft:
    """What a buyer says of a purchase; what is None in it is to be taken from the owner."""

    title: str
    owner_id: int
    nature_id: int
    cost_center_id: int
    establishment_id: int | None
    department_id: int | None
    supplier_id: int | None
    supplier_name: str | None
    supplier_territory_id: str | None
    axis_section_ids: tuple[int, ...]
    declared_type: PurchaseType | None


@dataclass(frozen=True, slots=True)
class References:
    """What a draft refers to, as it was found; None is what was asked for and is not there.

    An establishment or a department that was not asked for is the owner's, who may have none.
    """

    owner: User | None
    nature: Named | None
    cost_center: CostCenter | None
    establishment: Establishment | None
    department: Named | None
    supplier: Supplier | None
    axis_sections: Mapping[int, Named]


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a purchase: nothing of it changes any more."""

    on: date
    comment: str | None
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase; ``version`` is that of all under it as well.

    ``writers`` are all who ever wrote any part of it, its commitments included.
    """

    id: int
    version: int
    state: PurchaseState
    type: PurchaseType | None
    declared_type: PurchaseType | None
    title: str
    owner: User
    nature: Named
    cost_center: CostCenter
    establishment: Establishment | None
    department: Named | None
    supplier: Supplier
    axis_sections: tuple[Named, ...]
    commitment_id: int | None
    writers: frozenset[int]
    closing: Closing | None
    created: Stamp
    modified: Stamp

    @property
    def people(self) -> frozenset[int]:
        """Whose purchase it is: its owner and its author."""
        return frozenset({self.owner.id}) | self.created.by.identities


def purchase_from(draft: PurchaseDraft, found: References, *, purchase_id: int, stamp: Stamp) -> Purchase:
    """Make a purchase from a draft and everything it refers to, all of which must have been found.

    Raises:
        ValueError: something was not; `note_missing` tells what.
    """
    supplier = found.supplier
    if draft.supplier_id is None:
        supplier = Supplier(None, draft.supplier_name or "", draft.supplier_territory_id or "")
    if found.owner is None or found.nature is None or found.cost_center is None or supplier is None:
        message = "A purchase refers to something that is not there."
        raise ValueError(message)
    return Purchase(
        id=purchase_id,
        version=1,
        state=PurchaseState.CREATED,
        type=None,
        declared_type=draft.declared_type,
        title=draft.title,
        owner=found.owner,
        nature=found.nature,
        cost_center=found.cost_center,
        establishment=found.establishment,
        department=found.department,
        supplier=supplier,
        axis_sections=tuple(found.axis_sections[section_id] for section_id in draft.axis_section_ids),
        commitment_id=None,
        writers=stamp.by.identities,
        closing=None,
        created=stamp,
        modified=stamp,
    )


def note_missing(wanted: PurchaseDraft, found: References, faults: Faults, *, today: date) -> None:
    """Note every reference of a draft that is missing or no longer in use, by its field."""
    if found.owner is None:
        faults.add("ownerId", _missing("user", wanted.owner_id))
    elif not found.owner.is_active(today):
        faults.add("ownerId", f"User {wanted.owner_id} has left.")
    _note(faults, "natureId", "nature", wanted.nature_id, found.nature, "Nature {} is disabled.")
    _note(
        faults, "costCenterId", "cost center", wanted.cost_center_id, found.cost_center, "Cost center {} is disabled."
    )
    if wanted.establishment_id is not None:
        _note(
            faults,
            "establishmentId",
            "establishment",
            wanted.establishment_id,
            found.establishment,
            "Establishment {} is archived.",
        )
    elif found.establishment is not None and not found.establishment.is_active:
        message = f"Establishment {found.establishment.id}, the owner's, is archived: say another one."
        faults.add("establishmentId", message)
    if wanted.department_id is not None:
        _note(faults, "departmentId", "department", wanted.department_id, found.department, "Department {} is closed.")
    if wanted.supplier_id is not None:
        if found.supplier is None:
            faults.add("supplier.id", _missing("supplier", wanted.supplier_id))
        elif found.supplier.state is SupplierState.ARCHIVED:
            faults.add("supplier.id", f"Supplier {wanted.supplier_id} is archived.")
    for index, section_id in enumerate(wanted.axis_section_ids):
        section = found.axis_sections.get(section_id)
        _note(faults, f"axisSectionIds[{index}]", "axis section", section_id, section, "Axis section {} is disabled.")


def _note(faults: Faults, path: str, kind: str, wanted: int, found: "_Found", gone: str) -> None:
    if found is None:
        faults.add(path, _missing(kind, wanted))
    elif not found.is_active:
        faults.add(path, gone.format(wanted))


def _missing(kind: str, wanted: int) -> str:
    return f"There is no {kind} {wanted}."


_Found = Named | CostCenter | Establishment | None
