"""What orders print of both sides: where they are, how the law knows them, on which conditions is bought. All ours."""

from typing import Any

from emplette.domain.parties import Conditions, PostalAddress, address_of, or_none
from emplette.http.contract import Answer, Body, Comment, ShortText


class AddressIn(Body):
    """Where orders are addressed to, less the country, which is the territory. It is said whole."""

    street: ShortText | None = None
    additional: ShortText | None = None
    postal_code: ShortText | None = None
    city: ShortText | None = None


class ConditionsIn(Body):
    """On which conditions is bought, in the languages of orders. They are said whole."""

    fr: Comment | None = None
    en: Comment | None = None


class AddressOut(Answer):
    """Where orders are addressed to, less the country, which is the territory."""

    street: str | None
    additional: str | None
    postal_code: str | None
    city: str | None


class ConditionsOut(Answer):
    """On which conditions is bought, in the languages of orders."""

    fr: str | None
    en: str | None


class LegalRegistrationOut(Answer):
    """How the law and the tax office know a company."""

    identifier: str | None
    vat_number: str | None


def address_in(said: Any) -> Any:  # noqa: ANN401  an address, null or nothing
    """Read an address; null and nothing stay what they are."""
    if not isinstance(said, AddressIn):
        return said
    return or_none(address_of(said.street, said.additional, said.postal_code, said.city))


def conditions_in(said: Any) -> Any:  # noqa: ANN401  conditions, null or nothing
    """Read conditions; null and nothing stay what they are."""
    if not isinstance(said, ConditionsIn):
        return said
    return Conditions(said.fr or None, said.en or None) if said.fr or said.en else None


def address_out(address: PostalAddress | None) -> AddressOut | None:
    """Tell an address."""
    if address is None:
        return None
    return AddressOut(
        street=address.street, additional=address.additional, postal_code=address.postal_code, city=address.city
    )


def conditions_out(conditions: Conditions | None) -> ConditionsOut | None:
    """Tell conditions."""
    return None if conditions is None else ConditionsOut(fr=conditions.fr, en=conditions.en)
