"""Suppliers: list, read, create, change."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from emplette.domain.dates import TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.people import Permission
from emplette.domain.registers import Known
from emplette.domain.suppliers import (
    Likeness,
    ListedSupplier,
    PaymentMethod,
    SupplierFlag,
    SupplierNotFound,
    SupplierRegistered,
    SupplierState,
)
from emplette.domain.territories import TERRITORIES
from emplette.http.api import examples
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.parties import AddressOut, ConditionsOut, LegalRegistrationOut, address_out, conditions_out
from emplette.http.api.references import ORGANIZATION, CostCenterOut, NamedOut
from emplette.http.api.replies import reply_with_entry
from emplette.http.api.suppliers_in import NewSupplierIn, SupplierChangeIn
from emplette.http.contract import GET, POST, PUT, Answer, Listed, PagedQuery, Reply, ShortText, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import suppliers
from emplette.services.suppliers import Listing
from emplette.services.work import Work
from emplette.storage.lists import Filters


class SuppliersQuery(PagedQuery):
    """Which suppliers to list; several states are joined by commas."""

    ordered_by: ClassVar[Any] = tuple[int]

    state: list[SupplierState] = []
    search_terms: ShortText = msgspec.field(name="search.terms", default="")


class TerritoryOut(Answer):
    """A territory, by its code."""

    id: str
    name: str
    href: str


class ContactOut(Answer):
    """Somebody to write to or to call."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None


class PaymentTermOut(Answer):
    """How long after the invoice the supplier is paid."""

    value: int
    unit: TimeUnit


class BankAccountOut(Answer):
    """Where to pay."""

    iban: str | None
    bic: str | None


class LikelyDuplicateOut(Answer):
    """Another supplier that may be the same, and the fields that say so."""

    id: int
    href: str
    name: str
    because: list[str]


class ListedSupplierOut(Answer):
    """A supplier of the company's list."""

    id: int
    href: str
    name: str
    state: SupplierState
    territory: TerritoryOut
    territory_id: str
    legal_registration: LegalRegistrationOut
    contacts: list[ContactOut]
    payment_term: PaymentTermOut | None
    bank_account: BankAccountOut | None
    preferred_nature: NamedOut | None
    preferred_payment_method: PaymentMethod | None
    preferred_cost_center: CostCenterOut | None
    establishments: list[NamedOut]
    flag: SupplierFlag
    address: AddressOut | None
    order_conditions: ConditionsOut | None
    version: int
    likely_duplicates: list[LikelyDuplicateOut] | UnsetType = UNSET


@operation(
    GET,
    f"{BASE}/api/suppliers",
    answers={200: Listed[ListedSupplierOut]},
    needs=REGISTER_READERS,
    tag="Suppliers",
    links={"read_supplier": {"supplier_id": "items.0.id"}},
)
async def list_suppliers(work: Work, query: SuppliersQuery) -> Listed[ListedSupplierOut]:
    """List the suppliers, by id.

    `search.terms` looks for every word, or its beginning, in names: case, accents, the order of words and legal forms
    such as SARL do not count.
    """
    piece = slice_of(query, Filters(terms=query.search_terms))
    page = await suppliers.list_suppliers(work, piece, states=query.state, terms=query.search_terms)
    return listed(query, page, [listed_supplier_out(supplier, page.known) for supplier in page.items])


@operation(
    GET,
    f"{BASE}/api/suppliers/{{supplier_id}}",
    answers={200: ListedSupplierOut},
    tells=(ETAG,),
    needs=REGISTER_READERS,
    tag="Suppliers",
    problems=(SupplierNotFound,),
)
async def read_supplier(work: Work, supplier_id: int) -> Reply[ListedSupplierOut]:
    """Read a supplier."""
    done = await suppliers.read_supplier(work, supplier_id)
    return reply_with_entry(listed_supplier_out(done.entry, done.known), done)


async def faults_of_supplier(
    work: Work, supplier: SupplierChangeIn | None, faults: Faults, supplier_id: int | None = None
) -> None:
    """Find what else is wrong with a supplier that has faults: its numbers, and what it refers to."""
    if supplier is not None:
        await suppliers.note_faults(work, supplier.said(), faults, supplier_id)


