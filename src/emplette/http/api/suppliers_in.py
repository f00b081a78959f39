"""What a request says of a supplier: read as far as it can be, every fault by its field."""

import re
from dataclasses import replace
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.registers import Reference
from emplette.domain.suppliers import Contact, ListedSupplier, PaymentMethod, SupplierFlag, SupplierState
from emplette.domain.territories import fault_of_territory, find_territory
from emplette.http.api.parties import AddressIn, ConditionsIn, address_in, conditions_in
from emplette.http.api.readable import readable
from emplette.http.contract import Body, Id, Name, ShortText
from emplette.services.suppliers import Said

_MOST_CONTACTS: Final = 100
_LONGEST_TERM: Final = 36_500
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_NOTHING: Final = frozenset({"", None})


class TerritoryIn(Body):
    """A territory, by its code."""

    id: ShortText


class LegalRegistrationIn(Body):
    """Where the supplier is registered: what is absent is kept, null clears. French ones are a SIREN or a SIRET."""

    identifier: ShortText | UnsetType | None = UNSET
    vat_number: ShortText | UnsetType | None = UNSET


class ContactIn(Body):
    """Somebody to write to or to call."""

    first_name: ShortText | None = None
    last_name: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None


class PaymentTermIn(Body):
    """How long after the invoice the supplier is paid."""

    value: Annotated[int, Meta(ge=0, le=_LONGEST_TERM)]
    unit: TimeUnit


class BankAccountIn(Body):
    """Where to pay: what is absent is kept, null clears; a new IBAN without a BIC clears the old one's."""

    iban: ShortText | UnsetType | None = UNSET
    bic: ShortText | UnsetType | None = UNSET


class SupplierChangeIn(Body):
    """What shall be different: what is absent is kept, null clears; name, state and territory can't be cleared."""

    name: Name | UnsetType = UNSET
    state: SupplierState | UnsetType = UNSET
    territory: TerritoryIn | UnsetType = UNSET
    territory_id: ShortText | UnsetType = UNSET
    legal_registration: LegalRegistrationIn | UnsetType | None = UNSET
    contacts: Annotated[list[ContactIn], Meta(max_length=_MOST_CONTACTS)] | UnsetType | None = UNSET
    payment_term: PaymentTermIn | UnsetType | None = UNSET
    bank_account: BankAccountIn | UnsetType | None = UNSET
    preferred_nature_id: Id | UnsetType | None = UNSET
    preferred_payment_method: PaymentMethod | UnsetType | None = UNSET
    preferred_cost_center_id: Id | UnsetType | None = UNSET
    flag: SupplierFlag | UnsetType = UNSET
    address: AddressIn | UnsetType | None = UNSET
    order_conditions: ConditionsIn | UnsetType | None = UNSET

    def check(self, faults: Faults) -> None:
        """Find what is no territory, what is no mail address, and a territory that is said in two ways."""
        code, named = readable(self.territory_id), readable(self.territory)
        if isinstance(code, str) and fault_of_territory(code):
            faults.add("territoryId", fault_of_territory(code) or "")
        if isinstance(named, TerritoryIn) and readable(named.id) is not None:
            if fault_of_territory(named.id):
                faults.add("territory.id", fault_of_territory(named.id) or "")
            elif isinstance(code, str) and find_territory(code) != find_territory(named.id):
                faults.add("territoryId", f"Must be {named.id}, as territory.id, or be left out.")
        contacts = readable(self.contacts)
        for index, contact in enumerate(contacts if isinstance(contacts, list) else []):
            email = readable(contact.email)
            if email and not _MAIL.fullmatch(email):
                faults.add(f"contacts[{index}].email", "Must be a mail address.")

    def said(self) -> Said:
        """Take what was sent, as far as it could be read."""
        values = {name: value for name, value in self._values().items() if value is not UNSET}

        def onto(supplier: ListedSupplier) -> ListedSupplier:
            changed: dict[str, Any] = dict(values)
            if "iban" in changed and "bic" not in changed and _compact(changed["iban"]) != _compact(supplier.iban):
                changed["bic"] = None
            return replace(supplier, **changed)

        named = (
            ("preferredNatureId", "natures", self.preferred_nature_id),
            ("preferredCostCenterId", "cost_centers", self.preferred_cost_center_id),
        )
        references = [Reference(path, register, number) for path, register, number in named if isinstance(number, int)]
        return Said(values.keys(), onto, references)

    def _values(self) -> dict[str, Any]:
        registration, account, term = self.legal_registration, self.bank_account, self.payment_term
        contacts, territory = readable(self.contacts), self._territory()
        return {
            "name": UNSET if readable(self.name) is None else self.name,
            "territory_id": UNSET if territory is None else territory.id,
            "state": UNSET if readable(self.state) is None else self.state,
            "registration_id": _part(registration, "identifier"),
            "vat_number": _part(registration, "vat_number"),
            "contacts": tuple(map(_contact, contacts)) if isinstance(contacts, list) else _or_nothing(contacts, ()),
            "payment_term": Duration(term.value, term.unit) if isinstance(term, PaymentTermIn) else term,
            "iban": _part(account, "iban"),
            "bic": _part(account, "bic"),
            "preferred_nature_id": self.preferred_nature_id,
            "preferred_cost_center_id": self.preferred_cost_center_id,
            "preferred_payment_method": self.preferred_payment_method,
            "flag": UNSET if readable(self.flag) is None else self.flag,
            "address": address_in(self.address),
            "conditions": conditions_in(self.order_conditions),
        }

    def _territory(self) -> Any:  # noqa: ANN401  a territory, or none
        named = readable(self.territory)
        code = named.id if isinstance(named, TerritoryIn) else readable(self.territory_id)
        return find_territory(code) if isinstance(code, str) else None


class NewSupplierIn(SupplierChangeIn):
    """A new supplier; active unless it says otherwise."""

    name: Name
    state: SupplierState = SupplierState.ACTIVE
    flag: SupplierFlag = SupplierFlag.UNFLAGGED

    def check(self, faults: Faults) -> None:
        """Find a missing territory as well."""
        super().check(faults)
        if self.territory is UNSET and self.territory_id is UNSET:
            faults.add("territoryId", "Must be given.")


def _part(whole: Any, name: str) -> Any:  # noqa: ANN401  a struct, null or nothing
    """Take a field of an object: null where the object is, kept where the object or the field is absent."""
    if whole is None or whole is UNSET:
        return whole
    value = getattr(whole, name)
    return None if value in _NOTHING else value


def _or_nothing(value: Any, nothing: Any) -> Any:  # noqa: ANN401  null or nothing
    return nothing if value is None else value


def _contact(contact: ContactIn) -> Contact:
    return Contact(contact.first_name, contact.last_name, contact.email, contact.phone)


def _compact(number: str | None) -> str | None:
    return None if number is None else "".join(number.split()).upper()
