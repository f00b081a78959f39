"""Suppliers: those in the company's list, and those a buyer only writes down on a purchase."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.dates import Duration
from emplette.domain.errors import Conflict, NotFound
from emplette.domain.parties import Conditions, PostalAddress
from emplette.domain.registers import FIRST_VERSION, Reference
from emplette.domain.text import folded


class SupplierState(StrEnum):
    """An archived supplier stays readable and can't be bought from."""

    ACTIVE = "Active"
    ARCHIVED = "Archived"


class PaymentMethod(StrEnum):
    """How the supplier will be paid."""

    BANK_TRANSFER = "BankTransfer"
    PHYSICAL_CARD = "PhysicalCard"
    CHECK = "Check"
    DIRECT_DEBIT = "DirectDebit"
    SINGLE_USE_CARD = "SingleUseCard"


class SupplierFlag(StrEnum):
    """A mark that people set on a supplier to look at it again."""

    UNFLAGGED = "Unflagged"
    FLAGGED = "Flagged"


class SupplierNotFound(NotFound):
    """There is no such supplier."""

    code = "supplier.not_found"


class SupplierRegistered(Conflict):
    """An active supplier has this registration already."""

    code = "supplier.registered"


@dataclass(frozen=True, slots=True)
class Supplier:
    """The supplier of a purchase: a listed one has an ``id``, a draft stands on its purchase only."""

    id: int | None
    name: str
    territory_id: str
    state: SupplierState = SupplierState.ACTIVE

    @property
    def is_draft(self) -> bool:
        """Tell whether the supplier is only written down on the purchase."""
        return self.id is None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to write to or to call at a supplier's."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSupplier:
    """A supplier of the company's list, with all that is known of it.

    Registration, VAT number and bank account are in the form in which they are compared. ``search_text`` and
    ``folded_name`` follow from the name, ``registration_key`` from the registration.
    """

    id: int
    name: str
    territory_id: str
    state: SupplierState = SupplierState.ACTIVE
    registration_id: str | None = None
    vat_number: str | None = None
    contacts: tuple[Contact, ...] = ()
    payment_term: Duration | None = None
    iban: str | None = None
    bic: str | None = None
    preferred_nature_id: int | None = None
    preferred_cost_center_id: int | None = None
    preferred_payment_method: PaymentMethod | None = None
    flag: SupplierFlag = SupplierFlag.UNFLAGGED
    address: PostalAddress | None = None
    conditions: Conditions | None = None
    version: int = FIRST_VERSION

    @property
    def folded_name(self) -> str:
        """The name as look-alikes are compared."""
        return folded(self.name)

    @property
    def registration_key(self) -> str | None:
        """The registration as doubles are found, whatever is written between its letters and digits."""
        return None if self.registration_id is None else key_of_registration(self.registration_id)

    def references(self) -> list[Reference]:
        """What it refers to."""
        named = (
            Reference("preferredNatureId", "natures", self.preferred_nature_id or 0),
            Reference("preferredCostCenterId", "cost_centers", self.preferred_cost_center_id or 0),
        )
        return [reference for reference in named if reference.id]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another supplier that may be the same, and what the two have in common."""

    supplier: ListedSupplier
    because: tuple[str, ...]


def key_of_registration(identifier: str) -> str:
    """Leave letters and digits: two ways of writing one registration have the same key."""
    plain = folded(identifier)
    return plain if plain.isalnum() else "".join(char for char in plain if char.isalnum()) or identifier


def refuse_double(supplier: ListedSupplier, others: Iterable[ListedSupplier]) -> None:
    """Let no two active suppliers have one registration.

    Raises:
        SupplierRegistered: names the one that has it.
    """
    if supplier.state is SupplierState.ARCHIVED or supplier.registration_key is None:
        return
    for other in others:
        if (
            other.id != supplier.id
            and other.state is SupplierState.ACTIVE
            and other.registration_key == supplier.registration_key
        ):
            detail = f"{other.name} has the registration {other.registration_id}."
            raise SupplierRegistered(detail, kind="supplier", id=other.id, state=other.state)


def likely_duplicates(supplier: ListedSupplier, others: Iterable[ListedSupplier]) -> list[Likeness]:
    """List the suppliers that share what branches of one company share: a VAT number, a bank account, a name."""
    found = []
    for other in others:
        if other.id == supplier.id:
            continue
        shared = {
            "vatNumber": supplier.vat_number is not None and supplier.vat_number == other.vat_number,
            "iban": supplier.iban is not None and supplier.iban == other.iban,
            "name": supplier.folded_name == other.folded_name,
            "identifier": supplier.registration_key is not None and supplier.registration_key == other.registration_key,
        }
        because = tuple(name for name, is_shared in shared.items() if is_shared)
        if because:
            found.append(Likeness(other, because))
    return found