@operation(
    POST,
    f"{BASE}/api/suppliers",
    answers={201: ListedSupplierOut},
    tells=(ETAG, LOCATION),
    needs=Permission.MANAGE,
    tag="Suppliers",
    problems=(SupplierRegistered,),
    examples=examples.LISTED_SUPPLIER,
    also=faults_of_supplier,
    links={"read_supplier": {"supplier_id": "id"}, "change_supplier": {"supplier_id": "id"}},
    ours=True,
)
async def create_supplier(work: Work, supplier: NewSupplierIn) -> Reply[ListedSupplierOut]:
    """Put a supplier on the list.

    Two active suppliers can't have the same registration; those that share a VAT number, a bank account or a name are
    named in `likelyDuplicates`. `address` and `orderConditions` are ours: orders print them.
    """
    return _reply(await suppliers.create_supplier(work, supplier.said()), is_new=True)


@operation(
    PUT,
    f"{BASE}/api/suppliers/{{supplier_id}}",
    answers={200: ListedSupplierOut},
    tells=(ETAG,),
    needs=Permission.MANAGE,
    tag="Suppliers",
    problems=(SupplierNotFound, SupplierRegistered),
    examples=examples.LISTED_SUPPLIER,
    also=faults_of_supplier,
)
async def change_supplier(work: Work, supplier_id: int, supplier: SupplierChangeIn) -> Reply[ListedSupplierOut]:
    """Change what is said of a supplier: what is absent is kept, null clears."""
    return _reply(await suppliers.change_supplier(work, supplier_id, supplier.said()), is_new=False)


def _reply(listing: Listing, *, is_new: bool) -> Reply[ListedSupplierOut]:
    done = listing.written
    body = listed_supplier_out(done.entry, done.known, listing.likely)
    return reply_with_entry(body, done, location=href("supplier", body.id) if is_new else None)


def listed_supplier_out(
    supplier: ListedSupplier, known: Known, likely: Sequence[Likeness] | None = None
) -> ListedSupplierOut:
    """Tell a supplier, and after a change those that may be the same."""
    term, nature_id, center_id = supplier.payment_term, supplier.preferred_nature_id, supplier.preferred_cost_center_id
    has_account = supplier.iban is not None or supplier.bic is not None
    return ListedSupplierOut(
        id=supplier.id,
        href=href("supplier", supplier.id),
        name=supplier.name,
        state=supplier.state,
        territory=territory_out(supplier.territory_id),
        territory_id=supplier.territory_id,
        legal_registration=LegalRegistrationOut(identifier=supplier.registration_id, vat_number=supplier.vat_number),
        contacts=[
            ContactOut(first_name=one.first_name, last_name=one.last_name, email=one.email, phone=one.phone)
            for one in supplier.contacts
        ],
        payment_term=None if term is None else PaymentTermOut(value=term.value, unit=term.unit),
        bank_account=BankAccountOut(iban=supplier.iban, bic=supplier.bic) if has_account else None,
        preferred_nature=None if nature_id is None else _nature(known, nature_id),
        preferred_payment_method=supplier.preferred_payment_method,
        preferred_cost_center=None if center_id is None else _cost_center(known, center_id),
        establishments=[],
        flag=supplier.flag,
        address=address_out(supplier.address),
        order_conditions=conditions_out(supplier.conditions),
        version=supplier.version,
        likely_duplicates=UNSET if likely is None else [_likely(one) for one in likely],
    )


def territory_out(code: str) -> TerritoryOut:
    """Tell a territory."""
    known = TERRITORIES.get(code)
    return TerritoryOut(id=code, name=code if known is None else known.name, href=f"{ORGANIZATION}/territories/{code}")


def _likely(likeness: Likeness) -> LikelyDuplicateOut:
    other = likeness.supplier
    return LikelyDuplicateOut(
        id=other.id, href=href("supplier", other.id), name=other.name, because=list(likeness.because)
    )


def _nature(known: Known, number: int) -> NamedOut:
    nature = known.word("natures", number)
    return NamedOut(id=nature.id, name=nature.name, href=href("nature", nature.id))


def _cost_center(known: Known, number: int) -> CostCenterOut:
    center = known.word("cost_centers", number)
    return CostCenterOut(id=center.id, name=center.name, code=center.code or "", href=href("cost_center", center.id))
