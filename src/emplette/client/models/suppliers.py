"""What is sent and answered: suppliers; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.models.shared import (
    Address,
    Conditions,
    CostCenterReference,
    LegalRegistration,
    PaymentMethod,
    Reference,
    Territory,
    TimeUnit,
)
from emplette.client.wire import ABSENT, Answer, Versioned

SupplierState: TypeAlias = Literal["Active", "Archived"]
"""An archived supplier stays readable and can't be bought from."""

SupplierFlag: TypeAlias = Literal["Flagged", "Unflagged"]
"""A mark that people set on a supplier to look at it again."""


class Contact(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody to write to or to call."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class PaymentTerm(Answer, frozen=True, kw_only=True, rename="camel"):
    """How long after the invoice the supplier is paid."""

    value: int = ABSENT
    unit: TimeUnit | str = ABSENT


class BankAccount(Answer, frozen=True, kw_only=True, rename="camel"):
    """Where to pay."""

    iban: str | None = None
    bic: str | None = None


class LikelyDuplicate(Answer, frozen=True, kw_only=True, rename="camel"):
    """Another supplier that may be the same, and the fields that say so."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    because: list[str] = ABSENT


class Supplier(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A supplier of the company's list."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    state: SupplierState | str = ABSENT
    territory: Territory = ABSENT
    territory_id: str = ABSENT
    legal_registration: LegalRegistration = ABSENT
    contacts: list[Contact] = ABSENT
    payment_term: PaymentTerm | None = None
    bank_account: BankAccount | None = None
    preferred_nature: Reference | None = None
    preferred_payment_method: PaymentMethod | str | None = None
    preferred_cost_center: CostCenterReference | None = None
    establishments: list[Reference] = ABSENT
    flag: SupplierFlag | str = ABSENT
    address: Address | None = None
    order_conditions: Conditions | None = None
    version: int = ABSENT
    likely_duplicates: list[LikelyDuplicate] | None = None


class TerritoryInput(TypedDict, total=False):
    """A territory, by its code."""

    id: Required[str]


class LegalRegistrationInput(TypedDict, total=False):
    """Where the supplier is registered: what is absent is kept, null clears. French ones are a SIREN or a SIRET."""

    identifier: str | None
    vat_number: str | None


class ContactInput(TypedDict, total=False):
    """Somebody to write to or to call."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None


class PaymentTermInput(TypedDict, total=False):
    """How long after the invoice the supplier is paid."""

    value: Required[int]
    unit: Required[TimeUnit]


class BankAccountInput(TypedDict, total=False):
    """Where to pay: what is absent is kept, null clears; a new IBAN without a BIC clears the old one's."""

    iban: str | None
    bic: str | None


class AddressInput(TypedDict, total=False):
    """Where orders are addressed to, less the country, which is the territory. It is said whole."""

    street: str | None
    additional: str | None
    postal_code: str | None
    city: str | None


class ConditionsInput(TypedDict, total=False):
    """On which conditions is bought, in the languages of orders. They are said whole."""

    fr: str | None
    en: str | None


class NewSupplierInput(TypedDict, total=False):
    """A new supplier; active unless it says otherwise."""

    name: Required[str]
    state: SupplierState | None
    territory: TerritoryInput
    territory_id: str
    legal_registration: LegalRegistrationInput | None
    contacts: Sequence[ContactInput] | None
    payment_term: PaymentTermInput | None
    bank_account: BankAccountInput | None
    preferred_nature_id: int | None
    preferred_payment_method: PaymentMethod | None
    preferred_cost_center_id: int | None
    flag: SupplierFlag | None
    address: AddressInput | None
    order_conditions: ConditionsInput | None


class SupplierChangeInput(TypedDict, total=False):
    """What shall be different: what is absent is kept, null clears; name, state and territory can't be cleared."""

    name: str
    state: SupplierState
    territory: TerritoryInput
    territory_id: str
    legal_registration: LegalRegistrationInput | None
    contacts: Sequence[ContactInput] | None
    payment_term: PaymentTermInput | None
    bank_account: BankAccountInput | None
    preferred_nature_id: int | None
    preferred_payment_method: PaymentMethod | None
    preferred_cost_center_id: int | None
    flag: SupplierFlag
    address: AddressInput | None
    order_conditions: ConditionsInput | None
